/** Verbs of the tests against a real server: sinks that end with their test, rows, batches, and what the tables hold afterwards. */

import { createHash } from 'node:crypto'
import { sharedNameOf, sharedRecordOf } from '../../src-node/state-machine/areas/shared-records.ts'
import type { ConfigRow } from '../../src-node/state-machine/types.ts'
import { createMysqlSink, type MysqlSinkOptions } from '../../src-node/storage/mysql/mysql-sink.ts'
import type { MysqlTarget } from '../../src-node/storage/mysql/target.ts'
import type { ClaimOutcome, SinkBatch, SinkHistoryRow, SourceRow, StoreSink } from '../../src-node/storage/sink.ts'

export const after = (ms: number, task: () => void) => {
  const timer = setTimeout(task, ms)
  return { cancel: () => clearTimeout(timer) }
}

/** Long enough for a busy machine; tests of a time limit set their own. */
export const times = { after, connectLimitMs: 5_000, statementLimitMs: 5_000 }

export const targetOf = (port: number, database: string, over: Partial<MysqlTarget> = {}): MysqlTarget => ({
  addresses: [{ host: '127.0.0.1', port }],
  user: 'trio',
  password: 'secret',
  database,
  ...over,
})

const opened = new Set<StoreSink>()

export const sinkOn = (target: MysqlTarget, over: Partial<MysqlSinkOptions> = {}): StoreSink => {
  const sink = createMysqlSink({ target, clusterId: 'cluster-a', words: { recordOf: sharedRecordOf, nameOf: sharedNameOf }, ...times, ...over })
  opened.add(sink)
  return sink
}

export const closeSinks = async (): Promise<void> => {
  for (const sink of opened) await sink.close()
  opened.clear()
}

export const claimed = async (sink: StoreSink, term: number, lastIndex = 1_000_000): Promise<Extract<ClaimOutcome, { kind: 'claimed' }>> => {
  const outcome = await sink.claim({ term, lastIndex, adopt: false })
  if (outcome.kind !== 'claimed') throw new Error(`not claimed: ${JSON.stringify(outcome)}`)
  return outcome
}

const md5Of = (content: Uint8Array): string => createHash('md5').update(content).digest('hex')

export const row = (id: number, text: string, over: Partial<ConfigRow> = {}): ConfigRow => {
  const content = Buffer.from(text)
  return {
    id,
    namespace: '',
    group: 'DEFAULT_GROUP',
    dataId: `item-${id}`,
    content,
    md5: md5Of(content),
    type: 'text',
    encryptedDataKey: '',
    createdMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    modifiedMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
    index: id,
    contentBytes: content.length,
    appName: '',
    description: '',
    tags: [],
    sourceIp: '127.0.0.1',
    sourceUser: 'nacos',
    ...over,
  }
}

export const change = (nid: number, of: ConfigRow, operation: 'I' | 'U' | 'D' = 'I'): SinkHistoryRow => ({
  nid,
  id: operation === 'I' ? 0 : of.id,
  operation,
  namespace: of.namespace,
  group: of.group,
  dataId: of.dataId,
  content: of.content,
  md5: of.md5,
  appName: of.appName,
  createdMs: of.modifiedMs,
  modifiedMs: of.modifiedMs,
  sourceIp: of.sourceIp,
  sourceUser: of.sourceUser,
  encryptedDataKey: of.encryptedDataKey,
  publishType: 'formal',
  extInfo: '{"type":"text"}',
})

export const batch = (from: number, to: number, configs: readonly ConfigRow[], over: Partial<SinkBatch> = {}): SinkBatch => ({
  from,
  to,
  configs,
  dropped: [],
  history: configs.map((of, at) => change(from + 1 + at, of)),
  ...over,
})

export const readAll = async (sink: StoreSink): Promise<readonly SourceRow[]> => {
  const all: SourceRow[] = []
  const outcome = await sink.read({ begin: () => undefined, page: (rows) => void all.push(...rows) })
  if (outcome.kind !== 'read') throw new Error(`not read: ${JSON.stringify(outcome)}`)
  return all
}
