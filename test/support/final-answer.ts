/**
 * One write and its final answer: under one request id it is sent again, to the same node, as long as the answer is "not now" (503, and
 * 408 of a node that stood still) or "nobody knows" (504), which a busy machine may give. For tests of what is written, not of how soon.
 */

import { randomUUID } from 'node:crypto'
import type { Answer } from './http.ts'
import { waitUntil } from './wait-until.ts'

const notFinal: readonly number[] = [408, 503, 504]

export type RequestIdHeader = Readonly<Record<'Nacos-Trio-Request-Id', string>>

export const finalAnswer = (what: string, ask: (id: RequestIdHeader) => Promise<Answer>, limitMs = 30_000): Promise<Answer> => {
  const id = { 'Nacos-Trio-Request-Id': randomUUID() }
  return waitUntil(
    `a final answer to ${what}`,
    async () => {
      const answer = await ask(id)
      if (notFinal.includes(answer.status)) throw new Error(`${answer.status} ${answer.text}`)
      return answer
    },
    limitMs,
  )
}
