/**
 * Gray versions in the state machine (nacos-http 5.1, nacos-storage 1.2): area 3, kinds 32-39. Keeps what a version is and whom it is for; its content
 * stays in the record. Each change leaves a row of history, as one of the formal content does.
 */

import { keyText } from '../batch.ts'
import type { ConfigKey } from '../types.ts'
import type { Area, AreaStep } from './area.ts'
import { grayHistoryWords, grayPriority } from './gray-choice.ts'
import { configOfGrayRecord, decodeGray, grayArea, grayKinds, grayRecordKey, grayRecordValue, readGrayRecord } from './gray-codec.ts'
import { type GrayRow, grayVersionsMax, type PublishGray, type RemoveGray } from './gray-words.ts'
import { createUndoMap, type UndoMap } from './undo-map.ts'

export interface GrayArea extends Area {
  /** The versions of a configuration, in the order in which a client is matched with them; none as a rule. */
  of(key: ConfigKey): readonly GrayRow[]
  /** Of all configurations. */
  versions(): number
  /** In no order that means anything. */
  all(): IterableIterator<readonly GrayRow[]>
  /** A walk through all of them, for commands that are rare. */
  hasVersionsIn(namespace: string): boolean
}

type Versions = UndoMap<string, readonly GrayRow[]>

const none: readonly GrayRow[] = []

/** An address before a tag, as priorities have it; of equal ones the older first. */
const inOrder = (versions: readonly GrayRow[]): readonly GrayRow[] =>
  versions.toSorted((a, b) => grayPriority(b.rule) - grayPriority(a.rule) || a.id - b.id)

const setVersions = (all: Versions, key: string, versions: readonly GrayRow[]): void => {
  if (versions.length === 0) all.delete(key)
  else all.set(key, versions)
}

const others = (versions: readonly GrayRow[], grayName: string): readonly GrayRow[] => versions.filter((row) => row.grayName !== grayName)

const tell = (step: AreaStep, { namespace, group, dataId }: ConfigKey): void => {
  step.tell({ kind: 'gray-changed', namespace, group, dataId, index: step.index })
}

type Origin = Pick<PublishGray, 'sourceIp' | 'sourceUser'>

const historyOf = (row: GrayRow, operation: 'I' | 'U' | 'D', { sourceIp, sourceUser }: Origin) => ({
  ...{ namespace: row.namespace, group: row.group, dataId: row.dataId, appName: row.appName, md5: row.md5 },
  ...{ encryptedDataKey: row.encryptedDataKey, operation, sourceIp, sourceUser, extInfo: grayHistoryWords(row) },
})

/** Of a version that is there: its content is copied within the store. */
const keepOld = (step: AreaStep, row: GrayRow, operation: 'U' | 'D', origin: Origin): void =>
  step.history({ ...historyOf(row, operation, origin), content: { area: grayArea, key: grayRecordKey(row), bytes: row.contentBytes } })

const publish = (all: Versions, step: AreaStep, command: PublishGray): ReturnType<Area['apply']> => {
  const key = keyText(command)
  const versions = all.get(key) ?? none
  const before = versions.find(({ grayName }) => grayName === command.grayName)
  const currentMd5 = before?.md5 ?? ''
  if (command.expectedMd5 !== null && command.expectedMd5 !== currentMd5) return { kind: 'cas-conflict', currentMd5 }
  if (before === undefined && versions.length >= grayVersionsMax) return { kind: 'gray-too-many', versionsMax: grayVersionsMax }
  const { namespace, group, dataId, grayName, rule, md5, type, appName, encryptedDataKey, sourceIp, sourceUser, content } = command
  const row: GrayRow = {
    ...{ namespace, group, dataId, grayName, rule, id: before?.id ?? step.index, md5, type, appName, encryptedDataKey, sourceIp, sourceUser },
    ...{ createdMs: before?.createdMs ?? step.timeMs, modifiedMs: step.timeMs, index: step.index, contentBytes: content.length },
  }
  if (before === undefined) step.history({ ...historyOf(row, 'I', command), content })
  else keepOld(step, before, 'U', command)
  all.set(key, inOrder([...others(versions, grayName), row]))
  step.put(grayArea, grayRecordKey(row), grayRecordValue(row, content))
  tell(step, row)
  return { kind: 'gray-done', index: step.index, existed: before !== undefined }
}

const remove = (all: Versions, step: AreaStep, command: RemoveGray): ReturnType<Area['apply']> => {
  const key = keyText(command)
  const versions = all.get(key) ?? none
  const before = versions.find(({ grayName }) => grayName === command.grayName)
  if (before === undefined) return { kind: 'gray-done', index: step.index, existed: false }
  keepOld(step, before, 'D', command)
  setVersions(all, key, others(versions, command.grayName))
  step.drop(grayArea, grayRecordKey(before))
  tell(step, before)
  return { kind: 'gray-done', index: step.index, existed: true }
}

/** Another program leaves no history, or its own: what it replaced is kept in ours. */
const adopt = (all: Versions, key: string, value: Uint8Array | null, step: AreaStep): boolean => {
  const config = configOfGrayRecord(key)
  const record = value === null ? null : readGrayRecord({ key, value })
  if (config === null || (value !== null && record === null)) return false
  const versions = all.get(keyText(config)) ?? none
  const before = versions.find((row) => grayRecordKey(row) === key)
  const origin = { sourceIp: '', sourceUser: '' }
  if (record === null) {
    if (before !== undefined) remove(all, step, { kind: 'remove-gray', ...config, grayName: before.grayName, ...origin })
    return true
  }
  if (before === undefined && versions.length >= grayVersionsMax) return false
  if (before !== undefined) keepOld(step, before, 'U', origin)
  const row: GrayRow = { ...record.row, id: before?.id ?? step.index, index: step.index }
  all.set(keyText(config), inOrder([...others(versions, row.grayName), row]))
  step.put(grayArea, key, grayRecordValue(row, record.content))
  tell(step, row)
  return true
}

export const createGrayArea = (): GrayArea => {
  const all: Versions = createUndoMap()
  return {
    numbers: [grayArea],
    kinds: grayKinds,
    load: (record) => {
      const row = readGrayRecord(record)?.row
      if (row === undefined) return
      const key = keyText(row)
      all.set(key, inOrder([...others(all.get(key) ?? none, row.grayName), row]))
      all.publish()
    },
    apply: (payload, step) => {
      const command = decodeGray(payload)
      if (command === null) return { kind: 'invalid-command' }
      return command.kind === 'publish-gray' ? publish(all, step, command) : remove(all, step, command)
    },
    adopt: (key, value, step) => adopt(all, key, value, step),
    publish: all.publish,
    discard: all.discard,
    changeOf: (_area, key, index) => {
      const config = configOfGrayRecord(key)
      return config === null ? null : { kind: 'gray-changed', ...config, index }
    },
    of: (key) => all.get(keyText(key)) ?? none,
    all: all.values,
    hasVersionsIn: (namespace) => {
      for (const [version] of all.values()) if (version?.namespace === namespace) return true
      return false
    },
    versions: () => {
      let count = 0
      for (const versions of all.values()) count += versions.length
      return count
    },
  }
}
