/** How far the log is cut, and what holds it back. */

import { expect, it } from 'vitest'
import type { Raft } from '../raft/raft.ts'
import { logIndex, term } from '../raft/types.ts'
import { createCompaction } from './compaction.ts'
import { type DriverOptions, driverDefaults } from './options.ts'
import type { RaftLogStore } from './ports.ts'

const setUp = (over: Partial<DriverOptions> = {}) => {
  const world = {
    applied: 100,
    durable: 100,
    base: 0,
    last: 100,
    held: null as number | null,
    pinned: null as number | null,
    busy: false,
    full: false,
    running: true,
  }
  const cuts: number[] = []
  const tasks: (() => void)[] = []
  let reports = 0
  const limits = { compactEntries: 50, compactKeptEntries: 10, compactHeldEntriesMax: 60, compactPinnedEntriesMax: 100, compactSliceEntries: 1000 }
  const options = { ...driverDefaults, ...limits, ...over }
  const compaction = createCompaction({
    core: { applied: () => logIndex(world.applied), followersHold: () => world.held } as Pick<Raft, 'applied' | 'followersHold'> as Raft,
    log: {
      base: () => ({ index: logIndex(world.base), term: term(1) }),
      lastIndex: () => logIndex(world.last),
      compact: (to, entriesMax) => {
        if (world.full) return 'disk_full'
        world.base = Math.min(to, world.base + entriesMax)
        cuts.push(world.base)
        return world.base === to ? 'done' : 'more'
      },
    } as Pick<RaftLogStore, 'base' | 'lastIndex' | 'compact'> as RaftLogStore,
    snapshots: { durableIndex: () => world.durable, checkpoint: () => {} } as never,
    clock: {
      monotonicMs: () => 0,
      wallMs: () => 0,
      defer: (task) => tasks.push(task),
      after: (_ms, task) => {
        tasks.push(task)
        return { cancel: () => {} }
      },
    },
    options,
    orHalt: (act) => act,
    mayCut: () => !world.busy,
    running: () => world.running,
    pinnedIndex: () => world.pinned,
    onCompacted: () => reports++,
  })
  const run = () => {
    for (let turns = 0; tasks.length > 0 && turns < 1000; turns++) tasks.shift()?.()
  }
  const consider = (nowMs = 0) => {
    compaction.consider(nowMs)
    run()
    return world.base
  }
  return { world, compaction, consider, cuts, run, reports: () => reports }
}

it('cuts a long log down to its tail, a short one not at all', () => {
  const { world, consider, reports } = setUp()
  world.applied = 50
  expect(consider()).toBe(0)
  world.applied = 51
  expect(consider()).toBe(41)
  expect(reports()).toBe(1)
})

it('never cuts beyond what is durable', () => {
  const { world, consider } = setUp()
  world.durable = 30
  expect(consider()).toBe(30)
  world.durable = 0
  world.applied = 500
  expect(consider(10_000)).toBe(30)
})

it('keeps what a follower that is heard still needs, up to a limit', () => {
  const { world, consider } = setUp()
  world.held = 60
  expect(consider()).toBe(60)
  world.held = 0
  world.applied = world.durable = world.last = 200
  expect(consider(10_000)).toBe(140)
})

it('keeps everything after a snapshot that is being made or sent, up to a limit of its own', () => {
  const { world, consider } = setUp()
  world.pinned = 20
  world.applied = world.durable = world.last = 120
  expect(consider()).toBe(20)
  world.applied = world.durable = world.last = 121
  expect(consider(10_000)).toBe(21)
})

it('keeps bytes for others up to a limit, too', () => {
  const cutWith = (needs: { held: number | null; pinned: number | null }) => {
    const { world, compaction, consider } = setUp({ compactHeldBytesMax: 300_000, compactPinnedBytesMax: 500_000 })
    Object.assign(world, needs)
    // 10,000 bytes an entry on the average.
    compaction.added(1_000_000)
    return consider()
  }
  expect(cutWith({ held: 0, pinned: 65 })).toBe(65)
  expect(cutWith({ held: 0, pinned: null })).toBe(70)
  expect(cutWith({ held: null, pinned: 20 })).toBe(50)
})

it('cuts by bytes as well, and then keeps a tail of bytes', () => {
  const { world, compaction, consider } = setUp({ compactEntries: 1000, compactBytes: 1_000_000, compactKeptBytes: 50_000 })
  compaction.added(999_999)
  expect(consider()).toBe(0)
  compaction.added(2)
  // 10,000 bytes an entry on the average: five of them are kept.
  expect(consider()).toBe(96)
  world.applied = world.durable = world.last = 101
  expect(consider(10_000)).toBe(96)
})

it('goes in slices, each in a turn of its own', () => {
  const { consider, cuts } = setUp({ compactSliceEntries: 40 })
  expect(consider()).toBe(90)
  expect(cuts).toEqual([40, 80, 90])
})

it('rests after a full disk, and tries again', () => {
  const { world, consider } = setUp()
  world.full = true
  expect(consider()).toBe(0)
  world.full = false
  expect(consider(driverDefaults.compactRetryMs - 1)).toBe(0)
  expect(consider(driverDefaults.compactRetryMs)).toBe(90)
})

it('on demand cuts a short log too, and says whether all of it is durable', () => {
  const { world, compaction, run } = setUp({ compactEntries: 1000 })
  const answers: boolean[] = []
  compaction.now((ok) => answers.push(ok))
  run()
  expect([world.base, answers]).toEqual([90, [true]])
  world.applied = 120
  compaction.now((ok) => answers.push(ok))
  run()
  expect([world.base, answers]).toEqual([100, [true, false]])
})

const asked = (over: Partial<DriverOptions> = {}) => {
  const set = setUp({ compactEntries: 1000, ...over })
  const answers: boolean[] = []
  const ask = () => set.compaction.now((ok) => answers.push(ok))
  return { ...set, ask, answers }
}

it('on demand while the log disk is full or busy says no after a while, and can be asked again', () => {
  const { world, ask, answers, run } = asked()
  world.busy = true
  ask()
  run()
  expect([world.base, answers]).toEqual([0, [false]])
  world.busy = false
  ask()
  run()
  expect([world.base, answers]).toEqual([90, [false, true]])
})

it('on demand during a cut waits for it, and then cuts what is left', () => {
  const { world, ask, answers, run } = asked()
  world.pinned = 20
  ask()
  world.pinned = null
  ask()
  expect(answers).toEqual([])
  run()
  expect([world.base, answers]).toEqual([90, [true, true]])
})

it('on demand never keeps more than a few waiting', () => {
  const { ask, answers, run } = asked()
  for (let n = 0; n < 100; n++) ask()
  expect(answers.filter((ok) => !ok).length).toBeGreaterThan(50)
  run()
  expect(answers).toHaveLength(100)
})

it('a stop answers everybody who waits with no, once', () => {
  const { world, ask, answers, compaction, run } = asked()
  ask()
  ask()
  world.running = false
  compaction.stop()
  expect(answers).toEqual([false, false])
  run()
  expect([world.base, answers]).toEqual([0, [false, false]])
})

it('a loop that halted by itself answers as well', () => {
  const { world, ask, answers, run } = asked()
  ask()
  ask()
  world.running = false
  run()
  expect(answers).toEqual([false, false])
})
