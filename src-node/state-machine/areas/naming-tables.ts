/**
 * The memory of naming: services with their instances, and which connection published what. It can go back to where the running batch began: every
 * change leaves behind how to undo it. It decides nothing.
 */

import { addressText, type KeptOverride, type KeptService, type ServiceRow, serviceText } from './naming-records.ts'
import type { ClusterSpec, ConnectionOwner, InstanceRow, Owner, ServiceKey, ServiceSpec, ServiceState } from './naming-words.ts'
import { createUndoMap, type UndoMap } from './undo-map.ts'

export interface MutableService extends ServiceState {
  readonly text: string
  spec: ServiceSpec | null
  clusters: ReadonlyMap<string, ClusterSpec>
  readonly instances: Map<string, InstanceRow>
  readonly clusterSizes: Map<string, number>
  healthyCount: number
  version: number
}

export interface NamingLimits {
  readonly services: number
  readonly instances: number
  /** By one command. Twice as many, in the place of as many others, took 21 to 44 ms of a busy machine: over what a turn may take. */
  readonly publishedAtOnce: number
  /** Instances that are gone and of which is still known what an operator said: one command forgets them all. */
  readonly keptOverrides: number
  /** Services that are gone and of which is still known what they were: the same command forgets them. */
  readonly keptServices: number
}
/** Rules of the log: all nodes must refuse the same command. Only tests set others. */
export const namingLimits: NamingLimits = { services: 200_000, instances: 1_000_000, publishedAtOnce: 1000, keptOverrides: 1000, keptServices: 1000 }

/** What one connection has published: by service, the addresses. */
export type Publications = Map<MutableService, Set<string>>

export interface NamingTables {
  readonly limits: NamingLimits
  service(key: ServiceKey): MutableService | undefined
  services(): IterableIterator<MutableService>
  /** By group and name. */
  servicesIn(namespace: string): readonly ServiceState[]
  namespaces(): IterableIterator<string>
  serviceCount(): number
  instanceCount(): number
  /** Instances by the kind of their owner. */
  ownerCounts(): Readonly<Record<Owner['kind'], number>>
  addService(row: ServiceRow): MutableService
  dropService(service: MutableService): void
  /** What is known of the service besides its instances. */
  setService(service: MutableService, spec: ServiceSpec | null, clusters: ReadonlyMap<string, ClusterSpec>): void
  /** In the place of the one that has its address. */
  putInstance(service: MutableService, address: string, row: InstanceRow): void
  dropInstance(service: MutableService, address: string): void
  /** Addresses that the connection published for it. */
  publishedBy(owner: ConnectionOwner, service: MutableService): ReadonlySet<string> | undefined
  publications(ownerText: string): ReadonlyMap<ServiceState, ReadonlySet<string>> | undefined
  /** Connections that have published anything, of all nodes and lives. */
  owners(): IterableIterator<[ownerText: string, ReadonlyMap<ServiceState, ReadonlySet<string>>]>
  /** By the key of the instance. */
  readonly kept: UndoMap<string, KeptOverride>
  /** By the text of the service. */
  readonly keptServices: UndoMap<string, KeptService>
  switches: { get(): ReadonlyMap<string, string>; put(entry: string, value: string): void }
  publish(): void
  discard(): void
}

/** One run of one node, and the connection within it. */
export const ownerText = ({ node, life, connectionId }: Pick<ConnectionOwner, 'node' | 'life' | 'connectionId'>): string =>
  `${node}:${life}:${connectionId}`

const noServices: readonly ServiceState[] = []

const isBefore = (a: ServiceKey, b: ServiceKey): boolean => (a.group === b.group ? a.name < b.name : a.group < b.group)

/** Where a service of that name stands, or would. */
const placeOf = (list: readonly ServiceState[], key: ServiceKey): number => {
  let from = 0
  let to = list.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (isBefore((list[middle] as ServiceState).key, key)) from = middle + 1
    else to = middle
  }
  return from
}

const countIn = (sizes: Map<string, number>, cluster: string, by: 1 | -1): void => {
  const size = (sizes.get(cluster) ?? 0) + by
  if (size === 0) sizes.delete(cluster)
  else sizes.set(cluster, size)
}

export const createNamingTables = (limits: NamingLimits): NamingTables => {
  const services = new Map<string, MutableService>()
  /** Of each namespace, by group and name. */
  const byName = new Map<string, MutableService[]>()
  const owners = new Map<string, Publications>()
  let switches: ReadonlyMap<string, string> = new Map()
  let instanceCount = 0
  const kept = createUndoMap<string, KeptOverride>()
  const keptServices = createUndoMap<string, KeptService>()
  const ownerCounts: Record<Owner['kind'], number> = { connection: 0, beat: 0, persistent: 0 }
  let undo: (() => void)[] = []

  const own = (owner: Owner, service: MutableService, address: string): void => {
    if (owner.kind !== 'connection') return
    const text = ownerText(owner)
    let publications = owners.get(text)
    if (publications === undefined) {
      publications = new Map()
      owners.set(text, publications)
    }
    const addresses = publications.get(service)
    if (addresses === undefined) publications.set(service, new Set([address]))
    else addresses.add(address)
  }
  const disown = (owner: Owner, service: MutableService, address: string): void => {
    if (owner.kind !== 'connection') return
    const text = ownerText(owner)
    const publications = owners.get(text)
    const addresses = publications?.get(service)
    if (publications === undefined || addresses === undefined) return
    addresses.delete(address)
    if (addresses.size > 0) return
    publications.delete(service)
    if (publications.size === 0) owners.delete(text)
  }
  /** The one way in which an instance comes, changes or goes. */
  const replace = (service: MutableService, address: string, next: InstanceRow | undefined): InstanceRow | undefined => {
    const { instances, clusterSizes } = service
    service.version++
    const before = instances.get(address)
    if (before !== undefined) {
      if (before.owner !== next?.owner) disown(before.owner, service, address)
      if (before.healthy) service.healthyCount--
      ownerCounts[before.owner.kind]--
    }
    if (next !== undefined) {
      instances.set(address, next)
      if (before?.owner !== next.owner) own(next.owner, service, address)
      if (next.healthy) service.healthyCount++
      ownerCounts[next.owner.kind]++
    } else instances.delete(address)
    if ((before === undefined) !== (next === undefined)) {
      const by = next === undefined ? -1 : 1
      instanceCount += by
      countIn(clusterSizes, (next ?? (before as InstanceRow)).cluster, by)
    }
    return before
  }
  const change = (service: MutableService, address: string, next: InstanceRow | undefined): void => {
    const before = replace(service, address, next)
    undo.push(() => void replace(service, address, before))
  }
  const enlist = (service: MutableService): void => {
    services.set(service.text, service)
    const { namespace } = service.key
    const list = byName.get(namespace)
    if (list === undefined) byName.set(namespace, [service])
    else list.splice(placeOf(list, service.key), 0, service)
  }
  const strike = (service: MutableService): void => {
    services.delete(service.text)
    const { namespace } = service.key
    const list = byName.get(namespace) ?? []
    list.splice(placeOf(list, service.key), 1)
    if (list.length === 0) byName.delete(namespace)
  }
  const describe = (service: MutableService, spec: ServiceSpec | null, clusters: ReadonlyMap<string, ClusterSpec>): void => {
    service.version++
    service.spec = spec
    service.clusters = clusters
  }
  const forget = (): void => {
    if (undo.length > 0) undo = []
    kept.publish()
    keptServices.publish()
  }

  return {
    limits,
    service: (key) => services.get(serviceText(key)),
    services: () => services.values(),
    servicesIn: (namespace) => byName.get(namespace) ?? noServices,
    namespaces: () => byName.keys(),
    serviceCount: () => services.size,
    instanceCount: () => instanceCount,
    ownerCounts: () => ownerCounts,
    addService: ({ key, ephemeral, spec, clusters }) => {
      const parts = { instances: new Map<string, InstanceRow>(), clusterSizes: new Map<string, number>(), healthyCount: 0, version: 0 }
      const service: MutableService = { key, text: serviceText(key), ephemeral, spec, clusters, ...parts }
      enlist(service)
      undo.push(() => strike(service))
      return service
    },
    dropService: (service) => {
      strike(service)
      undo.push(() => enlist(service))
    },
    setService: (service, spec, clusters) => {
      const before = { spec: service.spec, clusters: service.clusters }
      describe(service, spec, clusters)
      undo.push(() => describe(service, before.spec, before.clusters))
    },
    putInstance: change,
    dropInstance: (service, address) => change(service, address, undefined),
    publishedBy: (owner, service) => owners.get(ownerText(owner))?.get(service),
    publications: (text) => owners.get(text),
    owners: () => owners.entries(),
    kept,
    keptServices,
    switches: {
      get: () => switches,
      put: (entry, value) => {
        const before = switches
        switches = new Map([...switches, [entry, value]])
        undo.push(() => {
          switches = before
        })
      },
    },
    publish: forget,
    discard: () => {
      for (const step of undo.reverse()) step()
      kept.discard()
      keptServices.discard()
      forget()
    },
  }
}

/** Where an address may stand in a service: once per cluster that has instances. */
export const addressesOf = ({ clusterSizes }: ServiceState, { ip, port }: { readonly ip: string; readonly port: number }): string[] => {
  const addresses: string[] = []
  for (const cluster of clusterSizes.keys()) addresses.push(addressText({ ip, port, cluster }))
  return addresses
}
