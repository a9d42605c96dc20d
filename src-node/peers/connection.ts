/**
 * What both ends of a connection share: the handshake on a socket, with its time limit. Anything wrong destroys the
 * socket and changes nothing else.
 */

import type { Socket } from 'node:net'
import type { DriverClock } from '../raft-driver/ports.ts'
import type { Handshake } from './handshake.ts'

export type Timer = Pick<DriverClock, 'after'>

const handshakeLimitMs = 2000

/** An idle connection whose other end has vanished is found out after this and ten seconds more; packets are tiny, and answered by the kernel. */
export const keepAlive = { keepAlive: true, keepAliveInitialDelay: 10_000 } as const

/**
 * Runs `handshake` on `socket`, then calls `onDone` with the peer and the bytes that came after it; from then on `data` is
 * the caller's, who must listen before it returns. On failure the socket is destroyed and `onDone` is never called.
 */
export const shakeHands = (
  socket: Socket,
  { handshake, clock }: { readonly handshake: Handshake; readonly clock: Timer },
  onDone: (peer: number, rest: Uint8Array) => void,
): void => {
  const limit = clock.after(handshakeLimitMs, () => socket.destroy())
  const onClose = (): void => limit.cancel()
  const onData = (chunk: Uint8Array): void => {
    const step = handshake.take(chunk)
    if (step.kind === 'refused') {
      socket.destroy()
      return
    }
    if (step.reply) socket.write(step.reply)
    if (step.kind === 'more') return
    limit.cancel()
    socket.off('close', onClose)
    socket.off('data', onData)
    onDone(step.peer, step.rest)
  }
  socket.on('close', onClose)
  socket.on('data', onData)
  // No half-closed connections: what is still queued has no reader, and the close must be told at once.
  socket.on('end', () => socket.destroy())
  if (handshake.opening) socket.write(handshake.opening)
}
