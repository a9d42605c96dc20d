/** Snapshots of a store on a real disk: what a copy holds, what is refused, what is durable, and what a crash leaves. */

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import { encodeSnapshotCommand } from '../../src-node/state-machine/snapshot-codec.ts'
import { createStateMachine } from '../../src-node/state-machine/state-machine.ts'
import type { RowWrite } from '../../src-node/state-machine/types.ts'
import type { ReceivedState, SnapshotInfo, SnapshotSource, StateStore } from '../../src-node/storage/types.ts'
import { commandOf, openState, statePath } from './stores.ts'

let root = ''
const stores: StateStore[] = []
const dirOf = (name: string): string => {
  mkdirSync(join(root, name), { recursive: true })
  return join(root, name)
}
const open = (name: string, nodeId = 1, clusterId = 'storage-test'): StateStore => {
  const store = openState(dirOf(name), { nodeId, clusterId })
  stores.push(store)
  return store
}
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'snapshot-'))
})
afterEach(() => {
  for (const store of stores.splice(0)) store.close()
  rmSync(root, { recursive: true, force: true })
})

/** Applies entries up to `to`, in batches of ten. */
const applyTo = (store: StateStore, to: number): void => {
  const machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
  for (let from = machine.meta().appliedIndex + 1; from <= to; from += 10) {
    machine.begin()
    const writes = []
    for (let index = from; index <= Math.min(to, from + 9); index++)
      writes.push(...machine.apply({ index, term: 2, stampMs: index, payload: commandOf(index, 2) }).writes)
    expect(store.commit(writes, machine.pendingMeta())).toBe('ok')
    machine.publish()
  }
}
const copyOf = async (store: StateStore): Promise<SnapshotSource> => {
  const result = await new Promise<SnapshotSource | string>((resolve) => store.copyOut(resolve))
  if (typeof result === 'string') throw new Error(result)
  return result
}
/** Sends `source` in pieces, each changed by `spoil`. */
const send = (
  source: SnapshotSource,
  to: StateStore,
  spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
  info: SnapshotInfo = source.info,
) => {
  const sink = to.receive(info, { index: 7, data: new Uint8Array([1, 2, 3]) })
  for (let offset = 0; offset < source.info.bytes; offset += 10_000) expect(sink.write(spoil(source.read(offset, 10_000)))).toBe('ok')
  return new Promise<ReceivedState | 'damaged' | 'disk_full'>((resolve) => sink.finish(resolve))
}
const received = async (source: SnapshotSource, to: StateStore): Promise<ReceivedState> => {
  const result = await send(source, to)
  if (typeof result === 'string') throw new Error(result)
  return result
}
const rowsOf = (store: StateStore) =>
  [...store.loadIndex()].map((row) => [row.dataId, row.md5, row.index, Buffer.from(store.readContent(row.id) ?? []).toString()])
const files = (name: string): string[] => readdirSync(dirOf(name)).toSorted()
const hashOfStore = (store: StateStore) =>
  createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() }).meta().stateHash

describe('a copy', () => {
  it('holds the state of one moment, whatever is written while it is made', async () => {
    const store = open('a')
    applyTo(store, 200)
    const copying = copyOf(store)
    applyTo(store, 400)
    const source = await copying
    expect(source.info.term).toBe(2)
    const other = open('b', 2)
    const state = await received(source, other)
    expect(state.meta().appliedIndex).toBe(source.info.index)
    const replayed = open('c')
    applyTo(replayed, source.info.index)
    expect(state.meta()).toEqual(replayed.meta())
  })

  it('is removed when the next one is made, and with the store', async () => {
    const store = open('a')
    applyTo(store, 20)
    await copyOf(store)
    await copyOf(store)
    expect(files('a')).toContain('state.db.snapshot')
    store.close()
    expect(files('a')).toEqual(['state.db'])
  })
})

describe('a received state', () => {
  it('takes the place of the old one, contents, history and counters, and belongs to its new node', async () => {
    const store = open('a')
    applyTo(store, 300)
    const other = open('b', 2)
    applyTo(other, 30)
    other.replaceWith(await received(await copyOf(store), other))
    expect(other.meta()).toEqual(store.meta())
    expect(rowsOf(other)).toEqual(rowsOf(store))
    expect(other.historyCount()).toBe(store.historyCount())
    applyTo(other, 320)
    applyTo(store, 320)
    other.close()
    const again = open('b', 2)
    expect(hashOfStore(again)).toBe(hashOfStore(store))
    expect(rowsOf(again)).toEqual(rowsOf(store))
    expect(() => openState(dirOf('b'), { nodeId: 1 })).toThrow('belongs to node 2')
  })

  it('bug 22: brings the replies to writes with a request id along', async () => {
    const store = open('a')
    const machine = createStateMachine([], store.meta())
    machine.begin()
    const key = { namespace: '', group: 'g', dataId: 'd', expectedMd5: null, sourceIp: '', sourceUser: '' }
    const payload = encodeCommand({ kind: 'delete-config', ...key, requestId: 'request-0123456789' })
    expect(store.commit(machine.apply({ index: 1, term: 1, stampMs: 1, payload }).writes, machine.pendingMeta())).toBe('ok')
    machine.publish()
    const other = open('b', 2)
    const state = await received(await copyOf(store), other)
    expect([...state.loadRequests()]).toEqual([...machine.requests()])
    other.replaceWith(state)
    const again = createStateMachine(other.loadIndex(), other.meta(), { requests: other.loadRequests(), records: other.loadRecords() })
    expect(again.meta()).toEqual(machine.meta())
    again.begin()
    expect(again.apply({ index: 2, term: 1, stampMs: 2, payload })).toMatchObject({ writes: [], reply: { kind: 'deleted', index: 1 } })
  })

  it("brings the records of the machine's areas along", async () => {
    const store = open('a')
    applyTo(store, 30)
    const value = new Uint8Array([1, 2, 3])
    expect(store.commit([{ kind: 'put-record', index: 1, area: 2, key: 'k', value }], { ...store.meta(), appliedIndex: 31 })).toBe('ok')
    const other = open('b', 2)
    const state = await received(await copyOf(store), other)
    expect([...state.loadRecords()]).toEqual([{ area: 2, key: 'k', value: Buffer.from(value) }])
    other.replaceWith(state)
    expect([...other.loadRecords()]).toEqual([...store.loadRecords()])
  })

  it('brings the named snapshots along', async () => {
    const store = open('a')
    applyTo(store, 30)
    const machine = createStateMachine(store.loadIndex(), store.meta(), { requests: store.loadRequests(), records: store.loadRecords() })
    machine.begin()
    const payload = encodeSnapshotCommand({ kind: 'take-snapshot', name: 'monday' })
    const run = machine.applyLong({ index: 31, term: 2, stampMs: 31, payload }, () => [].values())
    const limits = { walked: 1000, changed: 1, bytes: 1 }
    const writes: RowWrite[] = []
    for (let step = run.step(limits); step !== null; step = run.step(limits)) writes.push(...step)
    expect(store.commit(writes, machine.pendingMeta())).toBe('ok')
    machine.publish()
    const other = open('b', 2)
    const state = await received(await copyOf(store), other)
    expect(state.loadSnapshots()).toEqual(machine.snapshots())
    other.replaceWith(state)
    const again = createStateMachine(other.loadIndex(), other.meta(), {
      requests: other.loadRequests(),
      snapshots: other.loadSnapshots(),
      records: other.loadRecords(),
    })
    expect([again.meta(), again.snapshots()]).toEqual([machine.meta(), machine.snapshots()])
  })

  it('carries the mark of its install until the log has followed', async () => {
    const store = open('a')
    applyTo(store, 50)
    const other = open('b', 2)
    other.replaceWith(await received(await copyOf(store), other))
    other.close()
    const again = open('b', 2)
    expect(again.installed()).toEqual({ index: 50, membership: { index: 7, data: Buffer.from([1, 2, 3]) } })
    again.forgetInstall()
    expect(again.installed()).toBeNull()
    expect(store.installed()).toBeNull()
  })

  it('is durable from the moment it is in place: no write-ahead log is needed for it', async () => {
    const store = open('a')
    applyTo(store, 200)
    const other = open('b', 2)
    applyTo(other, 30)
    other.replaceWith(await received(await copyOf(store), other))
    expect(other.durableIndex()).toBe(200)
    copyFileSync(statePath(dirOf('b')), statePath(dirOf('powerless')))
    expect(hashOfStore(open('powerless', 2))).toBe(store.meta().stateHash)
  })
})

describe('what comes in damaged', () => {
  it.each([
    ['short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1)],
    ['with a flipped bit', (bytes: Uint8Array) => bytes.map((byte, at) => (at === 7 ? byte ^ 4 : byte))],
    ['doubled', (bytes: Uint8Array) => Buffer.concat([bytes, bytes])],
  ])('%s is refused by its hash and removed', async (_name, spoil) => {
    const store = open('a')
    applyTo(store, 100)
    const other = open('b', 2)
    applyTo(other, 10)
    expect(await send(await copyOf(store), other, spoil)).toBe('damaged')
    expect(files('b')).not.toContain('state.db.incoming')
    expect(other.meta().appliedIndex).toBe(10)
  })

  it('of another cluster, or of another index than it says, is refused', async () => {
    const foreign = open('a', 1, 'another')
    applyTo(foreign, 20)
    const store = open('c')
    applyTo(store, 20)
    const other = open('b', 2)
    expect(await send(await copyOf(foreign), other)).toBe('damaged')
    const source = await copyOf(store)
    expect(await send(source, other, (bytes) => bytes, { ...source.info, index: 21 })).toBe('damaged')
    expect(other.meta().appliedIndex).toBe(0)
  })

  it('may be thrown away at any time, and the next one replaces it', async () => {
    const store = open('a')
    applyTo(store, 20)
    const source = await copyOf(store)
    const other = open('b', 2)
    other.receive(source.info, null).write(source.read(0, 100))
    const state = await received(source, other)
    const newer = await received(source, other)
    expect(() => other.replaceWith(state)).toThrow('thrown away')
    newer.discard()
    expect(files('b')).not.toContain('state.db.incoming')
  })

  it('a state that was thrown away, or replaced, may be thrown away again: the file of the next one stays', async () => {
    const store = open('a')
    applyTo(store, 20)
    const source = await copyOf(store)
    const other = open('b', 2)
    const old = await received(source, other)
    old.discard()
    const sink = other.receive(source.info, null)
    expect(sink.write(source.read(0, source.info.bytes))).toBe('ok')
    old.discard()
    expect(files('b')).toContain('state.db.incoming')
    const state = await new Promise<ReceivedState | string>((resolve) => sink.finish(resolve))
    if (typeof state === 'string') throw new Error(state)
    sink.discard()
    other.replaceWith(state)
    expect(other.meta().appliedIndex).toBe(20)
  })
})

describe('a crash', () => {
  /** The files of the node as the disk shows them at this moment, somewhere else. */
  const frozen = (from: string, to: string): void => {
    for (const name of files(from)) copyFileSync(join(dirOf(from), name), join(dirOf(to), name))
  }
  it('while a state comes in, or before it is moved, leaves the old state', async () => {
    const store = open('a')
    applyTo(store, 100)
    const source = await copyOf(store)
    const other = open('b', 2)
    applyTo(other, 30)
    other.receive(source.info, null).write(source.read(0, 9000))
    frozen('b', 'torn')
    await received(source, other)
    frozen('b', 'whole')
    for (const name of ['torn', 'whole']) {
      expect(files(name)).toContain('state.db.incoming')
      const again = open(name, 2)
      expect([again.meta().appliedIndex, again.installed()]).toEqual([30, null])
      expect(files(name)).not.toContain('state.db.incoming')
    }
  })

  it('between the removal of the old write-ahead log and the move leaves an older old state', async () => {
    const other = open('b', 2)
    applyTo(other, 30)
    other.checkpoint()
    expect(other.durableIndex()).toBe(30)
    applyTo(other, 35)
    frozen('b', 'cut')
    for (const suffix of ['-wal', '-shm']) rmSync(statePath(dirOf('cut')) + suffix, { force: true })
    writeFileSync(`${statePath(dirOf('cut'))}.incoming`, 'half')
    const again = open('cut', 2)
    expect(again.meta().appliedIndex).toBe(30)
  })
})

describe('what is durable', () => {
  /** The applied index in the main file alone: what is left if nothing of the write-ahead log had reached the disk. */
  const inFileAlone = (name: string): number => {
    const path = statePath(dirOf(`${name}-powerless`))
    copyFileSync(statePath(dirOf(name)), path)
    const db = new Database(path)
    const index = db.prepare<[], number>('SELECT applied_index FROM nacos_trio_machine').pluck().get() ?? -1
    db.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
    return index
  }

  it('never runs ahead of the file without its write-ahead log', () => {
    const store = open('a')
    expect(store.durableIndex()).toBe(0)
    let moved = 0
    for (let to = 10; to <= 1500; to += 10) {
      const before = store.durableIndex()
      applyTo(store, to)
      if (to % 170 === 0) store.checkpoint()
      if (store.durableIndex() > before) moved++
      expect(inFileAlone('a')).toBeGreaterThanOrEqual(store.durableIndex())
      expect(store.durableIndex()).toBeLessThanOrEqual(store.meta().appliedIndex)
    }
    expect(moved).toBeGreaterThan(5)
  })

  it('does not move while a reader keeps the checkpoint from carrying everything over', () => {
    const store = open('a')
    applyTo(store, 50)
    store.checkpoint()
    const reader = new Database(statePath(dirOf('a')))
    reader.exec('BEGIN')
    reader.prepare('SELECT count(*) FROM config_info').get()
    applyTo(store, 100)
    store.checkpoint()
    expect(store.durableIndex()).toBe(50)
    expect(inFileAlone('a')).toBe(50)
    reader.exec('COMMIT')
    reader.close()
    store.checkpoint()
    expect(store.durableIndex()).toBe(100)
    expect(inFileAlone('a')).toBe(100)
  })

  it('is not believed of what an open finds', () => {
    const store = open('a')
    applyTo(store, 50)
    copyFileSync(statePath(dirOf('a')), statePath(dirOf('b')))
    copyFileSync(`${statePath(dirOf('a'))}-wal`, `${statePath(dirOf('b'))}-wal`)
    const again = open('b')
    expect([again.meta().appliedIndex, again.durableIndex()]).toEqual([50, 0])
    expect(existsSync(`${statePath(dirOf('b'))}.snapshot`)).toBe(false)
  })
})
