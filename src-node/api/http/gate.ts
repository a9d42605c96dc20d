/**
 * Before each handler, once auth is on: who sends the request, and may they (nacos-http 4). Decided on the route that matched, never on the path's
 * text, and never by a `User-Agent`. Owns where credentials stand in a request; the decision is auth's.
 */

import { type Authorizer, anybody, type Caller, type Credentials, type Need, type Verdict } from '../../auth/authorizer.ts'
import { questionChallengeHeader, questionHeader } from '../../auth/question-proof.ts'
import { type Answer, answerOf, refusal, springError } from './errors.ts'
import { limitedText, type Parameters } from './parameters.ts'
import { isPeerPath } from './peer-paths.ts'
import type { PeerQuestions } from './peer-questions.ts'
import type { PlainRequest } from './plain/plain-port.ts'
import type { Demand } from './router.ts'

/** Made for this start of this node by whoever starts it, and told to nobody else. */
const identityHeader = 'nacos-trio-identity'

export interface Gate {
  /** False: nobody is asked. */
  isClosed(): boolean
  /** At once, unless a password has to be checked. */
  pass(request: PlainRequest, asked: { readonly path: string; readonly demand: Demand; readonly parameters: Parameters }, done: Passed): void
}

export interface Passed {
  through(caller: Caller): void
  refused(answer: Answer): void
}

export interface GateParts {
  readonly auth: Pick<Authorizer, 'isOn' | 'decide'>
  readonly peers: Pick<PeerQuestions, 'judge'>
  wallMs(): number
}

/** On a route that is open to all. */
const stranger: Caller = { name: '', isAdmin: false, may: () => false }
const tokenCharactersMax = 2_048
const nameCharactersMax = 128
const bearer = 'Bearer '

const headerText = (request: PlainRequest, name: string): string => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}

/** A console sends its whole login in `Authorization`: what does not begin as a bearer token is none. */
const tokenOf = (request: PlainRequest, parameters: Parameters): string => {
  const authorization = headerText(request, 'authorization')
  if (authorization.startsWith(bearer)) return authorization.slice(bearer.length).trim()
  return headerText(request, 'accesstoken') || limitedText(parameters, 'accessToken', tokenCharactersMax)
}

export const addressOf = (request: PlainRequest): string => (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')

/** A name without a password names somebody that the request is about. */
const credentialsOf = (request: PlainRequest, parameters: Parameters): Credentials => {
  const password = limitedText(parameters, 'password', nameCharactersMax)
  return {
    identity: headerText(request, identityHeader),
    token: tokenOf(request, parameters),
    name: password === '' ? '' : limitedText(parameters, 'username', nameCharactersMax),
    password,
    from: addressOf(request),
  }
}

const needOf = (demand: Demand, parameters: Parameters): Need | null => {
  switch (demand.access) {
    case 'open':
      return null
    case 'signed-in':
    case 'admin':
      return { kind: demand.access }
    case 'config':
    case 'naming':
      return { kind: 'resources', action: demand.action, resources: demand.resources(parameters) }
  }
}

/** Parameters that cannot be read are told to who is known, and to nobody else. */
const askedFor = (demand: Demand, parameters: Parameters): { readonly need: Need | null; readonly problem: Answer | null } => {
  try {
    return { need: needOf(demand, parameters), problem: null }
  } catch (error) {
    const problem = answerOf(error)
    if (problem === null) throw error
    return { need: { kind: 'signed-in' }, problem }
  }
}

/** Another node asks for somebody whom it has let through: where nodes ask each other, and nowhere else. */
const isAskedByPeer = (request: PlainRequest, path: string): boolean =>
  headerText(request, questionHeader) !== '' && request.method === 'GET' && isPeerPath(path)

/** It stands on its proof alone: nothing else that it may carry is looked at. */
const passPeer = ({ peers, wallMs }: GateParts, request: PlainRequest, path: string, done: Passed): void => {
  const verdict = peers.judge(headerText(request, questionHeader), request.url ?? '')
  if (verdict.kind === 'proven') {
    done.through(anybody)
    return
  }
  const answer = springError({ status: 403, message: 'nodes of this cluster ask each other here, and prove that they are', path, wallMs: wallMs() })
  const more = verdict.kind === 'challenge' ? [questionChallengeHeader, verdict.challenge] : []
  done.refused({ ...answer, headers: [...answer.headers, ...more] })
}

export const createGate = (parts: GateParts): Gate => ({
  isClosed: parts.auth.isOn,
  pass: (request, { path, demand, parameters }, done) => {
    const { auth, wallMs } = parts
    if (isAskedByPeer(request, path)) {
      passPeer(parts, request, path, done)
      return
    }
    const { need, problem } = askedFor(demand, parameters)
    if (need === null) {
      done.through(stranger)
      return
    }
    auth.decide(need, credentialsOf(request, parameters), (verdict: Verdict) => {
      if (verdict.kind === 'allowed') problem === null ? done.through(verdict.caller) : done.refused(problem)
      else if (verdict.kind === 'overloaded') done.refused(refusal('overloaded'))
      else done.refused(springError({ status: 403, message: verdict.words, path, wallMs: wallMs() }))
    })
  },
})
