/**
 * `npm run test:fuzz -- --requests N --payloads N --seed S`: odd requests over HTTP to a cluster of its own. No answer may mean that something broke, no
 * node may end, all must hold one state afterwards and be as small as before. The last line is `N requests, N failures`; exit code 1 on a failure.
 */

import { optionsIn, readOrEnd, wholeNumber } from '../support/command-line.ts'
import { runHttp } from './http-run.ts'
import { startWatched } from './watched-cluster.ts'

const many = 1_000_000_000
const usage = `npm run test:fuzz -- …
  --requests N  so many over HTTP (20000, if not said)
  --seed S      they are drawn from it (by the clock, if not said)
  --request N   only this one of them, as it was
The last line is "N requests, N failures"; exit code 1 if there were any, 2 for words that make no sense.`

const { requests, seed, only } = readOrEnd(usage, (args) => {
  const values = optionsIn(args, { requests: { type: 'string' }, seed: { type: 'string' }, request: { type: 'string' } })
  return {
    requests: wholeNumber(values.requests, 20_000, { name: 'requests', min: 0, max: many }),
    seed: wholeNumber(values.seed, 1 + (Date.now() % 1_000_000), { name: 'seed', min: 1, max: 2 ** 31 }),
    only: values.request === undefined ? null : wholeNumber(values.request, 0, { name: 'request', min: 0, max: many }),
  }
})

console.log(`fuzz from seed ${seed}`)
const watched = await startWatched()
let failures = 0
let sent = 0
const say = (words: string): void => {
  failures++
  console.log(`FAILED ${words}`)
}
try {
  const ports = watched.cluster.bases.map((base) => Number(new URL(base).port))
  const startedMs = performance.now()
  const http = await runHttp({ ports, seed, requests, only, warm: watched.takeBase })
  sent = http.sent
  const kinds = [...http.outcomes].sort().map(([kind, count]) => `${count} ${kind}`)
  console.log(
    `${http.sent} requests in ${((performance.now() - startedMs) / 1000).toFixed(1)} s: ${kinds.join(', ')}; p99 ${http.p99Ms.toFixed(0)} ms, longest ${http.longestMs.toFixed(0)} ms, ${http.late} over a second`,
  )
  for (const failure of http.failures)
    console.log(`FAILED ${failure}\n  again: npm run test:fuzz -- --seed ${seed} --request ${failure.split(' ')[1]}`)
  failures += http.failureCount
  for (const problem of await watched.problems()) say(problem)
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
} finally {
  await watched.cluster.stop()
}
console.log(`${sent} requests, ${failures} failures`)
process.exitCode = failures > 0 ? 1 : 0
