/**
 * `.metadata.yml`, the metadata of Nacos's newer export: a YAML list `metadata` with `appName`, `dataId`, `desc`, `group` and `type` of each
 * configuration (3.x: `configTags` too). Written item by item as SnakeYAML writes it; read item by item, so that a hundred thousand of them
 * neither take the loop nor become one document in memory. `encryptedDataKey` is ours: Nacos leaves out what it does not know.
 */

import type { Turns } from '../turns.ts'
import { metadataProblem } from './metadata-lines.ts'

export const metadataV2Name = '.metadata.yml'

export interface MetadataItem {
  readonly group: string
  readonly dataId: string
  readonly type: string
  readonly appName: string
  readonly description: string
  /** With commas. null: not given. */
  readonly tags: string | null
  readonly encryptedDataKey: string
}

/** Plain in every version of YAML, and no word that one of them takes for something else than a text. */
const plainText = /^[A-Za-z_][\w./-]*$/
const wordsOfOthers = new Set(['true', 'false', 'yes', 'no', 'on', 'off', 'null', 'y', 'n'])
/** Everything that may stand in single quotes on one line; the rest is escaped. */
const quotable = /^[\x20-\x7e\u00a0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u

const escaped = (text: string): string => {
  let out = '"'
  for (const character of text) {
    if (character === '"' || character === '\\') out += `\\${character}`
    else if (quotable.test(character)) out += character
    else for (let at = 0; at < character.length; at++) out += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  }
  return `${out}"`
}

const scalar = (text: string): string => {
  if (plainText.test(text) && !wordsOfOthers.has(text.toLowerCase())) return text
  return quotable.test(text) ? `'${text.replaceAll("'", "''")}'` : escaped(text)
}

export const metadataHead = 'metadata:\n'
export const emptyMetadata = 'metadata: []\n'

/** In the order of names, as SnakeYAML has them; what is not there is left out. */
export const itemLines = ({ appName, tags, dataId, description, encryptedDataKey, group, type }: MetadataItem): string => {
  const given = [
    ['appName', appName],
    ['configTags', tags ?? ''],
    ['dataId', dataId],
    ['desc', description],
    ['encryptedDataKey', encryptedDataKey],
    ['group', group],
    ['type', type],
  ].filter(([, text]) => text !== '')
  return given.map(([name, text], at) => `${at === 0 ? '- ' : '  '}${name}: ${scalar(text ?? '')}\n`).join('')
}

/** One item with every text that is allowed at its longest, escaped. */
const itemCharactersMax = 16 * 1024

type Fields = Map<string, string>

const itemOf = (fields: Fields, count: number): MetadataItem => {
  const text = (name: string): string => fields.get(name) ?? ''
  for (const name of ['dataId', 'group', 'type'])
    if (text(name).trim() === '') throw metadataProblem(`item ${count} of ${metadataV2Name} has no ${name}`)
  return {
    ...{ group: text('group'), dataId: text('dataId'), type: text('type'), appName: text('appName'), description: text('desc') },
    ...{ tags: fields.get('configTags') ?? null, encryptedDataKey: text('encryptedDataKey') },
  }
}

const isAbsent = (plain: string): boolean => plain === 'null' || plain === '~'
const quoted = /^'((?:[^']|'')*)'$/
/** Without anything that could be a comment, an indicator, a tag, or go on in the next line. */
const simplePlain = /^[\p{L}\p{N}_/][^#:'"\t]*$/u

/** One line of an item as nearly all are; null: it must be read with care. */
const simpleField = (line: string, indent: string): readonly [string, string | null] | null => {
  const at = line.indexOf(': ')
  if (at < 0 || !line.startsWith(indent)) return null
  const name = line.slice(indent.length, at)
  const value = line.slice(at + 2)
  if (!/^[A-Za-z]+$/.test(name)) return null
  const inQuotes = quoted.exec(value)
  if (inQuotes) return [name, (inQuotes[1] ?? '').replaceAll("''", "'")]
  if (!simplePlain.test(value) || value.endsWith(' ')) return null
  return [name, isAbsent(value) ? null : value]
}

const simpleFields = (lines: readonly string[], dash: string): Fields | null => {
  const fields: Fields = new Map()
  const indent = ' '.repeat(dash.length)
  for (const [at, line] of lines.entries()) {
    const found = simpleField(line, at === 0 ? dash : indent)
    if (found === null || fields.has(found[0])) return null
    if (found[1] !== null) fields.set(found[0], found[1])
  }
  return fields
}

type Yaml = typeof import('yaml')

const scalarText = (yaml: Yaml, node: unknown, where: string): string | null => {
  if (node === null) return null
  if (!yaml.isScalar(node)) throw metadataProblem(`${where} is no text`)
  // `!!binary`, which SnakeYAML takes for what cannot be printed.
  if (node.value instanceof Uint8Array) return Buffer.from(node.value).toString()
  const text = String(node.value ?? '')
  return node.type === 'PLAIN' && (text === '' || isAbsent(text)) ? null : text
}

/** The parser throws for what is nested too deep, and notes what is wrong otherwise. */
const parsed = (yaml: Yaml, text: string, where: string) => {
  try {
    const document = yaml.parseDocument(text, { schema: 'failsafe', prettyErrors: false, logLevel: 'silent' })
    const [problem] = document.errors
    if (problem) throw problem
    return document
  } catch (error) {
    throw metadataProblem(`${where} cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'it is broken'}`)
  }
}

/** The whole of YAML, for the few items that need it: folded lines, blocks, escapes. */
const carefulFields = (yaml: Yaml, lines: readonly string[], count: number): Fields => {
  const where = `item ${count} of ${metadataV2Name}`
  const document = parsed(yaml, lines.join('\n'), where)
  const list = document.contents
  const map = yaml.isSeq(list) && list.items.length === 1 ? list.items[0] : null
  if (!yaml.isMap(map)) throw metadataProblem(`${where} is no list of names and texts`)
  const fields: Fields = new Map()
  for (const { key, value } of map.items) {
    const name = yaml.isScalar(key) ? String(key.value) : ''
    const text = scalarText(yaml, value, `${name.slice(0, 64)} in ${where}`)
    if (text !== null) fields.set(name, text)
  }
  return fields
}

const readItem = async (lines: readonly string[], dash: string, count: number): Promise<MetadataItem> => {
  const fields = simpleFields(lines, dash)
  if (fields !== null) return itemOf(fields, count)
  // Only now: few zips need it, and it would stand in every node's memory.
  return itemOf(carefulFields(await import('yaml'), lines, count), count)
}

const noListWords = `${metadataV2Name} does not begin with a list named metadata, one item a dash`
const isBlank = (line: string): boolean => /^\s*(#.*)?$/.test(line)
const isPreamble = (line: string): boolean => isBlank(line) || line.startsWith('---') || line.startsWith('%')

const isBegin = (line: string): boolean => {
  if (/^(['"]?)metadata\1:\s*(#.*)?$/.test(line)) return true
  if (isPreamble(line)) return false
  throw metadataProblem(noListWords)
}

/**
 * Cuts the lines of a list into those of its items. A line with a dash at the depth of the first one begins an item: in a block list nothing else
 * can.
 */
const createItemCutter = () => {
  let place: 'head' | 'list' | 'behind' = 'head'
  let dash = ''
  let held: string[] = []
  let characters = 0
  let count = 0
  const letGo = (): readonly string[] => {
    const lines = held
    held = []
    characters = 0
    count++
    return lines
  }
  const hold = (line: string): void => {
    if (line !== '' || held.length > 0) held.push(line)
    characters += line.length
    if (characters > itemCharactersMax) throw metadataProblem(`item ${count + 1} of ${metadataV2Name} has over ${itemCharactersMax} characters`)
  }
  /** The lines of the item that ends before this one, if there is one. */
  const takeItem = (line: string): readonly string[] | null => {
    if (held.length === 0 && isBlank(line)) return null
    if (/^\.\.\./.test(line)) {
      place = 'behind'
      return null
    }
    if (dash === '') dash = /^ *- +/.exec(line)?.[0] ?? ''
    if (dash === '' || (held.length > 0 && line !== '' && !/^[ -]/.test(line)))
      throw metadataProblem(`line "${line.slice(0, 80)}" of ${metadataV2Name} is no item`)
    const ended = line.startsWith(dash) && held.length > 0 ? letGo() : null
    hold(line)
    return ended
  }
  return {
    take: (line: string): readonly string[] | null => {
      if (place === 'list') return takeItem(line)
      if (place === 'head' && isBegin(line)) place = 'list'
      return null
    },
    /** After the last line. */
    last: (): readonly string[] | null => {
      if (place === 'head') throw metadataProblem(noListWords)
      return held.length > 0 ? letGo() : null
    },
    item: (lines: readonly string[]): Promise<MetadataItem> => readItem(lines, dash, count),
  }
}

/**
 * Gives the items in their order.
 * @throws MetadataProblem
 */
export async function* readItems(lines: AsyncIterable<readonly string[]>, turns: Turns): AsyncGenerator<MetadataItem> {
  const cutter = createItemCutter()
  for await (const some of lines)
    for (const line of some) {
      const ended = cutter.take(line)
      if (ended !== null) yield cutter.item(ended)
      if (turns.over()) await turns.next()
    }
  const last = cutter.last()
  if (last !== null) yield cutter.item(last)
}
