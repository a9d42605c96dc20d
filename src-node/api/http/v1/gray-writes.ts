/**
 * Publishes and removals of gray versions (nacos-http 5.1, 5.3): by the header `betaIps`, or by a `tag`. Parameters to one command; the content and all
 * that belongs to it are read as those of a formal publish.
 */

import { betaIpsOf } from '../../../state-machine/areas/gray-choice.ts'
import type { GrayRule, PublishGray, RemoveGray } from '../../../state-machine/areas/gray-words.ts'
import type { SharedRecord } from '../../../state-machine/areas/shared-words.ts'
import type { ConfigKey, PublishConfig } from '../../../state-machine/types.ts'
import { caused, refuse } from '../errors.ts'
import { type Parameters, tagOf } from '../parameters.ts'
import type { PlainRequest } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'

/** As the column of Nacos had it. */
const betaIpsCharactersMax = 1024

export const betaName = 'beta'
const tagName = (tag: string): string => `tag_${tag}`

/** A sentence: why these are no addresses for a version. */
export const betaProblem = (betaIps: string): string | null => {
  if (betaIps.length > betaIpsCharactersMax) return `too long betaIps, over ${betaIpsCharactersMax}`
  return betaIpsOf(betaIps).length === 0 ? 'betaIps names no address' : null
}

const betaRule = (header: string): GrayRule => {
  const problem = betaProblem(header)
  return problem === null ? { type: 'beta', expr: header } : refuse(caused(400, problem, 'config gray rule format invalid'))
}

/** Null: the formal content is meant. Addresses count before a tag. */
export const grayRuleOf = (request: PlainRequest, parameters: Parameters): GrayRule | null => {
  const { betaips } = request.headers
  if (typeof betaips === 'string' && betaips.trim() !== '') return betaRule(betaips.trim())
  const tag = tagOf(parameters)
  return tag === '' ? null : { type: 'tag', expr: tag }
}

/** A repeat under an id is known of formal writes alone: one that is promised and not kept would be worse than none. */
export const refuseRequestId = ({ requestId }: Pick<PublishConfig, 'requestId'>): void => {
  if (requestId !== undefined) refuse(caused(400, 'a gray version is written without Nacos-Trio-Request-Id'))
}

/** The same publish, for some clients. */
export const grayPublish = (publish: PublishConfig, rule: GrayRule): PublishGray => {
  const { namespace, group, dataId, content, md5, expectedMd5, type, appName, encryptedDataKey, sourceIp, sourceUser } = publish
  const names = { namespace, group, dataId, grayName: rule.type === 'beta' ? betaName : tagName(rule.expr) }
  return { kind: 'publish-gray', ...names, rule, content, md5, expectedMd5, type, appName, encryptedDataKey, sourceIp, sourceUser }
}

/** As it would stand in a table; no number and no time is too long for one. */
export const grayRecord = ({ expectedMd5: _, ...version }: PublishGray): SharedRecord => ({
  ...{ ...version, kind: 'gray', id: 0, createdMs: 0, modifiedMs: 0, index: 0, contentBytes: version.content.length },
})

/** Nacos takes the parameter for the version's own name; its older clients mean the tag. */
export const grayRemoval = (
  { grays }: Pick<HttpParts, 'grays'>,
  key: ConfigKey,
  tag: string,
  origin: Pick<RemoveGray, 'sourceIp' | 'sourceUser'>,
): RemoveGray => {
  const isName = grays.of(key).some(({ grayName }) => grayName === tag)
  return { kind: 'remove-gray', ...key, grayName: isName ? tag : tagName(tag), ...origin }
}
