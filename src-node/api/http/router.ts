/**
 * Path and method to handler, by exact path only: no trailing slash, no `;x`, no escapes (they have opened doors in Nacos before). A route whose path ends in
 * `/*` takes one last piece, which its handler reads from the request: whom it serves is that of the route, whatever the piece.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Action, Resource } from '../../auth/permission-match.ts'
import { type Answer, springError } from './errors.ts'
import { usualJsonBytesMax } from './json-body.ts'
import type { Parameters } from './parameters.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse, parameters: Parameters) => void

/**
 * Takes a multipart body from the socket by itself, and answers; false: it is not meant, and the body is still whole. `early` answers while the body
 * may still be on its way.
 */
export type UploadHandler = (request: IncomingMessage, response: ServerResponse, parameters: Parameters, early: (answer: Answer) => void) => boolean

/**
 * Whom a route serves once auth is on; decided on the route that matched, never on the path's text. `open`: everybody. `signed-in`: every user.
 * `config`, `naming`: who has the permission for what the parameters name, to read with GET and to write otherwise. `admin`: the administrator.
 */
export type Access = 'open' | 'signed-in' | 'config' | 'naming' | 'admin'

/** HEAD is served as GET; node:http leaves the body out. */
export interface Route {
  /** Must be said: nothing is open because somebody forgot it. */
  readonly access: Access
  /** Of single methods, where it is another one. */
  readonly accessTo?: Partial<Readonly<Record<'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE', Access>>>
  /** What all its methods do, where that is not `r` for GET and `w` for the others: some POSTs only read, some GETs of old write. */
  readonly action?: Action
  /** What a request is about, where its parameters say it in a manner of their own. */
  readonly resources?: (parameters: Parameters) => readonly Resource[]
  readonly GET?: Handler
  readonly PUT?: Handler
  readonly PATCH?: Handler
  readonly POST?: Handler
  /** For a POST with a multipart body, before `POST`. */
  readonly UPLOAD?: UploadHandler
  readonly DELETE?: Handler
  /** A JSON body may have so many bytes; few, if absent. */
  readonly jsonBytesMax?: number
}

/** By path, below the context. */
export type Routes = Readonly<Record<string, Route>>

export const contextPath = '/nacos'
const namingPath = `${contextPath}/v1/ns/`
const envelopedPaths = [`${contextPath}/v2/`, `${contextPath}/v3/`] as const

/** What a request of one route and method must be allowed to. */
export interface Demand {
  readonly access: Access
  readonly action: Action
  readonly resources: Route['resources']
}

export type Match =
  | {
      readonly kind: 'handler'
      readonly handler: Handler
      readonly demand: Demand
      readonly upload: UploadHandler | null
      readonly readsBody: boolean
      readonly jsonBytesMax: number
      /** Of v2 or v3: failures go out in their envelope. */
      readonly enveloped: boolean
    }
  | { readonly kind: 'answer'; readonly answer: Answer }

export type Router = (method: string, path: string) => Match

const wrongMethod = (route: Route, path: string, wallMs: number): Answer => {
  const allowed = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => route[method] !== undefined).join(', ')
  const answer = springError({ status: 405, message: `only ${allowed} can be sent here`, path, wallMs })
  return { ...answer, headers: [...answer.headers, 'Allow', allowed] }
}

/** A name at the end of a path, and one more before what stands before it, as routes have them. */
const anyLast = (path: string): string => `${path.slice(0, path.lastIndexOf('/'))}/*`
const anyTwo = (path: string): string => path.replace(/\/[^/]*(\/[^/]+\/)[^/]*$/, '/*$1*')

export const createRouter = (routes: ReadonlyMap<string, Route>, wallMs: () => number): Router => {
  const matches = new Map<string, Match>()
  for (const [path, route] of routes) {
    const { access, accessTo, action, resources, jsonBytesMax = usualJsonBytesMax } = route
    const demandOf = (method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'): Demand => ({
      access: accessTo?.[method] ?? access,
      action: action ?? (method === 'GET' ? 'r' : 'w'),
      resources,
    })
    const enveloped = envelopedPaths.some((start) => path.startsWith(start))
    const add = (
      method: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
      handler: Handler | undefined,
      readsBody: boolean,
      upload: UploadHandler | null = null,
    ): void => {
      const demand = demandOf(method === 'HEAD' ? 'GET' : method)
      if (handler !== undefined) matches.set(`${method} ${path}`, { kind: 'handler', handler, demand, upload, readsBody, jsonBytesMax, enveloped })
    }
    for (const method of ['GET', 'HEAD'] as const) add(method, route.GET, false)
    add('POST', route.POST, true, route.UPLOAD)
    for (const method of ['PUT', 'PATCH', 'DELETE'] as const) add(method, route[method], true)
  }
  return (method, path) => {
    const match = matches.get(`${method} ${path}`) ?? matches.get(`${method} ${anyLast(path)}`) ?? matches.get(`${method} ${anyTwo(path)}`)
    if (match !== undefined) return match
    const route = routes.get(path) ?? routes.get(anyLast(path)) ?? routes.get(anyTwo(path))
    if (route !== undefined) return { kind: 'answer', answer: wrongMethod(route, path, wallMs()) }
    // The naming context answers 501 to what it does not know (nacos-http 1).
    const naming = path.startsWith(namingPath)
    const message = naming ? `no such api:${method}:${path.slice(0, 200)}` : 'nothing is served under this path'
    return { kind: 'answer', answer: springError({ status: naming ? 501 : 404, message, path, wallMs: wallMs() }) }
  }
}
