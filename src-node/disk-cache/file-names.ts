/**
 * One name of Nacos as a name in a folder, on every system, and back. Different names get different file names, also where `A` and `a` are one
 * (`foldsCase`); nothing that stands in a name can leave its folder. Owns the escapes; must never look at a disk.
 *
 * What is legal everywhere stays as it is: `app.yaml` is `app.yaml`. Else, with `%` first, which no plain name holds:
 * `%3A` a byte of its UTF-8; `%uD800` half of a pair that is no character; `%-` the empty name; `%~5` (at the end) which letters have the
 * less usual case; `%+…%+` folders that hold the begin of a name over 255 bytes, `%=…` its end; `%tmp-…` files that are being written.
 */

/** The usual case of the letters: those of a name in it need no mark. */
export type UsualCase = 'lower' | 'upper'

const nameBytesMax = 255
/** With its marks and a name that is cut in the middle of nothing, a piece stays below 255 bytes. */
const pieceBytesMax = 240

const plain = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/
/** Devices of Windows, whatever extension they have. */
const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\.|$)/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
const illegal = /[%\u0000-\u001f\u007f-\u009f/\\:*?"<>|]/gu
const loneHalf = /\p{Surrogate}/gu
const beyondAscii = /\P{ASCII}/gu

const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
const escapeCharacter = (character: string): string => Array.from(Buffer.from(character), escapeByte).join('')
const escapeHalf = (half: string): string => `%u${half.charCodeAt(0).toString(16).toUpperCase()}`

const escaped = (name: string, foldsCase: boolean): string => {
  if (name === '') return '%-'
  // Halves last: their escape holds a `%`, and they are no bytes of UTF-8.
  let text = name.replace(illegal, escapeCharacter)
  // Where case is folded, letters of all scripts are, and accents may be put together or taken apart.
  if (foldsCase) text = text.replace(beyondAscii, (character) => (/\p{Surrogate}/u.test(character) ? character : escapeCharacter(character)))
  text = text.replace(loneHalf, escapeHalf)
  text = text.replace(/[. ]$/, escapeCharacter)
  return reserved.test(text) ? escapeByte(text.charCodeAt(0)) + text.slice(1) : text
}

const isUsual = (letter: string, usual: UsualCase): boolean => letter === (usual === 'lower' ? letter.toLowerCase() : letter.toUpperCase())

/** One bit a letter, the first one the lowest: set where its case is the other one. */
const caseMark = (name: string, usual: UsualCase): string => {
  let bits = 0n
  let at = 0n
  for (const letter of name.match(/[A-Za-z]/g) ?? []) {
    if (!isUsual(letter, usual)) bits |= 1n << at
    at++
  }
  return bits === 0n ? '' : `%~${bits.toString(16)}`
}

const withCases = (text: string, mark: string, usual: UsualCase): string => {
  let bits = mark === '' ? 0n : BigInt(`0x${mark}`)
  return text.replace(/[A-Za-z]/g, (letter) => {
    const isUpper = (bits & 1n) === (usual === 'lower' ? 1n : 0n)
    bits >>= 1n
    return isUpper ? letter.toUpperCase() : letter.toLowerCase()
  })
}

const pieces = (text: string): readonly string[] => {
  const result: string[] = []
  let piece = ''
  let bytes = 0
  for (const character of text) {
    const more = Buffer.byteLength(character)
    if (bytes + more > pieceBytesMax) {
      result.push(`%+${piece}%+`)
      piece = ''
      bytes = 0
    }
    piece += character
    bytes += more
  }
  return [...result, `%=${piece}`]
}

/** Names in a folder, one inside the other: one, but for a name that is too long. */
export const encodeName = (name: string, usual: UsualCase, foldsCase: boolean): readonly string[] => {
  const text = escaped(name, foldsCase) + (foldsCase ? caseMark(name, usual) : '')
  return Buffer.byteLength(text) > nameBytesMax ? pieces(text) : [text]
}

/** Whether `encodeName` gives the name itself: the usual case, told quickly. */
export const isPlainName = (name: string): boolean => name.length <= nameBytesMax && plain.test(name) && !name.endsWith('.') && !reserved.test(name)

const unescapeRun = (run: string): string => Buffer.from(run.replaceAll('%', ''), 'hex').toString()
const unescaped = (text: string): string =>
  text === '%-'
    ? ''
    : text.replace(/%u([0-9A-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))).replace(/(?:%[0-9A-F]{2})+/g, unescapeRun)

const decodeText = (text: string, usual: UsualCase, foldsCase: boolean): string => {
  if (!foldsCase) return unescaped(text)
  const mark = /%~([0-9a-f]+)$/.exec(text)
  return withCases(unescaped(mark === null ? text : text.slice(0, mark.index)), mark?.[1] ?? '', usual)
}

/**
 * The name whose file names begin `parts`, and how many of them are its own. Null for what `encodeName` never gives, so that two different
 * file names are never one configuration.
 */
export const decodeName = (
  parts: readonly string[],
  usual: UsualCase,
  foldsCase: boolean,
): { readonly name: string; readonly used: number } | null => {
  if (!foldsCase && parts[0] !== undefined && isPlainName(parts[0])) return { name: parts[0], used: 1 }
  let text = ''
  let used = 0
  for (let part = parts[used]; part?.startsWith('%+') && part.endsWith('%+') && part.length > 4; part = parts[used]) {
    text += part.slice(2, -2)
    used++
  }
  const last = parts[used]
  if (last === undefined || last.startsWith('%=') !== used > 0) return null
  const name = decodeText(text + (used > 0 ? last.slice(2) : last), usual, foldsCase)
  used++
  const again = encodeName(name, usual, foldsCase)
  return again.length === used && again.every((part, at) => part === parts[at]) ? { name, used } : null
}

const temporary = '%tmp-'

/** Never what `encodeName` gives. */
export const isTemporaryName = (name: string): boolean => name.startsWith(temporary)
/** A file that is being written, or one below a folder that was never settled (thread-program.ts). */
export const isTemporaryPath = (path: string): boolean => isTemporaryName(path) || isTemporaryName(path.slice(path.lastIndexOf('/') + 1))
