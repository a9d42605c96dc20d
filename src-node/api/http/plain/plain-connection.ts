/**
 * One connection while its requests are plain: reads one, has it served, writes the answer, and so on. At the first request that is not plain it gives the connection
 * away with every byte that is not answered yet, and is over. One request at a time, so answers keep their order.
 */

import type { Socket } from 'node:net'
import { createPlainResponse } from './plain-answer.ts'
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
  beat(): number
  date(): string
  keepAliveMs: number
}

export interface PlainConnection {
  /** Whether a request is being answered, some bytes of one have come, or none. */
  readonly state: () => 'busy' | 'begun' | 'idle'
  /** Has any request been answered? */
  readonly isKnown: () => boolean
  /** The beat at which that state began. */
  readonly since: () => number
  /** Nothing new is begun: ends now, or after the answer that is under way. */
  end(): void
  /** So long is no request: its client is told in these bytes, and let go. */
  refuse(answer: string): void
  destroy(): void
}

/** A request up to this, in one piece as it came, is plain; larger ones are worth a stream. */
const requestBytesMax = 64 * 1024
/** Of one that comes in pieces, or behind another, so much is kept. */
const heldBytesMax = 16 * 1024

export const openPlainConnection = (socket: Socket, parts: PlainConnectionParts): PlainConnection => {
  let held: Buffer | null = null
  let isBusy = false
  let isOver = false
  let hasEnded = false
  let answers = 0
  /** Who wants to know that the answer under way has left. */
  const waiting: (() => void)[] = []
  let since = parts.beat()

  const leave = (): void => {
    if (isOver) return
    isOver = true
    socket
      .removeListener('data', onData)
      .removeListener('end', onEnd)
      .removeListener('error', onError)
      .removeListener('close', leave)
      .removeListener('timeout', destroy)
    tellLeft()
    parts.onGone(connection)
  }
  const giveAway = (bytes: Buffer): void => {
    leave()
    // Its end would never be heard again; and who has said all of half a request gets no answer to it.
    if (hasEnded) socket.destroy()
    else {
      socket.resume()
      parts.handOver(socket, bytes)
    }
  }

  const closingLines = (): string =>
    parts.isClosing()
      ? `Date: ${parts.date()}\r\nConnection: close\r\n`
      : `Date: ${parts.date()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(parts.keepAliveMs / 1000)}\r\n`
  const next = (): void => {
    if (isOver || isBusy || held === null) return
    const bytes = held
    held = null
    // Who sends so much ahead is better off with a stream.
    if (bytes.length > heldBytesMax) giveAway(bytes)
    else advance(bytes)
  }
  const tellLeft = (): void => {
    for (const left of waiting.splice(0)) left()
  }
  const rest = (): void => {
    isBusy = false
    if (waiting.length > 0) {
      tellLeft()
      socket.setTimeout(0)
    }
    answers++
    since = parts.beat()
    if (held !== null && !parts.isClosing()) setImmediate(next)
    else if (hasEnded || parts.isClosing()) socket.end()
  }
  const write = (answer: string, body: Uint8Array | null): void => {
    if (body !== null) socket.cork()
    let isTaken = socket.write(answer, 'latin1')
    if (body !== null) {
      isTaken = socket.write(body)
      socket.uncork()
    }
    // Who does not take its answers gets no further ones made.
    if (isTaken) rest()
    else socket.once('drain', rest)
  }
  const onLeft = (left: () => void): void => void waiting.push(left)
  const destroy = (): void => void socket.destroy()

  const advance = (bytes: Buffer): void => {
    const found = parts.read(bytes, requestBytesMax)
    if (found === 'part' && bytes.length <= heldBytesMax) {
      if (held === null) since = parts.beat()
      held = bytes
      return
    }
    if (typeof found === 'string') {
      giveAway(bytes)
      return
    }
    held = found.bytes < bytes.length ? bytes.subarray(found.bytes) : null
    isBusy = true
    since = parts.beat()
    const isServed = parts.serve({ ...found, socket }, createPlainResponse({ socket, closingLines, write, onLeft }))
    if (!isServed) giveAway(bytes)
  }

  const onData = (piece: Buffer): void => {
    const bytes = held === null ? piece : Buffer.concat([held, piece])
    if (isBusy) {
      held = bytes
      if (bytes.length > heldBytesMax) socket.pause()
    } else advance(bytes)
  }
  const onEnd = (): void => {
    hasEnded = true
    if (!isBusy) socket.end()
  }
  const onError = destroy

  const connection: PlainConnection = {
    state: () => (isBusy ? 'busy' : held === null ? 'idle' : 'begun'),
    isKnown: () => answers > 0,
    since: () => since,
    end: () => {
      if (!isBusy) socket.end()
    },
    refuse: (answer) => void (socket.writableEnded ? socket.destroy() : socket.end(answer, 'latin1')),
    destroy,
  }
  socket.on('data', onData).on('end', onEnd).on('error', onError).on('close', leave).on('timeout', destroy)
  return connection
}
