/** The cluster under the simulator, as part of `npm test`: fresh faults for every seed, every promise checked after every event. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runSchedule } from './schedule.ts'

const seeds = 200
const eventsMin = 2000
/** Writes applied under faults, the mean of a life: below it the lives are too quiet to prove anything. */
const appliedMeanMin = 80

function holds(seed: number) {
  const result = runSchedule(seed)
  if (result.failure !== null)
    throw new Error(`seed ${seed}: ${result.failure.message}\nreplay: npx node test/sim/main.ts --seed ${seed}\noptions ${result.failure.dials}`)
  return result
}

/** Rare branches that 200 lives must reach; a name that is missing means that the simulator went blind. */
const marksExpected = [
  'append/rejected',
  'log/tail-cut',
  'pre-vote/refused-contact',
  'pre-vote/refused-log',
  'pre-vote/refused-term',
  'event/reproposed',
  'event/missed-heartbeat',
  'event/disk-full',
  'disk/state-full',
  'role/follower: its state store is full',
  'nemesis/leader-state-full',
  'liveness/led-without-a-full-store',
  'disk/state-lost-batches',
  'crash/before persist',
  'crash/after persist',
  'crash/after send',
  'crash/before the state commit',
  'crash/after the state commit',
  'net/cut',
  'net/lost',
  'net/doubled',
  'net/pre-vote-lie',
  'vote/refused: its log is shorter',
  'append/acknowledged',
  'write/applied',
  'write/unknown',
  'write/cas-won',
  'write/refused: no_quorum',
  'write/refused: overloaded',
  'write/refused: disk_full',
  'role/follower: heard no majority for an election timeout',
  "role/pre-candidate: the leader's socket closed",
  'role/pre-candidate: refused node n for its shorter log',
]

describe('a simulated cluster', () => {
  it(`keeps every promise through ${seeds} lives of at least ${eventsMin} events`, { timeout: 120_000 }, () => {
    const marks = new Set<string>()
    let applied = 0
    for (let seed = 1; seed <= seeds; seed++) {
      const result = holds(seed)
      expect(result.events).toBeGreaterThanOrEqual(eventsMin)
      applied += result.applied
      for (const name of result.marks.keys()) marks.add(name)
    }
    expect(applied / seeds).toBeGreaterThanOrEqual(appliedMeanMin)
    expect(marksExpected.filter((name) => !marks.has(name))).toEqual([])
  })

  it('lives the same life twice from one seed', { timeout: 60_000 }, () => {
    for (let seed = 1001; seed <= 1010; seed++) expect(holds(seed).hash).toBe(holds(seed).hash)
  })

  it('replays every seed that once found something', { timeout: 60_000 }, () => {
    const lines = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8').split('\n')
    for (const line of lines) if (/^\d+$/.test(line)) holds(Number(line))
  })
})
