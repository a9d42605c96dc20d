/** Invariant 30, catalogue 26: a healed cluster that has nothing to do says no more than its heartbeats, their answers and a few words of nodes outside. */

import { raftDefaults } from '../../src-node/raft/options.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import type { Cluster } from './cluster.ts'
import { SimFailure } from './world.ts'

const watchedIntervals = 10
/** A leader says one thing to each other node and hears one; a node outside asks everybody for a pre-vote, every third interval at most. */
const messagesPerNode = 4
/** Turns of a node between two ticks: its own, those of what it hears, and those of the shared database. One that has nothing to do and spins takes hundreds. */
const turnsPerTick = 20
/** What a fault has left behind, such as a connection whose close is told late, ends by itself; a storm does not. */
const windowsMax = 4

/** Looks on for a few heartbeat intervals, once what was under way has come to its end. */
export function checkNoStorm(cluster: Cluster): void {
  const { world, dials, network, nodes } = cluster
  const { heartbeatTicks, electionTicksMax } = { ...raftDefaults, ...dials.tuning }
  const { tickMs } = { ...driverDefaults, ...dials.options }
  const fastest = Math.max(...nodes.map(({ rate }) => rate))
  const slowest = Math.min(...nodes.map(({ rate }) => rate))
  // In MySQL mode the leader repeats to each how far the database is.
  const repeats = cluster.database === null ? 0 : (watchedIntervals * heartbeatTicks * tickMs) / dials.storeLimits.repeatMs
  const bound = (watchedIntervals * messagesPerNode + repeats) * nodes.length
  const windowMs = (watchedIntervals * heartbeatTicks * tickMs) / fastest
  const turnsBound = turnsPerTick * nodes.length * watchedIntervals * heartbeatTicks
  let said = Number.POSITIVE_INFINITY
  let turns = Number.POSITIVE_INFINITY
  for (let windows = 0; said > bound || turns > turnsBound; windows++) {
    if (windows === windowsMax && said <= bound)
      throw new SimFailure(`30: ${turns} turns in ${watchedIntervals} heartbeat intervals of a quiet cluster, ${turnsBound} would be many`)
    if (windows === windowsMax)
      throw new SimFailure(`30: ${said} messages in ${watchedIntervals} heartbeat intervals of a quiet cluster, ${bound} would be many`)
    runFor(cluster, (electionTicksMax * tickMs) / slowest)
    const before = { sent: network.sent(), events: world.events() }
    runFor(cluster, windowMs)
    said = network.sent() - before.sent
    turns = world.events() - before.events
  }
  world.mark('liveness/quiet')
}

function runFor(cluster: Cluster, ms: number): void {
  const endMs = cluster.world.now() + ms
  while (cluster.world.now() < endMs && cluster.runEvent());
}
