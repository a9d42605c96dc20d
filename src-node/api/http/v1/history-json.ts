/** Rows of history as JSON, as each generation of the API shows them (nacos-http 6, 7, 14.5). Owns the shapes, and reads nothing by itself. */

import type { HistoryRowHead, StoredHistoryRow } from '../../../storage/types.ts'
import { shownNamespace } from './config-json.ts'
import { members, orNull, textPieces } from './json-pieces.ts'

/** As Java's `Timestamp` goes out: with the offset, which is that of UTC here. */
const dateOf = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00')

/** A gray version's name stands in the row's own words; a formal row has none. */
export const grayNameOf = ({ publishType, extInfo }: HistoryRowHead): string => {
  if (publishType !== 'gray') return ''
  try {
    const words: unknown = JSON.parse(extInfo)
    const name = typeof words === 'object' && words !== null && 'gray_name' in words ? words.gray_name : ''
    return typeof name === 'string' ? name : ''
  } catch {
    return ''
  }
}

const namesOf = (row: HistoryRowHead): object => ({
  ...{ id: String(row.nid), lastId: -1, dataId: row.dataId, group: row.group, tenant: row.namespace, appName: orNull(row.appName) },
})
const originOf = (row: HistoryRowHead): object => ({
  ...{ srcIp: orNull(row.sourceIp), srcUser: orNull(row.sourceUser), opType: row.operation, publishType: row.publishType },
  ...{ grayName: orNull(grayNameOf(row)), extInfo: row.extInfo },
})
const timesOf = (row: HistoryRowHead): object => ({ createdTime: dateOf(row.createdMs), lastModifiedTime: dateOf(row.modifiedMs) })

/** In a list: without content, md5 and key. */
export function* headPieces(row: HistoryRowHead): Generator<string> {
  yield JSON.stringify({ ...namesOf(row), md5: null, content: null, ...originOf(row), ...timesOf(row), encryptedDataKey: null })
}

function* openPieces(row: StoredHistoryRow): Generator<string> {
  yield `{${members({ ...namesOf(row), md5: row.md5 })},"content":`
  yield* textPieces(row)
  yield `,${members({ ...originOf(row), ...timesOf(row), encryptedDataKey: row.encryptedDataKey })}`
}

export function* rowPieces(row: StoredHistoryRow): Generator<string> {
  yield* openPieces(row)
  yield '}'
}

const basicOf = (row: HistoryRowHead): object => ({
  ...{ id: String(row.nid), namespaceId: shownNamespace(row.namespace), groupName: row.group, dataId: row.dataId },
  ...{ md5: orNull(row.md5), type: null, appName: orNull(row.appName), createTime: row.createdMs, modifyTime: row.modifiedMs },
  ...{ srcIp: orNull(row.sourceIp), srcUser: orNull(row.sourceUser), opType: row.operation, publishType: row.publishType },
})

/** ConfigHistoryBasicInfo. */
export function* basicHistoryPieces(row: HistoryRowHead): Generator<string> {
  yield JSON.stringify(basicOf({ ...row, md5: '' }))
}

/** ConfigHistoryDetailInfo. */
export function* detailHistoryPieces(row: StoredHistoryRow): Generator<string> {
  yield `{${members(basicOf(row))},"content":`
  yield* textPieces(row)
  yield `,${members({ encryptedDataKey: row.encryptedDataKey, grayName: orNull(grayNameOf(row)), extInfo: row.extInfo })}}`
}

/** A version of a configuration, as it stood before or after what a row tells. */
export interface Version {
  readonly namespace: string
  readonly group: string
  readonly dataId: string
  readonly content: Uint8Array
  readonly md5: string
  readonly encryptedDataKey: string
  /** Null: the row that is there now has no such words. */
  readonly extInfo: string | null
}

/** `nothing`: there was no configuration; null: it is not known, or there is none any more. */
export type Side = Version | 'nothing' | null

interface SideNames {
  readonly content: string
  readonly md5: string
  readonly encryptedDataKey: string
  readonly extInfo: string
}

/** The names are Nacos's own, the uneven last one too. */
const originalNames: SideNames = {
  ...{ content: 'originalContent', md5: 'originalMd5', encryptedDataKey: 'originalEncryptedDataKey', extInfo: 'originalExtInfo' },
}
const updatedNames: SideNames = {
  ...{ content: 'updatedContent', md5: 'updatedMd5', encryptedDataKey: 'updatedEncryptedDataKey', extInfo: 'updateExtInfo' },
}

function* sidePieces(names: SideNames, side: Side): Generator<string> {
  if (side === null || side === 'nothing') {
    const none = side === null ? null : ''
    yield `,${members({ [names.content]: none, [names.md5]: none, [names.encryptedDataKey]: none, [names.extInfo]: none })}`
    return
  }
  yield `,${JSON.stringify(names.content)}:`
  yield* textPieces(side)
  yield `,${members({ [names.md5]: side.md5, [names.encryptedDataKey]: side.encryptedDataKey, [names.extInfo]: side.extInfo })}`
}

/** `GET /v2/cs/history/detail`: what the row changed from what to what. */
export function* changePieces(row: StoredHistoryRow, original: Side, updated: Side): Generator<string> {
  yield* openPieces(row)
  yield* sidePieces(originalNames, original)
  yield* sidePieces(updatedNames, updated)
  yield '}'
}
