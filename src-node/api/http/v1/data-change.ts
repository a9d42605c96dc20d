/**
 * `/v1/cs/communication/dataChange`: nodes tell each other what has changed (nacos-storage 4). POST is ours: all keys of a moment, proven by the
 * sender as a node of this cluster. GET is the old form, one key and unproven: it makes this node look at its own file of that key, nothing more.
 */

import type { ServerResponse } from 'node:http'
import { decodeNotice, noticeBytesMax } from '../../../notify/notice.ts'
import { challengeHeader, type NoticeVerdict, proofHeader } from '../../../notify/notice-proof.ts'
import type { NoticeTaken } from '../../../notify/notice-receiver.ts'
import { v1ConfigNames } from '../config-names.ts'
import { type Answer, caused, jsonType, noCache, refusal, send } from '../errors.ts'
import { configKey, limitedText } from '../parameters.ts'
import type { HttpParts } from '../ports.ts'
import { oneConfig } from '../resources.ts'
import type { Route } from '../router.ts'

const headers = ['Content-Type', jsonType, ...noCache] as const
const done = (body: string): Answer => ({ status: 200, headers, body })

const refusedWords = {
  forged: 'this notice was not made by a node of this cluster',
  replayed: 'this notice was taken before',
  stranger: 'this notice comes from a node that does not belong to the cluster',
} as const

const unproven = (verdict: Exclude<NoticeVerdict, { kind: 'proven' }>): Answer => {
  if (verdict.kind === 'refused') return caused(403, refusedWords[verdict.why])
  const answer = caused(401, 'nodes of this cluster tell each other here what has changed, and prove that they are')
  return { ...answer, headers: [...answer.headers, challengeHeader, verdict.challenge] }
}

const answerOf = (result: NoticeTaken): Answer => {
  switch (result.kind) {
    case 'taken':
      return done(JSON.stringify({ appliedIndex: result.appliedIndex }))
    case 'behind':
      return refusal('overloaded', `this node has applied up to ${result.appliedIndex} only; tell it again`)
    case 'overloaded':
      return refusal('overloaded', 'too many notices wait at this node; tell it again')
  }
}

const noBytes = Buffer.alloc(0)
/** As in Nacos (nacos-http 3.2). */
const tagCharactersMax = 16

export const createDataChangeRoute = (parts: HttpParts): Route => {
  const { notices } = parts
  const answer = (response: ServerResponse, given: Answer): void => {
    if (!response.destroyed) send(response, given)
  }
  return {
    // From node to node, with a proof of its own; the old form has none, and is a question about one configuration.
    ...oneConfig(v1ConfigNames),
    accessTo: { POST: 'open' },
    jsonBytesMax: noticeBytesMax,
    POST: (request, response, parameters) => {
      const proof = request.headers[proofHeader]
      const body = parameters.json() ?? noBytes
      const verdict = notices.judge(typeof proof === 'string' ? proof : undefined, body)
      if (verdict.kind !== 'proven') {
        answer(response, unproven(verdict))
        return
      }
      const notice = decodeNotice(body)
      if (notice === null) answer(response, caused(400, 'this notice has a form that this version does not know'))
      else notices.take(notice, (result) => answer(response, answerOf(result)))
    },
    GET: (_request, response, parameters) => {
      const key = configKey(parameters)
      // A version of its own for a tag is not kept yet; the file of the key is looked at all the same.
      limitedText(parameters, 'tag', tagCharactersMax)
      answer(response, notices.check(key) ? done('true') : refusal('overloaded', 'too many files wait to be looked at; ask again'))
    },
  }
}
