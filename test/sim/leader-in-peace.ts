/** Thesis 6.2, CheckQuorum: left in peace, a leader that hears no majority for long does not go on leading. */

import { raftDefaults } from '../../src-node/raft/options.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import type { Cluster } from './cluster.ts'
import { majorityOf } from './judge/facts.ts'
import type { SimNode } from './node.ts'
import { SimFailure } from './world.ts'

export function checkQuorumHeard({ world, dials, struckMs }: Cluster, node: SimNode): void {
  if (node.role !== 'leader') {
    node.role = node.driver?.status().role ?? 'follower'
    node.leadsSinceMs = world.now()
    return
  }
  const status = node.driver?.status()
  node.role = status?.role ?? 'follower'
  if (status === undefined || node.role !== 'leader' || node.paused || status.voters.length === 1) return
  const tickMs = (driverDefaults.tickMs + node.slowMs + node.diskMs) / node.rate
  const since = world.now() - 3 * (dials.tuning.electionTicksMax ?? raftDefaults.electionTicksMax) * tickMs - 100
  // A wait for the disk that began under an earlier fault may outlast it by far, and in it no node steps down.
  if (since < Math.max(node.leadsSinceMs, struckMs, node.oldWaitEndsMs)) return
  world.mark('role/leader-in-peace')
  const heard = status.voters.filter((voter) => voter === node.id || (node.heardMs.get(voter) ?? 0) >= since).length
  if (heard < majorityOf(status.voters))
    throw new SimFailure(`6.2: node ${node.id} leads, and has heard ${heard} of ${status.voters.join(', ')}, itself among them, since ${since}`)
}
