/** What became of a naming write, as an answer (nacos-grpc 6.3): a refusal of the state machine is what Nacos throws from its handler. */

import type { NamingOutcome, NamingRefusal, ServiceKey } from '../../../naming/naming-port.ts'
import { groupedName } from '../../http/naming/names.ts'
import { errorCodes, errorResponse, type GrpcAnswer, refusedAs, succeeded, unregistered } from '../answers.ts'

/** `deed`: what the service's kind does not allow. */
const wordsOf = (why: NamingRefusal, service: ServiceKey, deed: string): GrpcAnswer => {
  const kind = (words: string): GrpcAnswer =>
    errorResponse(
      errorCodes.badRequest,
      `errCode: 400, errMsg: Current service ${groupedName(service)} is ${words} service, can't ${deed} instance. `,
      errorCodes.badRequest,
    )
  switch (why) {
    case 'service-is-persistent':
      return kind('persistent')
    case 'service-is-ephemeral':
      return kind('ephemeral')
    case 'connection-unknown':
      return unregistered
    case 'too-many':
      return errorResponse(errorCodes.overThreshold, 'this cluster holds as many services or instances as it may', errorCodes.overThreshold)
    case 'service-exists':
    case 'service-unknown':
    case 'service-not-empty':
    case 'instance-unknown':
    case 'health-is-checked':
    case 'switch-unknown':
    case 'switch-value':
      return errorResponse(errorCodes.badRequest, `the request was refused: ${why}`, errorCodes.badRequest)
  }
}

/** One kind of write. */
export interface NamingDeed {
  /** `register ephemeral`, as it stands in Nacos's sentence. */
  readonly words: string
  /** Made once: there are thousands of them a second. */
  readonly success: GrpcAnswer
}

/** @param type as the request has it, which the answer repeats */
export const namingDeed = (responseType: string, type: string, words: string): NamingDeed => ({ words, success: succeeded(responseType, { type }) })

export const namingAnswer = ({ words, success }: NamingDeed, service: ServiceKey, outcome: NamingOutcome): GrpcAnswer => {
  if (outcome.kind === 'refused') return refusedAs(success.type, outcome.code)
  if (outcome.kind === 'unknown') return refusedAs(success.type, 'outcome_unknown')
  return outcome.reply.kind === 'naming-done' ? success : wordsOf(outcome.reply.why, service, words)
}
