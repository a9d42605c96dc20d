/** The listening side: peers come in here, prove who they are, and are read from. One connection per peer, the newest. */

import { createServer, type Server, type Socket } from 'node:net'
import { keepAlive, shakeHands, type Timer } from './connection.ts'
import type { Handshake } from './handshake.ts'

export interface AcceptorOptions {
  readonly host: string
  readonly port: number
  readonly clock: Timer
  handshake(): Handshake
  onPeer(peer: number): void
  /** False closes the connection. */
  reader(peer: number): (chunk: Uint8Array) => boolean
  /** The last connection from this peer closed. */
  onPeerClosed(peer: number): void
}

export interface Acceptor {
  /** Rejects with the socket's error, e.g. `EADDRINUSE`. */
  listen(): Promise<void>
  has(peer: number): boolean
  /** Closes the connection from this peer, if there is one. */
  drop(peer: number): void
  close(): Promise<void>
}

/** Connections that have not proven anything yet; more are closed at once. */
const strangersMax = 32

export const createAcceptor = (options: AcceptorOptions): Acceptor => {
  const strangers = new Set<Socket>()
  const peers = new Map<number, Socket>()

  const admit = (socket: Socket, peer: number, rest: Uint8Array): void => {
    strangers.delete(socket)
    const older = peers.get(peer)
    peers.set(peer, socket)
    // A peer that comes again has given up the old connection, whatever the kernel still thinks of it.
    older?.destroy()
    socket.on('close', () => {
      if (peers.get(peer) !== socket) return
      peers.delete(peer)
      options.onPeerClosed(peer)
    })
    const read = options.reader(peer)
    const onData = (chunk: Uint8Array): void => {
      // Bytes that were read before the peer came again are older than what the new connection brings.
      if (peers.get(peer) === socket && !read(chunk)) socket.destroy()
    }
    socket.on('data', onData)
    options.onPeer(peer)
    if (rest.length > 0) onData(rest)
  }

  const accept = (socket: Socket): void => {
    if (strangers.size >= strangersMax) {
      socket.destroy()
      return
    }
    strangers.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => strangers.delete(socket))
    shakeHands(socket, { handshake: options.handshake(), clock: options.clock }, (peer, rest) => admit(socket, peer, rest))
  }

  const server: Server = createServer({ noDelay: true, ...keepAlive }, accept)

  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host: options.host, port: options.port }, () => {
          server.off('error', reject)
          // Failed accepts (no descriptors left): the caller sees a closed connection and dials again.
          server.on('error', () => undefined)
          resolve()
        })
      }),
    has: (peer) => peers.has(peer),
    drop: (peer) => {
      const socket = peers.get(peer)
      peers.delete(peer)
      socket?.destroy()
    },
    close: () =>
      new Promise((resolve) => {
        const sockets = [...strangers, ...peers.values()]
        peers.clear()
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
