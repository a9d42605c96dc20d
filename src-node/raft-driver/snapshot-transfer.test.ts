/** A sender and a receiver with a line between them that the test holds: what is lost is sent again, what is not wanted is dropped. */

import { expect, it } from 'vitest'
import type { Raft } from '../raft/raft.ts'
import type { SnapshotVerdict } from '../raft/snapshot.ts'
import { type LogIndex, logIndex, nodeId, term } from '../raft/types.ts'
import { type DriverOptions, driverDefaults } from './options.ts'
import type { PeerFrame, PeerTransport, RaftLogStore, SnapshotChunk, SnapshotEvent, SnapshotReply, StateSnapshots } from './ports.ts'
import { createSnapshotReceiver } from './snapshot-receiver.ts'
import { createSnapshotSender } from './snapshot-sender.ts'

const [leader, follower] = [nodeId(1), nodeId(2)]
const info = { index: 50, term: 3, bytes: 1000, sha256: new Uint8Array(32).fill(7) }
const content = Uint8Array.from({ length: info.bytes }, (_, at) => at % 251)
const at = { term: term(3), leaderId: leader, commit: logIndex(10), role: 'follower' as const }

const setUp = (over: Partial<DriverOptions> = {}) => {
  const options = { ...driverDefaults, snapshotChunkBytes: 100, snapshotWindowBytes: 300, ...over }
  const events: SnapshotEvent[] = []
  const wire: PeerFrame[] = []
  const backlog = { bytes: 0 }
  const transport: PeerTransport = { send: (_to, frames) => void wire.push(...frames), backlogBytes: () => backlog.bytes }
  const base = {
    transport,
    orHalt: <A extends readonly unknown[]>(act: (...args: A) => void) => act,
    onEvent: (event: SnapshotEvent) => events.push(event),
  }
  const state = {
    lagging: [follower],
    copies: 0,
    sent: [] as [number, number][],
    copyFails: null as 'failed' | 'disk_full' | null,
    noRoom: 0,
    verdict: 'install' as SnapshotVerdict,
    full: false,
    copying: false,
    durable: 10,
    applied: 50,
    match: 0 as number | null,
    fileBytes: info.bytes,
    discarded: 0,
    commit: 10,
    given: 0,
    base: 0,
  }
  const received: number[] = []
  const offered: number[] = []

  const source = {
    info,
    read: (offset: number, length: number) => content.subarray(offset, Math.min(offset + length, state.fileBytes)),
    discard: () => state.discarded++,
  }
  const sender = createSnapshotSender({
    ...{ ...base, options, wake: () => {}, noRoom: () => state.noRoom++ },
    core: {
      view: { ...at, role: 'leader' },
      applied: () => logIndex(state.applied),
      matchIndex: () => state.match,
      lagging: () => state.lagging,
      termAt: (index: LogIndex) => (index === 50 ? term(3) : null),
      snapshotSent: (to: number, index: number) => state.sent.push([to, index]),
    } as unknown as Raft,
    log: {
      base: () => ({ index: logIndex(state.base), term: term(3) }),
      memberships: () => [4, 40, 60].map((index) => ({ index: logIndex(index), data: new Uint8Array([index]) })),
    } as unknown as RaftLogStore,
    snapshots: {
      copyOut: (done: (result: typeof source | 'failed' | 'disk_full') => void) => {
        state.copies++
        done(state.copyFails ?? source)
      },
    } as unknown as StateSnapshots,
  })
  const receiver = createSnapshotReceiver({
    ...base,
    core: {
      get view() {
        return { ...at, commit: logIndex(state.commit) }
      },
      applied: () => logIndex(10),
      snapshotReceived: ({ index, membership }: { index: number; membership: { index: number } | null }) => {
        offered.push(index, membership?.index ?? 0)
        return state.verdict
      },
    } as unknown as Raft,
    snapshots: {
      copying: () => state.copying,
      checkpoint: () => {},
      durableIndex: () => state.durable,
      receive: () => {
        received.length = 0
        return {
          write: (bytes: Uint8Array) => {
            if (state.full) return 'disk_full'
            received.push(...bytes)
            return 'ok'
          },
          finish: (done: (result: unknown) => void) =>
            done(Buffer.compare(Buffer.from(received), content) === 0 ? { install: () => {}, settled: () => {}, discard: () => {} } : 'damaged'),
          discard: () => state.given++,
        }
      },
    } as unknown as StateSnapshots,
    ...{ whenIdle: (act) => act(), whenIdleAgain: () => {}, mayInstall: () => true, beforeInstall: () => {} },
  })

  /** Delivers what is on the wire if it passes, and what comes of that. */
  const deliver = (nowMs: number, pass: (frame: PeerFrame) => boolean = () => true) => {
    for (let frame = wire.shift(); frame !== undefined; frame = wire.shift()) {
      if (!pass(frame)) continue
      if (frame.type === 'snapshot-chunk') {
        receiver.onChunk(leader, frame)
        receiver.flush()
      } else sender.onReply(follower, frame as SnapshotReply, nowMs)
      sender.pump(nowMs)
    }
  }
  const start = (nowMs = 0) => {
    sender.pump(nowMs)
    sender.pump(nowMs)
  }
  return { sender, receiver, wire, backlog, state, received, offered, events, deliver, start }
}
const chunks = (wire: readonly PeerFrame[]): number[] => wire.map((frame) => (frame as SnapshotChunk).offset)

it('sends a window, then as much as is acknowledged, until all is there and installed', () => {
  const { wire, deliver, start, receiver, state, offered, received } = setUp()
  start()
  expect(chunks(wire)).toEqual([0, 100, 200])
  deliver(1)
  expect(received).toHaveLength(info.bytes)
  // The configuration comes along: the newest one up to the snapshot's index.
  expect(offered).toEqual([50, 40])
  expect(state.sent).toEqual([])
  receiver.install({ index: logIndex(50), term: term(3), membership: null })
  receiver.settled()
  receiver.flush()
  deliver(2)
  expect(state.sent).toEqual([[follower, 50]])
})

it('gets everything across a line that loses every third frame', () => {
  const { deliver, start, sender, received } = setUp()
  let frames = 0
  start()
  for (let nowMs = 0; nowMs < 100 * driverDefaults.snapshotStallMs; nowMs += driverDefaults.snapshotStallMs) {
    sender.pump(nowMs)
    deliver(nowMs, () => ++frames % 3 !== 0)
  }
  expect(Buffer.compare(Buffer.from(received), content)).toBe(0)
})

it('a doubled or overtaken piece does no harm', () => {
  const { wire, deliver, start, received, sender } = setUp()
  start()
  wire.push(...wire, ...wire.toReversed())
  deliver(1)
  sender.pump(10_000)
  deliver(10_000)
  expect(Buffer.compare(Buffer.from(received), content)).toBe(0)
})

it('waits while the line is full', () => {
  const { wire, start, backlog } = setUp()
  backlog.bytes = 301
  start()
  expect(wire).toEqual([])
})

it('one copy serves all who need it, and a new one is made only after a pause when one fails', () => {
  const { start, state, sender, events } = setUp()
  state.lagging = [follower, nodeId(3)]
  start()
  expect(state.copies).toBe(1)
  const failing = setUp()
  failing.state.copyFails = 'failed'
  failing.start()
  expect(failing.state.copies).toBe(1)
  failing.sender.pump(driverDefaults.snapshotRetryMs)
  expect(failing.state.copies).toBe(2)
  expect(failing.events).toMatchObject([{ why: 'failed' }, { why: 'failed' }])
  expect([sender.pinnedIndex(), failing.sender.pinnedIndex()]).toEqual([50, null])
  expect(events).toMatchObject([{ type: 'snapshot-made', index: 50 }])
})

it('a copy that the log does not begin at or before is not sent: what it says of the members is forgotten, whatever memory still holds', () => {
  const { start, state, sender, wire } = setUp()
  start()
  state.base = 50
  wire.length = 0
  sender.pump(driverDefaults.snapshotStallMs)
  expect([state.copies, wire.length]).toEqual([1, 3])
  state.base = 51
  wire.length = 0
  sender.pump(2 * driverDefaults.snapshotStallMs)
  expect([state.copies, wire]).toEqual([2, []])
})

it('a follower that is within reach again by itself gets no more of it', () => {
  const { start, state, sender, wire } = setUp()
  start()
  wire.length = 0
  state.lagging = []
  sender.pump(10_000)
  expect([wire, sender.pinnedIndex()]).toEqual([[], null])
})

const helpedOne = (over: Partial<DriverOptions> = {}) => {
  const world = setUp({ compactHeldEntriesMax: 20, ...over })
  world.start()
  world.sender.onReply(follower, { type: 'snapshot-reply', term: term(3), index: logIndex(50), received: info.bytes, outcome: 'done' }, 0)
  world.state.lagging = []
  return world
}

it('bug 23: the log stays for a follower that was just helped until it is close behind', () => {
  const { sender, state } = helpedOne()
  state.applied = 100
  sender.pump(1)
  expect(sender.pinnedIndex()).toBe(50)
  state.match = 60
  sender.pump(2)
  expect(sender.pinnedIndex()).toBe(60)
  state.match = 80
  sender.pump(3)
  expect(sender.pinnedIndex()).toBe(null)
})

it('bug 23: so it is when the acknowledgement overtakes the answer to the snapshot', () => {
  const { sender, state, start } = setUp({ compactHeldEntriesMax: 20 })
  start()
  Object.assign(state, { lagging: [], match: 50, applied: 100 })
  sender.pump(1)
  expect(sender.pinnedIndex()).toBe(50)
})

it('the log does not stay for long for one that does not come, nor where no leader is any more', () => {
  const late = helpedOne()
  late.state.applied = 100
  late.sender.pump(driverDefaults.snapshotHelpedMs - 1)
  expect(late.sender.pinnedIndex()).toBe(50)
  late.sender.pump(driverDefaults.snapshotHelpedMs)
  expect(late.sender.pinnedIndex()).toBe(null)
  const deposed = helpedOne()
  deposed.state.match = null
  deposed.sender.pump(1)
  expect(deposed.sender.pinnedIndex()).toBe(null)
})

it('a full disk at the receiver is told, and the transfer begins anew after a pause', () => {
  const { start, state, deliver, wire, sender, events } = setUp()
  state.full = true
  start()
  deliver(1)
  expect(events).toContainEqual({ type: 'snapshot-failed', why: 'disk_full', peer: leader })
  state.full = false
  sender.pump(driverDefaults.snapshotRetryMs)
  expect(wire).toEqual([])
  sender.pump(driverDefaults.snapshotRetryMs + 2)
  expect(chunks(wire)).toEqual([0, 100, 200])
})

const refuse = (world: ReturnType<typeof setUp>, nowMs: number, from = follower) =>
  world.sender.onReply(from, { type: 'snapshot-reply', term: term(3), index: logIndex(50), received: 0, outcome: 'refused' }, nowMs)

it('a snapshot that is refused again is thrown away, and a new one is made, each after a longer pause', () => {
  const world = setUp({ snapshotRetryMs: 100, snapshotRetryMaxMs: 300 })
  const { sender, state, start } = world
  start()
  const copies: number[] = []
  let nowMs = 0
  for (const pause of [100, 200, 300, 300]) {
    refuse(world, nowMs)
    sender.pump(nowMs + pause - 1)
    copies.push(state.copies)
    nowMs += pause
    sender.pump(nowMs)
    sender.pump(nowMs)
    copies.push(state.copies)
  }
  expect(copies).toEqual([1, 1, 1, 2, 2, 2, 2, 3])
  expect(state.discarded).toBe(2)
})

it('but not while another follower is taking it', () => {
  const world = setUp()
  const third = nodeId(3)
  world.state.lagging = [follower, third]
  world.start()
  refuse(world, 0)
  refuse(world, 0)
  expect(world.state.discarded).toBe(0)
  refuse(world, 0, third)
  refuse(world, 0, third)
  expect(world.state.discarded).toBe(1)
})

it('a file that is shorter than it was is thrown away: nothing is sent round and round', () => {
  const { sender, state, start, wire, events } = setUp()
  state.fileBytes = 150
  start()
  expect(chunks(wire)).toEqual([0])
  expect([state.discarded, sender.pinnedIndex()]).toEqual([1, null])
  expect(events.at(-1)).toEqual({ type: 'snapshot-failed', why: 'damaged', peer: null })
  state.fileBytes = info.bytes
  sender.pump(driverDefaults.snapshotRetryMs - 1)
  expect(state.copies).toBe(1)
  sender.pump(driverDefaults.snapshotRetryMs)
  expect(state.copies).toBe(2)
})

it('takes pieces of its own leader in its own term only, and of nothing that it has', () => {
  const { receiver, wire } = setUp()
  const chunk: SnapshotChunk = { type: 'snapshot-chunk', term: term(3), info, membership: null, offset: 0, data: content.subarray(0, 100) }
  receiver.onChunk(nodeId(3), chunk)
  receiver.onChunk(leader, { ...chunk, term: term(2) })
  receiver.flush()
  expect(wire).toEqual([])
  receiver.onChunk(leader, { ...chunk, info: { ...info, index: 10 } })
  receiver.onChunk(leader, { ...chunk, offset: 100 })
  receiver.onChunk(leader, chunk)
  receiver.flush()
  expect(wire).toMatchObject([
    { index: 10, outcome: 'done' },
    { index: 50, outcome: 'more', received: 0 },
    { index: 50, outcome: 'more', received: 100 },
  ])
})

it('what the log has overtaken is not kept', () => {
  const { receiver, state } = setUp()
  receiver.onChunk(leader, { type: 'snapshot-chunk', term: term(3), info, membership: null, offset: 0, data: content.subarray(0, 100) })
  state.commit = 49
  receiver.flush()
  expect(state.given).toBe(0)
  state.commit = 50
  receiver.flush()
  receiver.flush()
  expect(state.given).toBe(1)
})

it('more bytes than were announced are damage', () => {
  const { receiver, wire, events } = setUp()
  const short = { ...info, bytes: 50 }
  receiver.onChunk(leader, { type: 'snapshot-chunk', term: term(3), info: short, membership: null, offset: 0, data: content.subarray(0, 100) })
  receiver.flush()
  expect([wire, events]).toMatchObject([[{ outcome: 'refused' }], [{ why: 'damaged' }]])
})

it('a full disk that keeps the old state from being whole is told before the core hears of the new one', () => {
  const { start, deliver, state, offered, events } = setUp()
  state.durable = 9
  start()
  deliver(1)
  expect(offered).toEqual([])
  expect(events).toMatchObject([
    { type: 'snapshot-made' },
    { type: 'snapshot-failed', why: 'disk_full' },
    { type: 'snapshot-failed', why: 'refused' },
  ])
})

it('installs nothing while a copy of the old state is being made', () => {
  const { start, deliver, state, offered } = setUp()
  state.copying = true
  start()
  deliver(1)
  expect(offered).toEqual([])
})

it('a leader whose disk holds no copy says so each time, that another may lead', () => {
  const { state, sender } = setUp()
  state.copyFails = 'failed'
  sender.pump(0)
  expect(state.noRoom).toBe(0)
  state.copyFails = 'disk_full'
  sender.pump(driverDefaults.snapshotRetryMs)
  sender.pump(2 * driverDefaults.snapshotRetryMs)
  expect(state.noRoom).toBe(2)
})
