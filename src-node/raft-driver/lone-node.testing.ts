/** For tests: one node's loop with a clock in the test's hand; what it sends is kept, and whoever else there is speaks by the test. */

import { type Entry, type HardState, logIndex, type NodeId, nodeId, term } from '../raft/types.ts'
import { noSnapshots } from './no-snapshots.testing.ts'
import type { DriverOptions } from './options.ts'
import type { PeerFrame, RaftEvent, RaftLogStore, StoreApplied, WriteOutcome } from './ports.ts'
import { createRaftDriver } from './raft-driver.ts'

interface Task {
  readonly atMs: number
  readonly run: () => void
}

/** In one moment. */
const tasksMax = 10_000

/** @param firstVoter ids of the voters go on from there; this node is node 1 */
export function setUp(voterCount: number, options: Partial<DriverOptions> = {}, firstVoter = 1) {
  let nowMs = 0
  let tasks: Task[] = []
  let full = false
  let hardState: HardState = { term: term(0), vote: null }
  const held: Entry[] = []
  const persists: { readonly vote: NodeId | null; readonly entries: number }[] = []
  let slowDisk = false
  let diskFails = false
  let applyProblem: 'throws' | 'disk_full' | null = null
  const sent: [to: NodeId, frame: PeerFrame][] = []
  const events: RaftEvent[] = []
  const order: string[] = []
  /** Of the shared database: the first byte of commands that it keeps from being proposed, and what a leader said of it. */
  let awayFor: number | null = null
  const told: StoreApplied[] = []
  const at = (ms: number, run: () => void) => {
    const task = { atMs: nowMs + ms, run }
    tasks.push(task)
    return { cancel: () => (tasks = tasks.filter((each) => each !== task)) }
  }
  const log: RaftLogStore = {
    hardState: () => hardState,
    persist(next, entries, done) {
      if (diskFails) throw new Error('the sync failed')
      if (full) {
        done('disk_full')
        return
      }
      hardState = next ?? hardState
      if (entries[0] !== undefined) held.splice(entries[0].index - 1, held.length, ...entries)
      persists.push({ vote: hardState.vote, entries: entries.length })
      if (slowDisk) at(20, () => done(null))
      else done(null)
    },
    close() {},
    base: () => ({ index: logIndex(0), term: term(0) }),
    compact: () => 'done',
    reset() {},
    firstIndex: () => logIndex(1),
    lastIndex: () => logIndex(held.length),
    termAt: (index) => (index === 0 ? term(0) : (held[index - 1]?.term ?? null)),
    entries: (from, to) => held.slice(from - 1, to),
    memberships: () => held.filter(({ kind }) => kind === 'config'),
  }
  const driver = createRaftDriver<string>({
    id: nodeId(1),
    voters: Array.from({ length: voterCount }, (_, i) => nodeId(i + firstVoter)),
    seed: 1,
    life: new Uint8Array(6),
    log,
    transport: { send: (to, frames) => sent.push(...frames.map((frame) => [to, frame] as [NodeId, PeerFrame])), backlogBytes: () => 0 },
    clock: { monotonicMs: () => nowMs, wallMs: () => 1_000_000 + nowMs, defer: (task) => at(0, task), after: at },
    snapshots: noSnapshots,
    sharedStore: { refuses: (payload) => payload[0] === awayFor, told: (word) => told.push(word) },
    applier: {
      appliedIndex: () => logIndex(0),
      fillsTurn: () => false,
      standsAlone: () => false,
      apply(run, done) {
        order.push('apply')
        if (applyProblem === 'throws') throw new Error('the state store is broken')
        if (applyProblem === 'disk_full') {
          done('disk_full')
          return
        }
        done({
          replies: run.map(({ payload, stampMs }) => (payload === null ? null : `${payload[0]} at ${stampMs}`)),
          afterReplies: () => order.push('effects'),
        })
      },
    },
    onEvent: (event) => events.push(event),
    hasFullDisk: () => full,
    options,
  })
  driver.start()
  const advance = (ms: number) => {
    const end = nowMs + ms
    let left = tasksMax + 100 * ms
    for (;;) {
      const next = tasks.filter(({ atMs }) => atMs <= end).toSorted((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      if (left-- === 0) throw new Error('the node never comes to rest')
      tasks = tasks.filter((each) => each !== next)
      nowMs = Math.max(nowMs, next.atMs)
      next.run()
    }
    nowMs = end
  }
  /** Time passes and nothing runs, as when the machine sleeps. */
  const sleep = (ms: number) => {
    nowMs += ms
    advance(0)
  }
  const outcomes: WriteOutcome<string>[] = []
  const write = (byte = 7) =>
    driver.write(new Uint8Array([byte]), (outcome) => {
      order.push('reply')
      outcomes.push(outcome)
    })
  const frame = (from: number, message: PeerFrame) => {
    driver.onFrame(nodeId(from), message)
    advance(0)
  }
  return {
    ...{ driver, advance, sleep, write, outcomes, order, sent, persists, events, told, frame, setFull: (on: boolean) => (full = on) },
    setApplyProblem: (problem: typeof applyProblem) => (applyProblem = problem),
    setSlowDisk: (on: boolean) => (slowDisk = on),
    setAwayFor: (first: number | null) => (awayFor = first),
    setDiskFails: (on: boolean) => (diskFails = on),
  }
}

export const beat = (from: number, inTerm: number, match = 0): PeerFrame => ({
  type: 'heartbeat',
  from: nodeId(from),
  to: nodeId(1),
  term: term(inTerm),
  commit: logIndex(0),
  match: logIndex(match),
  round: 1,
})
