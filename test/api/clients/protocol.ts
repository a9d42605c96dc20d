/**
 * How the suite speaks with a client: each runs in a program of its own, written in the client's language, that takes one JSON object a line on stdin
 * and gives one a line on stdout. So every client is asked the same things in the same words, and none can disturb the suite or another client.
 * A program ends when its stdin does.
 */

/** The program's one argument, as JSON. */
export interface ProgramOptions {
  /** `host:port` of the HTTP API. */
  readonly servers: readonly string[]
  /** `''` is the default one. */
  readonly namespace: string
  readonly username?: string
  readonly password?: string
}

export interface ServiceInstance {
  readonly ip: string
  readonly port: number
  readonly healthy?: boolean
  readonly weight?: number
  readonly ephemeral?: boolean
  readonly metadata?: Readonly<Record<string, string>>
}

interface ConfigName {
  readonly dataId: string
  readonly group: string
}

interface ServiceName {
  readonly service: string
  readonly group: string
}

/** What a program can be asked to do, and with what. */
export interface Verbs {
  readonly get: { readonly with: ConfigName; readonly gives: string | null }
  readonly publish: { readonly with: ConfigName & { readonly content: string }; readonly gives: boolean }
  readonly remove: { readonly with: ConfigName; readonly gives: boolean }
  /** Tells the content from then on, `''` once it is gone. */
  readonly listen: { readonly with: ConfigName; readonly gives: null }
  /** `dataId` ends with `*`. Tells names that it matches, as they come and go, from then on. */
  readonly follow: { readonly with: ConfigName; readonly gives: null }
  /** The same of services. */
  readonly 'follow services': { readonly with: ServiceName; readonly gives: null }
  readonly register: { readonly with: ServiceName & { readonly instance: ServiceInstance }; readonly gives: null }
  readonly deregister: { readonly with: ServiceName & { readonly instance: ServiceInstance }; readonly gives: null }
  readonly batch: { readonly with: ServiceName & { readonly instances: readonly ServiceInstance[] }; readonly gives: null }
  readonly instances: { readonly with: ServiceName; readonly gives: readonly ServiceInstance[] }
  /** Tells all its instances from then on. */
  readonly subscribe: { readonly with: ServiceName; readonly gives: null }
}
export type Verb = keyof Verbs

export type Order = { readonly [V in Verb]: { readonly id: number; readonly do: V; readonly with: Verbs[V]['with'] } }[Verb]

export type Line =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly problem: string }
  | { readonly kind: 'config'; readonly dataId: string; readonly content: string }
  | { readonly kind: 'name'; readonly name: string; readonly isThere: boolean }
  | { readonly kind: 'service'; readonly service: string; readonly instances: readonly ServiceInstance[] }
