/**
 * Texts as bytes, for areas whose commands and records are few and small: a JSON list in UTF-8, and for a command `u8 version · u8 kind` before it.
 * Decoding never throws, whatever the bytes; a text with half a character is none, since a store could not keep it.
 */

const version = 1
const headBytes = 2
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()

export const encodeTexts = (texts: readonly string[]): Uint8Array => encoder.encode(JSON.stringify(texts))

/** @returns null for what is no list of texts */
export const decodeTexts = (bytes: Uint8Array): readonly string[] | null => {
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes))
    return Array.isArray(value) && value.every(isText) ? value : null
  } catch {
    return null
  }
}

export const encodeTextCommand = (kind: number, texts: readonly string[]): Uint8Array => {
  const list = encodeTexts(texts)
  const bytes = new Uint8Array(headBytes + list.length)
  bytes[0] = version
  bytes[1] = kind
  bytes.set(list, headBytes)
  return bytes
}

/** @returns null for bytes that no version of ours wrote, or of another number of texts */
export const decodeTextCommand = (bytes: Uint8Array, count: number): readonly string[] | null => {
  if (bytes[0] !== version) return null
  const texts = decodeTexts(bytes.subarray(headBytes))
  return texts?.length === count ? texts : null
}
