/**
 * What every request goes through before its handler, whichever way it came: the one place where a failure becomes an answer, and the gate. Must never show a stack
 * trace, or leave a request without an answer.
 */

import type { Caller } from '../../auth/authorizer.ts'
import { isStorageFailure } from '../../storage/storage-failure.ts'
import { type Answer, answerOf, caused, refuse, springError, storeBroken } from './errors.ts'
import { decodeQuery, type Field, noFields } from './form.ts'
import { createGate } from './gate.ts'
import type { Parameters } from './parameters.ts'
import type { PlainRequest, PlainResponse } from './plain/plain-port.ts'
import type { HttpParts } from './ports.ts'
import type { Demand } from './router.ts'

/** A request on its route. */
export interface Found {
  readonly path: string
  readonly query: string
  readonly demand: Demand
}

/** Made anew for a caller who is known. */
export type ParametersFor = (caller?: Caller) => Parameters

export interface Entrance<Q extends PlainRequest, S extends PlainResponse> {
  /** What `act` throws is answered. */
  safely(request: Q, response: S, path: string, act: () => void): void
  /** Hands a request's parameters on, once the gate lets it through: at once as a rule, turns later where a password is looked at. */
  admit(request: Q, response: S, found: Found, parametersFor: ParametersFor, go: (parameters: Parameters) => void): void
}

export const queryFields = (query: string): readonly Field[] => {
  if (query === '') return noFields
  const result = decodeQuery(query)
  return result.ok ? result.fields : refuse(caused(400, `the query cannot be read: ${result.problem}`))
}

/**
 * Nacos answers a missing parameter with 500 and says so in the body. HEAD shows no body, so that its status must tell a caller's
 * mistake from a failure of ours.
 */
const seenBy = (request: PlainRequest, answer: Answer, error: unknown): Answer =>
  request.method === 'HEAD' && answer.status === 500 && answerOf(error) !== null ? { ...answer, status: 400 } : answer

/** @param answerNow answers a request that goes no further, of whose body some may still be on its way */
export const createEntrance = <Q extends PlainRequest, S extends PlainResponse>(
  parts: HttpParts,
  answerNow: (request: Q, response: S, answer: Answer) => void,
): Entrance<Q, S> => {
  const gate = createGate({ auth: parts.auth, peers: parts.peers, wallMs: parts.clock.wallMs })
  const failed = (error: unknown, path: string): Answer => {
    const answer = answerOf(error)
    if (answer !== null) return answer
    if (isStorageFailure(error)) {
      parts.storeBroken(error)
      return storeBroken
    }
    parts.failed(`answering ${path.slice(0, 200)}`, error)
    return springError({ status: 500, message: 'the node failed to answer; its log says why', path, wallMs: parts.clock.wallMs() })
  }
  const safely: Entrance<Q, S>['safely'] = (request, response, path, act) => {
    try {
      act()
    } catch (error) {
      const answer = seenBy(request, failed(error, path), error)
      if (response.headersSent) response.destroy()
      else answerNow(request, response, answer)
    }
  }
  const admit: Entrance<Q, S>['admit'] = (request, response, found, parametersFor, go) =>
    safely(request, response, found.path, () => {
      const parameters = parametersFor()
      if (!gate.isClosed()) return go(parameters)
      gate.pass(
        request,
        { ...found, parameters },
        {
          through: (caller) => {
            if (!response.destroyed) safely(request, response, found.path, () => go(parametersFor(caller)))
          },
          refused: (answer) => answerNow(request, response, answer),
        },
      )
    })
  return { safely, admit }
}
