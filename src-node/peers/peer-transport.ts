/**
 * All traffic between nodes, over TCP: each node sends on a connection that it dialed itself and reads from those that
 * came in, so a frame is never delivered twice and a dead process is seen at once, on both ends, as closed sockets.
 * Every frame passes `outbound` or `inbound`: faults between nodes have no other place to be.
 */

import type { LinkFault, PeerAddress } from '../observe/channel.ts'
import { type NodeId, nodeId } from '../raft/types.ts'
import type { DriverClock, PeerEvents, PeerTransport, WireFrame } from '../raft-driver/ports.ts'
import { createAcceptor } from './acceptor.ts'
import { contentBytes, createFrameReader, encodeFrames } from './frame-codec.ts'
import { acceptorHandshake, dialerHandshake } from './handshake.ts'
import { createLink, type Link } from './link.ts'
import { createLinkFaults, type LinkFaults } from './link-faults.ts'

export interface TransportEvents extends Omit<PeerEvents, 'onFrame'> {
  onFrame(from: NodeId, frame: WireFrame): void
}

export interface PeerTransportOptions {
  readonly self: NodeId
  /** This node's own row is among them. */
  readonly members: readonly PeerAddress[]
  /** Where to listen instead of its host there. */
  readonly listenHost?: string | undefined
  /**
   * Between machines: a peer that was spoken to again and again and said nothing for so long is dialed anew, by its name, and gone meanwhile. Null on one machine,
   * where a dead process closes its sockets and a silent one is there, paused or cut off for practice.
   */
  readonly silenceMs: number | null
  readonly clusterId: string
  readonly clusterSecret: string
  readonly clock: Pick<DriverClock, 'after' | 'monotonicMs'>
  /** Unpredictable bytes, for the handshake. */
  randomBytes(count: number): Uint8Array
  /** Uniform in [0, 1), for practised faults; needs no strength. */
  chance(): number
  /**
   * `onPeerUp`: frames to it are sent from now on. `onPeerGone`: its last connection closed. They alternate, up first.
   * Nothing is called after `close`.
   */
  readonly events: TransportEvents
}

export interface TcpPeerTransport extends PeerTransport {
  send(to: NodeId, frames: readonly WireFrame[]): void
  /** Faults on the way of frames: this set and no other from now on. */
  setFaults(faults: readonly LinkFault[]): void
  /** Whom to dial and to let in from now on; a peer that is not among them any more is closed, one that moved is dialed anew. */
  setMembers(members: readonly PeerAddress[]): void
  /** Opens the port and dials every peer. Rejects with the socket's error, e.g. `EADDRINUSE`. */
  listen(): Promise<void>
  /** Sends what is queued, then closes everything. */
  close(): Promise<void>
}

export const createPeerTransport = (options: PeerTransportOptions): TcpPeerTransport => {
  const { self, members, silenceMs, clock, events } = options
  const own = members.find((member) => member.id === self)
  if (!own) throw new Error(`peers: node ${self} is not among the members`)
  const ids = new Set<number>()
  const up = new Set<number>()
  const links = new Map<number, Link>()
  const addresses = new Map<number, string>()
  /** Since when a peer has been spoken to without a word from it, and when last; a peer that was heard of since is not among them. */
  const unanswered = new Map<number, { readonly sinceMs: number; lastMs: number }>()
  /** Null as long as nobody practises. */
  let faults: LinkFaults<WireFrame> | null = null
  let listening = false
  let closed = false

  /** One of a peer's connections closed. */
  const noteClosed = (id: number): void => {
    if (closed || links.get(id)?.isReady() || acceptor.has(id) || !up.delete(id)) return
    events.onPeerGone(nodeId(id))
  }
  const noteReady = (id: number): void => {
    if (closed || up.has(id)) return
    up.add(id)
    events.onPeerUp(nodeId(id))
  }

  const deliver = (from: NodeId, frame: WireFrame): void => {
    if (!closed) events.onFrame(from, frame)
  }
  /** Its machine, or the way to it, is gone, and nobody will ever close these sockets; perhaps it is back already, at another address. */
  const giveUp = (to: NodeId): void => {
    unanswered.delete(to)
    links.get(to)?.renew()
    acceptor.drop(to)
    noteClosed(to)
  }
  /** Who asks goes on asking; a word after a long pause begins anew, since the last one before it may have wanted no answer. */
  const noteSent = (to: NodeId, limitMs: number): void => {
    const nowMs = clock.monotonicMs()
    const before = unanswered.get(to)
    if (before === undefined || nowMs - before.lastMs > limitMs / 2) unanswered.set(to, { sinceMs: nowMs, lastMs: nowMs })
    else if (nowMs - before.sinceMs > limitMs) giveUp(to)
    else before.lastMs = nowMs
  }
  const transmit = (to: NodeId, frames: readonly WireFrame[]): void => {
    const link = links.get(to)
    if (closed || !link?.isReady()) return
    link.send(encodeFrames(frames))
    if (silenceMs !== null) noteSent(to, silenceMs)
  }
  const inbound = (from: NodeId, frame: WireFrame): void => {
    if (faults === null) deliver(from, frame)
    else faults.take('in', from, [frame])
  }
  const outbound = (to: NodeId, frames: readonly WireFrame[]): void => {
    if (faults === null) transmit(to, frames)
    else faults.take('out', to, frames)
  }
  const setFaults = (wanted: readonly LinkFault[]): void => {
    if (closed) return
    faults ??= createLinkFaults<WireFrame>({
      ...{ clock, chance: options.chance, bytesOf: contentBytes },
      pass: (direction, peer, frames) => {
        if (direction === 'out') transmit(nodeId(peer), frames)
        else for (const frame of frames) deliver(nodeId(peer), frame)
      },
    })
    faults.set(wanted)
    if (wanted.length === 0) faults = null
  }

  const handshakeOptions = { self, clusterId: options.clusterId, clusterSecret: options.clusterSecret, randomBytes: options.randomBytes }
  const join = ({ id, host, raftPort }: PeerAddress): void => {
    const handshake = () => dialerHandshake(handshakeOptions, id)
    const onReady = () => noteReady(id)
    const onClosed = () => {
      unanswered.delete(id)
      noteClosed(id)
    }
    const link = createLink({ host, port: raftPort, clock, handshake, onReady, onClosed, renewsAfterMs: silenceMs })
    ids.add(id)
    links.set(id, link)
    addresses.set(id, `${host}:${raftPort}`)
    if (listening) link.start()
  }
  const part = (id: number): void => {
    ids.delete(id)
    links.get(id)?.close()
    links.delete(id)
    acceptor.drop(id)
    noteClosed(id)
  }
  const setMembers = (wanted: readonly PeerAddress[]): void => {
    if (closed) return
    const stays = (id: number) => wanted.some((member) => member.id === id && `${member.host}:${member.raftPort}` === addresses.get(id))
    for (const id of [...ids]) if (!stays(id)) part(id)
    for (const member of wanted) if (member.id !== self && !ids.has(member.id)) join(member)
  }
  const acceptor = createAcceptor({
    host: options.listenHost ?? own.host,
    port: own.raftPort,
    clock,
    handshake: () => acceptorHandshake(handshakeOptions, ids),
    onPeer: (peer) => links.get(peer)?.wake(),
    reader: (peer) => {
      const { take } = createFrameReader({ from: nodeId(peer), to: self }, (frame) => inbound(nodeId(peer), frame))
      if (silenceMs === null) return take
      return (chunk) => {
        unanswered.delete(peer)
        return take(chunk)
      }
    },
    onPeerClosed: noteClosed,
  })
  setMembers(members)

  return {
    send: outbound,
    setFaults,
    setMembers,
    backlogBytes: (to) => links.get(to)?.backlogBytes() ?? 0,
    listen: async () => {
      await acceptor.listen()
      listening = true
      for (const link of links.values()) link.start()
    },
    close: async () => {
      closed = true
      faults?.close()
      for (const link of links.values()) link.close()
      await acceptor.close()
    },
  }
}
