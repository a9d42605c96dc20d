/** For answers made after the handler's own turn: what is thrown then has nobody above who would answer it, and must not reach the loop of consensus. */

import { isStorageFailure } from '../../../storage/storage-failure.ts'
import { type Answer, answerOf, send, springError } from '../errors.ts'
import type { PlainResponse } from '../plain/plain-port.ts'
import type { HttpParts } from '../ports.ts'
import { answerBroken } from './content-check.ts'

const failed = (parts: HttpParts, error: unknown): Answer => {
  parts.failed('answering after a wait', error)
  return springError({ status: 500, message: 'the node failed to answer; its log says why', path: '', wallMs: parts.clock.wallMs() })
}

export const answerLater = (parts: HttpParts, response: PlainResponse, act: () => void): void => {
  try {
    act()
  } catch (error) {
    const refused = answerOf(error)
    if (refused === null && isStorageFailure(error)) answerBroken(parts, response, error)
    else if (response.headersSent) response.destroy()
    else if (!response.destroyed) send(response, refused ?? failed(parts, error))
  }
}
