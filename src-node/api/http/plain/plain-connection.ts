/**
 * One connection while its requests are plain: reads one, has it served, writes the answer, and so on. At the first request that is not plain it gives the connection
 * away with every byte that is not answered yet, and is over. One request at a time, so answers keep their order. Must never serve what comes after it has
 * ended its own side: nobody would hear the answer.
 */

import type { Socket } from 'node:net'
import { PlainAnswer } from './plain-answer.ts'
import type { PlainResponse } from './plain-port.ts'
import type { RequestReader, WholeRequest } from './whole-request.ts'

export interface PlainConnectionParts {
  readonly read: RequestReader
  /** False: not for here, and nothing was done. */
  serve(request: WholeRequest & { readonly socket: Socket }, response: PlainResponse): boolean
  /** From here on it is somebody else's, who gets these bytes first. */
  handOver(socket: Socket, bytes: Buffer): void
  /** The connection is over, or somebody else's. */
  onGone(connection: PlainConnection): void
  isClosing(): boolean
  /** Rises every few seconds; what is looked at at leisure is told by it. */
  round(): number
  date(): string
  readonly keepAliveMs: number
  /** A client that takes nothing of its answer for so long is let go. */
  readonly untakenMs: number
}

export interface PlainConnection {
  /**
   * `idle`: nothing of a request has come. `begun`: not all of it. `asked`: it is to be answered. `answered`: its answer is being taken. `over`: nothing more
   * is read.
   */
  readonly state: () => 'idle' | 'begun' | 'asked' | 'answered' | 'over'
  /** Has any request been answered? */
  readonly isKnown: () => boolean
  /** The round in which that state began. */
  readonly since: () => number
  /** Nothing new is begun: ends now, or after the answer to what has begun. */
  end(): void
  /** Nothing came: its client is told in these bytes, and let go. */
  refuse(answer: string): void
  /** A request that takes its time is not for here. */
  giveUp(): void
  destroy(): void
}

/** Of a request that comes in pieces, or behind another, so much is kept; of all connections that may be open some 100 MB. */
const heldBytesMax = 4 * 1024

export const openPlainConnection = (socket: Socket, parts: PlainConnectionParts): PlainConnection => {
  let held: Buffer | null = null
  let busy: 'asked' | 'answered' | null = null
  let isOver = false
  let hasEnded = false
  let answers = 0
  let since = parts.round()
  /** Who wants to know that the answer under way has left. */
  const waiting: (() => void)[] = []

  const tellLeft = (): void => {
    for (const left of waiting.splice(0)) left()
  }
  const deaf = (): void => {
    isOver = true
    held = null
    socket.removeListener('data', onData).removeListener('end', onEnd)
  }
  const leave = (): void => {
    deaf()
    socket.removeListener('error', destroy).removeListener('close', leave).removeListener('timeout', destroy)
    tellLeft()
    parts.onGone(connection)
  }
  /** What was written is still sent; what still comes is thrown away. */
  const finish = (): void => {
    deaf()
    since = parts.round()
    socket.destroySoon()
  }
  const giveAway = (bytes: Buffer): void => {
    // Its end has been heard here, and node:http would wait for it; it answers nothing more to who has ended.
    if (hasEnded) finish()
    else {
      leave()
      socket.resume()
      parts.handOver(socket, bytes)
    }
  }

  const closingLines = (): string =>
    parts.isClosing()
      ? `Date: ${parts.date()}\r\nConnection: close\r\n`
      : `Date: ${parts.date()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(parts.keepAliveMs / 1000)}\r\n`
  const next = (): void => {
    if (isOver || busy !== null || held === null || socket.destroyed) return
    const bytes = held
    held = null
    // Who sends so much ahead is better off with a stream.
    if (bytes.length > heldBytesMax) giveAway(bytes)
    else advance(bytes)
  }
  const rest = (): void => {
    busy = null
    answers++
    since = parts.round()
    if (waiting.length > 0) tellLeft()
    if (socket.timeout) socket.setTimeout(0)
    if (parts.isClosing() || (hasEnded && held === null)) finish()
    else if (held !== null) {
      if (socket.isPaused()) socket.resume()
      setImmediate(next)
    }
  }
  const write = (answer: string, body: Uint8Array | null): void => {
    busy = 'answered'
    if (body !== null) socket.cork()
    let isTaken = socket.write(answer, 'latin1')
    if (body !== null) {
      isTaken = socket.write(body)
      socket.uncork()
    }
    // Who does not take its answers gets no further ones made.
    if (isTaken) rest()
    else {
      if (!socket.timeout) socket.setTimeout(parts.untakenMs)
      socket.once('drain', rest)
    }
  }
  const onLeft = (left: () => void): void => void waiting.push(left)
  const destroy = (): void => void socket.destroy()
  const answerWriter = { socket, closingLines, write, onLeft }

  const advance = (bytes: Buffer): void => {
    const found = parts.read(bytes)
    if (found === 'part' && bytes.length <= heldBytesMax && !hasEnded) {
      if (held === null) since = parts.round()
      held = bytes
    } else if (typeof found === 'string') giveAway(bytes)
    else {
      held = found.bytes < bytes.length ? bytes.subarray(found.bytes) : null
      busy = 'asked'
      since = parts.round()
      if (!parts.serve({ ...found, socket }, new PlainAnswer(answerWriter))) giveAway(bytes)
    }
  }

  const onData = (piece: Buffer): void => {
    const bytes = held === null ? piece : Buffer.concat([held, piece])
    if (busy === null) advance(bytes)
    else {
      held = bytes
      if (bytes.length > heldBytesMax) socket.pause()
    }
  }
  const onEnd = (): void => {
    hasEnded = true
    if (busy === null) finish()
  }

  const connection: PlainConnection = {
    state: () => (isOver ? 'over' : (busy ?? (held === null ? 'idle' : 'begun'))),
    isKnown: () => answers > 0,
    since: () => since,
    end: () => {
      if (busy === null && held === null) destroy()
    },
    refuse: (answer) => {
      deaf()
      since = parts.round()
      // Thrown away until the client has read why.
      socket.resume()
      socket.end(answer, 'latin1')
    },
    giveUp: () => {
      if (held !== null && busy === null) giveAway(held)
    },
    destroy,
  }
  socket.on('data', onData).on('end', onEnd).on('error', destroy).on('close', leave).on('timeout', destroy)
  return connection
}
