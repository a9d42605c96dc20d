/** Versions of a configuration for some of its clients, as gRPC requests mean them (nacos-grpc 5.1, 5.4): who asks, and for whom a publish is. */

import type { GrayClient } from '../../../state-machine/areas/gray-choice.ts'
import type { GrayRule } from '../../../state-machine/areas/gray-words.ts'
import { tagProblem } from '../../http/parameters.ts'
import { betaProblem } from '../../http/v1/gray-writes.ts'
import type { GrpcCall } from '../requests.ts'

/** By the address that the client says is its own, as Nacos has it; and the tag that it wishes for. */
export const grayClientOf = ({ connection, payload }: Pick<GrpcCall, 'connection' | 'payload'>): GrayClient => ({
  ip: connection.words.clientIp,
  tag: payload.header('Vipserver-Tag').trim(),
})

/** Null: the formal content is meant. Addresses count before a tag. A sentence: neither. */
export const grayRuleIn = (betaIps: string, tag: string): GrayRule | null | string => {
  if (betaIps !== '') return betaProblem(betaIps) ?? { type: 'beta', expr: betaIps }
  return tag === '' ? null : (tagProblem(tag) ?? { type: 'tag', expr: tag })
}
