/** The other nodes, asked in the caller's own name: they judge it as this one did. What is asked, and what the answers mean, is the caller's. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { identityHeaders, queryInNameOf } from './caller-identity.ts'
import { refusal, refuse } from './errors.ts'
import type { Parameters } from './parameters.ts'
import type { HttpParts } from './ports.ts'
import { answerLater } from './v1/answer-later.ts'

export interface PeerQuestion {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly parameters: Parameters
  /** With the context. */
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

/** `done` hears the bodies of those that answered in time, in a turn of its own; not at all once the client is gone. */
export const askPeers = (parts: HttpParts, question: PeerQuestion, done: (bodies: readonly Buffer[]) => void): void => {
  const { request, response, parameters, path, fields } = question
  const asked = parts.peers.ask(`${path}?${queryInNameOf(parameters, fields)}`, identityHeaders(request), (bodies) => {
    if (!response.destroyed) answerLater(parts, response, () => done(bodies))
  })
  if (!asked) refuse(refusal('overloaded', 'this node asks the others as much as it may; try again'))
}
