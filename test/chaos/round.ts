/**
 * One round: clients at work, a plan of nemeses carried out among them, then the heal and the judgement. A round fails if a promise broke; it
 * never fails for a refusal, and it always ends: every wait in it has a limit.
 */

import { agreedLeader, agreedState } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { startListeners } from '../support/listeners.ts'
import { publish, raftState, transferLeader } from '../support/nacos.ts'
import { type RegisterVerdict, shownAtLast } from '../support/register-books.ts'
import { type RegisterWriters, startRegisterWriters } from '../support/register-writers.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'
import type { Plan, Strike } from './nemesis.ts'

export interface RoundOptions {
  readonly cluster: HeadlessCluster
  readonly plan: Plan
  readonly seed: number
  /** Folder for pictures of illegal histories. */
  readonly pictures: string
}

export interface RoundOutcome {
  /** What struck whom and when, for people. */
  readonly story: readonly string[]
  readonly problems: readonly string[]
  readonly operations: number
  readonly verdict: RegisterVerdict | null
  readonly notices: number
  readonly troubles: Readonly<Record<string, number>>
}

const fighters = 6
const readers = 2
const bookkeepers = 2
const keysFought = 4
/** Longer than a write's own limit of 1.8 s: what takes longer stands at a stopped node. */
const requestTimeoutMs = 3_000
/** After the heal: processes back, a leader, equal states. */
const settleLimitMs = 45_000
const toldLimitMs = 15_000

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** The node that leads by its own word, of the newest term; null if nobody says so. */
const leaderOf = async (cluster: HeadlessCluster): Promise<number | null> => {
  const states = await Promise.all(
    cluster.ready.nodes.map(async ({ id, http }) => {
      const state = await Promise.race([raftState(http).catch(() => null), pause(500).then(() => null)])
      return state === null ? null : { id, ...state }
    }),
  )
  const leaders = states.filter((state) => state?.state === 'LEADER').toSorted((a, b) => (b?.term ?? 0) - (a?.term ?? 0))
  return leaders[0]?.id ?? null
}

interface Stage {
  readonly cluster: HeadlessCluster
  readonly writers: RegisterWriters
  readonly story: string[]
  readonly startedMs: number
  /** Turns with every strike, so that "any" is not always the same node. */
  turn: number
}

const tell = (stage: Stage, words: string): void => {
  stage.story.push(`${((performance.now() - stage.startedMs) / 1000).toFixed(2)} s ${words}`)
}

const cast = async (stage: Stage, strike: Strike): Promise<{ id: number; others: readonly number[] }> => {
  const ids = stage.cluster.ready.nodes.map(({ id }) => id)
  const leader = strike.target === 'any' ? null : await leaderOf(stage.cluster)
  const pool = leader === null ? ids : strike.target === 'leader' ? [leader] : ids.filter((id) => id !== leader)
  const id = pool[stage.turn++ % pool.length] ?? 1
  return { id, others: ids.filter((each) => each !== id) }
}

/** Why the line was refused, or null. */
const type = async ({ cluster }: Stage, line: string): Promise<string | null> => {
  const target = /^transfer (\d+)$/.exec(line)?.[1]
  if (target === undefined) {
    const answer = await cluster.ask(line)
    return answer.ok === true ? null : (answer.detail ?? 'without a word')
  }
  const node = cluster.ready.nodes.find(({ id }) => id === Number(target))
  return node === undefined ? 'no such node' : transferLeader(node.http, node.raft).catch((error: unknown) => String(error))
}

/** A nemesis may come too late, as a kill of a node that is down already; that is part of the story, not a failure. */
const typeAll = async (stage: Stage, lines: readonly string[]): Promise<void> => {
  for (const line of lines) {
    const refusal = await type(stage, line)
    if (refusal !== null) tell(stage, `"${line}" was refused: ${refusal}`)
  }
}

const strikeOnce = async (stage: Stage, strike: Strike): Promise<void> => {
  await pause(Math.max(0, stage.startedMs + strike.atMs - performance.now()))
  const { id, others } = await cast(stage, strike)
  tell(stage, `${strike.name} (node ${id}) for ${strike.lastsMs} ms`)
  for (const dying of strike.kills(id, others)) stage.writers.nodeDies(dying)
  await typeAll(stage, strike.begin(id, others))
  // Answers between the booking and the death belonged to the old life: from here on it is a third one.
  for (const dead of strike.kills(id, others)) stage.writers.nodeDies(dead)
  await pause(Math.max(0, stage.startedMs + strike.atMs + strike.lastsMs - performance.now()))
  await typeAll(stage, strike.end(id, others))
}

const carryOut = async (stage: Stage, plan: Plan): Promise<void> => {
  await Promise.all(plan.strikes.map((strike) => strikeOnce(stage, strike)))
  await pause(Math.max(0, stage.startedMs + plan.lengthMs - performance.now()))
}

/** Everything sound again, and every node takes a write within the limit. */
const heal = async ({ cluster }: Stage): Promise<void> => {
  await cluster.command('fault heal')
  for (const { id } of cluster.ready.nodes) await cluster.ask(`resume ${id}`)
  for (const { http, id } of cluster.ready.nodes) {
    const take = async (): Promise<boolean> =>
      (await publish(http, { dataId: 'healed' }, `${id}`, {}, { timeoutMs: requestTimeoutMs })).status === 200
    await waitUntil(`node ${id} to take a write after the heal`, take, settleLimitMs)
  }
  await agreedLeader(cluster.bases, settleLimitMs)
}

/** A node ends only when it is killed. */
const unwantedExits = (cluster: HeadlessCluster, from: number): readonly string[] =>
  cluster
    .events()
    .slice(from)
    .filter(({ event, reason }) => event === 'node-exit' && reason?.startsWith('killed by the user') !== true)
    .map(({ id, reason }) => `node ${id} ended by itself: ${reason}`)

/** Runs `act`; what it throws becomes a problem in words. */
const orProblem = async <T>(problems: string[], act: () => Promise<T>): Promise<T | null> => {
  try {
    return await act()
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error))
    return null
  }
}

export const runRound = async ({ cluster, plan, seed, pictures }: RoundOptions): Promise<RoundOutcome> => {
  const problems: string[] = []
  const eventsBefore = cluster.events().length
  const keys = Array.from({ length: keysFought }, (_, at) => `round-${seed}-${at}`)
  const { nodes } = cluster.ready
  const writers = startRegisterWriters({ nodes, keys, pictures, seed: seed * 10_000, writers: fighters, readers, timeoutMs: requestTimeoutMs })
  const listeners = startListeners({ nodes, keys, observe: writers.observe })
  const books = startWriters(cluster.bases, bookkeepers, `round-${seed}-own`, requestTimeoutMs)
  const stage: Stage = { cluster, writers, story: [], startedMs: performance.now(), turn: seed }

  await orProblem(problems, () => carryOut(stage, plan))
  await orProblem(problems, () => heal(stage))
  await Promise.all([writers.stop(), books.stop()])
  const verdict = await orProblem(problems, async () => {
    await agreedState(cluster.bases, settleLimitMs)
    for (const base of cluster.bases) problems.push(...(await books.audit(base)))
    await writers.readAtLast()
    problems.push(...(await listeners.settle(await shownAtLast(nodes, keys), toldLimitMs)))
    return writers.verdict()
  })
  await listeners.stop()
  problems.push(...unwantedExits(cluster, eventsBefore))
  if (verdict !== null) {
    problems.push(...verdict.problems)
    if (verdict.undecided > 0) problems.push(`${verdict.undecided} histories were too long to judge`)
  }
  return {
    ...{ story: stage.story, problems, verdict, notices: listeners.notices() },
    operations: (verdict?.operations ?? 0) + (verdict?.reads ?? 0) + books.acknowledged(),
    troubles: { ...books.troubles(), ...writers.troubles() },
  }
}
