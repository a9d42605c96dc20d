/**
 * Contents that somebody has: odd text, bytes that are no text, blanks, a mebibyte, from a seed. What must become of each is said beside it, by the
 * standard's decoder and Java's idea of blank, not by the product's.
 */

import type { Dice } from '../sim/world.ts'

export interface OddContent {
  readonly kind: string
  readonly bytes: Buffer
}

const mebibyte = 1024 * 1024
const sentences = [
  '名称: 配置中心\n说明: 三个节点，一份真相\n',
  'face: 😀 family: 👩‍👩‍👧‍👦 flag: 🇨🇳 skin: 👍🏽\n',
  'a=1\r\nb=2\r\n\r\nc=3\r\n',
  'a\rb\rc',
  '{"a":"\\u0000","b":[1,2,{"c":null}]}',
  '<a b="c">&amp;</a><!-- x -->',
  "Robert'); DROP TABLE config_info;-- \\' \\\\ \\Z \\0 % _",
  '100%25 1+1=2 &a=b&content=c %zz % + %2B',
  'שלום עולם مرحبا \u202eabc\u202c',
  'e\u0301 \u00e9 \u1e9b\u0323 ﬁ',
  'line\u2028separator\u2029paragraph\u0085next',
  '\u00a0\u200b\u2060',
  'tab\there\u000bvertical\u000cfeed',
]
const control = '\u0000\u0001\u0007\u0008\u001a\u001b\u007f\u0080\u009f'

type Maker = (dice: Dice) => Buffer

const text = (dice: Dice): string => Array.from({ length: dice.between(1, 6) }, () => dice.pick(sentences)).join('')
const codePoint = (dice: Dice): number => {
  const point = dice.pick([dice.between(1, 0x7f), dice.between(0x80, 0x7ff), dice.between(0x800, 0xffff), dice.between(0x10000, 0x10ffff)])
  // Halves of pairs are no characters.
  return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point
}

/** Text, however odd. */
const texts: Readonly<Record<string, Maker>> = {
  sentences: (dice) => Buffer.from(text(dice)),
  'any characters': (dice) => Buffer.from(String.fromCodePoint(...Array.from({ length: dice.between(1, 200) }, () => codePoint(dice)))),
  'one character': (dice) => Buffer.from(String.fromCodePoint(dice.pick([0x61, 0x30, 0xfeff, 0xfffd, 0xffff, 0x10ffff, 0x1f600, 0, 0xa0]))),
  'a byte order mark in front': (dice) => Buffer.from(`\ufeff${text(dice)}`),
  'two byte order marks, and one in the middle': (dice) => Buffer.from(`\ufeff\ufeff${text(dice)}\ufeff${text(dice)}`),
  'zero bytes': (dice) => Buffer.from(`${text(dice)}\0${text(dice)}\0`),
  'nothing but zero bytes': (dice) => Buffer.alloc(dice.between(1, 5)),
  'control characters': (dice) => Buffer.from(`${control}${text(dice)}`),
  'replacement characters': (dice) => Buffer.from(`\ufffd${text(dice)}\ufffd\ufffd`),
  'half a pair, as a browser sends it': (dice) => Buffer.from(`${text(dice)}\ud83d`),
  'all but blank': (dice) => Buffer.from(` \r\n\t${dice.pick(['.', '\u00a0', '\u200b', '\ufeff', '\0'])}  \n`),
  'one long line': (dice) => Buffer.from(dice.pick(['k', '值', '😀']).repeat(dice.between(10_000, 60_000))),
  'many short lines': (dice) => Buffer.from('a: 1\n'.repeat(dice.between(1_000, 8_000))),
}
/** Mostly no text, or blank: to be refused. */
const refusables: Readonly<Record<string, Maker>> = {
  'half a pair, as its three bytes': (dice) => Buffer.concat([Buffer.from(text(dice)), Buffer.from([0xed, 0xa0, 0xbd])]),
  'a pair as twice three bytes (CESU-8)': (dice) => Buffer.concat([Buffer.from(text(dice)), Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80])]),
  'a zero in two bytes (Java)': () => Buffer.from([0x61, 0xc0, 0x80, 0x62]),
  GBK: () => Buffer.from([0xc3, 0xfb, 0xb3, 0xc6, 0x3a, 0x20, 0xd6, 0xd0, 0xce, 0xc4, 0x0a]),
  'Latin-1': () => Buffer.from('façade: naïve\n', 'latin1'),
  'UTF-16 with its mark': (dice) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text(dice), 'utf16le')]),
  'cut in the middle of a character': (dice) => Buffer.from(`${text(dice)}值`).subarray(0, -1),
  'beyond Unicode': () => Buffer.from([0xf4, 0x90, 0x80, 0x80]),
  'any bytes': (dice) => Buffer.from(Array.from({ length: dice.between(1, 60) }, () => dice.between(0, 255))),
  blank: (dice) => Buffer.from(dice.pick([' ', '\n', '\r\n', ' \t \r\n\f', '\u2003\u3000', '\u2028', '\u001c\u001f'])),
}
const makers = { ...texts, ...refusables }
const kinds = Object.keys(makers)
const textKinds = Object.keys(texts)
const refusableChance = 0.1
/** Every so many-th is up to a mebibyte. */
const largeEvery = 331

const large = (dice: Dice): Buffer => {
  const piece = Buffer.from(text(dice))
  const bytes = dice.between(mebibyte / 4, mebibyte - piece.length)
  return Buffer.concat(Array.from({ length: Math.ceil(bytes / piece.length) }, () => piece))
}

/** The `at`-th of a run: each kind in turn once, so that a short run has all of them, then mostly what is kept. */
export const oddContent = (at: number, dice: Dice): OddContent => {
  if (at % largeEvery === largeEvery - 1) return { kind: 'up to a mebibyte', bytes: large(dice) }
  const kind = kinds[at] ?? dice.pick(dice.chance(refusableChance) ? kinds : textKinds)
  return { kind, bytes: makers[kind]?.(dice) ?? Buffer.alloc(0) }
}

/** Java's `Character.isWhitespace`, of every character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Java counts the four separators as white space
const blank = /^[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]*$/

/** Why a publish of it must be refused, as a word of the answer; null: it must be taken as it is. */
export const refusalFor = (bytes: Buffer): 'UTF-8' | 'blank' | null => {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return blank.test(decoded) ? 'blank' : null
  } catch {
    return 'UTF-8'
  }
}
