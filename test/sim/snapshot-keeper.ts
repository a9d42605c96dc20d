/**
 * Somebody who takes named snapshots, goes back to them, undoes that and drops them, at any node and under all faults. What they propose is judged
 * like any client's write; what comes of it, by the model's own copies.
 */

import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import { encodeSnapshotCommand } from '../../src-node/state-machine/snapshot-codec.ts'
import type { NamedSnapshot, SnapshotCommand } from '../../src-node/state-machine/types.ts'
import type { Cluster } from './cluster.ts'
import { hashOfNothing } from './judge/service-model.ts'
import { memberNodes } from './reconfiguration.ts'

const slackMs = 20
const namesMax = 3

/** By what one node knows: sometimes of a snapshot that others have dropped by then. */
function draw({ world }: Cluster, snapshots: readonly NamedSnapshot[]): SnapshotCommand {
  const { dice } = world
  const named = snapshots.filter(({ kind }) => kind === 'named')
  if (snapshots.length === 0 || (named.length < namesMax && dice.chance(0.4))) return { kind: 'take-snapshot', name: `s${dice.between(1, namesMax)}` }
  const { index, contentHash } = dice.pick(snapshots)
  if (dice.chance(0.2)) return { kind: 'drop-snapshot', index }
  const common = { kind: 'restore-snapshot', index, accounts: dice.chance(0.3), sourceIp: '', sourceUser: '' } as const
  return { ...common, contentHash: dice.chance(0.1) ? hashOfNothing : contentHash }
}

/** One thing after another, until the safety phase ends. */
export function startSnapshotKeeper(cluster: Cluster): void {
  const { world, dials, judge } = cluster
  if (dials.snapshotMs === 0) return
  const options = { ...driverDefaults, ...dials.options }
  const storeMs = cluster.database === null ? 0 : dials.storeLimits.undecidedMs + dials.storeLimits.writeTimeoutMs + 2 * dials.storeLimits.repeatMs
  const answerMs = Math.max(options.leaderWaitMs, options.writeTimeoutMs) + options.expiryMs + 2 * options.tickMs + storeMs
  const later = () => world.schedule({ label: 'snapshots', delayMs: world.dice.float(0, dials.snapshotMs * 2), node: 0, run: 0, act })
  const act = () => {
    if (!cluster.safety) return
    later()
    const node = world.dice.pick(memberNodes(cluster))
    const machine = node.machine()
    if (node.driver === null || machine === null) return
    const command = draw(cluster, machine.snapshots())
    const payload = encodeSnapshotCommand(command)
    world.trace(() => `${node.id} ${JSON.stringify(command)}`)
    const attempt = judge.begin(payload, { repeatable: true, node: node.id, run: node.run, dueMs: world.now() + answerMs / node.rate + slackMs })
    cluster.guarded(node, () => node.write(payload, (outcome) => judge.end(attempt, outcome.kind, outcome.kind === 'applied' ? outcome.index : 0)))
  }
  later()
}
