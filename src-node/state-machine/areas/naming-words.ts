/**
 * The words of services and instances (nacos-http 8): what is registered, what a command of naming says and answers, and what subscribers hear.
 * Everything that stands here is equal on all nodes.
 */

/** A namespace is as clients of naming mean it: `public` is the default one, never `''`. */
export interface ServiceKey {
  readonly namespace: string
  readonly group: string
  /** Without group; never holds `@@`. */
  readonly name: string
}

export type Metadata = Readonly<Record<string, string>>

/** Which instance of a service. Addresses are compared as texts. */
export interface InstanceKey {
  readonly ip: string
  /** 0 to 65535. */
  readonly port: number
  /** `DEFAULT` unless named. */
  readonly cluster: string
}

/** An instance as its publisher describes it. */
export interface InstanceSpec extends InstanceKey {
  /** 0 to 10000. */
  readonly weight: number
  readonly enabled: boolean
  readonly healthy: boolean
  /** `preserved.*` keys among them: they set timeouts and intervals (nacos-http 8.2). */
  readonly metadata: Metadata
  /** As its publisher named it; absent: it is shown with one that is made of what it is (nacos-grpc 6.1). */
  readonly instanceId?: string
}

/** A connection of a client to one run of one node: what is published over it goes with it. */
export interface ConnectionOwner {
  readonly kind: 'connection'
  readonly node: number
  /** That run, 12 hex digits. */
  readonly life: string
  readonly connectionId: string
}
/** Who keeps an instance: a connection, beats to its address, or nobody (persistent: it stays until it is taken away). */
export type Owner = ConnectionOwner | { readonly kind: 'beat' } | { readonly kind: 'persistent' }

/** What an operator said of an instance; lies over what its publisher says. Null: nothing. */
export interface Override {
  readonly weight: number | null
  readonly enabled: boolean | null
  readonly metadata: Metadata
  /** Keys of the publisher that are not shown. */
  readonly hidden: readonly string[]
}

/** `weight`, `enabled` and `metadata` as they are shown. Never changed in place. */
export interface InstanceRow extends InstanceSpec {
  readonly owner: Owner
  /** Raft index of its registration: what a removal names it by, so that it is void for one that came later. */
  readonly index: number
  /** Log time of it, ms since 1970. */
  readonly registeredMs: number
  /** Null: it is shown as it was published. */
  readonly override: Override | null
  readonly published: Pick<InstanceSpec, 'weight' | 'enabled' | 'metadata'>
}

export type Selector = { readonly type: 'none' } | { readonly type: 'label'; readonly expression: string }

export interface ServiceSpec {
  /** 0 to 1. */
  readonly protectThreshold: number
  readonly metadata: Metadata
  readonly selector: Selector
}

export type HealthChecker =
  | { readonly type: 'TCP' }
  | { readonly type: 'HTTP'; readonly path: string; readonly headers: string; readonly expectedResponseCode: number }
  | { readonly type: 'NONE' }
  /** Kept and shown; instances of such a cluster are not checked. */
  | { readonly type: 'MYSQL'; readonly user: string; readonly pwd: string; readonly cmd: string }

export interface ClusterSpec {
  readonly checker: HealthChecker
  readonly checkPort: number
  readonly useInstancePort: boolean
  readonly metadata: Metadata
}

/** A service as all nodes know it. Read it, never change it; it changes under whoever keeps it. */
export interface ServiceState {
  readonly key: ServiceKey
  /** Of what kind its instances are; never changes. */
  readonly ephemeral: boolean
  /** Null: it was born of a registration alone. */
  readonly spec: ServiceSpec | null
  readonly clusters: ReadonlyMap<string, ClusterSpec>
  readonly instances: ReadonlyMap<string, InstanceRow>
  /** How many instances each cluster has; none without. */
  readonly clusterSizes: ReadonlyMap<string, number>
  readonly healthyCount: number
  /** Another one after every change, on this node alone: what was built of the service before is out of date. */
  readonly version: number
}

/** By `undefined`: stays as it is. */
export interface InstancePatch {
  readonly weight?: number | undefined
  readonly enabled?: boolean | undefined
  /** All that an operator says of metadata from now on. */
  readonly metadata?: Metadata | undefined
}

/** Ephemeral or persistent ones alone, or both; no keys: all of the service. */
export interface InstanceTargets {
  readonly consistency: 'ephemeral' | 'persistent' | 'both'
  readonly keys: readonly InstanceKey[]
}

/** One registration of an instance, by its index. */
export interface SeenInstance extends InstanceKey {
  readonly service: ServiceKey
  readonly index: number
}

export type NamingCommand =
  /** The connection publishes these for the service, and nothing else of it any more. */
  | { readonly kind: 'publish-instances'; readonly service: ServiceKey; readonly owner: ConnectionOwner; readonly instances: readonly InstanceSpec[] }
  /** `ifAbsent`: of a beat; one that is there already stays as it is. */
  | {
      readonly kind: 'register-instance'
      readonly service: ServiceKey
      readonly ephemeral: boolean
      readonly ifAbsent: boolean
      readonly instance: InstanceSpec
    }
  /** Whatever that address published, in whichever cluster. */
  | { readonly kind: 'deregister-instance'; readonly service: ServiceKey; readonly ephemeral: boolean; readonly ip: string; readonly port: number }
  /** Owners that are gone, beats that stay away: each one void if it was registered again since. */
  | { readonly kind: 'remove-instances'; readonly instances: readonly SeenInstance[] }
  /** What beats and checks say, each void as above. */
  | { readonly kind: 'set-health'; readonly healthy: boolean; readonly instances: readonly SeenInstance[] }
  /** What a person says, where no checker works. */
  | { readonly kind: 'declare-health'; readonly service: ServiceKey; readonly instance: InstanceKey; readonly healthy: boolean }
  | { readonly kind: 'patch-instance'; readonly service: ServiceKey; readonly instance: InstanceKey; readonly patch: InstancePatch }
  | {
      readonly kind: 'patch-metadata'
      readonly service: ServiceKey
      readonly targets: InstanceTargets
      readonly mode: 'put' | 'drop'
      readonly metadata: Metadata
    }
  | { readonly kind: 'create-service'; readonly service: ServiceKey; readonly ephemeral: boolean; readonly spec: ServiceSpec }
  | { readonly kind: 'update-service'; readonly service: ServiceKey; readonly spec: ServiceSpec }
  | { readonly kind: 'remove-service'; readonly service: ServiceKey }
  | { readonly kind: 'put-cluster'; readonly service: ServiceKey; readonly cluster: string; readonly spec: ClusterSpec }
  | { readonly kind: 'put-switch'; readonly entry: string; readonly value: string }
  /** They have been empty for long; those that are not empty any more stay. */
  | { readonly kind: 'sweep-services'; readonly services: readonly ServiceKey[] }
  /** What operators said of instances and services that have been gone for long is forgotten. */
  | { readonly kind: 'sweep-overrides' }

/** Why a command of naming changed nothing. The texts that clients read are the API's. */
export type NamingRefusal =
  | 'service-is-ephemeral'
  | 'service-is-persistent'
  | 'service-exists'
  | 'service-unknown'
  | 'service-not-empty'
  | 'instance-unknown'
  /** Health may be set by hand only where no checker works: persistent instances in a cluster with checker NONE. */
  | 'health-is-checked'
  | 'switch-unknown'
  | 'switch-value'
  /** The connection is not open at the node that was asked. */
  | 'connection-unknown'
  /** A named limit of the cluster is reached. */
  | 'too-many'

export type NamingReply =
  /** `updated`: the instances that it concerned, where somebody asks for them. */
  | { readonly kind: 'naming-done'; readonly index: number; readonly updated: readonly InstanceKey[] }
  | { readonly kind: 'naming-refused'; readonly why: NamingRefusal }

/** Something that a subscriber or a list may show of a service is another, or the service is gone. */
export interface ServiceChanged extends ServiceKey {
  readonly kind: 'service-changed'
  readonly index: number
}
