/**
 * Configurations as JSON for consoles and operators, as each generation of the API shows them (nacos-http 5.4, 5.5, 14.5). Owns the shapes, and
 * reads nothing by itself.
 */

import { grayRuleJson } from '../../../state-machine/areas/gray-choice.ts'
import type { GrayRow } from '../../../state-machine/areas/gray-words.ts'
import type { ConfigIndexRow, ConfigRow } from '../../../state-machine/types.ts'
import type { ConfigTexts } from '../../../storage/types.ts'
import { members, orNull, textPieces } from './json-pieces.ts'

/** v3 calls the default namespace by a name. */
export const shownNamespace = (namespace: string): string => (namespace === '' ? 'public' : namespace)

const namesOf = (row: ConfigIndexRow): object => ({ id: String(row.id), dataId: row.dataId, group: row.group })
/** `contentBytes`, `modifyTime` and `index` are ours; other readers skip them. */
const factsOf = (row: ConfigIndexRow): object => ({
  ...{ md5: row.md5, encryptedDataKey: row.encryptedDataKey, tenant: row.namespace, type: row.type },
  ...{ contentBytes: row.contentBytes, modifyTime: row.modifiedMs, index: row.index },
})

/** What Nacos keeps beside the content and shows as it is; of `use`, `effect` and `schema` nothing is kept. */
const advancedOf = (row: ConfigRow): object => ({
  ...{ createTime: row.createdMs, modifyTime: row.modifiedMs, createUser: orNull(row.sourceUser), createIp: row.sourceIp },
  ...{ desc: orNull(row.description), use: null, effect: null },
})
const tagsOf = ({ tags }: Pick<ConfigRow, 'tags'>): string | null => orNull(tags.join(','))

export function* detailPieces(row: ConfigRow): Generator<string> {
  yield `{${members(namesOf(row))},"content":`
  yield* textPieces(row)
  yield `,${members({ ...factsOf(row), appName: orNull(row.appName), ...advancedOf(row), schema: null, configTags: tagsOf(row) })}}`
}

/** `GET /v1/cs/configs/catalog`. */
export const catalogOf = (row: ConfigRow): object => ({ ...advancedOf(row), type: row.type, schema: null, configTags: tagsOf(row) })

type BasicRow = Pick<ConfigIndexRow, 'id' | 'namespace' | 'group' | 'dataId' | 'md5' | 'type' | 'createdMs' | 'modifiedMs'>

const basicOf = (row: BasicRow, appName: string): object => ({
  ...{ id: String(row.id), namespaceId: shownNamespace(row.namespace), groupName: row.group, dataId: row.dataId, md5: row.md5, type: row.type },
  ...{ appName: orNull(appName), createTime: row.createdMs, modifyTime: row.modifiedMs },
})

/** ConfigDetailInfo. */
export function* detailPiecesV3(row: ConfigRow): Generator<string> {
  yield `{${members(basicOf(row, row.appName))},"content":`
  yield* textPieces(row)
  const rest = { desc: orNull(row.description), encryptedDataKey: row.encryptedDataKey, createUser: orNull(row.sourceUser) }
  yield `,${members({ ...rest, createIp: row.sourceIp, configTags: tagsOf(row) })}}`
}

/** A row of a search in v1: its query of Nacos leaves md5 out, and with tags more than that. */
export function* foundPieces(row: ConfigIndexRow, whole: ConfigRow | undefined, leftOut: 'nothing' | 'key' | 'key-and-type'): Generator<string> {
  yield `{${members(namesOf(row))},"content":`
  if (whole === undefined) yield 'null'
  else yield* textPieces(whole)
  const { encryptedDataKey, type, namespace } = whole ?? row
  const key = leftOut === 'nothing' ? encryptedDataKey : null
  const rest = { md5: null, encryptedDataKey: key, tenant: namespace, appName: orNull(whole?.appName ?? '') }
  yield `,${members({ ...rest, type: leftOut === 'key-and-type' ? null : type })}}`
}

/** The same without its content, for whoever asked for that: then with what the machine knows of it. */
export function* listedPieces(row: ConfigIndexRow, texts: ConfigTexts | undefined): Generator<string> {
  yield `{${members(namesOf(row))},"content":null,${members({ ...factsOf(row), appName: orNull(texts?.appName ?? '') })}}`
}

/** ConfigBasicInfo. */
export function* basicPieces(row: ConfigIndexRow, texts: ConfigTexts | undefined): Generator<string> {
  yield JSON.stringify(basicOf(row, texts?.appName ?? ''))
}

/** What a console of v1 edits; the addresses stand by themselves. */
export function* betaPieces(row: GrayRow, content: Uint8Array): Generator<string> {
  yield `{${members({ id: String(row.id), dataId: row.dataId, group: row.group })},"content":`
  yield* textPieces({ ...row, content })
  const rest = { md5: row.md5, encryptedDataKey: row.encryptedDataKey, tenant: row.namespace, appName: orNull(row.appName), type: row.type }
  yield `,${members({ ...rest, betaIps: row.rule.expr })}}`
}

/** ConfigGrayInfo. */
export function* grayPieces(row: GrayRow, content: Uint8Array): Generator<string> {
  yield `{${members(basicOf(row, row.appName))},"content":`
  yield* textPieces({ ...row, content })
  const detail = { desc: null, encryptedDataKey: row.encryptedDataKey, createUser: orNull(row.sourceUser), createIp: row.sourceIp, configTags: null }
  yield `,${members({ ...detail, grayName: row.grayName, grayRule: grayRuleJson(row.rule) })}}`
}
