/** When a leader takes history away, and when it does not: clocks, leadership, refusals, and what it says of it. */

import { expect, it } from 'vitest'
import { createHistoryRetention, type RetentionParts } from './history-retention.ts'
import { decodePrune } from './state-machine/prune-codec.ts'
import type { NamedSnapshot } from './state-machine/types.ts'
import type { Sweep, SweepOrder } from './storage/types.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000

const setUp = (over: Partial<RetentionParts> = {}) => {
  let nowMs = 0
  let tasks: { readonly atMs: number; readonly run: () => void }[] = []
  const world = {
    wallMs: 1_000 * dayMs,
    logMs: 1_000 * dayMs,
    leads: true,
    applies: true,
    reading: false,
    snapshots: [] as NamedSnapshot[],
    found: { batches: [], more: false } as Sweep | 'failed',
    sweeps: [] as SweepOrder[],
    proposed: [] as (readonly number[])[],
    said: [] as string[],
  }
  const retention = createHistoryRetention({
    ...{ retentionMs: 30 * dayMs, roundMs: hourMs, keptNewest: 10 },
    clock: {
      monotonicMs: () => nowMs,
      wallMs: () => world.wallMs + nowMs,
      after: (ms, run) => {
        const task = { atMs: nowMs + ms, run }
        tasks.push(task)
        return { cancel: () => (tasks = tasks.filter((each) => each !== task)) }
      },
    },
    store: {
      beingRead: () => world.reading,
      sweepHistory: (order, done) => {
        world.sweeps.push(order)
        done(world.found)
      },
    },
    leads: () => world.leads,
    logTimeMs: () => world.logMs,
    snapshots: () => world.snapshots,
    propose: (payload, done) => {
      world.proposed.push(decodePrune(payload)!.nids)
      done(world.applies)
    },
    say: (level, line) => world.said.push(`${level} ${line}`),
    ...over,
  })
  const pass = (ms: number): void => {
    for (const untilMs = nowMs + ms; ; ) {
      const [next] = tasks.toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > untilMs) {
        nowMs = untilMs
        return
      }
      tasks = tasks.filter((each) => each !== next)
      nowMs = next.atMs
      next.run()
    }
  }
  retention.start()
  return { world, retention, pass }
}

it('looks every round, for what is older than the retention by the earlier of log time and wall clock', () => {
  const { world, pass } = setUp()
  world.logMs -= 5
  pass(2 * hourMs)
  expect(world.sweeps.length).toBe(2)
  expect(world.sweeps[0]).toMatchObject({ cutoffMs: 970 * dayMs - 5, keptNewest: 10, batchRowsMax: 1000 })
  world.logMs += 30 * dayMs
  world.sweeps.length = 0
  pass(hourMs)
  expect(world.sweeps[0]?.cutoffMs).toBeLessThan(971 * dayMs)
})

it('proposes what was found, one command after the other, and says how much it was', () => {
  const { world, pass } = setUp()
  world.found = { batches: [[1, 2], [3]], more: false }
  pass(60_000)
  expect(world.proposed).toEqual([[1, 2]])
  pass(1_000)
  expect(world.proposed).toEqual([[1, 2], [3]])
  expect(world.said).toEqual(['info 3 rows of history older than 30 days are removed, with 2 commands'])
})

it('goes on at the next look where one sweep could not name everything', () => {
  const { world, pass } = setUp()
  world.found = { batches: [[1]], more: true }
  pass(130_000)
  expect(world.sweeps.length).toBe(2)
})

it('leaves a refused command and all that follow to the next round', () => {
  const { world, pass } = setUp()
  Object.assign(world, { applies: false, found: { batches: [[1], [2]], more: false } })
  pass(hourMs - 1)
  expect(world.proposed).toEqual([[1]])
  world.applies = true
  pass(hourMs)
  expect(world.proposed).toEqual([[1], [1], [2]])
})

it('does nothing where it does not lead, nor while the store is read, and stops when leadership goes', () => {
  const { world, pass } = setUp()
  world.leads = false
  pass(2 * hourMs)
  Object.assign(world, { leads: true, reading: true })
  pass(hourMs)
  expect(world.sweeps).toEqual([])
  Object.assign(world, { reading: false, found: { batches: [[1], [2]], more: false } })
  pass(60_000)
  world.leads = false
  pass(hourMs)
  expect(world.proposed).toEqual([[1]])
})

it('is suspended while the wall clock is an hour off, says so once, and goes on when it is right again', () => {
  const { world, retention, pass } = setUp()
  world.found = { batches: [[1]], more: false }
  world.wallMs += hourMs + 1
  pass(3 * hourMs)
  expect([retention.state(), world.sweeps.length]).toEqual(['suspended', 0])
  expect(world.said).toEqual([expect.stringMatching(/^warn no history is removed: the wall clock has gone 1\.0 hours ahead of/)])
  world.wallMs -= hourMs + 1
  pass(60_000)
  expect([retention.state(), world.sweeps.length]).toEqual(['on', 1])
  world.wallMs -= 400 * dayMs
  pass(60_000)
  expect(world.said.at(-1)).toContain('9600.0 hours behind')
})

it('stops between two commands when the clock goes wrong', () => {
  const { world, pass } = setUp()
  world.found = { batches: [[1], [2]], more: false }
  pass(60_000)
  world.wallMs += 2 * hourMs
  pass(60_000)
  expect(world.proposed).toEqual([[1]])
})

it('says when it could not look, and looks again', () => {
  const { world, pass } = setUp()
  world.found = 'failed'
  pass(2 * hourMs)
  expect(world.said).toEqual(Array(2).fill(expect.stringContaining('could not be looked through')))
})

it('what others wrote to a shared database goes by the same age, as long as this node leads and its clock is right', () => {
  const asked: { readonly beforeMs: number; readonly mayGoOn: () => boolean }[] = []
  const { world, pass } = setUp({ forgetOthers: (beforeMs, mayGoOn) => void asked.push({ beforeMs, mayGoOn }) })
  pass(60_000)
  expect(asked.map(({ beforeMs, mayGoOn }) => [beforeMs, mayGoOn()])).toEqual([[world.sweeps[0]?.cutoffMs, true]])
  world.leads = false
  expect(asked[0]?.mayGoOn()).toBe(false)
  Object.assign(world, { leads: true, wallMs: world.wallMs + 2 * hourMs })
  expect(asked[0]?.mayGoOn()).toBe(false)
  pass(3 * hourMs)
  expect(asked).toHaveLength(1)
})

it('keeps everything where the retention is 0', () => {
  const { world, retention, pass } = setUp({ retentionMs: 0 })
  pass(10 * hourMs)
  expect([retention.state(), world.sweeps]).toEqual(['off', []])
})

it('ends when it is stopped', () => {
  const { world, retention, pass } = setUp()
  world.found = { batches: [[1], [2]], more: false }
  pass(60_000)
  retention.stop()
  pass(10 * hourMs)
  expect([world.proposed, world.said]).toEqual([[[1]], []])
})

const snapshot = (kind: NamedSnapshot['kind'], historyFrom: number, over: Partial<NamedSnapshot> = {}): NamedSnapshot => ({
  ...{ index: historyFrom, kind, name: 's', takenMs: 1_000 * dayMs, historyFrom, configs: 0, contentBytes: 0, contentHash: '', usable: true },
  ...over,
})

it('leaves what snapshots need, as long as they can be gone back to', () => {
  const { world, pass, retention } = setUp()
  retention.start()
  const beforeOf = (...snapshots: NamedSnapshot[]): number | undefined => {
    world.snapshots = snapshots
    pass(hourMs)
    return world.sweeps.at(-1)?.beforeNid
  }
  const monthOld = { takenMs: 960 * dayMs }
  expect(beforeOf()).toBe(Number.MAX_SAFE_INTEGER)
  expect(beforeOf(snapshot('named', 50), snapshot('before-restore', 30))).toBe(30)
  expect(beforeOf(snapshot('named', 50, monthOld), snapshot('before-restore', 30, monthOld))).toBe(50)
  expect(beforeOf(snapshot('named', 20, { usable: false }), snapshot('named', 50))).toBe(50)
})
