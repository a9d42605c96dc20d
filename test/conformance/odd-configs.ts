/** Some hundred odd configurations, equal wherever they can be seen. By hand: `npm run test:odd -- --configs 10000 --seed S`. */

import { expect, it } from 'vitest'
import type { Area } from './area.ts'
import { runOddConfigs } from './odd-run.ts'

/** Enough for each kind of name and content, and one of a mebibyte. */
const run = { configs: 400, seed: 1 }

export const oddConfigs: Area = (subject) => {
  it(`${run.configs} odd configurations of seed ${run.seed} are equal in answer, memory, file and tables of every node`, async () => {
    const { problems, compared, refused } = await runOddConfigs(subject(), run)
    expect(problems).toEqual([])
    expect(compared).toBeGreaterThan(run.configs / 2)
    expect(refused).toBeGreaterThan(run.configs / 20)
  })
}
