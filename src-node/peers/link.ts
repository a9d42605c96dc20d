/**
 * The outgoing connection to one peer: the only one on which this node sends to it. Dials at once, again and again with a
 * growing pause, and at once when the peer is heard of; a name is asked for its address each time, since it may have moved. What cannot be sent is dropped: Raft sends again.
 */

import { connect, type Socket } from 'node:net'
import type { DriverClock } from '../raft-driver/ports.ts'
import { keepAlive, shakeHands } from './connection.ts'
import { pageBytes } from './frame-bytes.ts'
import type { Handshake } from './handshake.ts'
import { createLookup } from './name-lookup.ts'

export interface LinkOptions {
  readonly host: string
  readonly port: number
  readonly clock: Pick<DriverClock, 'after' | 'monotonicMs'>
  handshake(): Handshake
  /** A connection of this age is not believed when the peer comes in anew: it may lead to where the peer was. Null: it is. */
  readonly renewsAfterMs: number | null
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
  /** The peer has just come in: dial now instead of at the end of the pause. */
  wake(): void
  /** Another connection in the place of the one there is. */
  renew(): void
  close(): void
}

/** Loopback: a killed node is back within a few tenths of a second and its links shall not be what one waits for. */
const retryPausesMs = [50, 100, 200, 500] as const
/** Above it a peer is slow or stopped; what is older is worthless to it anyway. */
const backlogBytesMax = 64 * 1024 * 1024

/**
 * What has to wait must not keep a page in memory for the sake of a few bytes: a stopped peer is owed a heartbeat twenty times a second. Not from
 * Node's own pool, whose slabs are pages of the same kind.
 */
const alone = (chunk: Uint8Array): Uint8Array => {
  if (chunk.length > pageBytes) return chunk
  const own = Buffer.allocUnsafeSlow(chunk.length)
  own.set(chunk)
  return own
}

export const createLink = (options: LinkOptions): Link => {
  const { host, port, clock } = options
  let socket: Socket | null = null
  let ready = false
  let closed = false
  let failures = 0
  let readyAtMs = 0
  const lookup = createLookup()
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
    const dialed = connect({ host, port, noDelay: true, lookup, ...keepAlive })
    socket = dialed
    // The close event follows and says all.
    dialed.on('error', () => undefined)
    dialed.on('close', onSocketClosed)
    shakeHands(dialed, { handshake: options.handshake(), clock }, () => {
      failures = 0
      ready = true
      readyAtMs = clock.monotonicMs()
      // The other side sends on its own link; bytes here are no honest peer's. Reading is also how an end is noticed.
      dialed.on('data', () => dialed.destroy())
      options.onReady()
    })
  }

  const send = (chunks: readonly Uint8Array[]): boolean => {
    if (!socket || !ready) return false
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (bytes === 0 || socket.writableLength + bytes > backlogBytesMax) return false
    const [only] = chunks
    if (socket.writableLength > 0) for (const chunk of chunks) socket.write(alone(chunk))
    else if (only && chunks.length === 1) socket.write(only)
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
      const { renewsAfterMs } = options
      if (pause) dial()
      // Whoever dials because it was dialed has a young connection then: it ends after one each.
      else if (ready && renewsAfterMs !== null && clock.monotonicMs() - readyAtMs > renewsAfterMs) socket?.destroy()
    },
    renew: () => socket?.destroy(),
    close: () => {
      closed = true
      ready = false
      pause?.cancel()
      socket?.destroySoon()
    },
  }
}
