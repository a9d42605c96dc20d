/**
 * The short way for small requests: on each new connection requests are read and answered without the streams of node:http, which cost more than all else that is done
 * for a publish on the node that takes it. The first request that is not plain takes its connection to node:http for good. Owns these connections, their
 * times and their end; must never decide what a request means.
 */

import type { Socket } from 'node:net'
import type { HttpParts } from '../ports.ts'
import { openPlainConnection, type PlainConnection, type PlainConnectionParts } from './plain-connection.ts'
import { createRequestReader, type RequestLimits } from './whole-request.ts'

export interface PlainLaneParts extends Pick<PlainConnectionParts, 'serve' | 'handOver' | 'keepAliveMs' | 'untakenMs'> {
  readonly limits: RequestLimits
  /** Of a new connection on which no request comes. One that comes slowly goes to node:http after it. */
  readonly requestMs: number
  /** Of an answer that is never made. */
  readonly answerMs: number
  /** What a client is told from whom nothing came in time. */
  readonly tooLate: string
  readonly clock: Pick<HttpParts['clock'], 'wallMs' | 'after'>
}

export interface PlainLane {
  /** A connection on which nothing was read yet. */
  take(socket: Socket): void
  /** Nothing new is begun: what is idle ends now, what has begun after its answer. */
  close(): void
  destroyAll(): void
}

/** Times are watched in such steps, all connections at once: a timer for each would cost every request something. */
const roundMs = 5_000
const roundsOf = (ms: number): number => Math.ceil(ms / roundMs)
/** A request up to this is plain; larger ones are worth a stream. */
const partBytesMax = 64 * 1024

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
  let rounds = 0
  let timer: { cancel(): void } | null = null
  let isClosing = false

  const [requestRounds, answerRounds, idleRounds] = [roundsOf(parts.requestMs), roundsOf(parts.answerMs), roundsOf(parts.keepAliveMs)]
  const look = (connection: PlainConnection): void => {
    const waited = rounds - connection.since()
    switch (connection.state()) {
      case 'idle':
        if (connection.isKnown()) {
          if (waited > idleRounds) connection.destroy()
        } else if (waited > requestRounds) connection.refuse(parts.tooLate)
        break
      case 'begun':
        if (waited > requestRounds) connection.giveUp()
        break
      case 'asked':
        if (waited > answerRounds) connection.destroy()
        break
      case 'over':
        if (waited > requestRounds) connection.destroy()
        break
      // Its socket has a time of its own.
      case 'answered':
        break
    }
  }
  const watch = (): void => {
    timer = parts.clock.after(roundMs, () => {
      rounds++
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
    read: createRequestReader({
      headBytesMax: Math.min(partBytesMax, parts.limits.headBytesMax),
      bodyBytesMax: Math.min(partBytesMax, parts.limits.bodyBytesMax),
    }),
    serve: parts.serve,
    handOver: parts.handOver,
    keepAliveMs: parts.keepAliveMs,
    untakenMs: parts.untakenMs,
    onGone: forget,
    isClosing: () => isClosing,
    round: () => rounds,
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
