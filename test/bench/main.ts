/**
 * `npm run bench`: starts clusters of its own on free ports, measures, ends them. A table for people, or with `--json` one object on stdout.
 * Never touches a running cluster; every wait in it is bounded.
 *
 * `--only publish,push,read,register,register-grpc,told-many,rss,ready,mysql-publish,failover,failover-paused,failover-cut,transfer` · `--seconds N` for each timed measure · `--kills N` for each way
 * to lose the leader · by hand: `--only degraded`, `--only overload`, `--only held-connections`, `--only held-mixed`, `--only many` with `--configs N`
 * `--profile`: the nodes of publish, push, read, rss, register, register-grpc and mysql-publish each leave a `.cpuprofile` in `test-results/profile/node-N` when they end (Chrome's
 * DevTools and editors open it). A profiled node is slower: its figures show where time goes, not how much there is.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { namesIn, optionsIn, readOrEnd, wholeNumber } from '../support/command-line.ts'
import { repository } from '../support/headless.ts'
import { conditionsNow } from './conditions.ts'
import { defaultMeasures, measureAll, measureNames } from './measures.ts'
import type { Figures } from './sheet.ts'
import { printTable } from './table.ts'

const defaultSeconds = 10
const maxSeconds = 300
const defaultKills = 100
const maxKills = 1_000
const defaultConfigs = 100_000
const maxConfigs = 200_000

const usage = `npm run bench -- …
  --only NAMES  of ${measureNames.join(',')}
  --seconds N   for each timed measure (${defaultSeconds}, if not said)
  --kills N     for each way to lose the leader (${defaultKills}, if not said)
  --configs N   for many (${defaultConfigs}, if not said)
  --profile     the nodes leave CPU profiles
  --json        one object instead of a table
Exit code 1 if a measure could not be made, 2 for words that make no sense.`

const { only, seconds, kills, configs, json, profile } = readOrEnd(usage, (args) => {
  const text = { type: 'string' } as const
  const values = optionsIn(args, { json: { type: 'boolean' }, profile: { type: 'boolean' }, only: text, seconds: text, kills: text, configs: text })
  return {
    only: values.only === undefined ? defaultMeasures : namesIn(values.only, measureNames, 'measure'),
    seconds: wholeNumber(values.seconds, defaultSeconds, { name: 'seconds', min: 1, max: maxSeconds }),
    kills: wholeNumber(values.kills, defaultKills, { name: 'kills', min: 1, max: maxKills }),
    configs: wholeNumber(values.configs, defaultConfigs, { name: 'configs', min: 1, max: maxConfigs }),
    json: values.json === true,
    profile: values.profile === true,
  }
})

const before = conditionsNow()
const say = (words: string): void => console.error(`bench | ${words}`)
const profileDir = profile ? join(repository, 'test-results', 'profile') : null
if (profileDir !== null) rmSync(profileDir, { recursive: true, force: true })
const figures: Figures = await measureAll({ only, measuredMs: seconds * 1000, kills, configs, profileDir, say })
if (profileDir !== null) say(`a CPU profile of each node is in ${profileDir}`)
const conditions = { ...before, seconds, profiled: profileDir === null ? 'no' : 'yes: figures are low', ...figures.conditions }
if (json) console.log(JSON.stringify({ ...figures.keys, conditions }))
else printTable(figures, conditions)
process.exitCode = figures.broken.length > 0 ? 1 : 0
