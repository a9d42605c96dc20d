/** The cluster under the simulator, as part of `npm test`: fresh faults for every seed, every promise checked after every event. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Dials } from './dials.ts'
import { databaseMarks, marksExpected } from './marks.ts'
import { overridesIn } from './overrides.ts'
import { runSchedule } from './schedule.ts'

const seeds = 200
const eventsMin = 2000
const databaseSeeds = 60
/** Writes applied under faults, the mean of a life: below it the lives are too quiet to prove anything. Means of 200 lives lie between 43 and 92. */
const appliedMeanMin = 35

function holds(seed: number, overrides: Partial<Dials> = {}) {
  const result = runSchedule(seed, { overrides })
  const set = Object.keys(overrides).length === 0 ? '' : ` --set '${JSON.stringify(overrides)}'`
  if (result.failure !== null)
    throw new Error(
      `seed ${seed}: ${result.failure.message}\nreplay: npm run test:sim -- --seed ${seed}${set}\noptions ${JSON.stringify(result.failure.dials)}`,
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

  it(`keeps every promise of MySQL mode through ${databaseSeeds} lives, over a database that is slow, away or silent`, { timeout: 60_000 }, () => {
    const marks = new Set<string>()
    for (let seed = 1; seed <= databaseSeeds; seed++)
      for (const name of holds(seed, { databaseTrouble: [0, 0.02, 0.1, 0.3][seed % 4] ?? 0 }).marks.keys()) marks.add(name)
    expect(databaseMarks.filter((name) => !marks.has(name))).toEqual([])
  })

  it('lives the same life twice from one seed', { timeout: 60_000 }, () => {
    for (let seed = 1001; seed <= 1010; seed++) expect(holds(seed).hash).toBe(holds(seed).hash)
  })

  it('replays every seed that once found something', { timeout: 60_000 }, () => {
    const lines = readFileSync(new URL('seeds.txt', import.meta.url), 'utf8').split('\n')
    for (const line of lines) {
      const [, seed, set = '{}'] = /^(\d+) ?(\{.*\})?$/.exec(line) ?? []
      if (seed !== undefined) holds(Number(seed), overridesIn(set))
    }
  })
})
