/** The protocol's other end for programs in JavaScript. Stdout belongs to it: a client that logs must log to stderr. */

import { createInterface } from 'node:readline'
import type { Line, Order, ProgramOptions, Verb, Verbs } from '../protocol.ts'

export const optionsGiven = (): ProgramOptions => JSON.parse(process.argv[2] ?? '') as ProgramOptions

export const tell = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

/** What a client cannot is absent. */
export type Handlers = { readonly [V in Verb]?: (given: Verbs[V]['with']) => Promise<Verbs[V]['gives']> }

const carryOut = async (handlers: Handlers, order: Order): Promise<unknown> => {
  const handler = handlers[order.do] as ((given: Order['with']) => Promise<unknown>) | undefined
  if (handler === undefined) throw new Error(`this client cannot ${order.do}`)
  return handler(order.with)
}

/** Serves until stdin ends, then ends the process: some clients have no end of their own. */
export const serve = (handlers: Handlers): void => {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (text) => {
    const order = JSON.parse(text) as Order
    carryOut(handlers, order).then(
      (value) => tell({ kind: 'done', id: order.id, value: value ?? null }),
      (error: unknown) => tell({ kind: 'failed', id: order.id, problem: error instanceof Error ? error.message : String(error) }),
    )
  })
  lines.on('close', () => process.exit(0))
  tell({ kind: 'ready' })
}

/** For clients that want a logger. */
const toStderr = (...words: readonly unknown[]): void => void process.stderr.write(`${words.map(String).join(' ')}\n`)
export const stderrLogger = { ...console, log: toStderr, info: toStderr, debug: toStderr, warn: toStderr, error: toStderr }
