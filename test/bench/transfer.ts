/** Leadership handed over as planned, under writers: how long the order takes, how long no write is answered, and whether any fails. */

import { agreedLeader, agreedState } from '../support/agreement.ts'
import type { HeadlessCluster } from '../support/headless.ts'
import { raftState, transferLeader } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

const backgroundWriters = 8
/** Writes between two transfers, so that each meets a cluster at work. */
const writesBetween = 50
const limitMs = 30_000

export interface TransferFigures {
  /** From the order to its answer, which comes when the node asked knows the new leader. */
  readonly tookMs: readonly number[]
  /** The longest time without an acknowledged write around each transfer. */
  readonly silenceMs: readonly number[]
  /** Writes that were refused or got no answer, by reason. */
  readonly failed: Readonly<Record<string, number>>
  /** Broken promises found in the end. */
  readonly lost: readonly string[]
}

/** Moves leadership round the nodes `times` times. */
export const measureTransfer = async (cluster: HeadlessCluster, times: number): Promise<TransferFigures> => {
  const { nodes } = cluster.ready
  const writers = startWriters(cluster.bases, backgroundWriters, 'transfer')
  const tookMs: number[] = []
  const silenceMs: number[] = []
  const moreWrites = (count: number): Promise<boolean> => {
    const from = writers.acknowledged()
    return waitUntil('writes to go on', () => writers.acknowledged() >= from + count, limitMs)
  }
  try {
    for (let turn = 0; turn < times; turn++) {
      await moreWrites(writesBetween)
      const leader = await agreedLeader(cluster.bases, limitMs)
      const target = nodes[(nodes.findIndex(({ id }) => id === leader.id) + 1) % nodes.length] ?? nodes[0]
      if (target === undefined) throw new Error('a cluster without nodes')
      const orderedMs = performance.now()
      const problem = await transferLeader(cluster.baseOf(leader.id), target.raft)
      if (problem !== null) throw new Error(`the transfer to node ${target.id} failed: ${problem}`)
      tookMs.push(performance.now() - orderedMs)
      if ((await raftState(target.http)).leaderId !== target.id) throw new Error(`node ${target.id} was to lead and does not`)
      await moreWrites(backgroundWriters * 2)
      silenceMs.push(writers.longestSilence(orderedMs))
    }
  } finally {
    await writers.stop()
  }
  await agreedState(cluster.bases, limitMs)
  const lost = (await Promise.all(cluster.bases.map((base) => writers.audit(base)))).flat()
  return { tookMs, silenceMs, failed: writers.troubles(), lost }
}
