/**
 * Lives in which a kind of mistake shows soonest, as dials that are put over those of the seed, all within what seeds draw. They change what happens
 * in a life, never what is demanded of it.
 */

import type { Dials } from '../sim/dials.ts'

/** Nobody but clients of configurations: what concerns neither services nor accounts nor named snapshots happens more often, and sooner. */
export const configsAlone: Partial<Dials> = { snapshotMs: 0, tenants: 0, namingMs: 0, areasMs: 0 }
export const manyReads: Partial<Dials> = { ...configsAlone, reads: 0.9, clients: 8 }
export const busyAdministrators: Partial<Dials> = { ...configsAlone, areasMs: 8 }
/** Clients of services, whose times pass fast. */
export const manyTenants: Partial<Dials> = { ...configsAlone, tenants: 5, namingSpeed: 80 }
export const tenantsUnderNewLeaders: Partial<Dials> = {
  ...manyTenants,
  ...{ nemeses: ['depose', 'transfer', 'leader-alone'], nemesisMs: 60, outsiders: 0 },
}
export const tenantsAsleep: Partial<Dials> = { ...manyTenants, nemeses: ['sleep-all', 'pause'] }
/** Appends arrive in parts. */
export const cutAppends: Partial<Dials> = { ...configsAlone, cutShort: 0.4, preVoteLie: 1 }
/** Nodes are away for longer than what their clients published is kept. */
export const tenantsCutOff: Partial<Dials> = {
  ...manyTenants,
  ...{ nemeses: ['partition', 'one-way', 'pause'], nemesisMs: 150, heals: 0.15, outsiders: 0 },
}
/** Instances come and go while snapshots are taken and restored. */
export const restoredServices: Partial<Dials> = { ...configsAlone, namingMs: 15, snapshotMs: 20, nemesisMs: 400 }
