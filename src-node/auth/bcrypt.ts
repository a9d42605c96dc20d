/**
 * bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999), by which Nacos keeps passwords in its database: here for those that a
 * shared database brings, and so that a server of Nacos can verify ours. A generator, so that its caller decides how long a turn is; a step takes
 * about a millisecond. Pure; never keeps a password.
 */

const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const pattern = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/

/** Nacos's own is 10; each one more takes twice as long. */
export const bcryptCost = 10
/** What a stored hash may ask for: a second of this machine. */
const costMax = 13
const saltBytes = 16
const hashBytes = 23
/** Of a password; the rest counts for nothing, as everywhere. */
const passwordBytesMax = 72

export interface BcryptHash {
  readonly cost: number
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** Six bits a sign, the highest first. */
const decode = (text: string, length: number): Uint8Array => {
  const bytes = new Uint8Array(length)
  let held = 0
  let bits = 0
  let at = 0
  for (const sign of text) {
    held = ((held << 6) | alphabet.indexOf(sign)) & 0xffff
    bits += 6
    if (bits < 8 || at === length) continue
    bits -= 8
    bytes[at++] = (held >> bits) & 0xff
  }
  return bytes
}
const encode = (bytes: Uint8Array): string => {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff
    bits += 8
    for (; bits >= 6; bits -= 6) text += alphabet[(held >> (bits - 6)) & 0x3f]
  }
  return bits === 0 ? text : text + alphabet[(held << (6 - bits)) & 0x3f]
}

/** Null: no bcrypt, or one that would take too long. */
export const parseBcrypt = (text: string): BcryptHash | null => {
  const [, cost = '', salt = '', hash = ''] = pattern.exec(text) ?? []
  if (Number(cost) < 4 || Number(cost) > costMax) return null
  return { cost: Number(cost), salt: decode(salt, saltBytes), hash: decode(hash, hashBytes) }
}

export const shownBcrypt = ({ cost, salt, hash }: BcryptHash): string => `$2a$${String(cost).padStart(2, '0')}$${encode(salt)}${encode(hash)}`

const boxWords = 1024
const keyWords = 18
const piBits = BigInt((boxWords + keyWords) * 32)
/** Against what is cut off of each term. */
const spareBits = 64n
const termsPerStep = 200

function* arctanOfOne(over: bigint): Generator<void, bigint> {
  const square = over * over
  let power = (1n << (piBits + spareBits)) / over
  let sum = power
  for (let at = 1n; power > 0n; at++) {
    power /= square
    sum += at % 2n === 1n ? -power / (2n * at + 1n) : power / (2n * at + 1n)
    if (at % BigInt(termsPerStep) === 0n) yield
  }
  return sum
}

interface Boxes {
  readonly keys: Int32Array
  readonly boxes: Int32Array
}
let initial: Boxes | null = null

/** What Blowfish begins with: the digits of pi behind the point (Machin's formula). */
function* initialBoxes(): Generator<void, Boxes> {
  if (initial !== null) return initial
  const pi = 4n * (4n * (yield* arctanOfOne(5n)) - (yield* arctanOfOne(239n)))
  const digits = (pi - (3n << (piBits + spareBits))) >> spareBits
  const text = digits.toString(16).padStart((boxWords + keyWords) * 8, '0')
  const words = Int32Array.from({ length: boxWords + keyWords }, (_, at) => Number.parseInt(text.slice(at * 8, at * 8 + 8), 16) | 0)
  initial = { keys: words.slice(0, keyWords), boxes: words.slice(keyWords) }
  return initial
}

/** Of one block, in place. */
const encipher = ({ keys, boxes }: Boxes, block: Int32Array, at: number): void => {
  let left = (block[at] as number) ^ (keys[0] as number)
  let right = block[at + 1] as number
  for (let round = 1; round <= 16; round += 2) {
    right ^=
      ((((boxes[left >>> 24] as number) + (boxes[256 + ((left >>> 16) & 0xff)] as number)) ^ (boxes[512 + ((left >>> 8) & 0xff)] as number)) +
        (boxes[768 + (left & 0xff)] as number)) ^
      (keys[round] as number)
    left ^=
      ((((boxes[right >>> 24] as number) + (boxes[256 + ((right >>> 16) & 0xff)] as number)) ^ (boxes[512 + ((right >>> 8) & 0xff)] as number)) +
        (boxes[768 + (right & 0xff)] as number)) ^
      (keys[round + 1] as number)
  }
  block[at] = right ^ (keys[17] as number)
  block[at + 1] = left
}

/** So many words of bytes that repeat. */
const wordsOf = (bytes: Uint8Array, count: number): Int32Array => {
  let at = 0
  const next = (): number => bytes[at++ % bytes.length] as number
  return Int32Array.from({ length: count }, () => (next() << 24) | (next() << 16) | (next() << 8) | next())
}

/** @param salt four words, or zeros */
const expand = (state: Boxes, key: Int32Array, salt: Int32Array): void => {
  const { keys, boxes } = state
  for (let at = 0; at < keyWords; at++) keys[at] = (keys[at] as number) ^ (key[at] as number)
  const block = new Int32Array(2)
  let word = 0
  for (const table of [keys, boxes]) {
    for (let at = 0; at < table.length; at += 2) {
      block[0] = (block[0] as number) ^ (salt[word & 3] as number)
      block[1] = (block[1] as number) ^ (salt[(word + 1) & 3] as number)
      word += 2
      encipher(state, block, 0)
      table[at] = block[0] as number
      table[at + 1] = block[1] as number
    }
  }
}

const magic = new TextEncoder().encode('OrpheanBeholderScryDoubt')
const expansionsPerStep = 8
const noSalt = new Int32Array(4)

/** @returns the 23 bytes that are compared */
export function* bcrypt(password: string, salt: Uint8Array, cost: number): Generator<void, Uint8Array> {
  const { keys, boxes } = yield* initialBoxes()
  const state: Boxes = { keys: keys.slice(), boxes: boxes.slice() }
  const bytes = new TextEncoder().encode(password).subarray(0, passwordBytesMax)
  const key = wordsOf(new Uint8Array([...bytes, 0]).subarray(0, passwordBytesMax), keyWords)
  const saltKey = wordsOf(salt, keyWords)
  expand(state, key, saltKey)
  for (let round = 0; round < 2 ** cost; round++) {
    expand(state, key, noSalt)
    expand(state, saltKey, noSalt)
    if (round % expansionsPerStep === 0) yield
  }
  const block = wordsOf(magic, 6)
  for (let round = 0; round < 64; round++) for (let at = 0; at < 6; at += 2) encipher(state, block, at)
  const view = new DataView(new ArrayBuffer(24))
  for (const [at, word] of block.entries()) view.setInt32(at * 4, word)
  return new Uint8Array(view.buffer, 0, hashBytes)
}
