/**
 * The words of services and instances (nacos-http 8): what is registered, what a command of naming answers and what subscribers hear. Everything that
 * stands here is equal on all nodes.
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
}

/** Why a command of naming changed nothing. The texts that clients read are the API's. */
export type NamingRefusal =
  | 'service-is-ephemeral'
  | 'service-is-persistent'
  | 'service-exists'
  | 'service-unknown'
  | 'service-not-empty'
  | 'instance-unknown'
  | 'cluster-unknown'
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
