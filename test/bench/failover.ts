/** From kill -9 of the leader to the first acknowledged write that was begun after it, at the survivors, under load. */

import { agreedLeader } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { raftState } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'
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

/** Sends writes from spare connections until one is acknowledged; gives its time. */
const firstAcknowledged = (connections: readonly RawConnection[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const spare = [...connections]
    let turn = 0
    const probe = (): void => {
      const connection = spare.shift()
      if (connection === undefined) return
      turn += 1
      connection.send(publishRequest(`probe-${turn % 100}`, contentOf('probe', turn)), (answer) => {
        if (answer?.status === 200) finish(() => resolve(performance.now()))
        else if (answer !== null) spare.push(connection)
      })
    }
    const timer = setInterval(probe, probeEveryMs)
    const limit = setTimeout(() => finish(() => reject(new Error(`no write was acknowledged in ${giveUpMs} ms`))), giveUpMs)
    const finish = (act: () => void): void => {
      clearInterval(timer)
      clearTimeout(limit)
      act()
    }
    for (let at = 0; at < 2; at++) probe()
  })

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

const killOnce = async (cluster: HeadlessCluster): Promise<number> => {
  await settled(cluster)
  const leader = await agreedLeader(cluster.bases, settledLimitMs)
  const survivors = cluster.ready.nodes.filter(({ id }) => id !== leader.id)
  const connections = await Promise.all(Array.from({ length: probesPerNode * 2 }, (_, at) => connectRaw(survivors[at % 2]?.http ?? '')))
  const seen = cluster.events().length
  const killedMs = performance.now()
  cluster.killNode(leader.id)
  try {
    const tookMs = (await firstAcknowledged(connections)) - killedMs
    await cluster.nextEvent('the killed node back', ({ event, id }) => event === 'node-ready' && id === leader.id, settledLimitMs, seen)
    return tookMs
  } finally {
    for (const connection of connections) connection.close()
  }
}

/** Kills the leader `kills` times; each time waits until the cluster is whole again. */
export const measureFailover = async (cluster: HeadlessCluster, kills: number, onKill: (tookMs: number) => void): Promise<FailoverFigures> => {
  const writers = startWriters(cluster.bases, backgroundWriters, 'failover')
  const tookMs: number[] = []
  try {
    for (let kill = 0; kill < kills; kill++) {
      const took = await killOnce(cluster)
      tookMs.push(took)
      onKill(took)
    }
  } finally {
    await writers.stop()
  }
  await settled(cluster)
  return { tookMs, lost: (await Promise.all(cluster.bases.map((base) => writers.audit(base)))).flat() }
}
