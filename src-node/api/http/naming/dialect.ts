/**
 * How each version of the naming API words what the one body of logic found: v1 in bare values and plain text, v2 and v3 in their envelope
 * (nacos-http 2, 8, 9, 14). Owns the wording of success and of refusals; must never decide what is refused.
 */

import type { ServerResponse } from 'node:http'
import type { InstanceKey, NamingOutcome, NamingRefusal, ServiceView } from '../../../naming/naming-port.ts'
import type { ErrorName } from '../error-codes.ts'
import { type Answer, noCache, refusal, refuse, textType } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import type { PlainRequest, PlainResponse } from '../plain/plain-port.ts'
import type { HttpParts, NamingParts } from '../ports.ts'
import { jsonHeaders, sendIfThere } from '../result.ts'
import { answerLater } from '../v1/answer-later.ts'
import { inResult, sendPieces } from '../v1/json-pieces.ts'
import type { ScanQueue } from '../v1/scan-queue.ts'

export type Version = 'v1' | 'v2' | 'v3'

const textHeaders = ['Content-Type', textType, ...noCache, 'X-Content-Type-Options', 'nosniff'] as const

export const textAnswer = (status: number, body: string): Answer => ({ status, headers: textHeaders, body })
const jsonAnswer = (body: string): Answer => ({ status: 200, headers: jsonHeaders, body })
const resultAnswer = (dataJson: string): Answer => jsonAnswer(`{"code":0,"message":"success","data":${dataJson}}`)

/** v1 of naming answers a mistake with its bare words, later versions with the code of `name` around them. */
export const refusedAs = (status: number, name: ErrorName, words: string): Answer => ({
  ...textAnswer(status, words),
  problem: { name, detail: words },
})

/** A caller's mistake, on its way up. */
export const refuseCall = (status: number, name: ErrorName, words: string): never => refuse(refusedAs(status, name, words))

const okText = textAnswer(200, 'ok')
const okResult = resultAnswer('"ok"')

/** What is the same for all requests. */
export interface Ground extends NamingParts {
  readonly parts: HttpParts
  /** Walks over all services of a namespace, one after the other. */
  readonly scans: ScanQueue<ServiceView>
}

/** One request on its way through the logic. */
export interface CallOf<R extends PlainResponse> extends Ground {
  readonly version: Version
  readonly request: PlainRequest
  readonly response: R
  readonly parameters: Parameters
}
/** One that may be answered in pieces. */
export type Call = CallOf<ServerResponse>
/** One that has a short answer, at once or later. */
export type PlainCall = CallOf<PlainResponse>

export const reply = ({ response }: PlainCall, answer: Answer): void => sendIfThere(response, answer)

export const replyOk = (call: PlainCall): void => reply(call, call.version === 'v1' ? okText : okResult)
/** What v2 took over from v1 as it was. */
export const replyBareOk = (call: PlainCall): void => reply(call, okText)

/** @param json a text that v1 answers bare, and later versions as `data` */
export const replyData = (call: PlainCall, json: string): void => reply(call, call.version === 'v1' ? jsonAnswer(json) : resultAnswer(json))
export const replyBare = (call: PlainCall, json: string): void => reply(call, jsonAnswer(json))

/** As `replyData`, for what may be long: sent as the client takes it. */
export const replyPieces = (call: Call, pieces: Iterator<string> & Iterable<string>): void =>
  sendPieces(call.parts, call.response, call.version === 'v1' ? pieces : inResult(pieces))

/** What of a naming request is done, in whichever version it came. */
export type Act = (call: Call) => void
export type PlainAct = (call: PlainCall) => void

/** A handler that does it: a plain one, for what needs no more. */
export type On = <R extends PlainResponse>(act: (call: CallOf<R>) => void) => (request: PlainRequest, response: R, parameters: Parameters) => void

export const handlerIn =
  (ground: Ground, version: Version): On =>
  (act) =>
  (request, response, parameters) =>
    act({ ...ground, version, request, response, parameters })

export type Why = NamingRefusal

/** What became of a write. `refused` words why the machine changed nothing; null: that is as good as done. `done` hears which instances it met. */
export const whenWritten =
  (call: PlainCall, refused: (why: Why) => Answer | null, done: (met: readonly InstanceKey[]) => void = () => replyOk(call)) =>
  (outcome: NamingOutcome): void =>
    answerLater(call.parts, call.response, () => {
      if (outcome.kind !== 'applied') return refuse(refusal(outcome.kind === 'refused' ? outcome.code : 'outcome_unknown'))
      const { reply: given } = outcome
      const answer = given.kind === 'naming-done' ? null : refused(given.why)
      if (answer !== null) return reply(call, answer)
      call.parts.counters.writes++
      return done(given.kind === 'naming-done' ? given.updated : [])
    })
