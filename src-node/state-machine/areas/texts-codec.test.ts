import { expect, it } from 'vitest'
import { decodeTextCommand, decodeTexts, encodeTextCommand, encodeTexts } from './texts-codec.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

it('gives back what was put in, whatever the texts hold', () => {
  const texts = ['', 'dev', '开发 😀', '﻿bom', 'a"b\\c\n']
  expect(decodeTexts(encodeTexts(texts))).toEqual(texts)
  expect(decodeTextCommand(encodeTextCommand(48, texts), 5)).toEqual(texts)
})

it.each([
  ['no JSON', bytes('dev')],
  ['no list', bytes('{"0":"dev"}')],
  ['something else than texts', bytes('["dev",1]')],
  ['half a character', bytes('["\\ud800"]')],
  ['bytes that are no UTF-8', new Uint8Array([0x5b, 0x22, 0xff, 0x22, 0x5d])],
])('reads nothing from %s', (_what, given) => {
  expect(decodeTexts(given)).toBeNull()
})

it('reads no command of another version, or with another number of texts', () => {
  const command = encodeTextCommand(48, ['dev'])
  expect(decodeTextCommand(command, 2)).toBeNull()
  expect(decodeTextCommand(new Uint8Array([2, ...command.subarray(1)]), 1)).toBeNull()
  expect(decodeTextCommand(new Uint8Array(), 1)).toBeNull()
})
