/**
 * How new the answer to a read of one configuration must be: as this node knows it, or, with `consistency=linearizable`, only after a
 * majority has confirmed that this node's state is not behind (thesis 6.4). Owns the word and its refusals; knows no content.
 */

import { caused, refusal, refuse, send } from '../errors.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import type { PlainRequest, PlainResponse } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'
import { answerLater } from './answer-later.ts'

export type Consistency = 'default' | 'linearizable'

/** A read whose level was judged before it was known which of the reads is meant. */
export type ConsistentRead<R extends PlainResponse> = (request: PlainRequest, response: R, parameters: Parameters, consistency: Consistency) => void

/** Refuses any other word with 400: who asks for more than there is must not get less. */
export const consistencyOf = (parameters: Parameters): Consistency => {
  if (!parameters.has('consistency')) return 'default'
  const level = limitedText(parameters, 'consistency', 32)
  if (level === 'linearizable') return level
  return level === '' || level === 'default' ? 'default' : refuse(caused(400, 'consistency is default or linearizable'))
}

const readRefusals = {
  no_quorum:
    'no majority of the nodes can be reached, so nobody knows the newest value; without consistency=linearizable this node answers from its own state',
  not_member:
    'this node is no member of the cluster (any more, or yet); ask another node, or without consistency=linearizable this node for its own old state',
  overloaded: 'this node has too much to do for a linearizable read; try again',
} as const

/** Runs `answer` once this node's own state may answer; at once for a default read. */
export const whenConsistent = (parts: HttpParts, response: PlainResponse, consistency: Consistency, answer: () => void): void => {
  if (consistency === 'default') answer()
  else
    parts.readIndex((outcome) => {
      if (response.destroyed) return
      if (outcome.kind === 'safe') answerLater(parts, response, answer)
      else send(response, refusal(outcome.code, readRefusals[outcome.code]))
    })
}
