/**
 * The memory of naming: services with their instances, and which connection published what. It can go back to where the running batch began: every
 * change leaves behind how to undo it. It decides nothing.
 */

import { addressText, type ServiceRow, serviceText } from './naming-records.ts'
import type { ClusterSpec, ConnectionOwner, InstanceRow, Owner, ServiceKey, ServiceSpec, ServiceState } from './naming-words.ts'

export interface MutableService extends ServiceState {
  readonly text: string
  spec: ServiceSpec | null
  clusters: ReadonlyMap<string, ClusterSpec>
  readonly instances: Map<string, InstanceRow>
  readonly clusterSizes: Map<string, number>
  healthyCount: number
}

export interface NamingLimits {
  readonly services: number
  readonly instances: number
  /** By one command: what every node can carry out in a few milliseconds. */
  readonly publishedAtOnce: number
}
/** Rules of the log: all nodes must refuse the same command. Only tests set others. */
export const namingLimits: NamingLimits = { services: 200_000, instances: 1_000_000, publishedAtOnce: 1000 }

/** What one connection has published: by service, the addresses. */
export type Publications = Map<MutableService, Set<string>>

export interface NamingTables {
  readonly limits: NamingLimits
  service(key: ServiceKey): MutableService | undefined
  services(): IterableIterator<MutableService>
  serviceCount(): number
  instanceCount(): number
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
  owners(): IterableIterator<string>
  switches: { get(): ReadonlyMap<string, string>; put(entry: string, value: string): void }
  publish(): void
  discard(): void
}

/** One run of one node, and the connection within it. */
export const ownerText = ({ node, life, connectionId }: Pick<ConnectionOwner, 'node' | 'life' | 'connectionId'>): string =>
  `${node}:${life}:${connectionId}`

const countIn = (sizes: Map<string, number>, cluster: string, by: 1 | -1): void => {
  const size = (sizes.get(cluster) ?? 0) + by
  if (size === 0) sizes.delete(cluster)
  else sizes.set(cluster, size)
}

export const createNamingTables = (limits: NamingLimits): NamingTables => {
  const services = new Map<string, MutableService>()
  const owners = new Map<string, Publications>()
  let switches: ReadonlyMap<string, string> = new Map()
  let instanceCount = 0
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
    const before = instances.get(address)
    if (before !== undefined) {
      if (before.owner !== next?.owner) disown(before.owner, service, address)
      if (before.healthy) service.healthyCount--
    }
    if (next !== undefined) {
      instances.set(address, next)
      if (before?.owner !== next.owner) own(next.owner, service, address)
      if (next.healthy) service.healthyCount++
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
  const forget = (): void => {
    if (undo.length > 0) undo = []
  }

  return {
    limits,
    service: (key) => services.get(serviceText(key)),
    services: () => services.values(),
    serviceCount: () => services.size,
    instanceCount: () => instanceCount,
    addService: ({ key, ephemeral, spec, clusters }) => {
      const text = serviceText(key)
      const service: MutableService = { key, text, ephemeral, spec, clusters, instances: new Map(), clusterSizes: new Map(), healthyCount: 0 }
      services.set(text, service)
      undo.push(() => services.delete(text))
      return service
    },
    dropService: (service) => {
      services.delete(service.text)
      undo.push(() => services.set(service.text, service))
    },
    setService: (service, spec, clusters) => {
      const before = { spec: service.spec, clusters: service.clusters }
      Object.assign(service, { spec, clusters })
      undo.push(() => Object.assign(service, before))
    },
    putInstance: change,
    dropInstance: (service, address) => change(service, address, undefined),
    publishedBy: (owner, service) => owners.get(ownerText(owner))?.get(service),
    publications: (text) => owners.get(text),
    owners: () => owners.keys(),
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
