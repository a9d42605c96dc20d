/**
 * The clients of services: each keeps what it means to have registered, over connections or by beats, at whichever node is there, and comes back when that
 * node dies, is cut off or leaves. When faults have ended, who is away stays away, who is there goes on, and nobody changes its mind: so it can be told who
 * is wrongly missing and who is wrongly there.
 */

import type { Cluster } from '../cluster.ts'
import { createBeater } from './beater.ts'
import { createConnected } from './connected.ts'
import { createOperator } from './operator.ts'
import type { Tenant } from './tenant.ts'

/** The clients of this life; none unless it has any. */
export function startTenants(cluster: Cluster): readonly Tenant[] {
  const { dials, serviceDice } = cluster
  const kinds = [createConnected, createBeater, createConnected, createBeater, createOperator]
  const shift = serviceDice.between(0, kinds.length - 1)
  return Array.from({ length: dials.tenants }, (_, at) => kinds[(at + shift) % kinds.length]!(cluster, at + 1))
}
