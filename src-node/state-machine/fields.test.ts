import { expect, it } from 'vitest'
import {
  beginFields,
  endFields,
  fieldsIn,
  isWhole,
  putByte,
  putMap,
  putNumber,
  putText,
  putVarint,
  readByte,
  readMap,
  readNumber,
  readText,
  readVarint,
} from './fields.ts'

const written = (write: (out: ReturnType<typeof beginFields>) => void): Uint8Array => {
  const out = beginFields()
  write(out)
  return endFields(out)
}

it('read back as they were written', () => {
  const map = { a: '1', __proto__x: '', ключ: '\u{1F642}', ['__proto__']: 'own' }
  const bytes = written((out) => {
    putByte(out, 255)
    putVarint(out, 2 ** 32 - 1)
    putNumber(out, -0.5)
    putText(out, 'x\0y\ufeff')
    putMap(out, map)
    putMap(out, {})
  })
  const input = fieldsIn(bytes)
  expect([readByte(input), readVarint(input), readNumber(input), readText(input, readVarint(input))]).toEqual([255, 2 ** 32 - 1, -0.5, 'x\0y\ufeff'])
  expect(Object.entries(readMap(input))).toEqual(Object.entries(map))
  expect(readMap(input)).toEqual({})
  expect(isWhole(input)).toBe(true)
})

it('share nothing with what is written next, however long one was', () => {
  const long = written((out) => putText(out, 'a'.repeat(3_000_000)))
  const short = written((out) => putText(out, 'b'))
  expect([long.length, readText(fieldsIn(long, 4), 3), [...short]]).toEqual([3_000_004, 'aaa', [1, 98]])
})

it('are bad, and nothing else, where bytes are missing or left over', () => {
  const bytes = written((out) => putMap(out, { name: 'value' }))
  for (let length = 0; length < bytes.length; length++) {
    const input = fieldsIn(bytes.subarray(0, length))
    readMap(input)
    expect(isWhole(input)).toBe(false)
  }
  const short = fieldsIn(new Uint8Array(7))
  expect([readNumber(short), isWhole(short)]).toEqual([0, false])
  expect(isWhole(fieldsIn(new Uint8Array(1)))).toBe(false)
})
