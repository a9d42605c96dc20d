/**
 * `npm run test:fuzz -- --requests N --payloads N --seed S`: odd requests over HTTP and odd payloads over gRPC to a cluster of its own. No answer may mean that something broke, no
 * node may end, all must hold one state afterwards and be as small as before. The last line is `N requests, N payloads, N failures`; exit code 1 on a failure.
 */

import { optionsIn, readOrEnd, wholeNumber } from '../support/command-line.ts'
import { runGrpc } from './grpc-run.ts'
import { runHttp } from './http-run.ts'
import { startWatched } from './watched-cluster.ts'

const many = 1_000_000_000
const usage = `npm run test:fuzz -- …
  --requests N  so many over HTTP (20000, if not said)
  --payloads N  so many over gRPC (10000, if not said)
  --seed S      they are drawn from it (by the clock, if not said)
  --request N   only this one of them, as it was
  --payload N   the same of those over gRPC
The last line is "N requests, N payloads, N failures"; exit code 1 if there were any, 2 for words that make no sense.`

const { requests, payloads, seed, only, onlyPayload } = readOrEnd(usage, (args) => {
  const values = optionsIn(args, {
    ...{ requests: { type: 'string' }, payloads: { type: 'string' }, seed: { type: 'string' } },
    ...{ request: { type: 'string' }, payload: { type: 'string' } },
  } as const)
  const one = (text: string | undefined, name: string): number | null =>
    text === undefined ? null : wholeNumber(text, 0, { name, min: 0, max: many })
  const isOne = values.request !== undefined || values.payload !== undefined
  return {
    requests: wholeNumber(values.requests, isOne ? 0 : 20_000, { name: 'requests', min: 0, max: many }),
    payloads: wholeNumber(values.payloads, isOne ? 0 : 10_000, { name: 'payloads', min: 0, max: many }),
    seed: wholeNumber(values.seed, 1 + (Date.now() % 1_000_000), { name: 'seed', min: 1, max: 2 ** 31 }),
    only: one(values.request, 'request'),
    onlyPayload: one(values.payload, 'payload'),
  }
})

console.log(`fuzz from seed ${seed}`)
const watched = await startWatched()
const ports = watched.cluster.bases.map((base) => Number(new URL(base).port))
const total = { requests: 0, payloads: 0, failures: 0 }

const say = (words: string): void => {
  total.failures++
  console.log(`FAILED ${words}`)
}
const tell = (what: 'request' | 'payload', failures: readonly string[], count: number): void => {
  for (const failure of failures) console.log(`FAILED ${failure}\n  again: npm run test:fuzz -- --seed ${seed} --${what} ${failure.split(' ')[1]}`)
  total.failures += count
}
const counted = (outcomes: ReadonlyMap<string, number>): string =>
  [...outcomes]
    .sort()
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')
const secondsSince = (startedMs: number): string => ((performance.now() - startedMs) / 1000).toFixed(1)

type Range = readonly [from: number, to: number]

const overHttp = async (range: Range): Promise<void> => {
  const startedMs = performance.now()
  const run = await runHttp({ ports, seed, range })
  total.requests += run.sent
  const times = `p99 ${run.p99Ms.toFixed(0)} ms, longest ${run.longestMs.toFixed(0)} ms, ${run.late} over a second`
  console.log(`${run.sent} requests in ${secondsSince(startedMs)} s: ${counted(run.outcomes)}; ${times}`)
  tell('request', run.failures, run.failureCount)
}

const overGrpc = async (range: Range): Promise<void> => {
  const startedMs = performance.now()
  const run = await runGrpc({ ports: ports.map((port) => port + 1_000), seed, range })
  total.payloads += run.sent
  console.log(`${run.sent} payloads in ${secondsSince(startedMs)} s: ${counted(run.outcomes)}; ${run.late} over a second`)
  tell('payload', run.failures, run.failureCount)
}

/** The first half of both fills what has a limit: caches, tables, a heap that is grown for its load. What the second half adds would be added for ever. */
const warmShare = 0.5

const runAll = async (): Promise<void> => {
  if (only !== null || onlyPayload !== null) {
    if (only !== null) await overHttp([only, only + 1])
    if (onlyPayload !== null) await overGrpc([onlyPayload, onlyPayload + 1])
    return
  }
  const warm = { requests: Math.ceil(requests * warmShare), payloads: Math.ceil(payloads * warmShare) }
  await overHttp([0, warm.requests])
  await overGrpc([0, warm.payloads])
  watched.takeBase()
  console.log(`the nodes hold ${watched.memory()} MB; the most that each has held so far is its base: ${watched.base()} MB`)
  await overHttp([warm.requests, requests])
  await overGrpc([warm.payloads, payloads])
  console.log(`the nodes hold ${watched.memory()} MB`)
  for (const problem of await watched.problems()) say(problem)
  console.log(`the nodes hold ${watched.memory()} MB in the end`)
}

try {
  await runAll()
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error))
} finally {
  await watched.stop()
}
console.log(`${total.requests} requests, ${total.payloads} payloads, ${total.failures} failures`)
process.exitCode = total.failures > 0 ? 1 : 0
