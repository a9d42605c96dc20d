/**
 * The short way for small requests: on each new connection requests are read and answered without the streams of node:http, which cost more than all else that is done
 * for a publish on the node that takes it. The first request that is not plain takes its connection to node:http for good. Owns these connections, their
 * times and their end; must never decide what a request means.
 */

import type { Socket } from 'node:net'
import type { HttpParts } from '../ports.ts'
import { openPlainConnection, type PlainConnection, type PlainConnectionParts } from './plain-connection.ts'
import { createRequestReader } from './whole-request.ts'

export interface PlainLaneParts extends Pick<PlainConnectionParts, 'serve' | 'handOver' | 'keepAliveMs'> {
  /** Of a connection on which no request comes, or not all of it. */
  readonly requestMs: number
  /** Of an answer that is not taken, or never made. */
  readonly answerMs: number
  /** What a client is told whose request did not come in time. */
  readonly tooLate: string
  readonly clock: Pick<HttpParts['clock'], 'wallMs' | 'after'>
}

export interface PlainLane {
  /** A connection on which nothing was read yet. */
  take(socket: Socket): void
  /** Nothing new is begun: what is idle ends now, what is busy after its answer. */
  close(): void
  destroyAll(): void
}

/** Times are watched in such steps, all connections at once: a timer for each would cost every request something. */
const beatMs = 5_000
const beatsOf = (ms: number): number => Math.ceil(ms / beatMs)

/** The text of the `Date` header, made once a second. */
const createDate = (wallMs: () => number): (() => string) => {
  let second = -1
  let text = ''
  return () => {
    const now = Math.floor(wallMs() / 1000)
    if (now !== second) {
      second = now
      text = new Date(now * 1000).toUTCString()
    }
    return text
  }
}

export const createPlainLane = (parts: PlainLaneParts): PlainLane => {
  const connections = new Set<PlainConnection>()
  let beats = 0
  let timer: { cancel(): void } | null = null
  let isClosing = false

  const [requestBeats, answerBeats, idleBeats] = [beatsOf(parts.requestMs), beatsOf(parts.answerMs), beatsOf(parts.keepAliveMs)]
  const look = (connection: PlainConnection): void => {
    const waited = beats - connection.since()
    const state = connection.state()
    if (state === 'busy') {
      if (waited > answerBeats) connection.destroy()
    } else if (state === 'idle' && connection.isKnown()) {
      if (waited > idleBeats) connection.destroy()
    } else if (waited > requestBeats) connection.refuse(parts.tooLate)
  }
  const watch = (): void => {
    timer = parts.clock.after(beatMs, () => {
      beats++
      for (const connection of connections) look(connection)
      timer = null
      if (connections.size > 0) watch()
    })
  }
  const forget = (connection: PlainConnection): void => {
    connections.delete(connection)
    if (connections.size > 0) return
    timer?.cancel()
    timer = null
  }
  const own: PlainConnectionParts = {
    read: createRequestReader(),
    serve: parts.serve,
    handOver: parts.handOver,
    keepAliveMs: parts.keepAliveMs,
    onGone: forget,
    isClosing: () => isClosing,
    beat: () => beats,
    date: createDate(parts.clock.wallMs),
  }
  return {
    take: (socket) => {
      connections.add(openPlainConnection(socket, own))
      if (timer === null) watch()
    },
    close: () => {
      isClosing = true
      for (const connection of connections) connection.end()
    },
    destroyAll: () => {
      for (const connection of connections) connection.destroy()
    },
  }
}
