/**
 * Keeps one server stream open while somebody looks: opened by the first watcher, reopened after a break with back-off, closed a moment
 * after the last watcher left (so that a change of screen does not close and reopen it).
 */

import type { Transport } from './connection.ts'

const lingerMs = 1_000
const firstRetryMs = 250
const longestRetryMs = 5_000

export interface StreamOptions<T> {
  readonly transport: Transport
  open(signal: AbortSignal): Promise<AsyncIterable<T>>
  /** A new stream begins: what follows replaces what was there. */
  onOpen(): void
  onItem(item: T): void
}

export function createStream<T>(options: StreamOptions<T>) {
  let watchers = 0
  let stop: AbortController | null = null
  let linger: ReturnType<typeof setTimeout> | undefined

  return {
    /** Registers one watcher; the returned function takes it away. */
    retain(): () => void {
      watchers += 1
      clearTimeout(linger)
      if (!stop) {
        stop = new AbortController()
        void follow(options, stop.signal)
      }
      let held = true
      return () => {
        if (!held) return
        held = false
        watchers -= 1
        if (watchers === 0) {
          linger = setTimeout(() => {
            stop?.abort()
            stop = null
          }, lingerMs)
        }
      }
    },
  }
}

async function follow<T>(options: StreamOptions<T>, signal: AbortSignal): Promise<void> {
  let retryMs = firstRetryMs
  while (!signal.aborted) {
    await lineOpen(options.transport, signal)
    if (signal.aborted) return
    try {
      const items = await options.open(signal)
      options.onOpen()
      for await (const item of items) {
        if (signal.aborted) return
        retryMs = firstRetryMs
        options.onItem(item)
      }
    } catch {
      // The state of the line is shown by the transport; a stream only comes back.
    }
    await pause(retryMs, signal)
    retryMs = Math.min(longestRetryMs, retryMs * 2)
  }
}

function lineOpen(transport: Transport, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (transport.link() === null && !signal.aborted) return
      unsubscribe()
      signal.removeEventListener('abort', look)
      resolve()
    }
    const unsubscribe = transport.subscribe(look)
    signal.addEventListener('abort', look)
    look()
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}
