/** What the gRPC API needs of the node: the same narrow interfaces as HTTP, and the limits of its own. */

import type { Authorizer } from '../../auth/authorizer.ts'
import type { NamingPort } from '../../naming/naming-port.ts'
import type { ConfigWatches } from '../../notify/config-watches.ts'
import type { FuzzyWatching } from '../../notify/fuzzy-watching.ts'
import type { HttpParts } from '../http/ports.ts'

/** The parts of options.ts that bound the gRPC server. */
export interface GrpcSettings {
  readonly grpcMessageBytesMax: number
  readonly grpcBytesInFlightMax: number
  readonly grpcConnectionsMax: number
  readonly grpcCallsMax: number
  readonly contentCacheBytes: number
}

export interface GrpcParts
  extends Pick<
    HttpParts,
    'allowedOrigins' | 'allowedHosts' | 'configs' | 'grays' | 'write' | 'sharedStore' | 'counters' | 'failed' | 'storeBroken' | 'clock'
  > {
  readonly settings: GrpcSettings
  readonly watches: ConfigWatches
  /** By patterns. */
  readonly fuzzy: Pick<FuzzyWatching, 'configs' | 'services'>
  readonly naming: NamingPort
  /** Asked before every request, once auth is on. */
  readonly auth: Pick<Authorizer, 'isOn' | 'decide'>
  /** This node's own address: stands in what it pushes. */
  readonly host: string
  /** It has not caught up with its cluster yet: clients are sent to other nodes. */
  starting(): boolean
}
