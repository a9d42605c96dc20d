/**
 * Services and instances in the state machine (nacos-http 8, design 5 "Ephemeral instances"): areas 1 and 2, kinds 16-30. An instance has one owner,
 * a connection, beats, or nobody; who registers its address last owns it, and whoever takes it away names the registration that it means.
 */

import type { AreaRecord } from '../types.ts'
import type { Area } from './area.ts'
import { applyNaming } from './naming-apply.ts'
import { decodeNaming, namingKinds } from './naming-codec.ts'
import {
  addressText,
  instanceOf,
  instanceOfKept,
  instancesArea,
  keptOf,
  keptServiceOf,
  serviceOf,
  serviceOfKept,
  serviceOfRecord,
  servicesArea,
  switchOfRecord,
} from './naming-records.ts'
import { createNamingTables, type NamingLimits, type NamingTables, namingLimits, ownerText } from './naming-tables.ts'
import type { ConnectionOwner, InstanceKey, InstanceRow, Owner, ServiceKey, ServiceState } from './naming-words.ts'

/** Read only, and as it is now: what it gives changes with the next batch. */
export interface NamingArea extends Area {
  service(key: ServiceKey): ServiceState | undefined
  services(): IterableIterator<ServiceState>
  /** By group and name. The list itself changes: it must not be kept beyond this turn. */
  servicesIn(namespace: string): readonly ServiceState[]
  namespaces(): IterableIterator<string>
  instance(service: ServiceKey, key: InstanceKey): InstanceRow | undefined
  readonly serviceCount: () => number
  readonly instanceCount: () => number
  /** Instances by the kind of their owner. */
  readonly ownerCounts: () => Readonly<Record<Owner['kind'], number>>
  /** By service, the keys in `instances` of what the connection published. */
  publications(owner: ConnectionOwner): ReadonlyMap<ServiceState, ReadonlySet<string>> | undefined
  /** All connections that have published anything, by `node:life:connection`. */
  owners(): IterableIterator<[ownerText: string, ReadonlyMap<ServiceState, ReadonlySet<string>>]>
  switches(): ReadonlyMap<string, string>
  /** Instances that are gone and of which is still known what an operator said. */
  readonly keptOverrides: () => number
  /** Services that are gone and of which is still known what they were. */
  readonly keptServices: () => number
}

const loadInstance = (tables: NamingTables, { key, value }: AreaRecord): void => {
  const gone = instanceOfKept(key)
  if (gone !== null) {
    const kept = keptOf(value)
    if (kept !== null) tables.kept.set(gone, kept)
    return
  }
  const loaded = instanceOf(key, value)
  if (loaded === null) return
  const { service: of, row } = loaded
  // Its service's own record may come later, and says the same of it.
  const service = tables.service(of) ?? tables.addService({ key: of, ephemeral: row.owner.kind !== 'persistent', spec: null, clusters: new Map() })
  tables.putInstance(service, addressText(row), row)
}

const loadService = (tables: NamingTables, { key, value }: AreaRecord): void => {
  const entry = switchOfRecord(key)
  if (entry !== null) {
    tables.switches.put(entry, new TextDecoder().decode(value))
    return
  }
  const gone = serviceOfKept(key)
  if (gone !== null) {
    const kept = keptServiceOf(value)
    if (kept !== null) tables.keptServices.set(gone, kept)
    return
  }
  const row = serviceOf(key, value)
  if (row === null) return
  const known = tables.service(row.key)
  if (known === undefined) tables.addService(row)
  else tables.setService(known, row.spec, row.clusters)
}

export const createNamingArea = (limits: NamingLimits = namingLimits): NamingArea => {
  const tables = createNamingTables(limits)
  return {
    numbers: [servicesArea, instancesArea],
    kinds: namingKinds,
    load: (record) => {
      if (record.area === servicesArea) loadService(tables, record)
      else loadInstance(tables, record)
      tables.publish()
    },
    apply: (payload, step) => {
      const command = decodeNaming(payload)
      return command === null ? { kind: 'invalid-command' } : applyNaming(tables, step, command)
    },
    publish: tables.publish,
    discard: tables.discard,
    changeOf: (area, key, index) => {
      const service = serviceOfRecord(area, key)
      return service === null ? null : { kind: 'service-changed', ...service, index }
    },
    service: tables.service,
    services: tables.services,
    servicesIn: tables.servicesIn,
    namespaces: tables.namespaces,
    instance: (service, key) => tables.service(service)?.instances.get(addressText(key)),
    serviceCount: tables.serviceCount,
    instanceCount: tables.instanceCount,
    ownerCounts: tables.ownerCounts,
    publications: (owner) => tables.publications(ownerText(owner)),
    owners: tables.owners,
    switches: tables.switches.get,
    keptOverrides: tables.kept.size,
    keptServices: tables.keptServices.size,
  }
}
