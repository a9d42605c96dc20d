/** The leader's full sync: which differences of a shared database are another program's, and which are not. */

import { expect, it } from 'vitest'
import { logIndex } from '../raft/types.ts'
import { decodeAttach } from '../state-machine/attach-codec.ts'
import type { AttachCommand, ConfigIndexRow, Reply } from '../state-machine/types.ts'
import type { ReadOutcome, SourceReader, SourceRemark, SourceRow, SourceSummary } from '../storage/sink.ts'
import type { ConfigTexts } from '../storage/types.ts'
import { createFakeQueue, noRecords, noRefusedRecords, unavailable } from './fake-sink.testing.ts'
import type { WriteOutcome } from './ports.ts'
import { createStoreSync } from './store-sync.ts'

const theirs = (id: number, dataId: string, md5: string, over: Partial<SourceRow> = {}): SourceRow => ({
  ...{ namespace: 'n', group: 'g', dataId, id, md5, type: 'yaml', encryptedDataKey: '', createdMs: 1_000, modifiedMs: 2_000, contentBytes: 1 },
  ...{ content: new Uint8Array([97]), appName: '', description: '', tags: [], sourceIp: '', sourceUser: '' },
  ...over,
})
const ours = (id: number, dataId: string, md5: string, index = 5, over: Partial<ConfigIndexRow> = {}): ConfigIndexRow => ({
  ...{ namespace: 'n', group: 'g', dataId, id, md5, type: 'yaml', encryptedDataKey: '', createdMs: 1_000, modifiedMs: 2_345, contentBytes: 1, index },
  ...over,
})
const left = (id: number, dataId: string, over: Partial<SourceRemark> = {}): SourceRemark => ({
  ...{ namespace: 'n', group: 'g', dataId, left: true, reason: 'size', column: 'content', limit: 10, id: String(id) },
  ...over,
})
const standsAt = { clusterId: 'c', term: 3, appliedIndex: 10 }

const noTexts: ConfigTexts = { appName: '', description: '', tags: [], sourceIp: '', sourceUser: '' }

interface World {
  readonly theirs: readonly SourceRow[]
  readonly ours: readonly ConfigIndexRow[]
  readonly summary?: Partial<SourceSummary>
  /** What the reader leaves out. */
  readonly remarks?: readonly SourceRemark[]
  readonly outcome?: WriteOutcome<Reply>
  /** Of ours, by id; absent: none has any. */
  readonly texts?: Readonly<Record<number, Partial<ConfigTexts>>>
  readonly stands?: { readonly term: number; readonly index: number } | null
}

const setUp = ({ theirs: there, ours: here, summary: over = {}, remarks = [], outcome, texts = {}, stands = { term: 3, index: 10 } }: World) => {
  const proposed: string[] = []
  const commands: AttachCommand[] = []
  const lines: string[] = []
  const queue = createFakeQueue()
  let moved = 0
  const memory = new Map(here.map((row) => [row.dataId, row]))
  const columns = new Set(['type', 'encrypted_data_key', 'c_desc', 'app_name'])
  const summary = {
    position: standsAt,
    configs: there.length,
    history: 0,
    maxConfigId: 0,
    maxHistoryId: 0,
    refused: new Set<number>(),
    columns,
    ...noRefusedRecords,
    ...over,
  }
  const read = async (reader: SourceReader): Promise<ReadOutcome> => {
    reader.begin(summary)
    reader.remarks?.(remarks)
    const wanted = there.filter((row) => reader.wants?.(row) ?? true)
    if (wanted.length > 0) await reader.page(wanted)
    return { kind: 'read', summary }
  }
  const replyTo = (command: AttachCommand): Reply => {
    if (command.kind === 'raise-ids') return { kind: 'ids-raised', index: 11 }
    return command.row.kind === 'delete-config'
      ? { kind: 'deleted', existed: true, index: 11 }
      : { kind: 'published', md5: '', index: 11, created: false }
  }
  const shown = (command: AttachCommand): string => {
    if (command.kind === 'raise-ids') return `above ${command.configId} and ${command.historyId}`
    if (command.kind === 'adopt-config') return expect.unreachable('of an attachment')
    const { row, asOf } = command
    return `${row.kind === 'delete-config' ? 'no ' : ''}${row.dataId} for "${row.expectedMd5}" as of ${asOf}`
  }
  const sync = createStoreSync({
    ...{ sink: { read }, clusterId: 'c', queue: () => queue.queue, stands: () => stands, moved: () => void moved++ },
    ...{ find: ({ dataId }) => memory.get(dataId), rows: () => memory.values(), size: () => memory.size },
    texts: (id) => (here.some((row) => row.id === id) ? { ...noTexts, ...texts[id] } : undefined),
    meta: () => ({ nextConfigId: 100, nextHistoryId: 100 }),
    records: noRecords,
    propose: (payload, done) => {
      const command = decodeAttach(payload) ?? expect.unreachable('no command')
      proposed.push(shown(command))
      commands.push(command)
      done(outcome ?? { kind: 'applied', reply: replyTo(command), index: logIndex(11) })
    },
    clock: { defer: (task) => task(), wallMs: () => 77 },
    tell: (level, words) => lines.push(`${level} ${words}`),
  })
  return { sync, proposed, commands, lines, queue, moved: () => moved }
}

it('equal rows need nothing; times are equal to the second', async () => {
  const { sync, proposed, lines } = setUp({ theirs: [theirs(1, 'a', 'x')], ours: [ours(1, 'a', 'x')] })
  await sync.run()
  expect([proposed, lines]).toEqual([[], []])
  expect(sync.last()).toEqual({
    finishedMs: 77,
    compared: 1,
    adopted: 0,
    removed: 0,
    left: 0,
    records: { taken: 0, removed: 0, left: 0 },
    problem: null,
  })
})

it.each([
  ['its content', theirs(1, 'a', 'y')],
  ['its type', theirs(1, 'a', 'x', { type: 'json' })],
  ['its key of encryption', theirs(1, 'a', 'x', { encryptedDataKey: 'k' })],
  ['its description', theirs(1, 'a', 'x', { description: 'why' })],
  ['its application', theirs(1, 'a', 'x', { appName: 'shop' })],
  ['its tags', theirs(1, 'a', 'x', { tags: ['east'] })],
  ['its time, and so something', theirs(1, 'a', 'x', { modifiedMs: 3_000 })],
])('a row of which another program changed %s is taken over', async (_, row) => {
  const { sync, proposed, lines } = setUp({ theirs: [row], ours: [ours(1, 'a', 'x')] })
  await sync.run()
  expect(proposed).toEqual(['a for "x" as of 10'])
  expect(lines).toEqual([expect.stringContaining('1 configurations are taken over, 0 removed (["n","g","a"])')])
})

it('description, application and tags that are equal need nothing, in whatever order; none there is none here', async () => {
  const texts = { 1: { appName: 'shop', description: 'why', tags: ['b', 'a', ''] } }
  const there = { appName: 'shop', description: 'why', tags: ['a', 'b'] }
  const equal = setUp({ theirs: [theirs(1, 'a', 'x', there)], ours: [ours(1, 'a', 'x')], texts })
  await equal.sync.run()
  expect(equal.proposed).toEqual([])
  const emptied = setUp({ theirs: [theirs(1, 'a', 'x', { ...there, tags: [] })], ours: [ours(1, 'a', 'x')], texts })
  await emptied.sync.run()
  expect(emptied.commands).toMatchObject([{ row: { description: 'why', appName: 'shop', tags: [] } }])
})

it('two tags that a table takes for one are no change', async () => {
  const { sync, proposed } = setUp({
    theirs: [theirs(1, 'a', 'x', { tags: ['Ost'] })],
    ours: [ours(1, 'a', 'x')],
    texts: { 1: { tags: ['ost', 'Öst'] } },
  })
  await sync.run()
  expect(proposed).toEqual([])
})

it('what a table has no column for is no change, and stays what it is here', async () => {
  const summary = { columns: new Set<string>(), keepsTags: false }
  const texts = { 1: { appName: 'shop', description: 'why', tags: ['a'] } }
  const { sync, commands } = setUp({ theirs: [theirs(1, 'a', 'x')], ours: [ours(1, 'a', 'x')], summary, texts })
  await sync.run()
  expect(commands).toEqual([])
  const changed = setUp({ theirs: [theirs(1, 'a', 'y')], ours: [ours(1, 'a', 'x')], summary, texts })
  await changed.sync.run()
  expect(changed.commands).toMatchObject([{ row: { md5: 'y', appName: 'shop', description: 'why', tags: ['a'] } }])
})

it('a new row is taken over, and one that is gone is removed', async () => {
  const { sync, proposed } = setUp({ theirs: [theirs(7, 'new', 'y')], ours: [ours(1, 'gone', 'x')] })
  await sync.run()
  expect(proposed).toEqual(['new for "" as of 10', 'no gone for "x" as of 10'])
  expect(sync.last()).toMatchObject({ adopted: 1, removed: 1 })
})

it.each([
  ['changed', [theirs(1, 'a', 'old')], [ours(1, 'a', 'x', 11)]],
  ['made', [], [ours(1, 'a', 'x', 11)]],
])('what was %s here since is newer than the database', async (_, there, here) => {
  const { sync, proposed } = setUp({ theirs: there, ours: here })
  await sync.run()
  expect(proposed).toEqual([])
})

it('what was removed here since does not come back', async () => {
  const { sync, proposed, queue } = setUp({ theirs: [theirs(1, 'a', 'x')], ours: [] })
  queue.hold('a', 11)
  await sync.run()
  expect(proposed).toEqual([])
})

it('what the database refused is not taken for its word', async () => {
  const refused = new Set([1, 2])
  const { sync, proposed } = setUp({ theirs: [theirs(1, 'a', 'old')], ours: [ours(1, 'a', 'x'), ours(2, 'b', 'y')], summary: { refused } })
  await sync.run()
  expect(proposed).toEqual([])
})

it('more refusals than can be looked through end it', async () => {
  const { sync, proposed } = setUp({ theirs: [theirs(1, 'a', 'y')], ours: [], summary: { refused: null } })
  await sync.run()
  expect([proposed, sync.last()?.problem]).toEqual([[], 'refused-many'])
})

it.each([
  ['stands before what was written', { ...standsAt, appliedIndex: 9 }],
  ['is of another term', { ...standsAt, term: 2 }],
  ['is of another cluster', { ...standsAt, clusterId: 'd' }],
  ['is of nobody', null],
])('a database that %s is no news: it is claimed anew', async (_, position) => {
  const { sync, proposed, moved } = setUp({ theirs: [theirs(1, 'a', 'old')], ours: [ours(1, 'a', 'x'), ours(2, 'b', 'y')], summary: { position } })
  await sync.run()
  expect([proposed, moved(), sync.last()?.problem]).toEqual([[], 1, 'behind'])
})

it('one that was written to since the look began is believed up to there', async () => {
  const { sync, proposed } = setUp({
    ...{ theirs: [theirs(1, 'a', 'y')], ours: [ours(1, 'a', 'x', 12)] },
    summary: { position: { ...standsAt, appliedIndex: 12 } },
  })
  await sync.run()
  expect(proposed).toEqual(['a for "x" as of 12'])
})

it('an older table lacks columns, which says nothing of what we have in them', async () => {
  const row = theirs(1, 'a', 'x', { type: 'unset' })
  const here = [ours(1, 'a', 'x', 5, { encryptedDataKey: 'k' })]
  const { sync, proposed } = setUp({ theirs: [row], ours: here, summary: { columns: new Set() } })
  await sync.run()
  expect(proposed).toEqual([])
})

it.each([
  ['was made too large', left(1, 'a')],
  ['was made too large, under another id', left(7, 'a')],
  ['was given a name that no client can ask for', left(1, 'a b', { reason: 'name', column: 'data_id' })],
])('a row of ours that %s there is left as it is on both sides, and told', async (_, remark) => {
  const { sync, proposed, lines } = setUp({ theirs: [], remarks: [remark], ours: [ours(1, 'a', 'x')] })
  await sync.run()
  expect([proposed, sync.last()]).toEqual([[], expect.objectContaining({ compared: 1, adopted: 0, removed: 0, left: 1, problem: null })])
  expect(lines).toEqual([expect.stringMatching(/^warn row \d of config_info.*stays in the database as it is/), expect.stringContaining('1 rows')])
})

it('a row that stays left is told once, and counted every time', async () => {
  const { sync, lines } = setUp({ theirs: [], remarks: [left(1, 'a'), left(2, 'b')], ours: [] })
  await sync.run()
  const first = lines.length
  await sync.run()
  expect([first, lines.length, sync.last()?.left]).toEqual([3, 3, 2])
})

it('what is only odd in a row of ours is none of the news', async () => {
  const remarks = [left(1, 'a', { left: false, reason: 'md5', column: 'md5' })]
  const { sync, proposed, lines } = setUp({ theirs: [theirs(1, 'a', 'x')], remarks, ours: [ours(1, 'a', 'x')] })
  await sync.run()
  expect([proposed, lines, sync.last()?.left]).toEqual([[], [], 0])
})

it('an oddity does not keep a row of ours that is gone from being removed', async () => {
  const remarks = [left(9, 'c'), left(1, 'b', { left: false, reason: 'time', column: 'gmt_create' })]
  const { sync, proposed } = setUp({ theirs: [theirs(1, 'b', 'y')], remarks, ours: [ours(1, 'a', 'x')] })
  await sync.run()
  expect(proposed).toEqual(['b for "" as of 10', 'no a for "x" as of 10'])
})

it('a new row under an id below 1 gets one of ours', async () => {
  const { sync, commands } = setUp({ theirs: [theirs(-5, 'a', 'y')], ours: [] })
  await sync.run()
  expect(commands).toMatchObject([{ kind: 'adopt-change', id: 0 }])
})

it('a row that no node could read ends it', async () => {
  const outcome = { kind: 'applied', reply: { kind: 'invalid-command' }, index: logIndex(11) } as const
  const { sync } = setUp({ theirs: [theirs(1, 'a', 'y')], ours: [], outcome })
  await sync.run()
  expect(sync.last()).toMatchObject({ adopted: 0, problem: 'row-unreadable' })
})

it('a table that was emptied removes nothing here, and is told with the way out', async () => {
  const here = Array.from({ length: 30 }, (_, at) => ours(at + 1, `d${at}`, 'x'))
  const { sync, proposed, lines } = setUp({ theirs: [], ours: here })
  await sync.run()
  expect([proposed, sync.last()?.left]).toEqual([[], 30])
  expect(lines).toEqual([expect.stringContaining('drop the table nacos_trio_store')])
})

it('numbers that another program gave are not given again', async () => {
  const there = [theirs(120, 'b', 'y')]
  const { sync, proposed } = setUp({ theirs: there, remarks: [left(130, 'a')], ours: [], summary: { maxConfigId: 130, maxHistoryId: 100 } })
  await sync.run()
  expect(proposed).toEqual(['above 0 and 100', 'b for "" as of 10', 'above 130 and 100'])
})

it.each([
  ['refused', { kind: 'refused', code: 'no_quorum' } as const, 'no_quorum'],
  ['not known', { kind: 'unknown' } as const, 'unknown'],
])('it ends where a proposal is %s', async (_, outcome, problem) => {
  const { sync } = setUp({ theirs: [theirs(1, 'a', 'y')], ours: [], outcome })
  await sync.run()
  expect(sync.last()).toMatchObject({ adopted: 0, problem })
  expect(sync.running()).toBe(false)
})

it('a conflict is a newer write, and no news', async () => {
  const outcome = { kind: 'applied', reply: { kind: 'cas-conflict', currentMd5: 'z' }, index: logIndex(11) } as const
  const { sync } = setUp({ theirs: [theirs(1, 'a', 'y')], ours: [ours(2, 'gone', 'x')], outcome })
  await sync.run()
  expect(sync.last()).toMatchObject({ adopted: 0, removed: 0, problem: null })
})

it('a node that does not have the database does not look', async () => {
  const { sync } = setUp({ theirs: [], ours: [], stands: null })
  await sync.run()
  expect(sync.last()).toBeNull()
})

it('a database that goes away under it ends it', async () => {
  const queue = createFakeQueue()
  const sync = createStoreSync({
    ...{
      sink: { read: () => Promise.resolve(unavailable) },
      clusterId: 'c',
      queue: () => queue.queue,
      stands: () => ({ term: 3, index: 1 }),
      moved: () => {},
    },
    ...{ find: () => undefined, rows: () => new Map<string, ConfigIndexRow>().values(), size: () => 0, texts: () => undefined, propose: () => {} },
    records: noRecords,
    ...{ meta: () => ({ nextConfigId: 1, nextHistoryId: 1 }), clock: { defer: (task) => task(), wallMs: () => 0 }, tell: () => {} },
  })
  await sync.run()
  expect(sync.last()?.problem).toBe('connection-refused')
})

it('a row that can be no configuration is left, and the one of ours under its key is not removed', async () => {
  const remark = { namespace: 'n', group: 'g', id: '1', limit: 0, column: 'content' } as const
  const { sync, proposed } = setUp({
    theirs: [],
    ours: [ours(1, 'too-large-there', 'x'), ours(2, 'gone', 'y')],
    remarks: [
      { ...remark, dataId: 'too-large-there', left: true, reason: 'size' },
      { ...remark, dataId: 'a b', left: true, reason: 'name' },
      { ...remark, dataId: 'elsewhere', left: false, reason: 'md5' },
    ],
  })
  await sync.run()
  expect(proposed).toEqual(['no gone for "y" as of 10'])
  expect(sync.last()).toMatchObject({ left: 2, removed: 1 })
})
