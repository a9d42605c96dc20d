/** The queue of MySQL mode in a real file: what is queued, what a batch holds, and what is never forgotten. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeAdoptRecord } from '../../state-machine/areas/adopt-record.ts'
import { encodeGray } from '../../state-machine/areas/gray-codec.ts'
import { encodeNamespaceCommand } from '../../state-machine/areas/namespace-area.ts'
import { encodeAttach } from '../../state-machine/attach-codec.ts'
import { encodeCommand } from '../../state-machine/command-codec.ts'
import { encodePrune } from '../../state-machine/prune-codec.ts'
import { createStateMachine, emptyMeta } from '../../state-machine/state-machine.ts'
import type { StateMachine } from '../../state-machine/types.ts'
import type { SinkQueue, StateStore } from '../types.ts'
import { openSqliteStateStore } from './sqlite-state-store.ts'

let dir = ''
let store: StateStore
let machine: StateMachine
let index = 0

const open = (queuesForSink = true): void => {
  store = openSqliteStateStore({ path: join(dir, 'state.db'), clusterId: 'c', nodeId: 1, initialMeta: emptyMeta(), queuesForSink })
  machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
  index = store.meta().appliedIndex
}
const reopen = (queuesForSink = true): void => {
  store.close()
  open(queuesForSink)
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sink-queue-'))
  open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

const key = (dataId: string) => ({ namespace: 'n', group: 'g', dataId })
const publishing = (dataId: string, text: string) => {
  const fields = {
    type: 'text',
    expectedMd5: null,
    appName: '',
    description: '',
    tags: null,
    sourceIp: '',
    sourceUser: '',
    encryptedDataKey: '',
  } as const
  return encodeCommand({ kind: 'publish-config', ...key(dataId), content: new TextEncoder().encode(text), md5: text, ...fields })
}
const removing = (dataId: string) => encodeCommand({ kind: 'delete-config', ...key(dataId), expectedMd5: null, sourceIp: '', sourceUser: '' })
/** Each in a batch of its own, as the next entry. */
const apply = (...payloads: readonly (Uint8Array | null)[]): void => {
  for (const payload of payloads) {
    index++
    machine.begin()
    const writes = payload === null ? [] : machine.apply({ index, term: 1, stampMs: 5 * index, payload }).writes
    if (payload === null) machine.skip(index, 1)
    store.commit(writes, machine.pendingMeta())
    machine.publish()
  }
}
const queue = (): SinkQueue => store.sinkQueue ?? expect.unreachable('no queue')
const all = { rows: 100, bytes: 1_000_000 }
const read = (after: number, limits = all) => queue().read(after, limits)
const contentOf = (row: { readonly content: Uint8Array } | undefined) => new TextDecoder().decode(row?.content)

it('queues entries that changed a configuration, and no others', () => {
  apply(publishing('a', 'one'), null, removing('unknown'), publishing('b', 'two'))
  expect([queue().length(), queue().lastIndex(), queue().completeAfter()]).toEqual([2, 4, 0])
})

it('gives rows as they are now, each once, and every history row', () => {
  apply(publishing('a', 'one'), publishing('a', 'two'))
  const batch = read(0)
  expect(batch).toMatchObject({ from: 0, to: 2, dropped: [] })
  expect(batch?.configs.map((row) => [row.id, contentOf(row)])).toEqual([[1, 'two']])
  expect(batch?.history.map((row) => [row.nid, row.id, row.operation, contentOf(row)])).toEqual([
    [1, 0, 'I', 'one'],
    [2, 1, 'U', 'one'],
  ])
})

it('tells what is gone, also where the key has a new row', () => {
  apply(publishing('a', 'one'), removing('a'), publishing('a', 'two'))
  const batch = read(0)
  expect(batch?.dropped).toEqual([{ id: 1, ...key('a') }])
  expect(batch?.configs.map(({ id }) => id)).toEqual([2])
  expect(batch?.history.map(({ operation }) => operation)).toEqual(['I', 'D', 'I'])
})

it('reaches up to the applied index when nothing was left out, and up to its last entry when the limits cut it', () => {
  apply(publishing('a', '1'), publishing('b', '2'), publishing('c', '3'), null)
  expect(read(0)).toMatchObject({ from: 0, to: 4 })
  const first = read(0, { rows: 2, bytes: 1_000_000 })
  expect([first?.to, first?.configs.length]).toEqual([2, 2])
  expect(read(2)).toMatchObject({ from: 2, to: 4, configs: [{ dataId: 'c' }] })
  expect(read(4)).toBeNull()
})

it('cuts by bytes too, but gives one entry at least', () => {
  apply(publishing('a', 'x'.repeat(1000)), publishing('b', 'y'), publishing('c', 'z'))
  expect(read(0, { rows: 100, bytes: 10 })?.to).toBe(1)
  expect(read(1, { rows: 100, bytes: 4 })?.to).toBe(3)
})

it('forgets only what it is told is stored, in portions, and remembers from where it is whole', () => {
  apply(publishing('a', '1'), publishing('b', '2'), null, publishing('c', '3'), null)
  queue().trim(3, 100)
  expect([queue().length(), queue().completeAfter(), queue().lastIndex()]).toEqual([1, 2, 4])
  apply(publishing('d', '4'), publishing('e', '5'))
  queue().trim(7, 1)
  expect(queue().length()).toBeLessThan(3)
  expect(read(queue().completeAfter())?.to).toBe(7)
  reopen()
  expect(read(queue().completeAfter())?.to).toBe(7)
})

it('an entry that was not queued is never taken for stored: the database was not told of it', () => {
  apply(publishing('a', '1'), null, null)
  queue().trim(3, 100)
  expect(queue().completeAfter()).toBe(1)
})

const pruning = (cutoffMs: number, ...nids: readonly number[]) => encodePrune({ kind: 'prune-history', cutoffMs, nids })

it('history that went is to go there too, and only what went', () => {
  apply(publishing('a', '1'), publishing('a', '2'), publishing('a', '3'))
  queue().trim(3, 100)
  apply(pruning(12, 1, 2, 3, 77))
  expect([queue().length(), queue().lastIndex()]).toEqual([3, 4])
  expect(read(3)).toMatchObject({ from: 3, to: 4, configs: [], dropped: [], history: [], forgotten: [77, 2, 1] })
  queue().trim(4, 100)
  expect(queue().length()).toBe(0)
})

it('a row that went before the database had it is forgotten, and never written', () => {
  apply(publishing('a', '1'), publishing('a', '2'), pruning(8, 1))
  expect(read(0)).toMatchObject({ to: 3, history: [{ nid: 2 }], forgotten: [1] })
})

it('an entry that took nothing away waits for nobody', () => {
  apply(publishing('a', '1'), pruning(2, 1))
  expect([queue().length(), queue().lastIndex()]).toEqual([1, 1])
})

it('what another program changed is there already, but for the history of what it replaced', () => {
  apply(publishing('a', 'one'))
  const fields = { type: 'text', appName: '', description: '', tags: [], sourceIp: '', sourceUser: '', encryptedDataKey: '' } as const
  const published = {
    kind: 'publish-config',
    ...key('a'),
    content: new TextEncoder().encode('two'),
    md5: 'two',
    expectedMd5: 'one',
    ...fields,
  } as const
  apply(encodeAttach({ kind: 'adopt-change', asOf: 1, id: 1, createdMs: 1, modifiedMs: 2, row: published }))
  expect(read(1)).toMatchObject({ to: 2, configs: [], dropped: [], history: [{ nid: 2, operation: 'U' }] })
  expect([queue().holds(key('a'), 0), queue().holds(key('a'), 2), queue().holds(key('b'), 0)]).toEqual([true, false, false])
})

it('an entry above the limits comes whole', () => {
  const count = 30
  apply(...Array.from({ length: count }, (_, at) => publishing('a', `${at}`)))
  queue().trim(count, 1_000)
  apply(pruning(1_000_000, ...Array.from({ length: count }, (_, at) => at + 1)), publishing('b', 'x'))
  const few = { rows: 10, bytes: 1_000_000 }
  expect(read(count, few)).toMatchObject({ to: count + 1, configs: [] })
  expect(read(count, few)?.forgotten).toHaveLength(count)
  expect(read(count + 1, few)).toMatchObject({ to: count + 2, configs: [{ dataId: 'b' }] })
})

it('a batch that finds no room on the disk leaves nothing queued', () => {
  store.close()
  store = openSqliteStateStore({
    path: join(dir, 'state.db'),
    clusterId: 'c',
    nodeId: 1,
    initialMeta: emptyMeta(),
    queuesForSink: true,
    pagesMax: 40,
  })
  machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
  machine.begin()
  const { writes } = machine.apply({ index: 1, term: 1, stampMs: 5, payload: publishing('a', 'x'.repeat(400_000)) })
  expect(store.commit(writes, machine.pendingMeta())).toBe('disk_full')
  machine.discard()
  index = 0
  apply(publishing('b', 'small'))
  expect([queue().length(), queue().lastIndex()]).toEqual([1, 1])
})

const naming = (id: string) => encodeNamespaceCommand({ kind: 'create-namespace', id, showName: id, description: '' })
const unnaming = (id: string) => encodeNamespaceCommand({ kind: 'delete-namespace', id })
const graying = (text: string) =>
  encodeGray({
    ...{ kind: 'publish-gray', ...key('a'), grayName: 'beta', rule: { type: 'beta', expr: '1.2.3.4' }, md5: text, expectedMd5: null, type: 'text' },
    ...{ content: new TextEncoder().encode(text), appName: '', encryptedDataKey: '', sourceIp: '', sourceUser: '' },
  })
const namesIn = (batch: ReturnType<typeof read>) => batch?.records?.map(({ area, key: of, value }) => `${value === null ? 'no ' : ''}${area} ${of}`)

it('records of namespaces and the like are queued too, each once, as they are now', () => {
  apply(naming('dev'), naming('prod'), unnaming('dev'), publishing('a', 'one'))
  expect([queue().length(), queue().lastIndex()]).toEqual([4, 4])
  expect(read(0)).toMatchObject({ from: 0, to: 4, configs: [{ dataId: 'a' }] })
  expect(namesIn(read(0))?.toSorted()).toEqual(['4 prod', 'no 4 dev'])
  expect(namesIn(read(1, { rows: 1, bytes: 1 }))).toEqual(['4 prod'])
  expect([queue().holdsRecord(4, 'dev', 2), queue().holdsRecord(4, 'dev', 3), queue().holdsRecord(5, 'dev', 0)]).toEqual([true, false, false])
  queue().trim(4, 100)
  expect(queue().length()).toBe(0)
})

it('a gray version goes with its history, which is that of no configuration', () => {
  apply(publishing('a', 'formal'), graying('one'), graying('two'))
  const batch = read(1)
  expect(batch).toMatchObject({ to: 3, configs: [], dropped: [] })
  expect(batch?.history.map((row) => [row.operation, row.publishType, contentOf(row)])).toEqual([
    ['I', 'gray', 'one'],
    ['U', 'gray', 'one'],
  ])
  expect(batch?.records).toHaveLength(1)
})

it('a record that the database has brought is there already', () => {
  const value = new TextEncoder().encode('["Dev","","1","2"]')
  apply(encodeAdoptRecord({ area: 4, key: 'dev', expected: null, value }))
  expect([store.readRecord(4, 'dev'), queue().length()]).toEqual([Buffer.from(value), 0])
})

it('SQLite mode queues nothing, and what it applied is known to be missing later', () => {
  apply(publishing('a', '1'))
  reopen(false)
  expect(store.sinkQueue).toBeNull()
  apply(publishing('b', '2'))
  reopen(true)
  expect([queue().length(), queue().completeAfter()]).toEqual([0, 2])
})

const refill = (after: number, rowsMax: number): void => {
  while (queue().refill(after, rowsMax) === 'more');
}

it.each([1, 2, 100])('what it lacks comes from rows and history, %i a turn', (rowsMax) => {
  apply(publishing('a', '1'), publishing('b', '2'), publishing('a', '3'), removing('b'))
  const whole = read(0)
  reopen(false)
  reopen(true)
  refill(0, rowsMax)
  expect(queue().completeAfter()).toBe(0)
  const refilled = read(0)
  expect(refilled?.history).toEqual(whole?.history)
  expect(refilled?.configs).toEqual(whole?.configs)
  expect(refilled?.dropped.map(({ dataId }) => dataId)).toContain('b')
  expect(refilled?.to).toBe(4)
})

it.each([1, 100])('a refill brings every record, and those that are gone if it is told their names: %i a turn', (rowsMax) => {
  apply(naming('dev'), naming('gone'), graying('one'), unnaming('gone'))
  reopen(false)
  reopen(true)
  expect(queue().queueRecords([{ area: 4, key: 'gone' }])).toBe('ok')
  refill(1, rowsMax)
  const batch = read(1)
  expect([batch?.to, namesIn(batch)?.length]).toEqual([4, 3])
  expect(namesIn(batch)).toEqual(expect.arrayContaining(['4 dev', 'no 4 gone']))
  expect(batch?.history.map(({ publishType }) => publishType)).toEqual(['gray'])
})

it('a refill begins after what the database has', () => {
  apply(publishing('a', '1'), publishing('b', '2'), publishing('c', '3'))
  queue().trim(3, 100)
  refill(1, 100)
  expect(read(1)?.history.map(({ dataId }) => dataId)).toEqual(['b', 'c'])
  expect(queue().length()).toBe(2)
})

it('a snapshot brings the queue of its sender', async () => {
  apply(publishing('a', '1'), publishing('b', '2'))
  const source = await new Promise<Parameters<Parameters<StateStore['copyOut']>[0]>[0]>((done) => store.copyOut(done))
  if (typeof source === 'string') expect.unreachable(source)
  else {
    const other = openSqliteStateStore({
      path: join(dir, 'other', 'state.db'),
      clusterId: 'c',
      nodeId: 2,
      initialMeta: emptyMeta(),
      queuesForSink: true,
    })
    const sink = other.receive(source.info, null)
    sink.write(source.read(0, source.info.bytes))
    const received = await new Promise<Parameters<Parameters<typeof sink.finish>[0]>[0]>((done) => sink.finish(done))
    if (typeof received === 'string') expect.unreachable(received)
    else other.replaceWith(received)
    expect(other.sinkQueue?.read(0, all)?.configs.map(({ dataId }) => dataId)).toEqual(['a', 'b'])
    other.close()
  }
})
