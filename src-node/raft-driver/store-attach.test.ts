/** Attaching a database: its rows become commands, and a queue that lacks something is filled. */

import { expect, it } from 'vitest'
import { logIndex } from '../raft/types.ts'
import { decodeAttach } from '../state-machine/attach-codec.ts'
import type { AttachCommand, ConfigIndexRow, Reply } from '../state-machine/types.ts'
import type { ReadOutcome, SourceReader, SourceRemark, SourceRow } from '../storage/sink.ts'
import { createFakeQueue, noRecords, noRefusedRecords, unavailable } from './fake-sink.testing.ts'
import type { WriteOutcome } from './ports.ts'
import { createStoreAttach } from './store-attach.ts'

const row = (id: number, dataId: string, md5: string): SourceRow => ({
  ...{ namespace: 'n', group: 'g', dataId, id, md5, type: 'text', encryptedDataKey: '', createdMs: 1, modifiedMs: 2, contentBytes: 1 },
  ...{ content: new Uint8Array([97]), appName: '', description: '', tags: [], sourceIp: '', sourceUser: '' },
})
const applied: WriteOutcome<Reply> = { kind: 'applied', reply: { kind: 'ids-raised', index: 1 }, index: logIndex(1) }

const setUp = (
  pages: readonly (readonly SourceRow[])[],
  {
    nextConfigId = 1,
    maxConfigId = 0,
    maxHistoryId = 0,
    known = {} as Record<string, string>,
    outcome = applied as WriteOutcome<Reply>,
    remarks = [] as readonly SourceRemark[],
    columns = [] as readonly string[],
  } = {},
) => {
  const proposed: AttachCommand[] = []
  const told: string[] = []
  const queue = createFakeQueue()
  const configs = pages.flat().length
  const read = async (reader: SourceReader): Promise<ReadOutcome> => {
    const summary = {
      position: null,
      configs,
      history: maxHistoryId,
      maxConfigId,
      maxHistoryId,
      refused: new Set<number>(),
      columns: new Set(columns),
      ...noRefusedRecords,
    }
    reader.begin(summary)
    reader.remarks?.(remarks)
    for (const page of pages) await reader.page(page)
    return { kind: 'read', summary }
  }
  const attach = createStoreAttach({
    sink: { read },
    queue: () => queue.queue,
    find: ({ dataId }) => (known[dataId] === undefined ? undefined : ({ id: 2, md5: known[dataId] } as ConfigIndexRow)),
    nextConfigId: () => nextConfigId,
    records: noRecords,
    texts: () => ({ appName: '', description: 'ours', tags: [], sourceIp: '', sourceUser: '' }),
    propose: (payload, done) => {
      const command = decodeAttach(payload)
      if (command !== null) proposed.push(command)
      done(outcome)
    },
    ...{ clock: { defer: (task) => task() }, tell: (_level, words) => void told.push(words) },
  })
  return { attach, proposed, queue, told }
}
const shown = (commands: readonly AttachCommand[]) =>
  commands.map((command) =>
    command.kind === 'raise-ids'
      ? `${command.configId === 0 ? '' : `ids above ${command.configId}, `}history above ${command.historyId}`
      : `${command.row.dataId} for "${command.row.expectedMd5}"`,
  )

it('an empty database needs nothing', async () => {
  const { attach, proposed } = setUp([])
  expect(await attach(0, 1)).toBeNull()
  expect(proposed).toEqual([])
})

it('history ids first, then each row that differs, with the md5 that it replaces', async () => {
  const { attach, proposed } = setUp([[row(1, 'a', 'x'), row(2, 'b', 'y')], [row(3, 'c', 'z')]], { maxHistoryId: 70, known: { b: 'old', c: 'z' } })
  expect(await attach(0, 1)).toBeNull()
  expect(shown(proposed)).toEqual(['history above 70', 'a for ""', 'b for "old"'])
})

it('a row with our content and another description is taken over, if the database has a place for one', async () => {
  const pages = [
    [
      { ...row(2, 'a', 'x'), description: 'theirs' },
      { ...row(2, 'b', 'x'), description: 'ours' },
    ],
  ]
  const scene = setUp(pages, { known: { a: 'x', b: 'x' }, columns: ['c_desc'] })
  expect(await scene.attach(0, 1)).toBeNull()
  expect(shown(scene.proposed)).toEqual(['a for "x"'])
  const older = setUp(pages, { known: { a: 'x', b: 'x' } })
  await older.attach(0, 1)
  expect(older.proposed).toEqual([])
})

it('history without rows raises the counter all the same', async () => {
  const { attach, proposed } = setUp([], { maxHistoryId: 70 })
  await attach(0, 1)
  expect(shown(proposed)).toEqual(['history above 70'])
})

const remark = (over: Partial<SourceRemark> = {}): SourceRemark => ({
  ...{ namespace: '', group: 'g', dataId: 'a b', left: true, reason: 'name', column: 'data_id', limit: 0, id: '7', ...over },
})

it('rows that are left are named, and the ids that they use are given to nobody', async () => {
  const { attach, proposed, told } = setUp([[row(1, 'a', 'x')]], {
    maxConfigId: 7,
    remarks: [remark(), remark({ left: false, reason: 'md5', id: '1' })],
  })
  expect(await attach(0, 1)).toBeNull()
  expect(shown(proposed)).toEqual(['a for ""', 'ids above 7, history above 0'])
  expect(told.join('\n')).toMatch(
    /row 7 of config_info.*stays in the database[\s\S]*row 1 of config_info[\s\S]*1 rows of the shared database are no configurations/,
  )
})

it('of very many remarks the first are told, and how many there are', async () => {
  const { attach, told } = setUp([], { remarks: Array.from({ length: 100 }, () => remark()) })
  await attach(0, 1)
  expect(told.filter((words) => words.startsWith('row'))).toHaveLength(20)
  expect(told).toContainEqual(expect.stringContaining('100 rows'))
  expect(told).toContainEqual(expect.stringContaining('80 more rows'))
})

it('a row under an id below 1 gets one of ours', async () => {
  const { attach, proposed } = setUp([[row(-5, 'a', 'x')]])
  await attach(0, 1)
  expect(proposed).toMatchObject([{ kind: 'adopt-config', id: 0 }])
})

it('a row that no node could read is told, and nothing is attached', async () => {
  const { attach } = setUp([[row(1, 'a', 'x')]], { outcome: { kind: 'applied', reply: { kind: 'invalid-command' }, index: logIndex(1) } })
  expect(await attach(0, 1)).toMatchObject({ code: 'row-unreadable', lasting: true })
})

it.each([
  ['an id of ours', row(2, 'other', 'x'), 'ids-taken'],
  ['another id for a key of ours', row(9, 'b', 'x'), 'ids-taken'],
  ['our own row', row(2, 'b', 'y'), undefined],
  ['an id that nobody had', row(5, 'other', 'x'), undefined],
])('a cluster that has rows of its own to bring, and a database with %s', async (_, theirs, code) => {
  const { attach, queue, proposed } = setUp([[theirs]], { nextConfigId: 5, known: { b: 'y' } })
  queue.forgetUpTo(9)
  const problem = await attach(0, 1)
  expect(problem?.code).toBe(code)
  if (code !== undefined) expect([problem?.lasting, proposed]).toEqual([true, []])
})

it('a database that was written to is not read again', async () => {
  const { attach, proposed } = setUp([[row(1, 'a', 'x')]])
  expect(await attach(5, 1)).toBeNull()
  expect(proposed).toEqual([])
})

it('a queue that does not reach back far enough is filled', async () => {
  const { attach, queue } = setUp([])
  queue.forgetUpTo(9)
  expect(await attach(5, 1)).toBeNull()
  expect(queue.queue.completeAfter()).toBe(5)
})

it.each([
  [{ kind: 'refused', code: 'no_quorum' } as const, 'no_quorum'],
  [{ kind: 'unknown' } as const, 'unknown'],
])('what cannot be proposed ends it, to be begun again: %j', async (outcome, code) => {
  const { attach } = setUp([[row(1, 'a', 'x')]], { outcome })
  expect(await attach(0, 1)).toMatchObject({ code })
})

it('a database that goes away under it ends it too', async () => {
  const attach = createStoreAttach({
    ...{ sink: { read: () => Promise.resolve(unavailable) }, queue: () => createFakeQueue().queue, find: () => undefined, nextConfigId: () => 1 },
    records: noRecords,
    texts: () => undefined,
    ...{ propose: () => {}, clock: { defer: () => {} }, tell: () => {} },
  })
  expect(await attach(0, 1)).toMatchObject({ code: 'connection-refused' })
})
