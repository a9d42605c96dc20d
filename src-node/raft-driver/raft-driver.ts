/**
 * The one loop around the consensus core. Inputs queue up; a drain takes all that wait, lets the core answer, sends what may go,
 * syncs hard state and entries in one transaction, sends what promised durability, applies. It alone calls the core, so no
 * step ever meets a half-finished drain. The same loop runs in the product and in the simulator.
 * An error that escapes from its turn ends the loop on the spot, whoever catches it and however long the process takes to end.
 * A full Raft disk freezes the core in the middle of its drain: nothing is stepped, sent or promised until the write succeeds.
 * A full state store stops neither votes nor acknowledgements; this node takes no writes, though, and leaves leading to others.
 */

import type { RaftTuning } from '../raft/options.ts'
import { raftDefaults } from '../raft/options.ts'
import { createRaft } from '../raft/raft.ts'
import type { Message, NodeId, Ready, SnapshotPlace } from '../raft/types.ts'
import { createAdmission } from './admission.ts'
import { createApplyLoop } from './apply-loop.ts'
import { counterOf, isEnvelope, isOfLife, type Life, stampEnvelope } from './envelope.ts'
import { createForwardedWrites } from './forwarded-writes.ts'
import { createGathering } from './gathering.ts'
import { createLeaderWatch } from './leader-watch.ts'
import { createMembershipChanges } from './membership-changes.ts'
import { type DriverOptions, driverDefaults } from './options.ts'
import { createOwnMembership } from './own-membership.ts'
import type {
  Applier,
  DriverClock,
  ForwardRefusal,
  PeerFrame,
  PeerTransport,
  RaftDriver,
  RaftEvent,
  RaftLogStore,
  RaftStatus,
  StateSnapshots,
  StoreApplied,
  StoreWatch,
} from './ports.ts'
import { raftStatus } from './raft-status.ts'
import { saveReady } from './save-ready.ts'
import { createSnapshotDuties, isSnapshotFrame } from './snapshot-duties.ts'
import { createTransfers } from './transfers.ts'
import { createWaitingReads } from './waiting-reads.ts'
import { createWaitingWrites } from './waiting-writes.ts'

export interface RaftDriverParts<R> {
  readonly id: NodeId
  /** The voters that the cluster began with; what the log says of its members goes before. */
  readonly voters: readonly NodeId[]
  /** Seeds the election timeouts; random per node and run. */
  readonly seed: number
  /** Six random bytes, new for every run of the process. */
  readonly life: Life
  readonly log: RaftLogStore
  readonly transport: PeerTransport
  readonly clock: DriverClock
  readonly applier: Applier<R>
  readonly snapshots: StateSnapshots
  /** Of MySQL mode only. */
  readonly sharedStore?: StoreWatch
  readonly onEvent: (event: RaftEvent) => void
  /** Asked while writes wait and nobody leads: is the disk full on which this node stands? Then those of the others may be, which stand still. */
  readonly hasFullDisk?: () => boolean
  readonly tuning?: Partial<RaftTuning>
  readonly options?: Partial<DriverOptions>
}

type Input =
  | { readonly kind: 'frame'; readonly from: NodeId; readonly frame: PeerFrame }
  | { readonly kind: 'gone'; readonly id: NodeId }
  | { readonly kind: 'up'; readonly id: NodeId }
  /** Something of our own that the core is to see between two drains. */
  | { readonly kind: 'act'; readonly act: () => void }

/** Builds the loop over the node's disk, peers, clock and state; nothing runs before `start`. */
export function createRaftDriver<R>(parts: RaftDriverParts<R>): RaftDriver<R> {
  const { id, voters, life, log, transport, clock, applier, onEvent } = parts
  const options: DriverOptions = { ...driverDefaults, ...parts.options }
  const tuning: RaftTuning = { ...raftDefaults, ...parts.tuning }
  const core = createRaft({ options: { ...tuning, id, voters, seed: parts.seed }, log, hardState: log.hardState(), applied: applier.appliedIndex() })
  const { view } = core
  const writes = createWaitingWrites<R>({ id, life, options })
  const reads = createWaitingReads(view, options, life)
  const transfers = createTransfers({ core, transport, options })
  const changes = createMembershipChanges({ core, options })
  const watch = createLeaderWatch({ view, options, nowMs: clock.monotonicMs(), onEvent })
  const own = createOwnMembership({ core, writes, reads, onEvent })
  const admission = createAdmission(options)
  const connected = new Set<NodeId>()

  let inputs: Input[] = []
  let ticksDue = 0
  let lastTickMs = clock.monotonicMs()
  let lastExpiryMs = lastTickMs
  /** A leader that refused a write is not asked again before, unless another one leads by then. */
  let forwardAfterMs = 0
  let forwardRefusedTerm = 0
  let scheduled = false
  /** Something came while a drain was being persisted. */
  let wanted = false
  let persisting = false
  let logFull = false
  let stateFull = false
  let running = false

  /** A promise broke: from here on nothing is stepped, sent, saved or applied, although the process may live a while longer. */
  const orHalt =
    <A extends readonly unknown[]>(act: (...args: A) => void) =>
    (...args: A): void => {
      try {
        act(...args)
      } catch (error) {
        running = false
        apply.stop()
        throw error
      }
    }

  const apply = createApplyLoop<R>({
    ...{ core, applier, clock, options, orHalt },
    onReply(entry, reply) {
      if (isEnvelope(entry.data) && isOfLife(entry.data, id, life)) writes.applied(counterOf(entry.data), reply, entry.index)
    },
    onApplied(termRose) {
      reads.applied(apply.applied())
      changes.applied(apply.applied())
      if (!termRose) return
      const count = writes.lostBefore(apply.appliedTerm())
      if (count === 0) return
      onEvent({ type: 'reproposed', term: apply.appliedTerm(), count })
      schedule()
    },
    onDiskFull: (full) => setStateFull(full),
    onSlow: (ms) => onEvent({ type: 'slow-turn', ms, during: 'apply' }),
  })

  const snapshots = createSnapshotDuties({
    ...{ core, log, transport, clock, options, orHalt, onEvent, snapshots: parts.snapshots },
    whenIdle: (act) => push({ kind: 'act', act }),
    mayCut: () => !persisting && !logFull,
    running: () => running,
    mayInstall: () => !apply.isApplying(),
    beforeInstall: () => apply.hold(),
  })

  const diskFull = () => logFull || stateFull
  const setLogFull = (full: boolean) => {
    if (logFull === full) return
    logFull = full
    onEvent({ type: 'disk-full', on: full, disk: 'log' })
    if (full) writes.refuseQueued('disk_full')
  }
  /** A leader that cannot apply answers nobody, and soon takes no writes of anybody: another one leads. */
  const setStateFull = (full: boolean) => {
    if (stateFull === full) return
    stateFull = full
    onEvent({ type: 'disk-full', on: full, disk: 'state' })
    core.mayLead(!full, 'its state store is full')
    if (full) writes.refuseQueued('disk_full')
    schedule()
  }

  const schedule = () => {
    if (persisting) wanted = true
    if (scheduled || persisting || !running) return
    scheduled = true
    clock.defer(orHalt(drain))
  }

  const drain = () => {
    scheduled = false
    if (!running || persisting) return
    const startMs = clock.monotonicMs()
    // Frames first: after a stall, heartbeats that already wait must count before the clock does.
    const taken = inputs
    inputs = []
    for (const input of taken) take(input, startMs)
    // What a leader was owed for its heartbeats is not owed to the follower that those frames have made of it.
    if (view.role !== 'leader') ticksDue = Math.min(ticksDue, 1)
    for (; ticksDue > 0; ticksDue--) core.tick()
    changes.flush()
    transfers.flush()
    own.look()
    // Asked by everybody: whoever leads no more holds nothing, and must not wait for the end of it.
    const gathers = view.role === 'leader' ? writes.queued() + forwarded.waiting() : 0
    if (!gathering.holds(gathers, openEntries(), startMs)) {
      forwarded.letIn()
      flushWrites(startMs)
    }
    reads.ask(startMs, core.readIndex)
    carryOut()
    transfers.watch(startMs)
    const tookMs = clock.monotonicMs() - startMs
    if (tookMs > options.slowTurnMs) onEvent({ type: 'slow-turn', ms: tookMs, during: 'drain' })
  }

  const take = (input: Input, nowMs: number) => {
    if (input.kind === 'gone') core.peerGone(input.id)
    else if (input.kind === 'up') core.peerUp(input.id)
    else if (input.kind === 'act') input.act()
    else if (input.frame.type === 'transfer-request') transfers.requested(input.frame)
    else if (isSnapshotFrame(input.frame)) snapshots.takeFrame(input.from, input.frame, nowMs)
    else if (input.frame.type === 'forward') forwarded.add(input.from, input.frame)
    else if (input.frame.type === 'forward-refused') takeRefusal(input.frame, nowMs)
    else if (input.frame.type === 'store-applied') takeStoreApplied(input.from, input.frame)
    else {
      core.step(input.frame)
      watch.received(input.frame, nowMs)
    }
  }

  const takeStoreApplied = (from: NodeId, frame: StoreApplied) => {
    if (from === view.leaderId && frame.term === view.term) parts.sharedStore?.told(frame)
  }

  const takeRefusal = (refusal: ForwardRefusal, nowMs: number) => {
    if (refusal.life.some((byte, at) => byte !== life[at])) return
    writes.sentBack(refusal)
    forwardAfterMs = nowMs + options.forwardRetryMs
    forwardRefusedTerm = view.term
  }

  const openEntries = () => core.lastIndex() - view.commit
  const gathering = createGathering(options, clock, () => schedule())
  const unappliedRoom = () => admission.entriesMax() - (core.lastIndex() - apply.applied())

  const append = (proposals: readonly Uint8Array[]) => {
    if (proposals.length === 0) return
    const wallMs = clock.wallMs()
    for (const proposal of proposals) stampEnvelope(proposal, wallMs)
    gathering.appended(clock.monotonicMs())
    core.propose(proposals)
  }

  const forwarded = createForwardedWrites({
    ...{ view, transport, room: unappliedRoom, append, stateFull: () => stateFull },
    storeRefuses: (payload) => parts.sharedStore?.refuses(payload) === true,
  })

  const flushWrites = (nowMs: number) => {
    if (diskFull()) writes.refuseQueued('disk_full')
    if (writes.queued() === 0) return
    if (view.role === 'leader') {
      // Held, not failed: they go to the next leader, or here if it comes to nothing.
      if (view.transfer !== null) return
      const room = unappliedRoom()
      if (room > 0) append(writes.take(view.term, { count: room, bytes: Number.MAX_SAFE_INTEGER }))
      writes.holdBack('overloaded')
    } else if (view.leaderId !== null && (nowMs >= forwardAfterMs || view.term !== forwardRefusedTerm)) {
      while (writes.queued() > 0) {
        const proposals = writes.take(view.term, { count: options.writesMax, bytes: options.forwardBytesMax })
        transport.send(view.leaderId, [{ type: 'forward', term: view.term, proposals }])
      }
    } else if (view.leaderId === null) writes.holdBack(parts.hasFullDisk?.() === true ? 'disk_full' : 'no_quorum')
  }

  /** Does what the core asks for, in the order of `Ready`. */
  const carryOut = () => {
    if (view.role === 'leader') for (const peer of view.peers) core.congested(peer, transport.backlogBytes(peer) > options.peerBacklogBytesMax)
    const ready = core.ready()
    if (ready === null) {
      afterDrain()
      return
    }
    for (const event of ready.events) onEvent(event)
    for (const read of ready.reads) reads.confirmed(read, apply.applied())
    send(ready.messages)
    if (ready.snapshot !== null || ready.hardState !== null || ready.entries.length > 0) {
      persisting = true
      if (ready.snapshot !== null) install(ready.snapshot)
      persist(ready)
    } else {
      send(ready.afterPersist)
      afterDrain()
    }
  }

  /** The state first: it carries the mark by which a start after a crash lets the log follow. */
  const install = (place: SnapshotPlace) => {
    snapshots.install(place)
    apply.restored(place)
    reads.applied(place.index)
    changes.applied(place.index)
    onEvent({ type: 'snapshot-installed', index: place.index, term: place.term, unknownWrites: writes.skipped(place.term) })
  }

  const persist = (ready: Ready) => {
    const done = (problem: 'disk_full' | null) => {
      if (!running) return
      if (problem === 'disk_full') {
        freeze()
        clock.after(
          options.diskFullRetryMs,
          orHalt(() => running && persist(ready)),
        )
        return
      }
      setLogFull(false)
      persisting = false
      if (ready.snapshot !== null) {
        snapshots.installed()
        apply.release()
      }
      for (const { data } of ready.entries) snapshots.added(data.length)
      core.persisted()
      send(ready.afterPersist)
      carryOut()
    }
    saveReady(log, ready, orHalt(done))
  }

  const freeze = () => {
    if (logFull) return
    core.resign('the disk is full')
    setLogFull(true)
  }

  const afterDrain = () => {
    apply.pump()
    snapshots.afterDrain(clock.monotonicMs())
    if (!wanted && !gathering.isOver(openEntries())) return
    wanted = false
    schedule()
  }

  const send = (messages: readonly Message[]) => {
    if (messages.length === 0) return
    const nowMs = clock.monotonicMs()
    // Not to the members only: whoever asked for a vote gets its answer.
    const done: NodeId[] = []
    for (const { to } of messages) {
      if (done.includes(to)) continue
      done.push(to)
      transport.send(
        to,
        messages.filter((message) => message.to === to),
      )
    }
    for (const message of messages) watch.sent(message, nowMs)
  }

  /** A late ticker gives one tick. A leader gets up to one heartbeat's worth: busy turns must not delay its heartbeats. */
  const onTicker = orHalt(() => {
    if (!running) return
    clock.after(options.tickMs, onTicker)
    const nowMs = clock.monotonicMs()
    const late = Math.max(1, Math.min(tuning.heartbeatTicks, Math.floor((nowMs - lastTickMs) / options.tickMs)))
    lastTickMs = nowMs
    if (!logFull) {
      ticksDue = view.role === 'leader' ? late : 1
      watch.tick(nowMs)
    }
    admission.sample(nowMs, core.lastIndex(), apply.applied())
    if (nowMs - lastExpiryMs >= options.expiryMs) {
      lastExpiryMs = nowMs
      writes.expire(nowMs)
      reads.expire(nowMs)
      changes.expire(nowMs)
    }
    transfers.watch(nowMs)
    schedule()
  })

  const push = (input: Input) => {
    if (!running) return
    inputs.push(input)
    schedule()
  }

  const status = (): RaftStatus => {
    const appliedIndex = apply.applied()
    const serving = running && watch.serving(appliedIndex, apply.appliedTerm())
    return raftStatus({ id, core, log, watch, connected, snapshots: parts.snapshots }, { appliedIndex, serving, diskFull: diskFull() })
  }

  return {
    onFrame(from, frame) {
      if (!running) return
      if (logFull) {
        if (frame.type === 'forward') forwarded.sendBack(from, frame, 'disk_full')
      } else if (inputs.length < options.inputsMax) push({ kind: 'frame', from, frame })
    },
    onPeerGone(peer) {
      connected.delete(peer)
      onEvent({ type: 'peer', id: peer, up: false })
      push({ kind: 'gone', id: peer })
    },
    onPeerUp(peer) {
      connected.add(peer)
      onEvent({ type: 'peer', id: peer, up: true })
      push({ kind: 'up', id: peer })
    },
    write(payload, done, patienceMs) {
      if (!running) done({ kind: 'refused', code: 'no_quorum' })
      else if (diskFull()) done({ kind: 'refused', code: 'disk_full' })
      else {
        writes.add(payload, clock.monotonicMs(), done, patienceMs)
        schedule()
      }
    },
    readIndex(done) {
      if (!running) done({ kind: 'refused', code: 'no_quorum' })
      else {
        reads.add(clock.monotonicMs(), done)
        schedule()
      }
    },
    transfer(target, done) {
      if (!running) done({ kind: 'refused', code: 'no_quorum' })
      else {
        transfers.add(target, clock.monotonicMs(), done)
        schedule()
      }
    },
    changeMembership(change, done) {
      if (!running) done({ kind: 'refused', code: 'not_leader' })
      else if (logFull) done({ kind: 'refused', code: 'disk_full' })
      else {
        changes.add(change, clock.monotonicMs(), done)
        schedule()
      }
    },
    status,
    snapshotNow(done) {
      const answer = (ok: boolean) => done({ ok, durableIndex: parts.snapshots.durableIndex(), firstIndex: log.firstIndex() })
      if (running) snapshots.now(answer)
      else answer(false)
    },
    start() {
      running = true
      lastTickMs = clock.monotonicMs()
      own.start()
      clock.after(options.tickMs, onTicker)
    },
    stop() {
      running = false
      apply.stop()
      snapshots.stop()
      writes.stop()
      reads.refuse('no_quorum')
      transfers.stop()
      changes.stop()
    },
  }
}
