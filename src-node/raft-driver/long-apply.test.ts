/** Commands that take many turns, over a real store: what others see meanwhile, and what a full disk, a close or a damaged history leaves. */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { logIndex, term } from '../raft/types.ts'
import { encodeCommand } from '../state-machine/command-codec.ts'
import { configChangesOf } from '../state-machine/effect-kinds.ts'
import { encodeSnapshotCommand } from '../state-machine/snapshot-codec.ts'
import { createStateMachine, emptyMeta } from '../state-machine/state-machine.ts'
import type { Command, Effect, PublishConfig, Reply, SnapshotCommand, StateMachine } from '../state-machine/types.ts'
import { openSqliteStateStore } from '../storage/sqlite/sqlite-state-store.ts'
import { createStateFaults } from '../storage/state-faults.ts'
import type { StateStore } from '../storage/types.ts'
import { createMachineApplier } from './machine-applier.ts'
import type { Applied, Applier } from './ports.ts'

let dir = ''
let store: StateStore
let machine: StateMachine
let applier: Applier<Reply>
let setFull: (full: boolean) => void
let freeBytes = Number.POSITIVE_INFINITY
let turns: (() => void)[] = []
let told: Effect[] = []

/** Small steps, so that a few configurations take many turns. */
const limits = { heads: 2, walked: 2, changed: 1, bytes: 1_000 }

const open = (queuesForSink = false): void => {
  const faults = createStateFaults({ after: (_ms, task) => ({ cancel: task }) })
  store = faults.store(
    openSqliteStateStore({
      path: join(dir, 'state.db'),
      clusterId: 'c',
      nodeId: 1,
      initialMeta: emptyMeta(),
      queuesForSink,
      freeBytes: () => freeBytes,
    }),
  )
  setFull = (full) => faults.set({ slowMs: 0, full })
  machine = createStateMachine(store.loadIndex(), store.meta(), {
    requests: store.loadRequests(),
    snapshots: store.loadSnapshots(),
    records: store.loadRecords(),
  })
  expect(machine.meta()).toEqual(store.meta())
  turns = []
  const onEffects = (effects: readonly Effect[]) => void told.push(...effects)
  applier = createMachineApplier({ machine, store, clock: { defer: (task) => void turns.push(task) }, onEffects, onLateEffects: onEffects, limits })
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'long-apply-'))
  told = []
  freeBytes = Number.POSITIVE_INFINITY
  open()
})
afterEach(() => {
  store.close()
  rmSync(dir, { recursive: true, force: true })
})

type Outcome = Applied<Reply> | 'disk_full' | 'open'
const key = (dataId: string) => ({ namespace: 'n', group: 'g', dataId })
const begin = (payload: Uint8Array): { outcome: Outcome } => {
  const heard: { outcome: Outcome } = { outcome: 'open' }
  const index = logIndex(machine.meta().appliedIndex + 1)
  applier.apply([{ index, term: term(1), stampMs: index * 1000, payload }], (result) => {
    heard.outcome = result
    if (result !== 'disk_full') result.afterReplies()
  })
  return heard
}
const turn = (): boolean => {
  const next = turns.shift()
  next?.()
  return next !== undefined
}
const run = (payload: Uint8Array): Reply | null => {
  const heard = begin(payload)
  while (turn());
  if (typeof heard.outcome === 'string') throw new Error(heard.outcome)
  return heard.outcome.replies[0] ?? null
}
const write = (command: Command): void => void run(encodeCommand(command))
const keep = (command: SnapshotCommand): Reply | null => run(encodeSnapshotCommand(command))

const publish = (dataId: string, content: string, over: Partial<PublishConfig> = {}): void =>
  write({
    ...{ kind: 'publish-config', ...key(dataId), content: new TextEncoder().encode(content), md5: `md5-${content}`, type: 'yaml', expectedMd5: null },
    ...{ appName: 'app', description: 'what', tags: ['a', 'b'], sourceIp: '10.0.0.1', sourceUser: 'u', encryptedDataKey: '' },
    ...over,
  })
const remove = (dataId: string): void => write({ kind: 'delete-config', ...key(dataId), expectedMd5: null, sourceIp: '', sourceUser: '' })
const textOf = (dataId: string): string | undefined => {
  const row = store.readConfig(key(dataId))
  return row && new TextDecoder().decode(row.content)
}
const restoreOf = (): Uint8Array => {
  const { index, contentHash } = machine.snapshots()[0]!
  return encodeSnapshotCommand({ kind: 'restore-snapshot', index, contentHash, accounts: false, sourceIp: '10.0.0.2', sourceUser: 'w' })
}
/** Three configurations and a snapshot of them, then one of each kind of change. */
const takeAndChange = (): void => {
  for (const id of ['a', 'b', 'c']) publish(id, `${id}1`)
  keep({ kind: 'take-snapshot', name: 's' })
  publish('a', 'a2', { tags: ['other'], description: 'another', appName: 'other', type: 'json' })
  remove('b')
  publish('d', 'd1')
  told = []
}

it('brings back contents with all that belongs to them', () => {
  takeAndChange()
  expect(run(restoreOf())).toMatchObject({ kind: 'snapshot-restored', updated: 1, created: 1, removed: 1 })
  expect(['a', 'b', 'c', 'd'].map(textOf)).toEqual(['a1', 'b1', 'c1', undefined])
  expect(store.readConfig(key('a'))).toMatchObject({
    type: 'yaml',
    tags: ['a', 'b'],
    description: 'what',
    appName: 'app',
    sourceUser: 'w',
    md5: 'md5-a1',
  })
  expect(configChangesOf(told).map(({ dataId }) => dataId)).toEqual(['a', 'b', 'd'])
})

it('leaves a state that the next start finds as it was', () => {
  takeAndChange()
  run(restoreOf())
  const { snapshots, meta } = { snapshots: machine.snapshots(), meta: machine.meta() }
  store.close()
  open()
  expect([machine.meta(), machine.snapshots()]).toEqual([meta, snapshots])
})

it('shows nobody anything before all of it is there', () => {
  takeAndChange()
  const heard = begin(restoreOf())
  const seen = new Set<string>()
  const look = () =>
    seen.add(JSON.stringify([heard.outcome === 'open', ['a', 'b', 'c', 'd'].map(textOf), machine.find(key('a'))?.md5, store.meta().appliedIndex]))
  do look()
  while (turn())
  expect([...seen].map((each) => JSON.parse(each))).toEqual([
    [true, ['a2', null, 'c1', 'd1'], 'md5-a2', 7],
    [false, ['a1', 'b1', 'c1', null], 'md5-a1', 8],
  ])
})

it('keeps nothing of what a full disk interrupts, and does all of it later', () => {
  takeAndChange()
  for (let at = 0; ; at++) {
    const heard = begin(restoreOf())
    for (let done = 0; done < at; done++) turn()
    if (heard.outcome !== 'open') break
    setFull(true)
    while (turn());
    // Turns that only read need no room.
    expect([heard.outcome, machine.meta().appliedIndex, textOf('a')]).toEqual(['disk_full', 7, 'a2'])
    setFull(false)
  }
  expect(textOf('a')).toBe('a1')
})

it('queues nothing for a shared database before all of it is there, and then the whole entry', () => {
  store.close()
  open(true)
  takeAndChange()
  const limits = { rows: 1, bytes: 1 }
  begin(restoreOf())
  for (let done = 0; turn(); done++) if (store.meta().appliedIndex === 7 && done > 3) expect(store.sinkQueue?.read(7, limits)).toBeNull()
  const batch = store.sinkQueue?.read(7, limits)
  expect(batch).toMatchObject({ from: 7, to: 8, dropped: [{ dataId: 'd' }] })
  expect(batch?.configs.map(({ dataId }) => dataId).toSorted()).toEqual(['a', 'b'])
  expect(batch?.history.map(({ operation }) => operation)).toHaveLength(3)
})

it('a full disk at the very begin is told too', () => {
  setFull(true)
  expect(begin(encodeSnapshotCommand({ kind: 'take-snapshot', name: 's' })).outcome).toBe('disk_full')
  setFull(false)
  expect(keep({ kind: 'take-snapshot', name: 's' })).toMatchObject({ kind: 'snapshot-taken' })
})

it('a store that closes in between leaves it to the next life', () => {
  takeAndChange()
  const heard = begin(restoreOf())
  turn()
  turn()
  store.close()
  while (turn());
  expect(heard.outcome).toBe('open')
  open()
  expect([machine.meta().appliedIndex, textOf('a')]).toEqual([7, 'a2'])
  expect(run(restoreOf())).toMatchObject({ kind: 'snapshot-restored' })
  expect(textOf('a')).toBe('a1')
})

it('no checkpoint and no other write come in between', () => {
  takeAndChange()
  const durable = store.durableIndex()
  begin(restoreOf())
  turn()
  store.checkpoint()
  store.forgetInstall()
  expect(store.durableIndex()).toBe(durable)
  while (turn());
  store.checkpoint()
  expect([store.durableIndex(), textOf('a')]).toEqual([8, 'a1'])
})

it('writes much in one transaction without holding the loop for the checkpoint of it', async () => {
  const large = (letter: string): string => letter.repeat(512 * 1024)
  for (let n = 0; n < 24; n++) publish(`large ${n}`, large('a'), { md5: 'md5-a' })
  keep({ kind: 'take-snapshot', name: 's' })
  for (let n = 0; n < 24; n++) publish(`large ${n}`, large('b'), { md5: 'md5-b' })
  store.checkpoint()
  run(restoreOf())
  expect(store.beingRead()).toBe(true)
  await expect.poll(() => store.beingRead(), { timeout: 10_000 }).toBe(false)
  store.checkpoint()
  expect([store.durableIndex(), textOf('large 7') === large('a')]).toEqual([machine.meta().appliedIndex, true])
})

it('leaves the Raft log its room on the disk, and gives back what it took', () => {
  const walBytes = (): number => statSync(join(dir, 'state.db-wal')).size
  for (const content of ['a', 'b']) {
    for (let n = 0; n < 20; n++) publish(`large ${n}`, content.repeat(512 * 1024), { md5: `md5-${content}` })
    if (content === 'a') keep({ kind: 'take-snapshot', name: 's' })
  }
  freeBytes = 60_000_000
  const heard = begin(restoreOf())
  while (turn());
  expect([heard.outcome, walBytes(), machine.find(key('large 7'))?.md5]).toEqual(['disk_full', 0, 'md5-b'])
  freeBytes = 70_000_000
  expect(run(restoreOf())).toMatchObject({ updated: 20 })
  expect(machine.find(key('large 7'))?.md5).toBe('md5-a')
})

it('ends the node when its history is not what was written', () => {
  takeAndChange()
  const other = new Database(join(dir, 'state.db'))
  other.prepare("UPDATE his_config_info SET md5 = 'another' WHERE op_type = 'U'").run()
  other.close()
  expect(() => run(restoreOf())).toThrow(/state\.db: snapshot 4: the history gives 3 \([0-9a-f]{16}\) configurations, taken were 3 /)
  expect([store.meta().appliedIndex, textOf('a')]).toEqual([7, 'a2'])
})

it('counts what it has taken, and drops it', () => {
  publish('a', 'a1')
  expect(keep({ kind: 'take-snapshot', name: 's' })).toMatchObject({ snapshot: { name: 's', configs: 1, contentBytes: 2 } })
  expect(keep({ kind: 'take-snapshot', name: 's' })).toEqual({ kind: 'snapshot-refused', why: 'name-taken' })
  expect(keep({ kind: 'drop-snapshot', index: 2 })).toMatchObject({ kind: 'snapshot-dropped' })
  expect([machine.snapshots(), store.loadSnapshots()]).toEqual([[], []])
})
