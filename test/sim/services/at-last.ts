/**
 * What becomes of services once faults have ended: whoever lives has all that it means to have, on every node, and keeps it when another leads; whoever is
 * gone has nothing any more, within its limits; what checks find is what is told; subscribers know what is there.
 */

import { namingTimes } from '../../../src-node/naming/naming-limits.ts'
import { ownerText } from '../../../src-node/state-machine/areas/naming-tables.ts'
import type { InstanceRow, ServiceState } from '../../../src-node/state-machine/areas/naming-words.ts'
import type { Cluster } from '../cluster.ts'
import { serviceWord } from '../judge/naming-model.ts'
import type { SimNode } from '../node.ts'
import { memberNodes, membersBehind } from '../reconfiguration.ts'
import { SimFailure } from '../world.ts'
import type { Tenant, Wanted } from './tenant.ts'

export interface ServicesAtLast {
  /** Everybody who lives is there, and nobody else. */
  settle(): void
  /** Another leads by now: for longer than a silence may last nothing is taken from those who live. */
  stand(): void
  /** All clients end: all that was theirs goes. Naming rests after it. */
  end(): void
}

/** Of naming's time: silence, a grace, and a few rounds of those who look. */
const limitMs = namingTimes.ipDeleteTimeout + namingTimes.ownerGrace + 4 * namingTimes.roundMax + 2 * namingTimes.ownLook
/** By then whoever is not heard of counts as ill. */
const silenceMs = namingTimes.heartBeatTimeout + 2 * namingTimes.roundMin
/** Of virtual time: for what Raft needs. */
const writesMs = 4_000
const lookEveryMs = 3

const ownerOf = ({ owner }: InstanceRow): string => (owner.kind === 'connection' ? ownerText(owner) : owner.kind)
const rowText = ({ key }: ServiceState, row: InstanceRow): string =>
  `${serviceWord(key)} ${row.ip}:${row.port} of ${ownerOf(row)} at ${row.index}${row.healthy ? '' : ', ill'}`

function* rowsOn(node: SimNode): Generator<readonly [ServiceState, InstanceRow]> {
  for (const state of node.machine()!.areas().naming.services()) for (const row of state.instances.values()) yield [state, row]
}

export function createServicesAtLast(cluster: Cluster, tenants: readonly Tenant[]): ServicesAtLast {
  const { world, dials, judge, nodes, ports, serviceDice } = cluster
  const slowest = Math.min(...nodes.map(({ rate }) => rate))
  const patienceMs = (limitMs + namingTimes.emptyService) / dials.namingSpeed / slowest + writesMs

  const matches = ({ service, spec, owner }: Wanted, state: ServiceState, row: InstanceRow): boolean =>
    serviceWord(state.key) === serviceWord(service) && row.ip === spec.ip && row.port === spec.port && ownerOf(row) === owner

  /** Null: all is as it should be there. */
  const wrongAt = (node: SimNode, wanted: readonly Wanted[]): string | null => {
    const missing = new Set(wanted)
    for (const [state, row] of rowsOn(node)) {
      const of = wanted.find((each) => matches(each, state, row))
      if (of !== undefined) missing.delete(of)
      const isChecked = state.clusters.get(row.cluster)?.checker.type !== 'NONE'
      const isIll =
        row.owner.kind === 'persistent' ? isChecked && row.healthy !== ((ports.get(`${row.ip}:${row.port}`) ?? 'ok') === 'ok') : !row.healthy
      if (row.owner.kind !== 'persistent' && of === undefined) return `node ${node.id} still has ${rowText(state, row)}`
      if (isIll) return `node ${node.id} has the wrong health for ${rowText(state, row)}`
    }
    for (const { service, spec, owner } of missing) return `node ${node.id} lacks ${serviceWord(service)} ${spec.ip}:${spec.port} of ${owner}`
    return null
  }
  const wrong = (): string | null => {
    const wanted: Wanted[] = []
    for (const tenant of tenants) {
      const its = tenant.wanted()
      if (its === null) return `${tenant.words} does not know what became of its wish`
      wanted.push(...its)
    }
    for (const node of memberNodes(cluster)) {
      const at = wrongAt(node, wanted)
      if (at !== null) return at
    }
    for (const tenant of tenants) {
      const missed = tenant.missed()
      if (missed !== null) return `${tenant.words} ${missed}`
    }
    return null
  }
  const runUntil = (what: string, isReached: () => string | null) => {
    const deadline = world.now() + patienceMs
    for (let nextMs = world.now(), left = isReached(); left !== null; ) {
      if (!cluster.runEvent() || world.now() > deadline)
        throw new SimFailure(`liveness: ${what} within ${patienceMs.toFixed(0)} ms of virtual time: ${left}`)
      if (world.now() < nextMs) continue
      nextMs = world.now() + lookEveryMs
      left = isReached()
    }
  }

  const empty = (): string | null => {
    for (const { key, instances } of memberNodes(cluster)[0]!.machine()!.areas().naming.services()) if (instances.size === 0) return serviceWord(key)
    return null
  }

  const waits = (beforeMs: number): string | null => (judge.isAnswered(beforeMs, (id) => nodes[id - 1]!.run) ? null : 'somebody waits')
  /**
   * Null: all is as it should be, and at rest. A client may be told of its new registration while another node still shows the one before, which looks just
   * as wanted; and a removal or a publication that was proposed before may still be carried out. Only what no such thing can replace any more may be held
   * against whoever leads next.
   */
  const unsettled = (): string | null => {
    const [behind] = membersBehind(cluster)
    return wrong() ?? (behind === undefined ? waits(Number.POSITIVE_INFINITY) : `node ${behind.id} has not applied all that there is`)
  }

  let stood: readonly string[] = []
  const standing = (): readonly string[] => {
    const [node] = memberNodes(cluster)
    return [...rowsOn(node!)].flatMap(([state, row]) => (row.owner.kind === 'persistent' ? [] : [rowText(state, row)])).toSorted()
  }

  return {
    settle() {
      // A socket tells in order: here an old word may have come last, and of those who are gone for good perhaps none.
      for (const node of nodes) (node.driver === null ? cluster.disconnect : cluster.connect)(node)
      const sinceMs = world.now()
      runUntil('what was asked before is not answered', () => waits(sinceMs))
      runUntil('services do not come to be as they should', unsettled)
      stood = standing()
      world.mark('liveness/services-settled')
      if (stood.length > 0) world.mark('liveness/services-stand')
    },
    stand() {
      for (const untilMs = world.now() + silenceMs / dials.namingSpeed / slowest; world.now() < untilMs && cluster.runEvent(); );
      const now = standing()
      for (const each of stood) if (!now.includes(each)) throw new SimFailure(`30: another leads, and ${each} is not there any more`)
      runUntil('services are not what they were', wrong)
    },
    end() {
      for (const tenant of tenants) tenant.end()
      runUntil('what clients had is not taken away', wrong)
      if (serviceDice.chance(0.2)) runUntil('services without instances do not go', empty)
      for (const { naming } of nodes) naming?.stop()
      const sinceMs = world.now()
      runUntil('naming does not rest', () => waits(sinceMs + 1))
    },
  }
}
