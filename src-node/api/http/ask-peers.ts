/**
 * The other nodes, asked for somebody whom this node has let through: it says so with a proof of its own, and who the caller is, and how that was shown,
 * leaves this node in no form. What is asked, and what the answers mean, is the caller's.
 */

import type { ServerResponse } from 'node:http'
import { refusal, refuse } from './errors.ts'
import type { PeerPath } from './peer-paths.ts'
import type { HttpParts } from './ports.ts'
import { answerLater } from './v1/answer-later.ts'

export interface PeerQuestion {
  readonly response: ServerResponse
  readonly path: PeerPath
  readonly fields: Readonly<Record<string, string>>
}

/** `done` hears the bodies of those that answered in time, in a turn of its own; not at all once the client is gone. */
export const askPeers = (parts: HttpParts, { response, path, fields }: PeerQuestion, done: (bodies: readonly Buffer[]) => void): void => {
  const asked = parts.peers.ask(path, fields, (bodies) => {
    if (!response.destroyed) answerLater(parts, response, () => done(bodies))
  })
  if (!asked) refuse(refusal('overloaded', 'this node asks the others as much as it may; try again'))
}
