/**
 * Answers of the gRPC API (nacos-grpc 2.1, 3.6): the type's name and the JSON. Every one carries `resultCode`, `errorCode` and `success`, and no member
 * is ever null: one of the clients refuses nulls, another one refuses answers that lack these.
 */

import type { Refusal } from '../../raft-driver/ports.ts'
import { excerpt, refusalWords } from '../http/errors.ts'

export interface GrpcAnswer {
  readonly type: string
  readonly json: string
}

const success = 200
const failure = 500

/** Codes of Nacos (NacosException and its like). */
export const errorCodes = {
  badRequest: 400,
  noRight: 403,
  serverError: 500,
  badGateway: 502,
  overThreshold: 503,
  /** Two meanings: the node is starting; and, in an answer to a query, there is no such configuration. */
  starting: 300,
  noConfig: 300,
  unregistered: 301,
  noHandler: 302,
} as const

/** @param members of this answer beside the usual ones */
export const succeeded = (type: string, members: object = {}): GrpcAnswer => ({
  type,
  json: JSON.stringify({ resultCode: success, errorCode: 0, ...members, success: true }),
})

/** The same, its members as JSON text without braces: some of them are large, and are made once for many. */
export const succeededWith = (type: string, members: string): GrpcAnswer => ({
  type,
  json: `{"resultCode":${success},"errorCode":0,${members},"success":true}`,
})

/** The handler's own type with an error in it. */
export const failedAs = (type: string, errorCode: number, message: string, members: object = {}): GrpcAnswer => ({
  type,
  json: JSON.stringify({ resultCode: failure, errorCode, message, ...members, success: false }),
})

/** @param resultCode as a handler's exception has it: the same code twice */
export const errorResponse = (errorCode: number, message: string, resultCode: number = failure): GrpcAnswer => ({
  type: 'ErrorResponse',
  json: JSON.stringify({ resultCode, errorCode, message, success: false }),
})

export const starting = errorResponse(errorCodes.starting, 'Server is starting,please try later.')
export const unregistered = errorResponse(errorCodes.unregistered, 'Connection is unregistered.')
export const noHandler = errorResponse(errorCodes.noHandler, 'RequestHandler Not Found')
export const unreadable = errorResponse(errorCodes.badGateway, 'the request cannot be read: its body is no JSON object in UTF-8')
export const serversOnly = (type: string): GrpcAnswer =>
  errorResponse(errorCodes.badGateway, `${excerpt(type)} is for servers among themselves, which do not talk over this port`)
/** Something broke; the log has the cause. */
export const broken = errorResponse(errorCodes.serverError, 'the node failed to answer; its log says why')

/** What the parameter filter says over gRPC (nacos-http 3.2). */
export const paramCheck = (problem: string): string => `Param check invalid:${problem}`

/** A write that was not carried out, or of which that is not known. The word before the colon is for programs, as HTTP's header has it. */
export const refusedAs = (type: string, code: Refusal, members: object = {}): GrpcAnswer =>
  failedAs(type, code === 'outcome_unknown' ? errorCodes.serverError : errorCodes.overThreshold, `${code}: ${refusalWords[code]}`, members)
