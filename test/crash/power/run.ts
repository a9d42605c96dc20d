/**
 * One run: writers, a power cut at a moment drawn from the seed, all of it again from the disks, and the books held against what is there. Every
 * wait has a limit; what is broken comes back as sentences.
 */

import { createDice, type Dice } from '../../sim/world.ts'
import { agreedState } from '../../support/agreement.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { startWriters, type Writers } from '../../support/writers.ts'
import type { PowerCluster } from './power-cluster.ts'

export interface Plan {
  /** Of writing before the cut; short ones cut a node that has only just begun. */
  readonly writingMs: number
  /** Whose power goes: mostly everybody's, in the same moment. */
  readonly victims: readonly number[]
  /** This one sleeps until so many writes are acknowledged without it, and is on its way back, by a snapshot perhaps, when the power goes. */
  readonly sleeper: { readonly id: number; readonly writes: number } | null
  /** These were killed and started again before, with the power on: what they find is not durable by that. */
  readonly crashed: readonly number[]
  /** The power goes a second time while the nodes begin. */
  readonly againAfterMs: number | null
}

export interface RunOutcome {
  readonly acknowledged: number
  readonly problems: readonly string[]
  /** How the unsynced part fared on each node, for people. */
  readonly story: readonly string[]
  readonly troubles: Readonly<Record<string, number>>
}

const writerCount = 8
const cutLimitMs = 20_000
const settleLimitMs = 30_000
const sleepMaxMs = 5_000
/** Longer than a write's own limit of 1.8 s. */
const requestTimeoutMs = 3_000

const shuffled = <T>(dice: Dice, items: readonly T[]): readonly T[] =>
  items
    .map((item) => ({ item, place: dice.float(0, 1) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)

export const drawPlan = (seed: number, ids: readonly number[]): Plan => {
  const dice = createDice(seed)
  const order = shuffled(dice, ids)
  const count = dice.chance(0.7) ? ids.length : dice.between(1, ids.length - 1)
  const sleeper = dice.chance(0.3) ? { id: order[0] ?? 1, writes: dice.between(400, 900) } : null
  return {
    writingMs: sleeper === null ? dice.between(50, 1_000) : dice.between(0, 400),
    victims: order.slice(0, count),
    sleeper,
    crashed: dice.chance(0.3) ? order.slice(0, dice.between(1, ids.length)) : [],
    againAfterMs: dice.chance(0.25) ? dice.between(250, 700) : null,
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const cutOnce = async (cluster: PowerCluster, victims: readonly number[]): Promise<void> => {
  const before = cluster.cuts().length
  for (const id of victims) cluster.kill(id)
  // Each node's folder is cut when the supervisor starts it again.
  await waitUntil('the power to be back', () => cluster.cuts().length >= before + victims.length || cluster.refusals().length > 0, cutLimitMs)
}

const crash = async (cluster: PowerCluster, ids: readonly number[]): Promise<void> => {
  const before = cluster.starts()
  for (const id of ids) cluster.crash(id)
  await waitUntil('the killed nodes to start', () => cluster.starts() >= before + ids.length || cluster.refusals().length > 0, cutLimitMs)
}

/** Its log is cut beyond it meanwhile. A machine that is too slow for so many writes wakes it earlier. */
const sleep = async (cluster: PowerCluster, writers: Writers, { id, writes }: NonNullable<Plan['sleeper']>): Promise<void> => {
  const before = writers.acknowledged()
  cluster.pause(id, sleepMaxMs)
  await waitUntil('writes without the sleeper', () => writers.acknowledged() >= before + writes, sleepMaxMs).catch(() => undefined)
  cluster.resume(id)
}

const strike = async (cluster: PowerCluster, writers: Writers, plan: Plan): Promise<void> => {
  if (plan.sleeper !== null) await sleep(cluster, writers, plan.sleeper)
  await pause(plan.writingMs)
  if (plan.crashed.length > 0) {
    await crash(cluster, plan.crashed)
    await pause(plan.writingMs)
  }
  await cutOnce(cluster, plan.victims)
  if (plan.againAfterMs === null) return
  await pause(plan.againAfterMs)
  await cutOnce(cluster, plan.victims)
}

/** What the nodes hold against what was acknowledged, and against each other. */
const judge = async (cluster: PowerCluster, writers: Writers): Promise<readonly string[]> => {
  const problems: string[] = []
  await agreedState(cluster.bases, settleLimitMs).catch((error: unknown) => problems.push(String(error)))
  for (const base of cluster.bases) problems.push(...(await writers.audit(base).catch((error: unknown) => [`${base}: ${String(error)}`])))
  return problems
}

/**
 * So many writes, an end to them, and then the cut of all nodes: what of it is lost, in words. Nothing is written afterwards that could hide a loss,
 * and so little before that no log is cut and no write-ahead log carried over.
 */
export const playLosing = async (cluster: PowerCluster, writes: number, name: string): Promise<readonly string[]> => {
  const writers = startWriters(cluster.bases, writerCount, name, requestTimeoutMs)
  try {
    await waitUntil('the writes to be acknowledged', () => writers.acknowledged() >= writes, cutLimitMs)
  } finally {
    await writers.stop()
  }
  await cutOnce(cluster, cluster.ids)
  await cluster.serving()
  return await judge(cluster, writers)
}

export const playRun = async (cluster: PowerCluster, plan: Plan, name: string): Promise<RunOutcome> => {
  const before = { cuts: cluster.cuts().length, refusals: cluster.refusals().length }
  // Who writes at the sleeper sleeps too.
  const awake = cluster.bases.filter((_, at) => cluster.ids[at] !== plan.sleeper?.id)
  const writers = startWriters(awake, writerCount, name, requestTimeoutMs)
  const problems: string[] = []
  try {
    await strike(cluster, writers, plan)
    await cluster.serving()
  } catch (error) {
    problems.push(String(error))
  } finally {
    await writers.stop()
  }
  problems.push(...(await judge(cluster, writers)))
  const cuts = cluster.cuts().slice(before.cuts)
  problems.push(...cuts.flatMap(({ problem, node }) => (problem === null ? [] : [`node ${node}: ${problem}`])))
  problems.push(...cluster.refusals().slice(before.refusals))
  return {
    acknowledged: writers.acknowledged(),
    problems: [...new Set(problems)],
    story: cuts.map(
      ({ node, words, unsyncedWrites, unsyncedNames }) => `node ${node}: ${words} (${unsyncedWrites} writes, ${unsyncedNames} names unsynced)`,
    ),
    troubles: writers.troubles(),
  }
}
