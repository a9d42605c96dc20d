/**
 * What the HTTP and gRPC handlers need of services and instances, as one narrow port: writes go through the leader and are answered once this node
 * has applied them, reads are this node's own applied state. Types only. It knows no parameter names and no envelopes: those are the API's.
 *
 * A namespace is as clients of naming mean it: `public` is the default one, never `''`. A service name never holds `@@`; `group` stands apart.
 * Callbacks may be called at once or later, never twice.
 */

import type { WriteOutcome } from '../raft-driver/ports.ts'
import type {
  ClusterSpec,
  HealthChecker,
  InstanceKey,
  InstancePatch,
  InstanceSpec,
  InstanceTargets,
  Metadata,
  NamingRefusal,
  NamingReply,
  Selector,
  ServiceKey,
  ServiceSpec,
} from '../state-machine/areas/naming-words.ts'

export type {
  ClusterSpec,
  HealthChecker,
  InstanceKey,
  InstancePatch,
  InstanceSpec,
  InstanceTargets,
  Metadata,
  NamingRefusal,
  NamingReply,
  Selector,
  ServiceKey,
  ServiceSpec,
}

/** An instance as it is answered and pushed: what an operator changed lies over what its publisher said. */
export interface InstanceView extends InstanceSpec {
  readonly instanceId: string
  readonly ephemeral: boolean
  /** `group@@name`. */
  readonly serviceName: string
  /** Of `preserved.*`, in ms; 5000, 15000 and 30000 unless set. */
  readonly heartBeatIntervalMs: number
  readonly heartBeatTimeoutMs: number
  readonly ipDeleteTimeoutMs: number
  readonly instanceIdGenerator: string
}

/** What a subscriber hears and a list answers (nacos-http 8.3, nacos-grpc 6.2). The API writes `name` grouped or not, as its protocol has it. */
export interface ServiceInfo extends ServiceKey {
  /** As asked for: clients build their keys from it. */
  readonly clusters: string
  /** Disabled ones left out, protection applied. Not to be changed: it is shared, one list by all who are told the same until something changes. */
  readonly hosts: readonly InstanceView[]
  readonly cacheMillis: number
  /** ms since 1970, of this answer; on one node it rises with every different answer for the service. */
  readonly lastRefTime: number
  readonly checksum: string
  readonly reachProtectionThreshold: boolean
}

export interface ClusterView extends ClusterSpec {
  readonly name: string
}

export interface ServiceView extends ServiceKey, ServiceSpec {
  readonly ephemeral: boolean
  /** False: it was born of a registration alone, and the protection rule does not apply. */
  readonly hasMetadata: boolean
  readonly clusters: readonly ClusterView[]
  readonly instanceCount: number
  readonly healthyCount: number
  /** As the console marks it: the share of healthy instances is at or below the threshold. */
  readonly isProtected: boolean
}

export type NamingOutcome = WriteOutcome<NamingReply>
export type NamingDone = (outcome: NamingOutcome) => void

export interface Beat extends InstanceKey {
  /** With it an unknown instance is registered; null: a light beat. */
  readonly spec: InstanceSpec | null
}

export type BeatAnswer =
  | { readonly kind: 'taken'; readonly intervalMs: number; readonly lightBeat: boolean }
  /** A light beat of an instance that is not there: it must be registered again (20404). */
  | { readonly kind: 'unknown'; readonly intervalMs: number; readonly lightBeat: boolean }
  /** The registration that a full beat asks for was refused, or its outcome is not `applied`. */
  | { readonly kind: 'failed'; readonly outcome: NamingOutcome }

/** Who published or subscribes over gRPC. It is open from `connectionOpened` to `connectionClosed`. */
export interface NamingConnection {
  readonly connectionId: string
  readonly ip: string
  readonly port: number
  /** Client version, as it was said in the set-up. */
  readonly agent: string
  readonly app: string
}

/** Whether the client has it. `busy`: it takes nothing just now, and nothing was sent. */
export type PushEnd = boolean | 'busy'

/** Sends one push. `acked` once; a push that failed is tried again by the port. */
export type Push = (info: ServiceInfo, acked: (end: PushEnd) => void) => void

export type Subscriber =
  | { readonly kind: 'connection'; readonly connectionId: string }
  /** Lives as long as it asks again (nacos-http 15). */
  | { readonly kind: 'udp'; readonly ip: string; readonly port: number; readonly agent: string; readonly app: string }

export interface SubscriberView extends ServiceKey {
  /** `<connectionId>`, or `ip:port#true` over UDP; `''`: another node told of it. */
  readonly clientId: string
  readonly ip: string
  /** Of UDP; 0 over a connection, as Nacos has it (nacos-http 8.6). */
  readonly port: number
  readonly agent: string
  readonly app: string
  readonly clusters: string
}

export interface ClientView {
  /** `<connectionId>`, or `ip:port#true` (beat) and `ip:port#false` (persistent). */
  readonly clientId: string
  readonly kind: 'connection' | 'ip-port'
  readonly ephemeral: boolean
  readonly lastUpdatedMs: number
  readonly ip: string
  readonly port: number
  readonly agent: string
  readonly app: string
}

export interface PublisherView extends ServiceKey, InstanceKey {
  readonly clientId: string
}

export interface NamingCounts {
  readonly services: number
  readonly instances: number
  readonly subscriptions: number
  readonly connections: number
  /** Addresses, each counted in every service that it published: whoever asks must not make a node walk through all of them. */
  readonly beatClients: number
  readonly persistentClients: number
  /** Pushes of this node since its start. */
  readonly pushes: { readonly sent: number; readonly taken: number; readonly costMaxMs: number; readonly costSumMs: number }
}

/** JSON as SwitchDomain has it (nacos-http 8.8), every member. */
export type Switches = Readonly<Record<string, unknown>>

export interface NamingPort {
  connectionOpened(connection: NamingConnection): void
  /** Its instances go at once, its subscriptions with it. */
  connectionClosed(connectionId: string): void

  /** Ephemeral, bound to the connection: replaces whatever it published for the service; none: withdraws it, and nothing published is a success too. */
  publish(connectionId: string, service: ServiceKey, instances: readonly InstanceSpec[], done: NamingDone): void
  /** Bound to its address: kept by beats, or persistent. Replaces what stands under it. */
  register(service: ServiceKey, instance: InstanceSpec, ephemeral: boolean, done: NamingDone): void
  /** Whatever that address published for the service, in whichever cluster; an unknown one is a success. */
  deregister(service: ServiceKey, address: { readonly ip: string; readonly port: number }, ephemeral: boolean, done: NamingDone): void
  beat(service: ServiceKey, beat: Beat, done: (answer: BeatAnswer) => void): void
  /** What an operator says of an instance: lies over what its publisher says, as long as the instance is there. */
  updateInstance(service: ServiceKey, key: InstanceKey, patch: InstancePatch, done: NamingDone): void
  /** `drop`: these keys go. Tells which instances were there. */
  updateMetadata(
    service: ServiceKey,
    targets: InstanceTargets,
    change: { readonly mode: 'put' | 'drop'; readonly metadata: Metadata },
    done: NamingDone,
  ): void
  setHealth(service: ServiceKey, key: InstanceKey, healthy: boolean, done: NamingDone): void

  createService(service: ServiceKey, spec: ServiceSpec, ephemeral: boolean, done: NamingDone): void
  updateService(service: ServiceKey, spec: ServiceSpec, done: NamingDone): void
  removeService(service: ServiceKey, done: NamingDone): void
  updateCluster(service: ServiceKey, cluster: string, spec: ClusterSpec, done: NamingDone): void
  setSwitch(entry: string, value: string, done: NamingDone): void
  switches(): Switches

  /** Of an unknown service: no hosts. `clusters`: `''` for all, or names with commas. */
  serviceInfo(service: ServiceKey, clusters: string, healthyOnly: boolean): ServiceInfo
  /** Disabled and unhealthy ones too, no protection; `''`: of all clusters. In the order of their registration on this node. */
  instances(service: ServiceKey, cluster: string): readonly InstanceView[]
  /** Cluster `''`: whichever is there first. */
  instance(service: ServiceKey, key: InstanceKey): InstanceView | undefined
  service(service: ServiceKey): ServiceView | undefined
  /** All of a namespace, by group and name; walk it with care, it may be long. */
  services(namespace: string): IterableIterator<ServiceView>
  publishers(service: ServiceKey): IterableIterator<PublisherView>
  /** Of this node alone. */
  subscribers(service: ServiceKey): IterableIterator<SubscriberView>
  /** Connections of this node, and all addresses. */
  clients(): IterableIterator<ClientView>
  client(clientId: string): ClientView | undefined
  published(clientId: string): IterableIterator<PublisherView>
  subscribed(clientId: string): IterableIterator<SubscriberView>
  counts(): NamingCounts
  /** That have services. */
  namespaces(): IterableIterator<string>

  /** Idempotent; a subscription again replaces clusters and push. The present state is pushed once, soon; then every change, merged over 500 ms. */
  subscribe(subscriber: Subscriber, service: ServiceKey, clusters: string, push: Push): ServiceInfo | 'connection-unknown' | 'too-many'
  unsubscribe(subscriber: Subscriber, service: ServiceKey): void
}
