/**
 * Everything of the driver that has to do with snapshots and with the log's beginning, behind one narrow face: what comes from peers, what is
 * due after a drain, and the three steps of an install (state, log, listeners) in their order.
 */

import type { Raft } from '../raft/raft.ts'
import type { NodeId, SnapshotPlace } from '../raft/types.ts'
import { createCompaction } from './compaction.ts'
import type { DriverOptions } from './options.ts'
import type { DriverClock, PeerFrame, PeerTransport, RaftEvent, RaftLogStore, SnapshotChunk, SnapshotReply, StateSnapshots } from './ports.ts'
import { createSnapshotReceiver } from './snapshot-receiver.ts'
import { createSnapshotSender } from './snapshot-sender.ts'

export interface SnapshotDuties {
  /** Only while the core takes inputs. */
  takeFrame(from: NodeId, frame: SnapshotChunk | SnapshotReply, nowMs: number): void
  /** Sends, makes and cuts what is due; everything that the core knows is on disk by then. */
  afterDrain(nowMs: number): void
  /** State and memory become those of the snapshot that the core asks for. */
  install(place: SnapshotPlace): void
  /** The log follows, with what a drain saves besides. */
  installed(): void
  /** So many bytes were added to the log. */
  added(bytes: number): void
  /** See RaftDriver.snapshotNow. */
  now(done: (ok: boolean) => void): void
  stop(): void
}

export interface SnapshotDutiesParts {
  readonly core: Raft
  readonly log: RaftLogStore
  readonly snapshots: StateSnapshots
  readonly transport: PeerTransport
  readonly clock: DriverClock
  readonly options: DriverOptions
  readonly orHalt: <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A) => void
  readonly onEvent: (event: RaftEvent) => void
  /** Runs `act` in the next drain. */
  readonly whenIdle: (act: () => void) => void
  /** The log is not being written to. */
  readonly mayCut: () => boolean
  readonly running: () => boolean
  /** No run is being applied at this moment. */
  readonly mayInstall: () => boolean
  /** The core wants a snapshot installed: nothing may be applied from here on. */
  readonly beforeInstall: () => void
}

export const isSnapshotFrame = (frame: PeerFrame): frame is SnapshotChunk | SnapshotReply =>
  frame.type === 'snapshot-chunk' || frame.type === 'snapshot-reply'

export function createSnapshotDuties(parts: SnapshotDutiesParts): SnapshotDuties {
  const { core, log, snapshots, transport, clock, options, orHalt, onEvent, whenIdle } = parts
  /** To whom holds the most and has a disk that nothing is known against: with too many who need a copy, a leader without room would commit nothing. */
  const handOver = () => {
    const matchOf = (peer: NodeId): number => core.matchIndex(peer) ?? 0
    const able = core.membership().voters.filter((peer) => matchOf(peer) >= core.view.commit && !core.lagging().includes(peer))
    const [best] = able.toSorted((a, b) => matchOf(b) - matchOf(a))
    if (best !== undefined) core.transferTo(best)
  }
  const sender = createSnapshotSender({
    ...{ core, log, snapshots, transport, options, orHalt, onEvent },
    ...{ wake: () => whenIdle(() => {}), noRoom: () => whenIdle(handOver) },
  })
  const receiver = createSnapshotReceiver({
    ...{ core, snapshots, transport, orHalt, onEvent, whenIdle, beforeInstall: parts.beforeInstall, mayInstall: parts.mayInstall },
    whenIdleAgain: (act) =>
      void clock.after(
        options.tickMs,
        orHalt(() => whenIdle(act)),
      ),
  })

  const compaction = createCompaction({
    ...{ core, log, snapshots, clock, options, orHalt, pinnedIndex: sender.pinnedIndex },
    ...{ mayCut: parts.mayCut, running: parts.running },
    onCompacted: () => onEvent({ type: 'compacted', firstIndex: log.firstIndex(), lastIndex: log.lastIndex() }),
  })

  return {
    takeFrame(from, frame, nowMs) {
      if (frame.type === 'snapshot-chunk') receiver.onChunk(from, frame)
      else sender.onReply(from, frame, nowMs)
    },
    afterDrain(nowMs) {
      receiver.flush()
      sender.pump(nowMs)
      compaction.consider(nowMs)
    },
    install: receiver.install,
    installed() {
      compaction.reset()
      receiver.settled()
    },
    added: compaction.added,
    now: compaction.now,
    stop() {
      sender.stop()
      receiver.stop()
      compaction.stop()
    },
  }
}
