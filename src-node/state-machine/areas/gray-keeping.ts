/** How gray versions come back with a named snapshot: as a publish would bring them, with a row of history each. */

import type { AreaRecord, BesidesHistory } from '../types.ts'
import { grayHistoryWords } from './gray-choice.ts'
import { type GrayRecord, grayArea, grayRecordKey, grayRecordValue, readGrayRecord } from './gray-codec.ts'
import type { GrayRow } from './gray-words.ts'
import type { Keeping } from './keeping.ts'

const readOrNull = (record: AreaRecord | null): GrayRecord | null => (record === null ? null : readGrayRecord(record))

/** Written by the same hands for the same clients. */
const isSame = (a: GrayRecord, b: GrayRecord): boolean =>
  (['md5', 'type', 'appName', 'encryptedDataKey', 'contentBytes'] as const).every((field) => a.row[field] === b.row[field]) &&
  a.row.rule.type === b.row.rule.type &&
  a.row.rule.expr === b.row.rule.expr

const historyRow = (row: GrayRow, operation: BesidesHistory['operation']) => ({
  ...{ namespace: row.namespace, group: row.group, dataId: row.dataId, operation, md5: row.md5, appName: row.appName },
  ...{ encryptedDataKey: row.encryptedDataKey, extInfo: grayHistoryWords(row) },
})

export const grayKeeping: Keeping = {
  keeps: (record) => readGrayRecord(record) !== null,
  again: (pair, { index, timeMs, sourceIp, sourceUser }) => {
    const [kept, now] = [readOrNull(pair.kept), readOrNull(pair.now)]
    if (kept === null) return null
    if (pair.now !== null && now !== null && isSame(kept, now)) return pair.now.value
    const { id, createdMs } = now?.row ?? { id: index, createdMs: timeMs }
    return grayRecordValue({ ...kept.row, id, createdMs, modifiedMs: timeMs, index, sourceIp, sourceUser }, kept.content)
  },
  history: (pair, value, { sourceIp, sourceUser }) => {
    const now = readOrNull(pair.now)
    if (now === null) {
      const { row, content } = readOrNull(pair.kept) as GrayRecord
      return { ...historyRow(row, 'I'), sourceIp, sourceUser, content }
    }
    const content = { area: grayArea, key: grayRecordKey(now.row), bytes: now.row.contentBytes } as const
    return { ...historyRow(now.row, value === null ? 'D' : 'U'), sourceIp, sourceUser, content }
  },
}
