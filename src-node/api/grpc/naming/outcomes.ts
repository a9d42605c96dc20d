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

export interface NamingDeed {
  readonly responseType: string
  readonly service: ServiceKey
  /** `register ephemeral`, as it stands in Nacos's sentence. */
  readonly deed: string
  /** What the answer says beside its success. */
  readonly members: object
}

export const namingAnswer = ({ responseType, service, deed, members }: NamingDeed, outcome: NamingOutcome): GrpcAnswer => {
  if (outcome.kind === 'refused') return refusedAs(responseType, outcome.code)
  if (outcome.kind === 'unknown') return refusedAs(responseType, 'outcome_unknown')
  return outcome.reply.kind === 'naming-done' ? succeeded(responseType, members) : wordsOf(outcome.reply.why, service, deed)
}
