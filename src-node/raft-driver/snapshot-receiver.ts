/**
 * The follower's side of snapshots: pieces of the leader's snapshot are put together, verified and prepared while the node goes on as
 * it is; only what is whole is offered to the core, and only what the core then asks for is installed. One comes in at a time.
 */

import { broken } from '../raft/invariant.ts'
import type { Raft } from '../raft/raft.ts'
import { logIndex, type NodeId, type SnapshotPlace, type StoredMembership, term } from '../raft/types.ts'
import type { SnapshotInfo } from '../storage/types.ts'
import type { IncomingSnapshot, PeerTransport, PreparedSnapshot, SnapshotChunk, SnapshotEvent, SnapshotReply, StateSnapshots } from './ports.ts'

export interface SnapshotReceiver {
  /** Only while the core takes inputs. */
  onChunk(from: NodeId, chunk: SnapshotChunk): void
  /** The core has asked for what was offered: state and memory become those of the snapshot. */
  install(place: SnapshotPlace): void
  /** The log has followed; the leader hears of it. */
  settled(): void
  /** Everything that the core knows is on disk: answers may leave, and what the log has overtaken goes. */
  flush(): void
  stop(): void
}

export interface SnapshotReceiverParts {
  readonly core: Raft
  readonly snapshots: StateSnapshots
  readonly transport: PeerTransport
  readonly orHalt: <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A) => void
  readonly onEvent: (event: SnapshotEvent) => void
  /** Runs `act` when the core takes inputs. */
  readonly whenIdle: (act: () => void) => void
  /** The same, a moment later. */
  readonly whenIdleAgain: (act: () => void) => void
  /** No run is being applied at this moment. */
  readonly mayInstall: () => boolean
  /** The core wants it: nothing may be applied from here on. */
  readonly beforeInstall: () => void
}

interface Coming {
  readonly info: SnapshotInfo
  readonly membership: StoredMembership | null
  readonly incoming: IncomingSnapshot
  received: number
}

interface Prepared {
  readonly place: SnapshotPlace
  readonly bytes: number
  readonly snapshot: PreparedSnapshot
}

const same = (a: SnapshotInfo, b: SnapshotInfo): boolean =>
  a.index === b.index && a.term === b.term && a.bytes === b.bytes && a.sha256.every((byte, at) => byte === b.sha256[at])

export function createSnapshotReceiver(parts: SnapshotReceiverParts): SnapshotReceiver {
  const { core, snapshots, transport, orHalt, onEvent } = parts
  let coming: Coming | null = null
  let prepared: Prepared | null = null
  let installed: Prepared | null = null
  /** They speak of the core's term, which may be on its way to the disk. */
  let answers: { readonly to: NodeId; readonly reply: SnapshotReply }[] = []

  const answer = (index: number, received: number, outcome: SnapshotReply['outcome']) => {
    const { leaderId, role } = core.view
    if (leaderId === null || role === 'leader') return
    answers.push({ to: leaderId, reply: { type: 'snapshot-reply', term: core.view.term, index: logIndex(index), received, outcome } })
  }

  const discard = () => {
    coming?.incoming.discard()
    prepared?.snapshot.discard()
    coming = null
    prepared = null
  }

  const refuse = (info: SnapshotInfo, why: 'damaged' | 'disk_full') => {
    coming = null
    onEvent({ type: 'snapshot-failed', why, peer: core.view.leaderId })
    answer(info.index, 0, 'refused')
  }

  const offer = (of: Coming, snapshot: PreparedSnapshot) => {
    if (coming !== of) {
      snapshot.discard()
      return
    }
    if (snapshots.copying() || !parts.mayInstall()) {
      parts.whenIdleAgain(() => offer(of, snapshot))
      return
    }
    // Until the move the old state is all there is, so it must be whole in its file; a full disk must be heard of before the core has chosen.
    snapshots.checkpoint()
    if (snapshots.durableIndex() < core.applied()) {
      snapshot.discard()
      refuse(of.info, 'disk_full')
      return
    }
    coming = null
    const place = { index: logIndex(of.info.index), term: term(of.info.term), membership: of.membership }
    const verdict = core.snapshotReceived(place)
    if (verdict === 'install') {
      prepared = { place, bytes: of.info.bytes, snapshot }
      parts.beforeInstall()
      return
    }
    snapshot.discard()
    onEvent({ type: 'snapshot-ignored', index: place.index, verdict })
    answer(place.index, of.info.bytes, 'done')
  }

  const finish = (of: Coming) => {
    of.incoming.finish(
      orHalt((result) => {
        if (coming !== of) {
          if (typeof result !== 'string') result.discard()
        } else if (typeof result === 'string') refuse(of.info, result)
        else parts.whenIdle(() => offer(of, result))
      }),
    )
  }

  const take = (of: Coming, { offset, data }: SnapshotChunk) => {
    if (offset !== of.received || data.length === 0 || offset >= of.info.bytes) return
    if (offset + data.length > of.info.bytes || of.incoming.write(data) === 'disk_full') {
      of.incoming.discard()
      refuse(of.info, offset + data.length > of.info.bytes ? 'damaged' : 'disk_full')
      return
    }
    of.received += data.length
    if (of.received === of.info.bytes) finish(of)
  }

  return {
    onChunk(from, chunk) {
      const { view } = core
      const { info, membership } = chunk
      if (chunk.term !== view.term || from !== view.leaderId || prepared !== null) return
      if (info.index <= view.commit) {
        if (coming !== null && coming.info.index <= view.commit) discard()
        answer(info.index, info.bytes, 'done')
        return
      }
      if (coming === null || !same(coming.info, info)) {
        if (chunk.offset !== 0) {
          answer(info.index, 0, 'more')
          return
        }
        discard()
        coming = { info, membership, incoming: snapshots.receive(info, membership), received: 0 }
      }
      const of = coming
      take(of, chunk)
      if (coming === of) answer(info.index, of.received, 'more')
    },
    install(place) {
      installed = prepared ?? broken(`no snapshot is ready to be installed at ${place.index}`)
      prepared = null
      if (installed.place.index !== place.index) broken(`the snapshot stands at ${installed.place.index}, the core wants ${place.index}`)
      installed.snapshot.install()
    },
    settled() {
      if (installed === null) return
      const { place, bytes, snapshot } = installed
      installed = null
      snapshot.settled()
      answer(place.index, bytes, 'done')
    },
    flush() {
      if (coming !== null && coming.info.index <= core.view.commit) discard()
      if (answers.length === 0) return
      const due = answers
      answers = []
      for (const { to, reply } of due) transport.send(to, [reply])
    },
    stop: discard,
  }
}
