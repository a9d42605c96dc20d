/**
 * Path and method to handler, by exact path only: no trailing slash, no `;x`, no escapes (they have opened doors in Nacos before). A route whose path ends in
 * `/*` takes one last piece, which its handler reads from the request: whom it serves is that of the route, whatever the piece.
 */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Action } from '../../auth/permission-match.ts'
import { type Answer, springError } from './errors.ts'
import { usualJsonBytesMax } from './json-body.ts'
import type { Parameters } from './parameters.ts'
import type { PlainChoice } from './plain/plain-port.ts'
import type { Asking } from './resources.ts'

export type Handler = (request: IncomingMessage, response: ServerResponse, parameters: Parameters) => void

/**
 * Takes a multipart body from the socket by itself, and answers; false: it is not meant, and the body is still whole. `early` answers while the body
 * may still be on its way.
 */
export type UploadHandler = (request: IncomingMessage, response: ServerResponse, parameters: Parameters, early: (answer: Answer) => void) => boolean

/**
 * Whom a route serves once auth is on; decided on the route that matched, never on the path's text. `open`: everybody. `signed-in`: every user.
 * `admin`: the administrator.
 */
export type PlainAccess = 'open' | 'signed-in' | 'admin'
/** Must be said: nothing is open because somebody forgot it. `Asking`: who has the permission for what it asks of the parameters. */
type Served = { readonly access: PlainAccess } | Asking

/** HEAD is served as GET; node:http leaves the body out. */
interface Methods {
  /** Of single methods, where it is another one. */
  readonly accessTo?: Partial<Readonly<Record<'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE', PlainAccess>>>
  /** What all its methods do, where that is not `r` for GET and `w` for the others: some POSTs only read, some GETs of old write. */
  readonly action?: Action
  readonly GET?: Handler
  readonly PUT?: Handler
  readonly PATCH?: Handler
  readonly POST?: Handler
  /** For a POST with a multipart body, before `POST`. */
  readonly UPLOAD?: UploadHandler
  readonly DELETE?: Handler
  /** Of its methods those which the plain lane serves too, as they would. */
  readonly PLAIN?: Partial<Readonly<Record<'GET' | 'PUT' | 'POST' | 'DELETE', PlainChoice>>>
  /** A JSON body may have so many bytes; few, if absent. */
  readonly jsonBytesMax?: number
}

export type Route = Served & Methods

/** By path, below the context. */
export type Routes = Readonly<Record<string, Route>>

export const contextPath = '/nacos'
const namingPath = `${contextPath}/v1/ns/`
const envelopedPaths = [`${contextPath}/v2/`, `${contextPath}/v3/`] as const

/** What a request of one route and method must be allowed to: to read with GET and to write otherwise, unless the route says what it does. */
export type Demand = Served & { readonly action: Action }

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
      readonly plain: PlainChoice | null
    }
  | { readonly kind: 'answer'; readonly answer: Answer }

/** Path and query of a target. */
export const splitTarget = (url: string): { readonly path: string; readonly query: string } => {
  const mark = url.indexOf('?')
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

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
    const { accessTo, action, jsonBytesMax = usualJsonBytesMax } = route
    const served: Served = 'resources' in route ? { access: route.access, resources: route.resources } : { access: route.access }
    const demandOf = (method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE'): Demand => {
      const own = accessTo?.[method]
      return { ...(own === undefined ? served : { access: own }), action: action ?? (method === 'GET' ? 'r' : 'w') }
    }
    const enveloped = envelopedPaths.some((start) => path.startsWith(start))
    const add = (
      method: 'GET' | 'HEAD' | 'PUT' | 'PATCH' | 'POST' | 'DELETE',
      handler: Handler | undefined,
      readsBody: boolean,
      upload: UploadHandler | null = null,
    ): void => {
      const demand = demandOf(method === 'HEAD' ? 'GET' : method)
      const plain = method === 'HEAD' || method === 'PATCH' ? null : (route.PLAIN?.[method] ?? null)
      if (handler !== undefined)
        matches.set(`${method} ${path}`, { kind: 'handler', handler, demand, upload, readsBody, jsonBytesMax, enveloped, plain })
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
