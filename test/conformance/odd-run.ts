/**
 * Sends a planned run to a cluster and compares every place with it, and with nothing else: the cluster must be empty before. A difference is told
 * with the seed, the configuration's number, and both values.
 */

import { agreedState } from '../support/agreement.ts'
import { finalAnswer, type RequestIdHeader } from '../support/final-answer.ts'
import { type Answer, send } from '../support/http.ts'
import { configsPath } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { keyText, type OddKey, stored } from './odd-names.ts'
import { type Place, placesOf, type Seen } from './odd-places.ts'
import { type Expected, type OddPlan, type OddWrite, planOf } from './odd-plan.ts'
import type { Subject } from './subject.ts'

export interface OddRun {
  readonly configs: number
  readonly seed: number
}

export interface OddOutcome {
  /** In words, the first of each place; empty if all is equal. */
  readonly problems: readonly string[]
  /** How many there are. */
  readonly differences: number
  /** Configurations that every place was held against. */
  readonly compared: number
  readonly refused: number
}

const writesAtOnce = 32
const answerLimitMs = 60_000
/** Long enough for ten thousand files on a busy machine. */
const settleLimitMs = 120_000
/** Of one place: a fault of the product may make all of it differ. */
const toldMax = 8
const excerptBytes = 24
const encoding = 'utf-8'

const told = ({ number, kind, key }: OddWrite): string => `configuration ${number} (${kind}) ${keyText(key).slice(0, 600)}`

const form = { 'content-type': 'application/x-www-form-urlencoded' }

const answerTo = (base: string, write: OddWrite): Promise<Answer> => {
  const { tenant, ...names } = write.key
  const query = new URLSearchParams({ ...names, tenant }).toString()
  const request =
    write.body === null ? { method: 'DELETE', path: `${configsPath}?${query}` } : { method: 'POST', path: configsPath, body: write.body }
  const ask = (id: RequestIdHeader): Promise<Answer> => send(base, { ...request, headers: { ...form, ...id }, timeoutMs: answerLimitMs })
  return finalAnswer(told(write), ask, answerLimitMs)
}

const carryOut = async ({ bases }: Subject, write: OddWrite): Promise<string | null> => {
  const { status, text } = await answerTo(bases[write.node] ?? '', write)
  const held = write.refused === null ? status === 200 && text === 'true' : status === 400 && text.includes(write.refused)
  const wanted = write.refused === null ? '200 true' : `400 with "${write.refused}"`
  return held ? null : `${told(write)} was to be answered with ${wanted}, and was with ${status} ${text.slice(0, 200)}`
}

const carryOutAll = async (subject: Subject, { waves }: OddPlan): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const wave of waves) {
    let at = 0
    const loop = async (): Promise<void> => {
      for (let write = wave[at++]; write !== undefined; write = wave[at++]) {
        const problem = await carryOut(subject, write)
        if (problem !== null) problems.push(problem)
      }
    }
    await Promise.all(Array.from({ length: writesAtOnce }, loop))
  }
  return problems
}

const filesAreCurrent = async (base: string): Promise<boolean> => {
  const { state, running } = JSON.parse((await send(base, { path: '/nacos/v1/cs/ops/localCache' })).text) as { state: string; running: unknown }
  return state === 'current' && running === null
}

const bytesAround = (content: Buffer, at: number): string =>
  `${content.length} bytes, from byte ${at}: ${content.subarray(at, at + excerptBytes).toString('hex')} ${JSON.stringify(content.subarray(at, at + excerptBytes).toString('latin1'))}`

const contentProblem = (expected: Buffer, found: Buffer): string | null => {
  if (expected.equals(found)) return null
  let at = 0
  while (at < expected.length && expected[at] === found[at]) at++
  return `content: expected ${bytesAround(expected, at)}; found ${bytesAround(found, at)}`
}

const differences = (expected: Expected, seen: Seen, place: Place): readonly string[] => {
  const values = [
    ['md5', expected.md5, seen.md5],
    ['type', place.shows(expected.type), seen.type],
    ['encoding', encoding, seen.encoding?.toLowerCase()],
    ['length', expected.content.length, seen.length],
  ] as const
  const plain = values.flatMap(([what, wanted, found]) =>
    found === undefined || found === wanted ? [] : [`${what}: expected ${wanted}; found ${found}`],
  )
  const content = seen.content === undefined ? null : contentProblem(expected.content, seen.content)
  return content === null ? plain : [...plain, content]
}

const compare = async (place: Place, plan: OddPlan): Promise<readonly string[]> => {
  // Also those that were refused or removed: a place that only answers questions is asked for them. It cannot be asked for an illegal name.
  const asked = new Map<string, OddKey>(
    plan.waves.flat().flatMap(({ key, refused }) => (refused === '' ? [] : [[keyText(stored(key)), stored(key)] as const])),
  )
  const found = await place.look([...asked.values()])
  const problems: string[] = []
  for (const [text, expected] of plan.expected) {
    const seen = found.get(text)
    if (seen === undefined) problems.push(`${told(expected.write)} is missing in ${place.name}`)
    else for (const difference of differences(expected, seen, place)) problems.push(`${told(expected.write)}, ${place.name}, ${difference}`)
  }
  for (const text of found.keys()) if (!plan.expected.has(text)) problems.push(`${place.name} has ${text}, which is to be nowhere`)
  return problems
}

export const runOddConfigs = async (subject: Subject, { configs, seed }: OddRun): Promise<OddOutcome> => {
  const plan = planOf(configs, seed, subject.mode)
  const answered = await carryOutAll(subject, plan)
  await agreedState(subject.bases, settleLimitMs)
  const current = async (): Promise<boolean> => (await Promise.all(subject.bases.map(filesAreCurrent))).every(Boolean)
  await waitUntil('the files of all nodes to be current', current, settleLimitMs)
  const found = [answered]
  for (const place of placesOf(subject)) found.push(await compare(place, plan))
  return {
    problems: found.flatMap((problems) => problems.slice(0, toldMax)).map((problem) => `seed ${seed}, ${subject.mode}: ${problem}`),
    differences: found.flat().length,
    compared: plan.expected.size,
    refused: plan.waves.flat().filter((write) => write.refused !== null).length,
  }
}
