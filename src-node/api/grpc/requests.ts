/** What a request type is: its name, whom it serves, and what answers it. One file for each kind under `internal/`, `config/` and `naming/`. */

import type { Resource } from '../../auth/permission-match.ts'
import type { GrpcAnswer } from './answers.ts'
import type { Connection } from './connection.ts'
import type { JsonObject } from './json-fields.ts'
import type { Payload } from './payload.ts'

export interface GrpcCall {
  readonly connection: Connection
  readonly payload: Payload
  readonly body: JsonObject
  /** Who is signed in; `''` for nobody, and while nobody is asked. */
  readonly user: string
}

/** Called once, at once or later. */
export type Respond = (answer: GrpcAnswer) => void

/** Whom a request serves once auth is on: decided on the handler that was found, never on the name as it came (nacos-grpc 3, step 6). */
export type GrpcAccess = 'open' | 'config-read' | 'config-write' | 'naming-read' | 'naming-write'

export interface RequestHandler {
  /** `metadata.type` of the request. */
  readonly type: string
  /** Of its answer, in which a refusal comes as well. */
  readonly responseType: string
  /** Must be said: nothing is open because somebody forgot it. */
  readonly access: GrpcAccess
  /** What its body names, where that is not the one configuration or service. */
  resources?(body: JsonObject): readonly Resource[]
  /** Members that stand in every answer of this type, a refusal too: some client reads nothing without them. */
  readonly alwaysSaid?: object
  /** Its JSON may have so many bytes; few, if absent. */
  readonly bodyBytesMax?: number
  /** May throw: the one above answers. */
  handle(call: GrpcCall, respond: Respond): void
}
