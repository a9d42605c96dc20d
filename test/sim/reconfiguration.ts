/** Those who change the cluster while it is under fire: now and then somebody asks a leader, or one who thinks so, to add, promote or remove a node. */

import { isMember, type MembershipChange } from '../../src-node/raft/membership.ts'
import type { Cluster } from './cluster.ts'
import type { SimNode } from './node.ts'

/** One change after another, until the safety phase ends. */
export function startReconfiguration(cluster: Cluster): void {
  const { world, dials } = cluster
  if (dials.outsiders === 0) return
  const later = () => world.schedule({ label: 'reconfiguration', delayMs: world.dice.float(0, dials.changeMs * 2), node: 0, run: 0, act })
  const act = () => {
    if (!cluster.safety) return
    ask(cluster)
    later()
  }
  later()
}

function ask(cluster: Cluster): void {
  const { world, nodes, judge } = cluster
  const { dice } = world
  const leaders = nodes.filter((node) => node.driver?.status().role === 'leader')
  if (leaders.length === 0 && dice.chance(0.9)) return
  const node = leaders.length === 0 || dice.chance(0.05) ? dice.pick(nodes) : dice.pick(leaders)
  const change = drawChange(cluster, node)
  if (change === null || node.driver === null) return
  world.trace(() => `${node.id} CHANGE ${JSON.stringify(change)}`)
  cluster.guarded(node, () =>
    node.driver?.changeMembership(change, (outcome) => {
      world.trace(() => `${node.id} change: ${JSON.stringify(outcome)}`)
      judge.onChanged(outcome)
    }),
  )
}

const votersMax = 5

/** By the asked node's own view: mostly sensible, sometimes the leader itself goes. */
function drawChange({ world, nodes }: Cluster, { driver }: SimNode): MembershipChange | null {
  const status = driver?.status()
  if (status === undefined) return null
  const { voters, learners } = status
  const { dice } = world
  const outside = nodes.filter(({ id }) => !isMember(status, id))
  const choices: MembershipChange[] = []
  if (outside.length > 0) choices.push({ kind: 'add-learner', id: dice.pick(outside).id })
  for (const id of learners) if (voters.length < votersMax) choices.push({ kind: 'promote', id }, { kind: 'promote', id })
  if (voters.length > 1 || dice.chance(0.1)) choices.push({ kind: 'remove', id: dice.pick(voters) })
  if (learners.length > 0 && dice.chance(0.1)) choices.push({ kind: 'remove', id: dice.pick(learners) })
  return choices.length === 0 ? null : dice.pick(choices)
}

/** Everybody in the newest committed configuration who is not lost for good: the others owe nothing any more. */
export const memberNodes = ({ nodes, judge }: Cluster): SimNode[] => nodes.filter(({ id, isLost }) => !isLost && isMember(judge.membership(), id))
export const voterNodes = ({ nodes, judge }: Cluster): SimNode[] =>
  nodes.filter(({ id, isLost }) => !isLost && judge.membership().voters.includes(id))

/** Members that have not applied all that stands in any member's log: what one of them shows may be of the past, also where its own log ends earlier. */
export const membersBehind = (cluster: Cluster): SimNode[] => {
  const running = memberNodes(cluster).flatMap((node) => (node.driver === null ? [] : [{ node, status: node.driver.status() }]))
  const newest = Math.max(...running.map(({ status }) => status.lastIndex))
  return running.filter(({ status }) => status.appliedIndex < newest).map(({ node }) => node)
}
