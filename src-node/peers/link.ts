/**
 * The outgoing connection to one peer: the only one on which this node sends to it. Dials at once, again and again with a
 * growing pause, and at once when the peer is heard of. What cannot be sent is dropped: Raft sends again.
 */

import { connect, type Socket } from 'node:net'
import { shakeHands, type Timer } from './connection.ts'
import type { Handshake } from './handshake.ts'

export interface LinkOptions {
  readonly host: string
  readonly port: number
  readonly clock: Timer
  handshake(): Handshake
  /** The link can send from now on. */
  onReady(): void
  /** A link that was ready is closed. */
  onClosed(): void
}

export interface Link {
  start(): void
  /** In one write; false: not connected or the queue is full, nothing was sent. */
  send(chunks: readonly Uint8Array[]): boolean
  isReady(): boolean
  backlogBytes(): number
  /** The peer lives: dial now instead of at the end of the pause. */
  wake(): void
  close(): void
}

/** Loopback: a killed node is back within a few tenths of a second and its links shall not be what one waits for. */
const retryPausesMs = [50, 100, 200, 500] as const
/** Above it a peer is slow or stopped; what is older is worthless to it anyway. */
const backlogBytesMax = 64 * 1024 * 1024

export const createLink = (options: LinkOptions): Link => {
  const { host, port, clock } = options
  let socket: Socket | null = null
  let ready = false
  let closed = false
  let failures = 0
  let pause: { cancel(): void } | null = null

  const onSocketClosed = (): void => {
    socket = null
    const wasReady = ready
    ready = false
    if (closed) return
    pause = clock.after(retryPausesMs[Math.min(failures++, retryPausesMs.length - 1)] ?? 0, dial)
    if (wasReady) options.onClosed()
  }

  function dial(): void {
    pause?.cancel()
    pause = null
    const dialed = connect({ host, port, noDelay: true })
    socket = dialed
    // The close event follows and says all.
    dialed.on('error', () => undefined)
    dialed.on('close', onSocketClosed)
    shakeHands(dialed, { handshake: options.handshake(), clock }, () => {
      failures = 0
      ready = true
      // The other side sends on its own link; bytes here are no honest peer's. Reading is also how an end is noticed.
      dialed.on('data', () => dialed.destroy())
      options.onReady()
    })
  }

  const send = (chunks: readonly Uint8Array[]): boolean => {
    if (!socket || !ready) return false
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (bytes === 0 || socket.writableLength + bytes > backlogBytesMax) return false
    const only = chunks.length === 1 ? chunks[0] : undefined
    if (only) socket.write(only)
    else {
      socket.cork()
      for (const chunk of chunks) socket.write(chunk)
      socket.uncork()
    }
    return true
  }

  return {
    start: dial,
    send,
    isReady: () => ready,
    backlogBytes: () => socket?.writableLength ?? 0,
    wake: () => {
      failures = 0
      if (pause) dial()
    },
    close: () => {
      closed = true
      ready = false
      pause?.cancel()
      socket?.destroySoon()
    },
  }
}
