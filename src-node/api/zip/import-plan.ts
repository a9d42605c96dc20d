/**
 * What an import would write, found out before anything is written: the zip's directory against the limits, its metadata, and which entry is
 * which configuration. Reads no content but the metadata's. Either a plan, or a refusal of the whole file in Nacos's codes (nacos-http 2.3).
 */

import { isUtf8 } from 'node:buffer'
import type { Turns } from '../turns.ts'
import { keyOfEntry, tagsOf, textsProblem, typeOfDataId, typeOfWord } from './config-rules.ts'
import { createItemCollector, type FailedItem, type ImportItems, type ItemCollector, type NamePair, noTexts } from './import-items.ts'
import { isMetadataProblem, linesIn } from './metadata-lines.ts'
import { appLineKey, metadataV1Name, readAppLine } from './metadata-v1.ts'
import { type MetadataItem, metadataV2Name, readItems } from './metadata-v2.ts'
import { entriesProblem, sumProblem, type ZipLimits } from './zip-limits.ts'
import { type EntryPlace, isZipProblem, type OpenZip } from './zip-reader.ts'

export type PlanRefusal = 'metadata-illegal' | 'parse-failed' | 'data-empty'

/** What is in the zip, or named in its metadata, and is no configuration. */
export interface Unrecognized {
  readonly count: number
  /** The first of them, at a bounded length, and why where it is not plain. */
  readonly names: readonly string[]
}

export type ImportPlan =
  | {
      readonly kind: 'plan'
      readonly items: ImportItems
      readonly failed: readonly FailedItem[]
      readonly unrecognized: Unrecognized
      /** Once nothing is asked of the items any more. */
      letGo(): void
    }
  | { readonly kind: 'refused'; readonly code: PlanRefusal; readonly words: string; readonly failed: readonly RefusedName[] }

export interface RefusedName extends NamePair {
  readonly reason: string
}

interface Contents {
  readonly items: ItemCollector
  readonly unrecognized: Strangers
  readonly metadata: { readonly name: string; readonly place: EntryPlace } | null
}

/** A file of nothing but strange names must not fill memory: beyond these they are counted. */
const unrecognizedNamesMax = 1_000

type Strangers = ReturnType<typeof createStrangers>
const createStrangers = () => {
  const names: string[] = []
  let count = 0
  return {
    add: (name: string): void => {
      count++
      if (names.length < unrecognizedNamesMax) names.push(name)
    },
    all: (): Unrecognized => ({ count, names }),
  }
}

const echoMax = 200
/** Made of its first bytes alone: a piece of a text of 64 KiB would keep all of it. */
const shown = (name: Buffer): string => {
  const first = name.subarray(0, echoMax)
  return `${first.toString(isUtf8(name) ? 'utf8' : 'latin1')}${first.length < name.length ? '…' : ''}`
}

/** The whole file is refused: thrown from within, caught at the one way out. */
const refusal = (code: PlanRefusal, words: string, failed: readonly RefusedName[] = []): Error =>
  Object.assign(new Error(words), { name: 'PlanRefusal', code, failed })
type RefusalError = Error & { readonly code: PlanRefusal; readonly failed: readonly RefusedName[] }
const isRefusal = (error: unknown): error is RefusalError => error instanceof Error && error.name === 'PlanRefusal'

const isMetadata = (name: string): boolean => name === metadataV1Name || name === metadataV2Name
/** A group cannot hold a slash: no two keys are alike. */
const keyText = ({ group, dataId }: NamePair): string => `${group}/${dataId}`

const readDirectory = async (zip: OpenZip, limits: ZipLimits, turns: Turns): Promise<Contents> => {
  const tooMany = entriesProblem(zip.entryCount, limits)
  if (tooMany !== null) throw refusal('parse-failed', `the zip is refused: ${tooMany}`)
  const items = createItemCollector(zip.entryCount)
  const unrecognized = createStrangers()
  let metadata: Contents['metadata'] = null
  let sum = 0
  for await (const { name, ...place } of zip.entries()) {
    sum += place.bytes
    const over = sumProblem(sum, zip.zipBytes, limits)
    if (over !== null) throw refusal('parse-failed', `the zip is refused: ${over}`)
    const text = isUtf8(name) ? name.toString() : ''
    const key = keyOfEntry(text)
    if (metadata === null && isMetadata(text)) metadata = { name: text, place }
    else if (key !== null) {
      if (items.add(text, place) === null)
        throw refusal('parse-failed', `${text} is in the zip twice: nobody can tell which of them is meant`, [{ ...key, reason: 'twice in the zip' }])
    } else if (!text.endsWith('/')) unrecognized.add(shown(name))
    if (turns.over()) await turns.next()
  }
  return { items, unrecognized, metadata }
}

async function* metadataLines(zip: OpenZip, metadata: Contents['metadata'], limits: ZipLimits): AsyncGenerator<readonly string[]> {
  if (metadata === null) return
  const { name, place } = metadata
  if (place.bytes > limits.metadataBytesMax) throw refusal('metadata-illegal', `${name} has over ${limits.metadataBytesMax} bytes`)
  try {
    yield* linesIn(zip.pieces(place))
  } catch (error) {
    throw isZipProblem(error) ? refusal('metadata-illegal', `${name}: ${error.message}`) : error
  }
}

/** Without metadata, or with the old one, every entry is a configuration. */
const planV1 = async ({ items }: Contents, lines: AsyncIterable<readonly string[]>, turns: Turns): Promise<void> => {
  const apps = new Map<string, string>()
  for await (const some of lines)
    for (const line of some) {
      if (line === '') continue
      const found = readAppLine(line)
      if (found === null) throw refusal('metadata-illegal', `line "${line.slice(0, echoMax)}" of ${metadataV1Name} is not NAME=APPLICATION`)
      apps.set(found[0], found[1])
      if (turns.over()) await turns.next()
    }
  for (const item of items.found()) {
    const { group, dataId } = items.namesAt(item)
    items.plan(item, typeOfDataId(dataId), { ...noTexts, appName: apps.get(appLineKey(group, dataId)) ?? '' })
    if (turns.over()) await turns.next()
  }
}

/** Why it cannot be written, in a sentence; null: it is planned. */
const planItem = (items: ItemCollector, item: number, given: MetadataItem): string | null => {
  const { appName, description, encryptedDataKey } = given
  const tags = tagsOf(given.tags)
  const problem = textsProblem(given) ?? (typeof tags === 'string' ? tags : null)
  if (problem !== null || typeof tags === 'string') {
    items.drop(item)
    return problem ?? 'invalid'
  }
  items.plan(item, typeOfWord(given.type), { appName, description, tags, encryptedDataKey })
  return null
}

interface V2Parts {
  readonly contents: Contents
  readonly lines: AsyncIterable<readonly string[]>
  readonly limits: ZipLimits
  readonly turns: Turns
}

/** A file that the metadata does not name, and a name without a file, are told. Gives those that cannot be written. */
const planV2 = async ({ contents, lines, limits, turns }: V2Parts): Promise<readonly FailedItem[]> => {
  const { items, unrecognized } = contents
  const failed: FailedItem[] = []
  const missing = new Set<string>()
  let named = 0
  for await (const given of readItems(lines, turns)) {
    const key = keyText(given)
    const item = items.find(key)
    if (missing.has(key) || (item !== undefined && items.isNamed(item)))
      throw refusal('metadata-illegal', `${metadataV2Name} names ${key.slice(0, echoMax)} twice`)
    if (++named > limits.entriesMax) throw refusal('metadata-illegal', `${metadataV2Name} names over ${limits.entriesMax} configurations`)
    if (item === undefined) {
      missing.add(key)
      unrecognized.add(`Item not found in file: ${key.slice(0, echoMax)}`)
    } else {
      const reason = planItem(items, item, given)
      if (reason !== null) failed.push({ item, reason })
    }
    if (turns.over()) await turns.next()
  }
  if (named === 0) throw refusal('metadata-illegal', `${metadataV2Name} names no configuration`)
  for (const item of items.found()) {
    if (!items.isNamed(item)) unrecognized.add(`Item not found in metadata: ${keyText(items.namesAt(item))}`)
    if (turns.over()) await turns.next()
  }
  return failed
}

const planOf = async (zip: OpenZip, limits: ZipLimits, turns: Turns): Promise<ImportPlan> => {
  const contents = await readDirectory(zip, limits, turns)
  const { metadata, items, unrecognized } = contents
  const lines = metadataLines(zip, metadata, limits)
  let failed: readonly FailedItem[] = []
  if (metadata?.name === metadataV2Name) failed = await planV2({ contents, lines, limits, turns })
  else await planV1(contents, lines, turns)
  items.close()
  if (items.count + failed.length === 0) throw refusal('data-empty', 'the zip holds no configuration')
  return { kind: 'plan', items, failed, unrecognized: unrecognized.all(), letGo: items.letGo }
}

/** @throws what the disk throws; everything that the file itself can do wrong is a refusal. */
export const planImport = async (zip: OpenZip, limits: ZipLimits, turns: Turns): Promise<ImportPlan> => {
  try {
    return await planOf(zip, limits, turns)
  } catch (error) {
    if (isRefusal(error)) return { kind: 'refused', code: error.code, words: error.message, failed: error.failed }
    if (isMetadataProblem(error)) return { kind: 'refused', code: 'metadata-illegal', words: error.message, failed: [] }
    if (isZipProblem(error)) return { kind: 'refused', code: 'parse-failed', words: `the zip cannot be read: ${error.message}`, failed: [] }
    throw error
  }
}
