/** The cluster under the simulator, as part of `npm test`: fresh faults for every seed, every promise checked after every event. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { marksExpected } from './marks.ts'
import { runSchedule } from './schedule.ts'

const seeds = 200
const eventsMin = 2000
/** Writes applied under faults, the mean of a life: below it the lives are too quiet to prove anything. Means of 200 lives lie between 43 and 92. */
const appliedMeanMin = 35

function holds(seed: number) {
  const result = runSchedule(seed)
  if (result.failure !== null)
    throw new Error(
      `seed ${seed}: ${result.failure.message}\nreplay: npm run test:sim -- --seed ${seed}\noptions ${JSON.stringify(result.failure.dials)}`,
    )
  return result
}

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
