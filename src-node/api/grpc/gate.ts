/**
 * Before each handler, once auth is on: who sends the request, and may they (nacos-http 4). Decided on the handler that was found and on what the body
 * names. Owns where credentials stand in a Payload; the decision is auth's.
 */

import type { Authorizer, Credentials, Need } from '../../auth/authorizer.ts'
import type { Resource } from '../../auth/permission-match.ts'
import { errorCodes, failedAs, type GrpcAnswer, refusedAs } from './answers.ts'
import { type JsonObject, textOf } from './json-fields.ts'
import { groupOf, namespaceOf } from './naming/names.ts'
import type { Payload } from './payload.ts'
import type { GrpcCall, RequestHandler } from './requests.ts'

/** Before it is known who asks. */
export type Asked = Omit<GrpcCall, 'user'>

export interface Passed {
  /** By the name of who is signed in. */
  through(user: string): void
  refused(answer: GrpcAnswer): void
}

export interface Gate {
  /** At once, unless a password has to be checked. */
  pass(handler: RequestHandler, call: Asked, done: Passed): void
}

const tokenCharactersMax = 2_048
const nameCharactersMax = 128
const bearer = 'Bearer '

const headerOf = ({ header }: Payload, name: string, charactersMax: number): string => {
  const value = header(name)
  return value.length > charactersMax ? '' : value
}

const tokenOf = (payload: Payload): string => {
  const authorization = headerOf(payload, 'Authorization', tokenCharactersMax)
  return authorization.startsWith(bearer) ? authorization.slice(bearer.length).trim() : headerOf(payload, 'accessToken', tokenCharactersMax)
}

/** A name without a password names nobody. The header by which our own console is known is none of this port's. */
const credentialsOf = ({ payload, connection }: Asked): Credentials => {
  const password = headerOf(payload, 'password', nameCharactersMax)
  return {
    ...{ identity: '', token: tokenOf(payload), password, from: connection.ip },
    name: password === '' ? '' : headerOf(payload, 'username', nameCharactersMax),
  }
}

/** The configuration that a body names. */
export const configResource = (body: JsonObject): Resource => ({
  ...{ namespace: textOf(body, 'tenant'), group: textOf(body, 'group'), kind: 'config', name: textOf(body, 'dataId') },
})

/** The group that a body names, or takes for granted, as a whole: whatever service is named beside it. */
export const groupResource = (body: JsonObject): Resource => ({ namespace: namespaceOf(body), group: groupOf(body), kind: 'naming', name: '' })

const namingResource = (body: JsonObject): Resource => ({ ...groupResource(body), name: textOf(body, 'serviceName').trim() })

const needOf = ({ access, resources }: RequestHandler, body: JsonObject): Need | null => {
  switch (access) {
    case 'open':
      return null
    case 'config-read':
    case 'config-write':
      return { kind: 'resources', action: access === 'config-read' ? 'r' : 'w', resources: resources?.(body) ?? [configResource(body)] }
    case 'naming-read':
    case 'naming-write':
      return { kind: 'resources', action: access === 'naming-read' ? 'r' : 'w', resources: resources?.(body) ?? [namingResource(body)] }
  }
}

export const createGate = (auth: Pick<Authorizer, 'isOn' | 'decide'>): Gate => ({
  pass: (handler, call, done) => {
    const need = auth.isOn() ? needOf(handler, call.body) : null
    if (need === null) {
      done.through('')
      return
    }
    const { responseType, alwaysSaid } = handler
    auth.decide(need, credentialsOf(call), (verdict) => {
      if (verdict.kind === 'allowed') done.through(verdict.caller.name)
      else if (verdict.kind === 'overloaded') done.refused(refusedAs(responseType, 'overloaded', alwaysSaid))
      else done.refused(failedAs(responseType, errorCodes.noRight, verdict.words, alwaysSaid))
    })
  },
})
