/**
 * Listeners as Nacos clients are: a long poll with the md5 they know, a read when told of a change, and again. Afterwards each must have come to
 * the last content of its key by being told, not by asking: one that was forgotten stands at an older one.
 */

import { listen } from './nacos.ts'
import type { RegisterNode } from './register-books.ts'
import { waitUntil } from './wait-until.ts'

export interface ListenersOptions {
  readonly nodes: readonly RegisterNode[]
  readonly keys: readonly string[]
  /** A read whose answer is judged with all others; null: none that could be trusted. */
  observe(node: RegisterNode, key: string): Promise<string | null>
}

export interface Listeners {
  /** Times that a poll was answered with a change. */
  notices(): number
  /** Waits until every listener knows the md5 that `lastOf` gives for its key; gives those that do not, in words. Call when nobody writes any more. */
  settle(lastOf: ReadonlyMap<string, string>, limitMs: number): Promise<readonly string[]>
  stop(): Promise<void>
}

/** Longer than any wait of a judge, so that a change which nobody is told of is not found by the poll's own end. */
const pollMs = 60_000
const pauseAfterTroubleMs = 20
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Listener {
  readonly node: RegisterNode
  readonly key: string
  known: string
  polls: number
}

/** One listener for every key at every node. */
export const startListeners = ({ nodes, keys, observe }: ListenersOptions): Listeners => {
  const ending = new AbortController()
  let notices = 0

  /** One poll, and the read that a change asks for. What is answered without a word of the key is no change. */
  const turn = async (listener: Listener): Promise<void> => {
    const { node, key } = listener
    listener.polls++
    const answer = await listen(node.http, { dataId: key }, listener.known, { waitMs: pollMs, signal: ending.signal })
    if (answer.status !== 200) throw new Error(`a poll was answered with ${answer.status}`)
    if (!answer.text.includes(encodeURIComponent(key))) return
    notices++
    const seen = await observe(node, key)
    if (seen !== null) listener.known = seen
  }
  const loop = async (listener: Listener): Promise<void> => {
    while (!ending.signal.aborted) await turn(listener).catch(() => pause(pauseAfterTroubleMs))
  }
  const all: readonly Listener[] = nodes.flatMap((node) => keys.map((key) => ({ node, key, known: '', polls: 0 })))
  const loops = all.map(loop)

  const late = (lastOf: ReadonlyMap<string, string>): readonly string[] =>
    all
      .filter(({ key, known }) => known !== lastOf.get(key))
      .map(
        ({ node, key, known, polls }) =>
          `the listener of ${key} at node ${node.id} stands at ${known || 'nothing'} after ${polls} polls, the key at ${lastOf.get(key) || 'nothing'}`,
      )
  return {
    notices: () => notices,
    settle: async (lastOf, limitMs) => {
      await waitUntil('the listeners to be told', () => late(lastOf).length === 0, limitMs).catch(() => undefined)
      return late(lastOf)
    },
    stop: async () => {
      ending.abort()
      await Promise.all(loops)
    },
  }
}
