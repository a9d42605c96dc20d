/**
 * `npm run bench`: starts clusters of its own on free ports, measures, ends them. A table for people, or with `--json` one object on stdout.
 * Never touches a running cluster; every wait in it is bounded.
 *
 * `--only publish,push,read,rss,ready,failover,failover-paused,failover-cut,transfer` · `--seconds N` for each timed measure · `--kills N` for each way
 * to lose the leader · by hand: `--only degraded`, `--only overload`
 * `--profile`: the nodes of publish, push, read and rss each leave a `.cpuprofile` in `test-results/profile/node-N` when they end (Chrome's
 * DevTools and editors open it). A profiled node is slower: its figures show where time goes, not how much there is.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { repository } from '../support/headless.ts'
import { conditionsNow } from './conditions.ts'
import { defaultMeasures, measureAll, measureNames } from './measures.ts'
import type { Figures } from './sheet.ts'
import { printTable } from './table.ts'

const defaultSeconds = 10
const maxSeconds = 300
const defaultKills = 100
const maxKills = 1_000

const fail = (words: string): never => {
  console.error(words)
  process.exit(2)
}

const whole = (text: string | undefined, byDefault: number, limit: number, name: string): number => {
  const value = Number(text ?? byDefault)
  return Number.isInteger(value) && value >= 1 && value <= limit ? value : fail(`--${name} takes a whole number from 1 to ${limit}`)
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    profile: { type: 'boolean' },
    only: { type: 'string' },
    seconds: { type: 'string' },
    kills: { type: 'string' },
  },
})
const only = values.only?.split(',') ?? defaultMeasures
const unknown = only.filter((name) => !measureNames.includes(name))
if (unknown.length > 0) fail(`no such measure: ${unknown.join(', ')}; there are ${measureNames.join(', ')}`)
const seconds = whole(values.seconds, defaultSeconds, maxSeconds, 'seconds')
const kills = whole(values.kills, defaultKills, maxKills, 'kills')

const before = conditionsNow()
const say = (words: string): void => console.error(`bench | ${words}`)
const profileDir = values.profile === true ? join(repository, 'test-results', 'profile') : null
if (profileDir !== null) rmSync(profileDir, { recursive: true, force: true })
const figures: Figures = await measureAll({ only, measuredMs: seconds * 1000, kills, profileDir, say })
if (profileDir !== null) say(`a CPU profile of each node is in ${profileDir}`)
const conditions = { ...before, seconds, profiled: profileDir === null ? 'no' : 'yes: figures are low', ...figures.conditions }
if (values.json === true) console.log(JSON.stringify({ ...figures.keys, conditions }))
else printTable(figures, conditions)
process.exitCode = figures.broken.length > 0 ? 1 : 0
