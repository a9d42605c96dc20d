/**
 * From the loss of the leader to the first write that its successor acknowledges, at the two others, under load. Writes are begun all the time; what
 * the old leader may still answer until the order has reached it does not count: there, what is taken is the end of the longest silence.
 */

import { agreedLeader } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { raftState } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'
import type { FailoverWay } from './failover-ways.ts'
import { connectRaw, type RawConnection } from './raw-http.ts'
import { contentOf, publishRequest } from './requests.ts'

const backgroundWriters = 8
const probesPerNode = 64
/** An open loop: a new write each two milliseconds, whatever became of the last, so that waiting is seen and not slept through. */
const probeEveryMs = 2
const giveUpMs = 30_000
const settledLimitMs = 30_000

export interface FailoverFigures {
  readonly tookMs: readonly number[]
  /** Broken promises found in the end; empty is the only good value. */
  readonly lost: readonly string[]
}

interface Probes {
  /** Times of acknowledgements, in order. */
  readonly acknowledgedMs: readonly number[]
  stop(): void
}

/** Begins a write on a spare connection each `probeEveryMs`, until stopped. */
const startProbes = (connections: readonly RawConnection[]): Probes => {
  const spare = [...connections]
  const acknowledgedMs: number[] = []
  let turn = 0
  const probe = (): void => {
    const connection = spare.shift()
    if (connection === undefined) return
    turn += 1
    connection.send(publishRequest(`probe-${turn % 100}`, contentOf('probe', turn)), (answer) => {
      if (answer?.status === 200) acknowledgedMs.push(performance.now())
      if (answer !== null) spare.push(connection)
    })
  }
  const timer = setInterval(probe, probeEveryMs)
  for (let at = 0; at < 2; at++) probe()
  return { acknowledgedMs, stop: () => clearInterval(timer) }
}

/** When the longest silence since `fromMs` ended. */
const endOfSilence = (fromMs: number, acknowledgedMs: readonly number[]): number => {
  let longest = { ms: -1, endMs: fromMs }
  let beforeMs = fromMs
  for (const atMs of acknowledgedMs) {
    if (atMs - beforeMs > longest.ms) longest = { ms: atMs - beforeMs, endMs: atMs }
    beforeMs = atMs
  }
  return longest.endMs
}

/** All three serve and follow one leader, close behind it. */
const settled = (cluster: HeadlessCluster): Promise<boolean> =>
  waitUntil(
    'all three to be level again',
    async () => {
      const states = await Promise.all(cluster.bases.map(raftState))
      const applied = states.map(({ appliedIndex }) => appliedIndex)
      return states.every(({ leaderId }) => leaderId !== null) && Math.max(...applied) - Math.min(...applied) < 100
    },
    settledLimitMs,
  )

/** The survivors follow another leader, and both have had writes acknowledged since. */
const takenOver = (survivors: readonly { readonly http: string }[], old: number, probes: Probes): Promise<boolean> =>
  waitUntil(
    'a new leader',
    async () => {
      const states = await Promise.all(survivors.map(({ http }) => raftState(http)))
      if (states.some(({ leaderId }) => leaderId === null || leaderId === old)) return false
      const seen = probes.acknowledgedMs.length
      return waitUntil('writes under it', () => probes.acknowledgedMs.length > seen + 2, giveUpMs)
    },
    giveUpMs,
  )

const loseOnce = async (cluster: HeadlessCluster, way: FailoverWay): Promise<number> => {
  await settled(cluster)
  const leader = await agreedLeader(cluster.bases, settledLimitMs)
  const survivors = cluster.ready.nodes.filter(({ id }) => id !== leader.id)
  const connections = await Promise.all(Array.from({ length: probesPerNode * 2 }, (_, at) => connectRaw(survivors[at % 2]?.http ?? '')))
  const seen = cluster.events().length
  const lostMs = performance.now()
  const struck = way.strike(cluster, leader.id)
  const probes = startProbes(connections)
  try {
    await struck
    await takenOver(survivors, leader.id, probes)
    return (way.atOnce ? (probes.acknowledgedMs[0] ?? Number.NaN) : endOfSilence(lostMs, probes.acknowledgedMs)) - lostMs
  } finally {
    probes.stop()
    await way.undo(cluster, leader.id, seen)
    for (const connection of connections) connection.close()
  }
}

/** Takes the leader away `times` times; each time waits until the cluster is whole again. */
export const measureFailover = async (
  cluster: HeadlessCluster,
  way: FailoverWay,
  task: { readonly times: number; readonly told: (tookMs: number) => void },
): Promise<FailoverFigures> => {
  const writers = startWriters(cluster.bases, backgroundWriters, `failover-${way.name}`)
  const tookMs: number[] = []
  try {
    for (let turn = 0; turn < task.times; turn++) {
      const took = await loseOnce(cluster, way)
      tookMs.push(took)
      task.told(took)
    }
  } finally {
    await writers.stop()
  }
  await settled(cluster)
  return { tookMs, lost: (await Promise.all(cluster.bases.map((base) => writers.audit(base)))).flat() }
}
