/**
 * The leader's side of snapshots: while the core names a peer that lacks what is compacted away, one copy of the state is made, kept for all
 * who need it, and sent in pieces, a few on their way at a time, so that no heartbeat ever waits long behind them. Whatever is lost is sent
 * again from what the receiver says it has. It decides nothing about the log; it only says from where on the log must stay.
 */

import type { Raft } from '../raft/raft.ts'
import { logIndex, type NodeId } from '../raft/types.ts'
import type { SnapshotSource } from '../storage/types.ts'
import type { DriverOptions } from './options.ts'
import type { PeerTransport, RaftLogStore, SnapshotEvent, SnapshotReply, StateSnapshots } from './ports.ts'

export interface SnapshotSender {
  /** Does what is due now; cheap when no peer lags. */
  pump(nowMs: number): void
  /** Only while the core takes inputs. */
  onReply(from: NodeId, reply: SnapshotReply, nowMs: number): void
  /** Entries after this index are needed by a transfer, or by who has just got one; null: by nobody. */
  pinnedIndex(): number | null
  stop(): void
}

export interface SnapshotSenderParts {
  readonly core: Raft
  readonly log: RaftLogStore
  readonly snapshots: StateSnapshots
  readonly transport: PeerTransport
  readonly options: DriverOptions
  readonly orHalt: <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A) => void
  readonly onEvent: (event: SnapshotEvent) => void
  /** A copy is ready: pump again. */
  readonly wake: () => void
  /** This leader's disk holds no copy, so it cannot help who needs one. */
  readonly noRoom: () => void
}

/** It has the snapshot at `index` and is on its way from there. */
interface Helped {
  readonly index: number
  readonly untilMs: number
}

interface Transfer {
  readonly source: SnapshotSource
  acked: number
  sent: number
  movedMs: number
}

/** How often a peer has refused in a row, and until when it is left alone. */
interface Refusals {
  readonly count: number
  readonly untilMs: number
}

export function createSnapshotSender(parts: SnapshotSenderParts): SnapshotSender {
  const { core, log, snapshots, transport, options, orHalt, onEvent } = parts
  const transfers = new Map<NodeId, Transfer>()
  const helped = new Map<NodeId, Helped>()
  const refusals = new Map<NodeId, Refusals>()
  let source: SnapshotSource | null = null
  /** Applied index when the copy that is being made was begun: it will not be older. */
  let makingFrom: number | null = null
  let neededMs = 0
  let makeAfterMs = 0
  let stopped = false

  const drop = () => {
    source?.discard()
    source = null
    transfers.clear()
  }
  /**
   * The log on the disk must go on from it: memory may hold entries for longer, but the configuration that belongs to the snapshot is
   * forgotten with the log that held it.
   */
  const usable = () => source !== null && log.base().index <= source.info.index && core.termAt(logIndex(source.info.index)) === source.info.term

  const make = (nowMs: number) => {
    drop()
    makingFrom = core.applied()
    snapshots.copyOut(
      orHalt((result) => {
        makingFrom = null
        if (typeof result === 'string') {
          makeAfterMs = nowMs + options.snapshotRetryMs
          onEvent({ type: 'snapshot-failed', why: result, peer: null })
          if (result === 'disk_full') parts.noRoom()
        } else if (stopped) result.discard()
        else {
          source = result
          onEvent({ type: 'snapshot-made', index: result.info.index, bytes: result.info.bytes })
        }
        parts.wake()
      }),
    )
  }

  const help = (peer: NodeId, index: number, nowMs: number) => helped.set(peer, { index, untilMs: nowMs + options.snapshotHelpedMs })

  /** Who is within reach again, by the snapshot or without it, or silent, gets no more. */
  const endTransfers = (lagging: readonly NodeId[], nowMs: number) => {
    for (const [peer, { source: of }] of transfers) {
      if (lagging.includes(peer)) continue
      transfers.delete(peer)
      if ((core.matchIndex(peer) ?? 0) >= of.info.index) help(peer, of.info.index, nowMs)
    }
  }

  const forgetRefusals = (lagging: readonly NodeId[]) => {
    for (const peer of refusals.keys()) if (!lagging.includes(peer)) refusals.delete(peer)
  }

  /** Until it is as close as any follower for which the log stays anyway, needs another one, or takes too long. */
  const endHelp = (lagging: readonly NodeId[], nowMs: number) => {
    for (const [peer, { index, untilMs }] of helped) {
      const match = core.matchIndex(peer)
      const isClose = match !== null && match >= index && core.applied() - match <= options.compactHeldEntriesMax
      if (match === null || isClose || lagging.includes(peer) || nowMs >= untilMs) helped.delete(peer)
    }
  }

  const rests = (peer: NodeId, nowMs: number) => nowMs < (refusals.get(peer)?.untilMs ?? 0)

  /** Who refuses once may have no room; refused twice, the copy itself may be bad, and is not kept unless somebody else is taking it. */
  const refused = (peer: NodeId, transfer: Transfer, nowMs: number) => {
    const count = (refusals.get(peer)?.count ?? 0) + 1
    const pauseMs = Math.min(options.snapshotRetryMs * 2 ** (count - 1), options.snapshotRetryMaxMs)
    refusals.set(peer, { count, untilMs: nowMs + pauseMs })
    onEvent({ type: 'snapshot-failed', why: 'refused', peer })
    Object.assign(transfer, { acked: 0, sent: 0, movedMs: nowMs })
    if (count % 2 === 0 && [...transfers.keys()].every((other) => rests(other, nowMs))) drop()
  }

  /** False: the file is not what it was; nothing more is read of it. */
  const sendPiece = (to: NodeId, transfer: Transfer, length: number, nowMs: number): boolean => {
    const { info } = transfer.source
    const data = transfer.source.read(transfer.sent, length)
    if (data.length < Math.min(length, info.bytes - transfer.sent)) {
      onEvent({ type: 'snapshot-failed', why: 'damaged', peer: null })
      makeAfterMs = nowMs + options.snapshotRetryMs
      drop()
      return false
    }
    // Everything up to it is applied, so it stands on this disk, and compaction keeps the newest that it takes.
    const membership = log.memberships().findLast(({ index }) => index <= info.index) ?? null
    transport.send(to, [{ type: 'snapshot-chunk', term: core.view.term, info, membership, offset: transfer.sent, data }])
    transfer.sent += data.length
    return true
  }

  const pumpOne = (to: NodeId, transfer: Transfer, nowMs: number) => {
    const { bytes } = transfer.source.info
    if (nowMs - transfer.movedMs >= options.snapshotStallMs) {
      transfer.movedMs = nowMs
      transfer.sent = transfer.acked
      // Everything is there and no word of its install: ask.
      if (transfer.sent === bytes) sendPiece(to, transfer, 0, nowMs)
    }
    while (transfer.sent < bytes) {
      const room = Math.min(options.snapshotChunkBytes, transfer.acked + options.snapshotWindowBytes - transfer.sent)
      if (room <= 0 || transport.backlogBytes(to) > options.snapshotWindowBytes) return
      if (!sendPiece(to, transfer, room, nowMs)) return
    }
  }

  return {
    pump(nowMs) {
      if (stopped) return
      const lagging = core.lagging()
      endTransfers(lagging, nowMs)
      endHelp(lagging, nowMs)
      forgetRefusals(lagging)
      if (lagging.length === 0) {
        if (source !== null && (nowMs - neededMs >= options.snapshotKeptMs || !usable())) drop()
        return
      }
      neededMs = nowMs
      const due = lagging.filter((peer) => !rests(peer, nowMs))
      if (due.length === 0) return
      if (!usable()) {
        if (makingFrom === null && nowMs >= makeAfterMs) make(nowMs)
        return
      }
      for (const peer of due) {
        let transfer = transfers.get(peer)
        if (transfer === undefined && source !== null) {
          transfer = { source, acked: 0, sent: 0, movedMs: nowMs }
          transfers.set(peer, transfer)
        }
        if (transfer !== undefined) pumpOne(peer, transfer, nowMs)
      }
    },
    onReply(from, { index, received, outcome }, nowMs) {
      const transfer = transfers.get(from)
      if (transfer === undefined || transfer.source.info.index !== index) return
      if (outcome === 'done') {
        transfers.delete(from)
        refusals.delete(from)
        help(from, index, nowMs)
        onEvent({ type: 'snapshot-sent', to: from, index })
        core.snapshotSent(from, index)
        return
      }
      if (outcome === 'refused') {
        refused(from, transfer, nowMs)
        return
      }
      if (received > transfer.source.info.bytes || received === transfer.acked) return
      // Less than before: the receiver began anew, and knows what it has.
      if (received < transfer.acked) transfer.sent = received
      transfer.acked = received
      transfer.sent = Math.max(transfer.sent, received)
      transfer.movedMs = nowMs
    },
    pinnedIndex() {
      let pinned = transfers.size > 0 && source !== null ? source.info.index : makingFrom
      for (const [peer, { index }] of helped) {
        const needed = Math.max(index, core.matchIndex(peer) ?? 0)
        pinned = Math.min(pinned ?? needed, needed)
      }
      return pinned
    },
    stop() {
      stopped = true
      drop()
    },
  }
}
