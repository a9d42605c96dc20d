/** For tests: services and instances in maps behind the port, with the answers that the real one gives; no Raft, no timers. */

import type {
  ClientView,
  ClusterSpec,
  InstanceKey,
  InstanceSpec,
  InstanceView,
  NamingDone,
  NamingOutcome,
  NamingPort,
  NamingRefusal,
  Push,
  ServiceInfo,
  ServiceKey,
  ServiceSpec,
  ServiceView,
  SubscriberView,
} from '../../../naming/naming-port.ts'
import { logIndex } from '../../../raft/types.ts'

interface FakeService extends ServiceKey {
  spec: ServiceSpec
  hasMetadata: boolean
  ephemeral: boolean
  readonly instances: Map<string, InstanceView>
  readonly clusters: Map<string, ClusterSpec>
}

const noSpec: ServiceSpec = { protectThreshold: 0, metadata: {}, selector: { type: 'none' } }
const usualCluster: ClusterSpec = { checker: { type: 'TCP' }, checkPort: 80, useInstancePort: true, metadata: {} }
const nameOf = ({ namespace, group, name }: ServiceKey) => `${namespace}/${group}@@${name}`
const addressOf = ({ ip, port }: { ip: string; port: number }) => `${ip}:${port}`

/** What the official server has before anybody touches it, as far as handlers look. */
const firstSwitches: Record<string, unknown> = {
  ...{ defaultInstanceEphemeral: true, overriddenServerStatus: null, pushEnabled: true, clientBeatInterval: 5000, lightBeatEnabled: true },
  ...{ pushJavaVersion: '0.1.0', pushGoVersion: '0.1.0', pushCVersion: '1.0.12', pushCSharpVersion: '0.9.0', pushPythonVersion: '0.4.3' },
}

const viewOf = (service: FakeService, spec: InstanceSpec, ephemeral: boolean): InstanceView => {
  const serviceName = `${service.group}@@${service.name}`
  return {
    ...{ ...spec, ephemeral, serviceName, instanceId: `${spec.ip}#${spec.port}#${spec.cluster}#${serviceName}` },
    ...{ heartBeatIntervalMs: 5000, heartBeatTimeoutMs: 15_000, ipDeleteTimeoutMs: 30_000, instanceIdGenerator: 'simple' },
  }
}

const shown = (service: FakeService): ServiceView => {
  const all = [...service.instances.values()]
  const names = new Set([...all.map(({ cluster }) => cluster), ...service.clusters.keys()])
  const healthyCount = all.filter(({ healthy }) => healthy).length
  return {
    ...{ namespace: service.namespace, group: service.group, name: service.name, ...service.spec, ephemeral: service.ephemeral },
    ...{ hasMetadata: service.hasMetadata, instanceCount: all.length, healthyCount },
    clusters: [...names].map((name) => ({ name, ...(service.clusters.get(name) ?? usualCluster) })),
    isProtected: all.length > 0 && healthyCount / all.length <= service.spec.protectThreshold,
  }
}

/** Services by name, in the order in which they came. */
const createShelf = () => {
  const services = new Map<string, FakeService>()
  const find = (key: ServiceKey) => services.get(nameOf(key))
  const make = (key: ServiceKey, ephemeral: boolean): FakeService => {
    const found = find(key)
    if (found !== undefined) return found
    const made = { ...key, spec: noSpec, hasMetadata: false, ephemeral, instances: new Map(), clusters: new Map() }
    services.set(nameOf(key), made)
    return made
  }
  const matching = (key: ServiceKey, cluster: string) =>
    [...(find(key)?.instances.values() ?? [])].filter((instance) => cluster === '' || cluster.split(',').includes(instance.cluster))
  return { services, find, make, matching }
}

type Shelf = ReturnType<typeof createShelf>

const readsOf = ({ services, find, matching }: Shelf) => ({
  serviceInfo: (key: ServiceKey, clusters: string, healthyOnly: boolean): ServiceInfo => {
    const hosts = matching(key, clusters).filter(({ enabled, healthy }) => enabled && (healthy || !healthyOnly))
    return { ...key, clusters, hosts, cacheMillis: 10_000, lastRefTime: 1_714_532_645_000, checksum: '', reachProtectionThreshold: false }
  },
  instances: matching,
  instance: (key: ServiceKey, { ip, port, cluster }: InstanceKey) => matching(key, cluster).find((one) => one.ip === ip && one.port === port),
  service: (key: ServiceKey) => {
    const found = find(key)
    return found === undefined ? undefined : shown(found)
  },
  *services(namespace: string) {
    for (const service of services.values()) if (service.namespace === namespace) yield shown(service)
  },
})

export const createFakeNaming = () => {
  const shelf = createShelf()
  const { services, find, make } = shelf
  const switches: Record<string, unknown> = { ...firstSwitches }
  const subscriptions: { view: SubscriberView; push: Push }[] = []
  let next: NamingOutcome | null = null
  const clients: ClientView[] = []

  const done = (updated: readonly InstanceKey[] = []): NamingOutcome => ({
    kind: 'applied',
    reply: { kind: 'naming-done', index: 7, updated },
    index: logIndex(7),
  })
  const refused = (why: NamingRefusal): NamingOutcome => ({ kind: 'applied', reply: { kind: 'naming-refused', why }, index: logIndex(7) })
  /** Answers later, as Raft does. */
  const tell = (to: NamingDone, outcome: () => NamingOutcome): void => {
    const said = next
    next = null
    setImmediate(() => to(said ?? outcome()))
  }
  const within = (key: ServiceKey, act: (service: FakeService) => NamingOutcome): NamingOutcome => {
    const service = find(key)
    return service === undefined ? refused('service-unknown') : act(service)
  }
  const put = (key: ServiceKey, spec: InstanceSpec, ephemeral: boolean): NamingOutcome => {
    const service = make(key, ephemeral)
    if (service.ephemeral !== ephemeral) return refused(service.ephemeral ? 'service-is-ephemeral' : 'service-is-persistent')
    service.instances.set(addressOf(spec), viewOf(service, spec, ephemeral))
    return done()
  }
  const change = (service: FakeService, key: InstanceKey, patch: Partial<InstanceView>): boolean => {
    const instance = service.instances.get(addressOf(key))
    if (instance === undefined || instance.cluster !== key.cluster) return false
    service.instances.set(addressOf(key), { ...instance, ...patch })
    return true
  }
  const changed = (was: boolean): NamingOutcome => (was ? done() : refused('instance-unknown'))

  const port: NamingPort = {
    ...readsOf(shelf),
    connectionOpened: () => undefined,
    connectionClosed: () => undefined,
    publish: (_connectionId, _service, _instances, to) => tell(to, () => refused('connection-unknown')),
    register: (key, spec, ephemeral, to) => tell(to, () => put(key, spec, ephemeral)),
    deregister: (key, address, _ephemeral, to) =>
      tell(to, () => {
        find(key)?.instances.delete(addressOf(address))
        return done()
      }),
    beat: (key, { spec, ip, port: at, cluster }, to) => {
      const rest = { intervalMs: 5000, lightBeat: true }
      const known = shelf.matching(key, cluster).some((one) => one.ip === ip && one.port === at)
      if (known) return to({ kind: 'taken', ...rest })
      if (spec === null) return to({ kind: 'unknown', ...rest })
      tell(
        (outcome) =>
          to(outcome.kind === 'applied' && outcome.reply.kind === 'naming-done' ? { kind: 'taken', ...rest } : { kind: 'failed', outcome }),
        () => put(key, spec, true),
      )
    },
    updateInstance: (key, instance, patch, to) =>
      tell(to, () =>
        within(key, (service) =>
          changed(change(service, instance, Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)))),
        ),
      ),
    updateMetadata: (key, { keys }, { mode, metadata }, to) =>
      tell(to, () =>
        within(key, (service) => {
          const met = [...service.instances.values()].filter(
            (one) => keys.length === 0 || keys.some((wanted) => addressOf(wanted) === addressOf(one)),
          )
          for (const one of met) {
            const kept = Object.entries(one.metadata).filter(([name]) => mode === 'put' || !Object.hasOwn(metadata, name))
            change(service, one, { metadata: { ...Object.fromEntries(kept), ...(mode === 'put' ? metadata : {}) } })
          }
          return done(met)
        }),
      ),
    setHealth: (key, instance, healthy, to) =>
      tell(to, () =>
        within(key, (service) => {
          if (service.clusters.get(instance.cluster)?.checker.type !== 'NONE') return refused('health-is-checked')
          return changed(change(service, instance, { healthy }))
        }),
      ),
    createService: (key, spec, ephemeral, to) =>
      tell(to, () => {
        if (find(key) !== undefined) return refused('service-exists')
        Object.assign(make(key, ephemeral), { spec, hasMetadata: true })
        return done()
      }),
    updateService: (key, spec, to) =>
      tell(to, () =>
        within(key, (service) => {
          service.spec = { ...service.spec, ...spec }
          return done()
        }),
      ),
    removeService: (key, to) =>
      tell(to, () =>
        within(key, (service) => {
          if (service.instances.size > 0) return refused('service-not-empty')
          services.delete(nameOf(key))
          return done()
        }),
      ),
    updateCluster: (key, cluster, spec, to) =>
      tell(to, () =>
        within(key, (service) => {
          service.clusters.set(cluster, spec)
          return done()
        }),
      ),
    setSwitch: (entry, value, to) =>
      tell(to, () => {
        if (entry === 'pushCacheMillis' && Number(value) < 10_000) return refused('switch-value')
        if (!(entry in switches)) return refused('switch-unknown')
        switches[entry] = value === 'true' ? true : value === 'false' ? false : value
        return done()
      }),
    switches: () => switches,
    *publishers(key) {
      for (const one of shelf.matching(key, ''))
        yield { ...key, ip: one.ip, port: one.port, cluster: one.cluster, clientId: `${addressOf(one)}#${one.ephemeral}` }
    },
    *subscribers(key) {
      for (const { view } of subscriptions) if (nameOf(view) === nameOf(key)) yield view
    },
    *clients() {
      yield* clients
    },
    client: (clientId) => clients.find((client) => client.clientId === clientId),
    *published(clientId) {
      for (const service of services.values()) for (const publisher of port.publishers(service)) if (publisher.clientId === clientId) yield publisher
    },
    *subscribed(clientId) {
      for (const { view } of subscriptions) if (`${addressOf(view)}#true` === clientId) yield view
    },
    counts: () => ({
      ...{ services: services.size, instances: [...services.values()].reduce((sum, { instances }) => sum + instances.size, 0) },
      ...{ subscriptions: subscriptions.length, connections: 0, beatClients: 1, persistentClients: 0 },
      pushes: { sent: 4, taken: 3, costMaxMs: 9, costSumMs: 12 },
    }),
    *namespaces() {
      yield* new Set([...services.values()].map(({ namespace }) => namespace))
    },
    subscribe: (subscriber, service, clusters, push) => {
      if (subscriber.kind === 'udp')
        subscriptions.push({ view: { ...service, ...subscriber, clientId: `${addressOf(subscriber)}#true`, clusters }, push })
      return port.serviceInfo(service, clusters, false)
    },
    unsubscribe: () => undefined,
  }
  const outcomeOfNext = (outcome: NamingOutcome): void => {
    next = outcome
  }
  const refuseNext = (why: NamingRefusal): void => outcomeOfNext(refused(why))
  return { port, switches, clients, subscriptions, outcomeOfNext, refuseNext }
}
