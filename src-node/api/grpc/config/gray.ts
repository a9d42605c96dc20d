/** Versions of a configuration for some of its clients, as gRPC requests mean them (nacos-grpc 5.1, 5.4): who asks, and for whom a publish is. */

import type { GrayClient } from '../../../state-machine/areas/gray-choice.ts'
import type { GrayRule } from '../../../state-machine/areas/gray-words.ts'
import { tagProblem } from '../../http/parameters.ts'
import { betaProblem } from '../../http/v1/gray-writes.ts'
import type { GrpcCall } from '../requests.ts'

const tagHeader = 'Vipserver-Tag'
/** As a label of an application, which its client sends with `app_` before it; and as older clients name it themselves. */
const tagLabels = [`app_${tagHeader}`, tagHeader] as const

/** What a request says counts before what the connection said once for all of them. */
const tagOf = ({ connection, payload }: Pick<GrpcCall, 'connection' | 'payload'>): string => {
  const said = payload.header(tagHeader).trim()
  if (said !== '') return said
  for (const label of tagLabels) {
    const tag = connection.words.labels[label]?.trim() ?? ''
    if (tag !== '') return tag
  }
  return ''
}

/** By the address that the client says is its own, as Nacos has it; and the tag that it wishes for, or that its connection bears. */
export const grayClientOf = (call: Pick<GrpcCall, 'connection' | 'payload'>): GrayClient => ({ ip: call.connection.words.clientIp, tag: tagOf(call) })

/** Null: the formal content is meant. Addresses count before a tag. A sentence: neither. */
export const grayRuleIn = (betaIps: string, tag: string): GrayRule | null | string => {
  if (betaIps !== '') return betaProblem(betaIps) ?? { type: 'beta', expr: betaIps }
  return tag === '' ? null : (tagProblem(tag) ?? { type: 'tag', expr: tag })
}
