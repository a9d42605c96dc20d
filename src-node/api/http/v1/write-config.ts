/**
 * A publish and a removal, of v1 and, with other names and an envelope, of v2 and v3: parameters to one command, its outcome to one answer
 * (nacos-http 5.1, 5.3, 7, 14). Contents stay bytes. Must never leave a caller without an answer, and never call an unknown outcome a failure.
 */

import { isUtf8 } from 'node:buffer'
import type { WriteOutcome } from '../../../raft-driver/ports.ts'
import { isRequestId } from '../../../state-machine/request-table.ts'
import type { PublishConfig, Reply } from '../../../state-machine/types.ts'
import { socketIpOf } from '../client-ip.ts'
import { whenItFits, whenRecordFits } from '../column-excess.ts'
import type { ConfigNames } from '../config-names.ts'
import { md5Of } from '../content-hash.ts'
import { type Answer, caused, coded, jsonType, missingParameter, noCache, refusal, refuse, send } from '../errors.ts'
import { valueBytesMax } from '../form.ts'
import { configKey, configTags, configType, limitedText, type Parameters, sourceUserOf, tagOf } from '../parameters.ts'
import type { PlainHandler, PlainRequest, PlainResponse } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'
import { grayPublish, grayRecord, grayRemoval, grayRuleOf, refuseRequestId } from './gray-writes.ts'

const contentBytesMax = valueBytesMax

const isAsciiBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1f)

/** Blank as Java's `Character.isWhitespace` has it; ends at the first other character, so it costs nothing as a rule. */
export const isBlankContent = (content: Buffer): boolean => {
  let at = 0
  while (at < content.length) {
    const byte = content[at] ?? 0
    if (isAsciiBlank(byte)) at++
    else if (
      byte >= 0xe1 &&
      byte <= 0xe3 &&
      /^[\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]$/.test(content.toString('utf8', at, at + 3))
    )
      at += 3
    else return false
  }
  return true
}

const contentOf = (parameters: Parameters): Buffer => {
  const field = parameters.bytes('content')
  if (field === undefined) return refuse(missingParameter('content', 'String'))
  // Nacos counts characters; the same figure in UTF-8 bytes is the stricter reading and the one a disk understands.
  if (field.overlong || field.value.length > contentBytesMax) refuse(caused(400, `invalid content, over ${contentBytesMax}`))
  if (!isUtf8(field.value)) refuse(caused(400, 'the content is not valid UTF-8'))
  if (isBlankContent(field.value)) refuse(caused(400, 'content is blank : '))
  return field.value
}

const oneHeader = (request: PlainRequest, name: string): string => {
  const value = request.headers[name]
  return typeof value === 'string' ? value.trim() : ''
}

/** `casMd5` (blank: none), or our `Nacos-Trio-Expect: absent` for "only if it does not exist". */
const expectedMd5 = (request: PlainRequest): string | null => {
  const md5 = oneHeader(request, 'casmd5')
  const expect = oneHeader(request, 'nacos-trio-expect')
  if (expect !== '' && expect !== 'absent') refuse(caused(400, 'Nacos-Trio-Expect knows only the word absent'))
  if (expect === 'absent' && md5 !== '') refuse(caused(400, 'casMd5 and Nacos-Trio-Expect: absent exclude each other'))
  if (md5.length > 64) refuse(caused(400, 'casMd5 is not an md5'))
  return expect === 'absent' ? '' : md5 === '' ? null : md5
}

const noRequestId = {}

/**
 * Our `Nacos-Trio-Request-Id`: a client that did not hear an answer may send the same write with the same id again, to any node, and gets the
 * first answer (design 5). Given twice it comes as one text with a comma, which is none.
 */
const requestIdOf = (request: PlainRequest): { readonly requestId?: string } => {
  const requestId = request.headers['nacos-trio-request-id']
  if (requestId === undefined) return noRequestId
  if (typeof requestId !== 'string' || !isRequestId(requestId))
    return refuse(caused(400, 'Nacos-Trio-Request-Id must be 16 to 64 letters, digits, underscores or dashes, and be given once'))
  return { requestId }
}

const encryptedDataKeyOf = (parameters: Parameters): string => {
  const key = limitedText(parameters, 'encryptedDataKey', 1024)
  // It travels as a response header.
  if (!/^[\x20-\x7e]*$/.test(key)) refuse(caused(400, 'invalid param'))
  return key
}

/** Texts that Nacos limits and we do not keep yet are judged all the same. */
const judgeUnkept = (parameters: Parameters): void => {
  limitedText(parameters, 'use', 32)
  limitedText(parameters, 'effect', 32)
  limitedText(parameters, 'schema', 32_768)
}

/** A success by its index: that of the first attempt, which for a repeat lies below the entry of its own. */
const answerTo = (reply: Reply): number | Answer => {
  switch (reply.kind) {
    case 'published':
    case 'deleted':
    case 'ids-raised':
    case 'gray-done':
    case 'capacity-done':
      return reply.index
    case 'capacity-too-many':
      return caused(400, `capacities are set for ${reply.rowsMax} groups and namespaces already`)
    case 'gray-too-many':
      return caused(400, `gray config version is over max count :${reply.versionsMax}`, 'config gray version version over max count')
    case 'cas-conflict':
      return caused(500, 'Cas publish fail, server md5 may have changed.', 'resource conflict')
    case 'request-id-taken':
      return coded(
        'request_id_reused',
        caused(400, `this Nacos-Trio-Request-Id was used for another write (index ${reply.index}); nothing was changed`),
      )
    // No configuration's: `invalid-command`, or what only another command answers.
    default:
      return caused(500, 'the nodes could not read this write; nothing was changed')
  }
}

/** What became of a write, as its caller hears it: the index, or a refusal. */
export const answerToWrite = (outcome: WriteOutcome<Reply>): number | Answer =>
  outcome.kind === 'applied' ? answerTo(outcome.reply) : refusal(outcome.kind === 'refused' ? outcome.code : 'outcome_unknown')

export interface ConfigWrites {
  readonly publish: PlainHandler
  readonly remove: PlainHandler
}

/** Latin-1, and so as many bytes as characters. */
const bareTrue = 'true'
const envelopedTrue = '{"code":0,"message":"success","data":true}'

export const createConfigWrites = (parts: HttpParts, names: ConfigNames): ConfigWrites => {
  const nodeId = String(parts.nodeId)
  const success = names.enveloped ? envelopedTrue : bareTrue
  const successBytes = String(success.length)

  /** The hot path of every write. */
  const succeed = (response: PlainResponse, index: number): void => {
    parts.counters.writes++
    if (response.destroyed) return
    const own = ['Nacos-Trio-Index', String(index), 'Nacos-Trio-Node', nodeId, 'Content-Length', successBytes]
    response.writeHead(200, ['Content-Type', jsonType, ...noCache, ...own])
    response.end(success, 'latin1')
  }

  const answered =
    (response: PlainResponse) =>
    (outcome: WriteOutcome<Reply>): void => {
      const answer = answerToWrite(outcome)
      if (typeof answer === 'number') succeed(response, answer)
      else if (!response.destroyed) send(response, answer)
    }
  const publish: PlainHandler = (request, response, parameters) => {
    const rule = grayRuleOf(request, parameters)
    const key = configKey(parameters, names)
    const content = contentOf(parameters)
    judgeUnkept(parameters)
    const origin = { sourceIp: socketIpOf(request), sourceUser: sourceUserOf(parameters, names.sourceUser) }
    const texts = { appName: limitedText(parameters, 'appName', 128), description: limitedText(parameters, 'desc', 128) }
    const rest = { type: configType(parameters), tags: configTags(parameters, names), encryptedDataKey: encryptedDataKeyOf(parameters) }
    const demands = { expectedMd5: expectedMd5(request), ...requestIdOf(request) }
    if (rule !== null) refuseRequestId(demands)
    const go = (): void =>
      md5Of(content, (md5) => {
        const command: PublishConfig = { kind: 'publish-config', ...key, content, md5, ...demands, ...texts, ...rest, ...origin }
        if (rule === null) parts.write(command, answered(response))
        else {
          const version = grayPublish(command, rule)
          whenRecordFits(parts, grayRecord(version), response, () => parts.grays.propose(version, answered(response)))
        }
      })
    if (rule === null) whenItFits(parts, { ...key, content, ...texts, ...rest, ...origin }, response, go)
    else go()
  }

  const remove: PlainHandler = (request, response, parameters) => {
    const key = configKey(parameters, names)
    const tag = tagOf(parameters)
    const demands = { expectedMd5: expectedMd5(request), ...requestIdOf(request) }
    const origin = { sourceIp: socketIpOf(request), sourceUser: sourceUserOf(parameters, names.sourceUser) }
    if (tag === '') parts.write({ kind: 'delete-config', ...key, ...demands, ...origin }, answered(response))
    else {
      refuseRequestId(demands)
      parts.grays.propose(grayRemoval(parts, key, tag, origin), answered(response))
    }
  }

  return { publish, remove }
}
