/** What a lookup in the store came to, as an answer; the handler's own turn is over by then. */

import type { ServerResponse } from 'node:http'
import type { LookupAnswer } from '../../../storage/types.ts'
import { refusal, refuse, springError } from '../errors.ts'
import type { HttpParts } from '../ports.ts'
import { answerLater } from './answer-later.ts'

const busy = refusal('overloaded', 'this node looks up as much in its store as it may; try again')

/** `act` runs for what was found, if its client is still there; what it throws becomes the answer. */
export const whenFound =
  <T>(parts: HttpParts, response: ServerResponse, act: (found: T) => void): ((answer: LookupAnswer<T>) => void) =>
  (answer) => {
    if (response.destroyed) return
    answerLater(parts, response, () => {
      if (answer.kind === 'found') return act(answer.value)
      if (answer.kind === 'busy') return refuse(busy)
      parts.failed('looking something up in the store', answer.words)
      const message = 'the node could not read its own store; its log says why'
      return refuse(springError({ status: 500, message, path: '', wallMs: parts.clock.wallMs() }))
    })
  }
