/** What is done to a database that holds rows of others before a cluster with configurations of its own moves in. */

import { expect, it } from 'vitest'
import { logIndex } from '../raft/types.ts'
import { sharedFacts } from '../state-machine/areas/shared-records.ts'
import { decodeAttach } from '../state-machine/attach-codec.ts'
import { decodeCommand } from '../state-machine/command-codec.ts'
import type { ConfigIndexRow, SharedName, SharedRecord } from '../state-machine/types.ts'
import type { MergeOutcome, ReadOutcome, SourceReader, SourceRow } from '../storage/sink.ts'
import { createFakeQueue, noRecords, noRefusedRecords, unavailable } from './fake-sink.testing.ts'
import { createStoreAttach } from './store-attach.ts'
import { createStoreMerge, type MergePolicy } from './store-merge.ts'

const row = (id: number, dataId: string, md5: string): SourceRow => ({
  ...{ namespace: '', group: 'g', dataId, id, md5, type: 'text', encryptedDataKey: '', createdMs: 1, modifiedMs: 2, contentBytes: 1 },
  ...{ content: new Uint8Array([97]), appName: '', description: '', tags: [], sourceIp: '', sourceUser: '' },
})
/** One that both have, one that both have with other contents, one of theirs. */
const theirs = [row(101, 'same', 'x'), row(102, 'other', 'theirs'), row(103, 'alone', 'z')]
const ours: Readonly<Record<string, string>> = { same: 'x', other: 'ours', 'here alone': 'y' }
const namespace = (id: string, showName: string): SharedRecord => ({
  ...{ kind: 'namespace', id, showName, description: '', createdMs: 1, modifiedMs: 2 },
})
const done: MergeOutcome = { kind: 'done' }

const setUp = (
  policy: MergePolicy,
  {
    lifted = done as MergeOutcome,
    kept = done as MergeOutcome,
    reads = true,
    configs = theirs,
    columns = [] as readonly string[],
    beside = [] as readonly SharedRecord[],
  } = {},
) => {
  const steps: string[] = []
  const read = async (reader: SourceReader): Promise<ReadOutcome> => {
    if (!reads) return unavailable
    const summary = {
      position: null,
      configs: 3,
      history: 7,
      maxConfigId: 103,
      maxHistoryId: 90,
      refused: new Set<number>(),
      columns: new Set(columns),
      ...noRefusedRecords,
    }
    reader.begin(summary)
    await reader.page(configs)
    for (const record of beside) if (reader.records?.wants?.(record) === true) steps.push('a record is taken')
    return { kind: 'read', summary }
  }
  const sink = { read }
  const find = ({ dataId }: { dataId: string }) => (ours[dataId] === undefined ? undefined : ({ id: 2, md5: ours[dataId] } as ConfigIndexRow))
  const texts = () => ({ appName: '', description: 'ours', tags: [], sourceIp: '', sourceUser: '' })
  const counters = { nextConfigId: () => 10, nextHistoryId: () => 20 }
  const room = {
    liftAbove: async (configId: number, historyId: number) => {
      steps.push(`lift above ${configId}, ${historyId}`)
      return lifted
    },
    keepReplaced: async (ids: readonly number[], atMs: number) => {
      steps.push(`keep ${ids} at ${atMs}`)
      return kept
    },
  }
  const queue = createFakeQueue()
  const attach = createStoreAttach({
    ...{ sink, find, nextConfigId: () => 104, queue: () => ({ ...queue.queue, completeAfter: () => 5 }) },
    records: noRecords,
    texts,
    merge: createStoreMerge({
      policy,
      texts,
      // One namespace, `dev`.
      records: { factsOf: (name: SharedName) => (name.kind === 'namespace' && name.id === 'dev' ? sharedFacts(namespace('dev', 'Dev')) : '') },
      ...{ room, sink, find, ...counters, wallMs: () => 1_000 },
    }),
    propose: (payload, hear) => {
      const attached = decodeAttach(payload)
      const written = decodeCommand(payload)
      if (attached !== null && attached.kind !== 'raise-ids') steps.push(`take ${attached.row.dataId}`)
      if (written !== null) steps.push(`publish ${written.dataId} for ${written.expectedMd5}`)
      hear({ kind: 'applied', reply: { kind: 'ids-raised', index: 1 }, index: logIndex(1) })
    },
    ...{ clock: { defer: (task) => task() }, tell: () => undefined },
  })
  return { attach: () => attach(0, 1), steps }
}

it('skip: theirs counts where both have something, with what it replaces in the history', async () => {
  const { attach, steps } = setUp('skip')
  expect(await attach()).toBeNull()
  expect(steps).toEqual(['lift above 10, 20', 'publish other for ours', 'take alone'])
})

it('overwrite: ours counts, and theirs is kept in the history of the database first', async () => {
  const { attach, steps } = setUp('overwrite')
  expect(await attach()).toBeNull()
  expect(steps).toEqual(['lift above 10, 20', 'keep 102 at 1000', 'take alone'])
})

it('abort: nothing is taken or kept where both have something', async () => {
  const { attach, steps } = setUp('abort')
  expect(await attach()).toMatchObject({ code: 'conflict', lasting: true, words: expect.stringContaining('1 configurations of others') })
  expect(steps).toEqual(['lift above 10, 20'])
})

it('another description is another configuration, too', async () => {
  const configs = [{ ...row(101, 'same', 'x'), description: 'theirs' }]
  expect(await setUp('abort', { configs, columns: ['c_desc'] }).attach()).toMatchObject({ code: 'conflict' })
  const { attach, steps } = setUp('skip', { configs, columns: ['c_desc'] })
  expect(await attach()).toBeNull()
  expect(steps).toEqual(['lift above 10, 20', 'publish same for x'])
})

it('abort: what stands beside configurations is in the way too, if it says something else', async () => {
  const alike = [namespace('dev', 'Dev'), namespace('theirs', 'Theirs')]
  const clear = setUp('abort', { configs: [], beside: alike })
  expect(await clear.attach()).toBeNull()
  const scene = setUp('abort', { configs: [], beside: [...alike, namespace('dev', 'Other')] })
  expect(await scene.attach()).toMatchObject({
    ...{ code: 'conflict', facts: { count: '1' }, words: expect.stringContaining('0 configurations and 1 namespaces') },
  })
  expect(scene.steps).toEqual(['lift above 10, 20'])
})

it.each([
  ['no room can be made', { lifted: unavailable }, 1],
  ['it cannot be read', { reads: false }, 1],
  ['what is replaced cannot be kept', { kept: unavailable }, 2],
])('%s: it is tried again, and nothing was proposed', async (_what, over, steps) => {
  const scene = setUp('overwrite', over)
  expect(await scene.attach()).toMatchObject({ code: 'connection-refused', lasting: false })
  expect(scene.steps).toHaveLength(steps)
})
