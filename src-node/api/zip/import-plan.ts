/**
 * What an import would write, found out before anything is written: the zip's directory against the limits, its metadata, and which entry is
 * which configuration. Reads no content but the metadata's. Either a plan, or a refusal of the whole file in Nacos's codes (nacos-http 2.3).
 */

import { isUtf8 } from 'node:buffer'
import type { ConfigType } from '../../state-machine/types.ts'
import type { Turns } from '../turns.ts'
import { keyOfEntry, tagsOf, textsProblem, typeOfDataId, typeOfWord } from './config-rules.ts'
import { isMetadataProblem, linesOf } from './metadata-lines.ts'
import { appLineKey, metadataV1Name, readAppLine } from './metadata-v1.ts'
import { type MetadataItem, metadataV2Name, readItems } from './metadata-v2.ts'
import { entriesProblem, sumProblem, type ZipLimits } from './zip-limits.ts'
import { type EntryPlace, isZipProblem, type OpenZip } from './zip-reader.ts'

export interface NamePair {
  readonly dataId: string
  readonly group: string
}
export interface FailedItem extends NamePair {
  readonly reason: string
}

export interface PlannedConfig extends NamePair {
  readonly place: EntryPlace
  readonly type: ConfigType
  readonly appName: string
  readonly description: string
  /** null: those of the configuration that is there stay. */
  readonly tags: readonly string[] | null
  readonly encryptedDataKey: string
}

export type PlanRefusal = 'metadata-illegal' | 'parse-failed' | 'data-empty'

export type ImportPlan =
  | {
      readonly kind: 'plan'
      readonly items: readonly PlannedConfig[]
      readonly failed: readonly FailedItem[]
      /** Names of entries, at a bounded length, and why where it is not plain. */
      readonly unrecognized: readonly string[]
    }
  | { readonly kind: 'refused'; readonly code: PlanRefusal; readonly words: string; readonly failed: readonly FailedItem[] }

interface Found extends NamePair {
  readonly place: EntryPlace
}

interface Contents {
  /** null: taken into the plan. */
  readonly found: Map<string, Found | null>
  readonly unrecognized: string[]
  readonly metadata: { readonly name: string; readonly place: EntryPlace } | null
}

const echoMax = 200
/** Made of its first bytes alone: a piece of a text of 64 KiB would keep all of it. */
const shown = (name: Buffer): string => {
  const first = name.subarray(0, echoMax)
  return `${first.toString(isUtf8(name) ? 'utf8' : 'latin1')}${first.length < name.length ? '…' : ''}`
}

/** The whole file is refused: thrown from within, caught at the one way out. */
const refusal = (code: PlanRefusal, words: string, failed: readonly FailedItem[] = []): Error =>
  Object.assign(new Error(words), { name: 'PlanRefusal', code, failed })
type RefusalError = Error & { readonly code: PlanRefusal; readonly failed: readonly FailedItem[] }
const isRefusal = (error: unknown): error is RefusalError => error instanceof Error && error.name === 'PlanRefusal'

const isMetadata = (name: string): boolean => name === metadataV1Name || name === metadataV2Name
/** A group cannot hold a slash: no two keys are alike. */
const keyText = ({ group, dataId }: NamePair): string => `${group}/${dataId}`

const readDirectory = async (zip: OpenZip, limits: ZipLimits, turns: Turns): Promise<Contents> => {
  const tooMany = entriesProblem(zip.entryCount, limits)
  if (tooMany !== null) throw refusal('parse-failed', `the zip is refused: ${tooMany}`)
  const found = new Map<string, Found>()
  const unrecognized: string[] = []
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
      if (found.has(text))
        throw refusal('parse-failed', `${text} is in the zip twice: nobody can tell which of them is meant`, [{ ...key, reason: 'twice in the zip' }])
      found.set(text, { ...key, place })
    } else if (!text.endsWith('/')) unrecognized.push(shown(name))
    if (turns.over()) await turns.next()
  }
  return { found, unrecognized, metadata }
}

const metadataBytes = async (zip: OpenZip, { name, place }: NonNullable<Contents['metadata']>, limits: ZipLimits): Promise<Buffer> => {
  if (place.bytes > limits.metadataBytesMax) throw refusal('metadata-illegal', `${name} has over ${limits.metadataBytesMax} bytes`)
  const bytes = await zip.content(place).catch((error: unknown) => {
    throw isZipProblem(error) ? refusal('metadata-illegal', `${name}: ${error.message}`) : error
  })
  if (!isUtf8(bytes)) throw refusal('metadata-illegal', `${name} is not valid UTF-8`)
  return bytes
}

/** Without metadata, or with the old one, every entry is a configuration. */
const planV1 = async (contents: Contents, lines: Iterable<string>, turns: Turns): Promise<readonly PlannedConfig[]> => {
  const apps = new Map<string, string>()
  for (const line of lines) {
    if (line === '') continue
    const found = readAppLine(line)
    if (found === null) throw refusal('metadata-illegal', `line "${line.slice(0, echoMax)}" of ${metadataV1Name} is not NAME=APPLICATION`)
    apps.set(found[0], found[1])
    if (turns.over()) await turns.next()
  }
  const items: PlannedConfig[] = []
  for (const entry of contents.found.values()) {
    if (entry === null) continue
    const { group, dataId, place } = entry
    const appName = apps.get(appLineKey(group, dataId)) ?? ''
    items.push({ group, dataId, place, type: typeOfDataId(dataId), appName, description: '', tags: null, encryptedDataKey: '' })
    if (turns.over()) await turns.next()
  }
  return items
}

const planItem = (item: MetadataItem, { place, group, dataId }: Found): PlannedConfig | FailedItem => {
  const { appName, description, encryptedDataKey } = item
  const tags = tagsOf(item.tags)
  const problem = textsProblem(item) ?? (typeof tags === 'string' ? tags : null)
  if (problem !== null || typeof tags === 'string') return { dataId, group, reason: problem ?? 'invalid' }
  return { group, dataId, place, type: typeOfWord(item.type), appName, description, tags, encryptedDataKey }
}

/** In the order of the metadata; a file that it does not name, and a name without a file, are told. */
const planV2 = async (contents: Contents, bytes: Buffer, turns: Turns): Promise<Extract<ImportPlan, { kind: 'plan' }>> => {
  const items: PlannedConfig[] = []
  const failed: FailedItem[] = []
  const unrecognized = [...contents.unrecognized]
  const missing = new Set<string>()
  for await (const item of readItems(linesOf(bytes), turns)) {
    const key = keyText(item)
    const found = contents.found.get(key)
    if (found === null || missing.has(key)) throw refusal('metadata-illegal', `${metadataV2Name} names ${key.slice(0, echoMax)} twice`)
    if (found === undefined) {
      missing.add(key)
      unrecognized.push(`Item not found in file: ${key.slice(0, echoMax)}`)
    } else {
      contents.found.set(key, null)
      const planned = planItem(item, found)
      if ('reason' in planned) failed.push(planned)
      else items.push(planned)
    }
    if (turns.over()) await turns.next()
  }
  if (items.length + failed.length + missing.size === 0) throw refusal('metadata-illegal', `${metadataV2Name} names no configuration`)
  for (const [key, entry] of contents.found) if (entry !== null) unrecognized.push(`Item not found in metadata: ${key}`)
  return { kind: 'plan', items, failed, unrecognized }
}

const planOf = async (zip: OpenZip, limits: ZipLimits, turns: Turns): Promise<ImportPlan> => {
  const contents = await readDirectory(zip, limits, turns)
  const { metadata, unrecognized } = contents
  const bytes = metadata === null ? Buffer.alloc(0) : await metadataBytes(zip, metadata, limits)
  const plan: Extract<ImportPlan, { kind: 'plan' }> =
    metadata?.name === metadataV2Name
      ? await planV2(contents, bytes, turns)
      : { kind: 'plan', items: await planV1(contents, linesOf(bytes), turns), failed: [], unrecognized }
  if (plan.items.length === 0 && plan.failed.length === 0) throw refusal('data-empty', 'the zip holds no configuration')
  return plan
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
