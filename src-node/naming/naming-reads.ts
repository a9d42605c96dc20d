/** What the port answers from this node's own applied state: views of services, instances and clients. It changes nothing. */

import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { addressesOf } from '../state-machine/areas/naming-tables.ts'
import type { InstanceRow, ServiceKey, ServiceState } from '../state-machine/areas/naming-words.ts'
import { defaultCluster } from './health-checks.ts'
import { inOrder, instanceView } from './instance-views.ts'
import type { ClientView, ClusterView, InstanceView, NamingCounts, NamingPort, PublisherView, ServiceView } from './naming-port.ts'
import type { OpenConnection, OwnPublications } from './own-publications.ts'
import type { Subscriptions } from './subscriptions.ts'

export type NamingReads = Pick<
  NamingPort,
  | 'instances'
  | 'instance'
  | 'service'
  | 'services'
  | 'publishers'
  | 'subscribers'
  | 'clients'
  | 'client'
  | 'published'
  | 'subscribed'
  | 'counts'
  | 'namespaces'
>

export interface NamingReadsParts {
  readonly own: OwnPublications
  readonly subscriptions: Subscriptions
  area(): NamingArea
}

const clustersOf = (state: ServiceState): ClusterView[] => {
  const names = [...new Set([...state.clusters.keys(), ...state.clusterSizes.keys()])].sort()
  return names.map((name) => ({ name, ...(state.clusters.get(name) ?? defaultCluster) }))
}

const serviceView = (state: ServiceState): ServiceView => {
  const { key, spec, ephemeral, instances, healthyCount } = state
  const { protectThreshold, metadata, selector } = spec ?? { protectThreshold: 0, metadata: {}, selector: { type: 'none' } as const }
  const instanceCount = instances.size
  return {
    ...{ namespace: key.namespace, group: key.group, name: key.name, protectThreshold, metadata, selector, ephemeral, hasMetadata: spec !== null },
    ...{ clusters: clustersOf(state), instanceCount, healthyCount },
    isProtected: instanceCount > 0 && healthyCount / instanceCount <= protectThreshold,
  }
}

const addressClientId = ({ ip, port, owner }: InstanceRow): string => `${ip}:${port}#${owner.kind === 'beat'}`
const clientIdOf = (row: InstanceRow): string => (row.owner.kind === 'connection' ? row.owner.connectionId : addressClientId(row))

const publisherOf = ({ namespace, group, name }: ServiceKey, row: InstanceRow): PublisherView => ({
  ...{ clientId: clientIdOf(row), namespace, group, name, ip: row.ip, port: row.port, cluster: row.cluster },
})

const connectionView = ({ connection, lastUpdatedMs }: OpenConnection): ClientView => {
  const { connectionId, ip, port, agent, app } = connection
  return { clientId: connectionId, kind: 'connection', ephemeral: true, lastUpdatedMs, ip, port, agent, app }
}

const addressView = (row: InstanceRow): ClientView => ({
  ...{ clientId: addressClientId(row), kind: 'ip-port', ephemeral: row.owner.kind === 'beat', lastUpdatedMs: row.registeredMs },
  ...{ ip: row.ip, port: row.port, agent: '', app: '' },
})

/** `ip:port#ephemeral`; null: no address. */
const addressIn = (clientId: string): { readonly ip: string; readonly port: number; readonly ephemeral: boolean } | null => {
  const [, ip = '', port = '', ephemeral] = /^(.*):(\d{1,5})#(true|false)$/.exec(clientId) ?? []
  return ephemeral === undefined ? null : { ip, port: Number(port), ephemeral: ephemeral === 'true' }
}

export const createNamingReads = ({ area, own, subscriptions }: NamingReadsParts): NamingReads => {
  const rowsIn = (service: ServiceKey): readonly InstanceRow[] => inOrder(area().service(service)?.instances.values() ?? [])

  /** What an address or a connection has published, with its service. */
  function* publishedRows(clientId: string): Generator<readonly [ServiceState, InstanceRow]> {
    const address = addressIn(clientId)
    if (address !== null) {
      for (const state of area().services()) {
        if (state.ephemeral !== address.ephemeral) continue
        for (const text of addressesOf(state, address)) {
          const row = state.instances.get(text)
          if (row !== undefined && row.owner.kind !== 'connection') yield [state, row]
        }
      }
      return
    }
    for (const [state, addresses] of area().publications(own.ownerOf(clientId)) ?? [])
      for (const text of addresses) {
        const row = state.instances.get(text)
        if (row !== undefined) yield [state, row]
      }
  }
  function* addressRows(): Generator<InstanceRow> {
    for (const state of area().services()) for (const row of state.instances.values()) if (row.owner.kind !== 'connection') yield row
  }
  function* clients(): Generator<ClientView, undefined> {
    for (const open of own.all()) yield connectionView(open)
    const known = new Set<string>()
    for (const row of addressRows()) {
      const id = addressClientId(row)
      if (!known.has(id)) yield addressView(row)
      known.add(id)
    }
  }
  const counts = (): NamingCounts => {
    const { beat, persistent } = area().ownerCounts()
    return {
      ...{ services: area().serviceCount(), instances: area().instanceCount(), subscriptions: subscriptions.size(), connections: own.size() },
      ...{ beatClients: beat, persistentClients: persistent, pushes: subscriptions.pushes() },
    }
  }
  const firstRow = (clientId: string): InstanceRow | undefined => {
    for (const [, row] of publishedRows(clientId)) return row
    return undefined
  }

  return {
    instances: (service, cluster): InstanceView[] =>
      rowsIn(service)
        .filter((row) => cluster === '' || row.cluster === cluster)
        .map((row) => instanceView(service, row)),
    instance: (service, key) => {
      const row = key.cluster === '' ? rowsIn(service).find(({ ip, port }) => ip === key.ip && port === key.port) : area().instance(service, key)
      return row && instanceView(service, row)
    },
    service: (key) => {
      const state = area().service(key)
      return state && serviceView(state)
    },
    services: function* (namespace) {
      // A copy: the list may change between two steps of whoever walks it.
      for (const state of [...area().servicesIn(namespace)]) yield serviceView(state)
      return undefined
    },
    publishers: function* (service) {
      for (const row of rowsIn(service)) yield publisherOf(service, row)
      return undefined
    },
    subscribers: subscriptions.of,
    clients,
    client: (clientId) => {
      const open = own.get(clientId)
      if (open !== undefined) return connectionView(open)
      const row = addressIn(clientId) === null ? undefined : firstRow(clientId)
      return row && addressView(row)
    },
    published: function* (clientId) {
      for (const [state, row] of publishedRows(clientId)) yield publisherOf(state.key, row)
      return undefined
    },
    subscribed: (clientId) => subscriptions.by({ kind: 'connection', connectionId: clientId }),
    ...{ counts, namespaces: () => area().namespaces() },
  }
}
