/**
 * One merged stream out of the log files of all nodes and of the app. Reads only while somebody watches. Gives each line a number that
 * stands for the life of the app. Must never hold more than its ring, nor wait for a slow subscriber.
 */

import type { LogLine } from '../contract/index.ts'
import { parseLogLine } from './log-line.ts'
import { createLogTail, type LogTail } from './log-tail.ts'
import { createSubscriberQueue, type SubscriberQueue } from './subscriber-queue.ts'

/** Also the pace of batches: ten a second. */
const pollMs = 100
const ringLines = 20_000
const subscriberLines = 20_000
const subscriberLimit = 64

export interface LogSource {
  /** 0 = the app. */
  readonly node: number
  readonly path: string
}

export interface LogBatch {
  lines: LogLine[]
  dropped: number
}

export interface LogHub {
  /** The newest `backlog` lines at once (possibly none), then batches until `signal` fires. Throws when too many watch. */
  watch(backlog: number, signal: AbortSignal | undefined): AsyncGenerator<LogBatch>
  close(): Promise<void>
}

interface Followed {
  readonly source: LogSource
  readonly tail: LogTail
  lastMs: number
}

/** `sources` is asked at each turn: nodes come and go. What is no source any more is read once more, to its last line, and forgotten. */
export function createLogHub(options: { readonly sources: () => readonly LogSource[]; readonly nowMs: () => number }): LogHub {
  let followed: readonly Followed[] = []
  /** @returns those whose last turn this is */
  const followAll = (): readonly Followed[] => {
    const sources = options.sources()
    const isFollowed = ({ path }: LogSource) => followed.some(({ source }) => source.path === path)
    const added = sources.filter((source) => !isFollowed(source))
    followed = [...followed, ...added.map((source) => ({ source, tail: createLogTail(source.path), lastMs: options.nowMs() }))]
    return followed.filter(({ source }) => !sources.some(({ path }) => path === source.path))
  }
  const subscribers = new Set<SubscriberQueue<LogLine>>()
  let ring: LogLine[] = []
  let seq = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let reading: Promise<void> | null = null
  let closed = false

  const readAll = async () => {
    const last = followAll()
    const batches = await Promise.all(followed.map(readOne))
    followed = followed.filter((each) => !last.includes(each))
    await Promise.all(last.map(({ tail }) => tail.release()))
    const merged = batches.flat()
    if (merged.length === 0) return
    // Stable: lines of one file keep their order even where its clock stepped back within one batch.
    merged.sort((a, b) => a.atMs - b.atMs)
    const lines: LogLine[] = merged.map((line) => {
      seq += 1
      return { ...line, seq }
    })
    ring = ring.concat(lines)
    if (ring.length > ringLines) ring = ring.slice(-ringLines)
    for (const subscriber of subscribers) subscriber.push(lines)
  }
  const poll = () => {
    reading ??= readAll().finally(() => {
      reading = null
      clearTimeout(timer)
      if (subscribers.size > 0 && !closed) timer = setTimeout(poll, pollMs)
      else void Promise.all(followed.map(({ tail }) => tail.release()))
    })
    return reading
  }

  return {
    async *watch(backlog, signal) {
      if (subscribers.size >= subscriberLimit) throw new Error(`more than ${subscriberLimit} consoles watch the log`)
      await poll()
      const queue = createSubscriberQueue<LogLine>(subscriberLines, signal)
      const first = backlog === 0 ? [] : ring.slice(-backlog)
      subscribers.add(queue)
      try {
        void poll()
        yield { lines: first, dropped: 0 }
        for (;;) {
          const batch = await queue.take()
          if (!batch) return
          yield { lines: [...batch.items], dropped: batch.dropped }
          // A subscriber of a busy log gets what gathered meanwhile as one batch, not one a line.
          await pause(pollMs, signal)
        }
      } finally {
        subscribers.delete(queue)
      }
    },
    async close() {
      closed = true
      clearTimeout(timer)
      await reading
      await Promise.all(followed.map(({ tail }) => tail.release()))
    },
  }
}

async function readOne(followed: Followed): Promise<Omit<LogLine, 'seq'>[]> {
  const { lines, skippedBytes } = await followed.tail.read()
  const node = followed.source.node
  const result: Omit<LogLine, 'seq'>[] = []
  if (skippedBytes > 0) {
    const text = `${skippedBytes} bytes of this log are not shown: it grew faster than it could be read`
    result.push({ node, atMs: followed.lastMs, level: 'warn', module: 'console', text })
  }
  for (const text of lines) {
    const line = parseLogLine(text, followed.lastMs)
    followed.lastMs = line.atMs
    result.push({ node, ...line })
  }
  return result
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
  })
}
