/** How large a slice of the log is applied in one turn: as large as the loop can bear, whatever the store takes. */

import { expect, it } from 'vitest'
import type { Raft } from '../raft/raft.ts'
import { type Entry, logIndex, term } from '../raft/types.ts'
import { createApplyLoop } from './apply-loop.ts'
import { lifeBytes, sealEnvelope } from './envelope.ts'
import { driverDefaults } from './options.ts'
import type { Applied } from './ports.ts'

const committed = 10_000
const head = { origin: 1, life: new Uint8Array(lifeBytes), counter: 1 }

interface Case {
  readonly holdsMs: number
  readonly waitsMs: number
  readonly filling?: (index: number) => boolean
  readonly alone?: (index: number) => boolean
}
/** A long committed log; `apply` takes `holdsMs` of the loop's own time and answers `waitsMs` after that. */
const setUp = ({ holdsMs, waitsMs, filling = () => false, alone = () => false }: Case) => {
  let nowMs = 0
  let tasks: { atMs: number; run: () => void }[] = []
  const slices: number[] = []
  const entries = (from: number, to: number, limits: { count: number }): Entry[] =>
    Array.from({ length: Math.min(limits.count, to - from + 1) }, (_, i) => ({
      ...{
        term: term(1),
        index: logIndex(from + i),
        kind: 'command',
        data: sealEnvelope(head, new Uint8Array([filling(from + i) ? 1 : alone(from + i) ? 2 : 0])),
      },
    }))
  const at = (ms: number, run: () => void) => void tasks.push({ atMs: nowMs + ms, run })
  const loop = createApplyLoop<string>({
    core: { appliableIndex: () => logIndex(committed), termAt: () => term(1), appliedTo: () => {}, entries } as unknown as Raft,
    applier: {
      appliedIndex: () => logIndex(0),
      fillsTurn: (bytes, payloadAt) => bytes[payloadAt] === 1,
      standsAlone: (bytes, payloadAt) => bytes[payloadAt] === 2,
      apply(run, done) {
        slices.push(run.length)
        nowMs += holdsMs
        const result: Applied<string> = { replies: run.map(() => null), afterReplies: () => {} }
        if (waitsMs === 0) done(result)
        else at(waitsMs, () => done(result))
      },
    },
    clock: { monotonicMs: () => nowMs, wallMs: () => 0, defer: (run) => at(0, run), after: (ms, run) => ({ cancel: () => at(ms, run) }) },
    options: driverDefaults,
    orHalt: (act) => act,
    ...{ onReply: () => {}, onApplied: () => {}, onDiskFull: () => {}, onSlow: () => {} },
  })
  loop.pump()
  for (let turn = 0; turn < 200 && tasks.length > 0; turn++) {
    const [next, ...rest] = tasks.toSorted((a, b) => a.atMs - b.atMs)
    tasks = rest
    nowMs = Math.max(nowMs, next!.atMs)
    next!.run()
  }
  return slices
}

it('a store that answers late but holds nobody up gets large slices', () => {
  const slices = setUp({ holdsMs: 0, waitsMs: 20 })
  expect(Math.min(...slices.slice(0, -1))).toBe(driverDefaults.applyEntriesMax)
})

it('a store that holds the loop up gets smaller and smaller ones', () => {
  const slices = setUp({ holdsMs: 30, waitsMs: 0 })
  expect(slices.slice(0, 4)).toEqual([256, 128, 64, 32])
})

it('the time before a wait counts, and the wait does not', () => {
  expect(setUp({ holdsMs: 30, waitsMs: 5 }).slice(0, 3)).toEqual([256, 128, 64])
})

it('a command that fills a turn is the last of its run, however short it is', () => {
  const slices = setUp({ holdsMs: 0, waitsMs: 0, filling: (index) => index === 3 || index === 4 || index === 300 })
  expect(slices.slice(0, 4)).toEqual([3, 1, 256, 40])
})

it('a command that takes many turns is a run of its own, wherever it stands', () => {
  const slices = setUp({ holdsMs: 0, waitsMs: 20, alone: (index) => [1, 4, 5, 261].includes(index) })
  expect(slices.slice(0, 7)).toEqual([1, 2, 1, 1, 255, 1, 256])
})
