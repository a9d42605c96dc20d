/** The success of v2 and v3, `{"code":0,"message":"success","data":…}`, and of v1 where it has an envelope (nacos-http 2.1). Knows no operation. */

import { type Answer, jsonType, noCache, send } from './errors.ts'
import type { PlainResponse } from './plain/plain-port.ts'

export const jsonHeaders = ['Content-Type', jsonType, ...noCache, 'X-Content-Type-Options', 'nosniff'] as const

export const jsonAnswer = (value: unknown): Answer => ({ status: 200, headers: jsonHeaders, body: JSON.stringify(value) })

export const resultAnswer = (data: unknown): Answer => jsonAnswer({ code: 0, message: 'success', data })

/** v1: success is 200, also in the body. */
export const restResultAnswer = (data: unknown, message: string | null = null): Answer => jsonAnswer({ code: 200, message, data })

/** To a client that is still there: answers are often made later. */
export const sendIfThere = (response: PlainResponse, answer: Answer): void => {
  if (!response.destroyed) send(response, answer)
}

export const sendResult = (response: PlainResponse, data: unknown): void => sendIfThere(response, resultAnswer(data))
