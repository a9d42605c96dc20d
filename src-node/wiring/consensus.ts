/**
 * Raft of one node, wired: driver, transport, applier, snapshots and, in MySQL mode, the shared database that answers wait for. It knows what is
 * replicated only as bytes; what comes of an applied entry goes out as effects.
 */

import { randomBytes, randomInt } from 'node:crypto'
import type { LeaderWish, NodeEvent, WishAnswer } from '../observe/channel.ts'
import type { NodeOptions } from '../options.ts'
import { createPeerTransport, type TcpPeerTransport, type TransportEvents } from '../peers/peer-transport.ts'
import { createRandom } from '../raft/random.ts'
import { nodeId } from '../raft/types.ts'
import { lifeBytes } from '../raft-driver/envelope.ts'
import { createMachineApplier } from '../raft-driver/machine-applier.ts'
import { createMachineSnapshots } from '../raft-driver/machine-snapshots.ts'
import type { MembershipOutcome } from '../raft-driver/membership-changes.ts'
import type { BeatsFrame, DriverClock, RaftDriver, RaftEvent, TransferOutcome } from '../raft-driver/ports.ts'
import { createRaftDriver } from '../raft-driver/raft-driver.ts'
import type { SharedStore } from '../raft-driver/shared-store.ts'
import type { Effect, Reply } from '../state-machine/types.ts'
import { isFullOn } from '../storage/sqlite/disk-room.ts'
import type { LocalData } from './local-data.ts'
import type { NodeParts } from './node-parts.ts'

export interface ConsensusEvents {
  /** Of one applied batch. */
  onEffects(effects: readonly Effect[]): void
  onBeats(frame: BeatsFrame): void
  onEvent(event: RaftEvent): void
  onStoreEvents(events: readonly NodeEvent[]): void
}

export interface Consensus {
  readonly driver: RaftDriver<Reply>
  readonly transport: TcpPeerTransport
  /** Null in SQLite mode. */
  readonly sharedStore: SharedStore<Reply> | null
  /** A command whose answer may wait for the shared database; `driver.write` is for what is not kept there. */
  readonly write: RaftDriver<Reply>['write']
  /** Of this run, 12 hex digits. */
  readonly life: string
  /** This node has not caught up with its cluster yet. */
  starting(): boolean
  /** Answered once, soon. */
  wish(wish: LeaderWish, done: (answer: WishAnswer) => void): void
}

const isLoopback = (host: string): boolean => /^(127\.[\d.]+|localhost|::1)$/.test(host)

/** Between machines: far beyond any election, so that no silence that Raft itself deals with closes a connection. */
const silenceMsOf = ({ electionTimeoutMaxMs }: NodeOptions): number => Math.max(3_000, 4 * electionTimeoutMaxMs)

const tuningOf = (options: NodeOptions) => ({
  electionTicksMin: Math.ceil(options.electionTimeoutMs / options.tickMs),
  electionTicksMax: Math.ceil(options.electionTimeoutMaxMs / options.tickMs),
  heartbeatTicks: Math.ceil(options.heartbeatMs / options.tickMs),
  windowEntriesMax: options.logWindowEntries,
})

const createTransport = ({ start, options }: NodeParts, clock: DriverClock, events: TransportEvents): TcpPeerTransport => {
  const { members, clusterId, clusterSecret, listenHost } = start
  const random = createRandom(randomInt(2 ** 32))
  const chance = () => random.between(0, 2 ** 30 - 1) / 2 ** 30
  const silenceMs = members.every(({ host }) => isLoopback(host)) ? null : silenceMsOf(options)
  return createPeerTransport({
    ...{ self: nodeId(start.id), members, listenHost, clusterId, clusterSecret, silenceMs, clock, randomBytes, chance, events },
  })
}

/** A node that has just started lags behind its cluster for a moment: gRPC clients, which have others to go to, would be told old states as changes. */
const catchUpMs = 5_000

/** Until this node has once served as a member, and never for longer than `catchUpMs`: without a majority all nodes are alike. */
const createStarting = (driver: RaftDriver<Reply>, clock: DriverClock): (() => boolean) => {
  const endMs = clock.monotonicMs() + catchUpMs
  let starting = true
  return () => {
    if (starting && (driver.status().serving || clock.monotonicMs() > endMs)) starting = false
    return starting
  }
}

/** An outcome of the driver as the supervisor hears it. */
const carryOut = (driver: RaftDriver<Reply>, { kind, id }: LeaderWish, done: (answer: WishAnswer) => void): void => {
  const tell = (outcome: MembershipOutcome | TransferOutcome): void => {
    if (outcome.kind === 'done') done({ ok: true })
    else done({ ok: false, code: outcome.kind === 'refused' ? outcome.code : 'unknown' })
  }
  if (kind === 'transfer') driver.transfer(nodeId(id), tell)
  else driver.changeMembership({ kind, id: nodeId(id) }, tell)
}

/** Driver and transport know each other; frames that come before both exist have nowhere to come from. */
export const createConsensus = (parts: NodeParts, { state, faulty }: LocalData, events: ConsensusEvents): Consensus => {
  const { start, options, log, fail } = parts
  const { onEffects, onEvent } = events
  const { machine } = state
  const { clock, store } = faulty
  const life = randomBytes(lifeBytes)
  let driver: RaftDriver<Reply>
  const transport = createTransport(parts, clock, {
    onFrame: (from, frame) => (frame.type === 'beats' ? events.onBeats(frame) : driver.onFrame(from, frame)),
    onPeerGone: (id) => driver.onPeerGone(id),
    onPeerUp: (id) => driver.onPeerUp(id),
  })
  const applier = faulty.applier(createMachineApplier({ machine, store, clock, onEffects, onLateEffects: onEffects }))
  const snapshots = createMachineSnapshots({ machine, store, clock, onEffects })
  const { mysql, clusterId } = start
  const sharedStore: SharedStore<Reply> | null =
    mysql === undefined || parts.createMysqlMode === null
      ? null
      : parts.createMysqlMode({
          ...{
            mysql,
            clusterId,
            log,
            clock,
            store,
            machine,
            fail,
            noted: events.onStoreEvents,
            texts: state.store.readTexts,
            hasHistory: state.store.hasHistory,
          },
          driver: () => driver,
          send: transport.send,
          syncMs: options.storeSyncMs,
        })
  driver = createRaftDriver<Reply>({
    ...{ id: nodeId(start.id), voters: start.founders.map(nodeId), seed: randomInt(2 ** 32), life },
    ...{ log: faulty.raftLog, transport, clock, applier: sharedStore?.applier(applier) ?? applier, snapshots },
    ...(sharedStore === null ? {} : { sharedStore }),
    onEvent: (event) => {
      sharedStore?.onEvent(event)
      onEvent(event)
    },
    hasFullDisk: isFullOn(start.dir),
    tuning: tuningOf(options),
    options: {
      ...{ tickMs: options.tickMs, leaderWaitMs: options.leaderWaitMs, writeTimeoutMs: options.writeTimeoutMs },
      ...{ compactEntries: options.compactEntries, compactKeptEntries: options.compactKeptEntries },
    },
  })
  return {
    ...{ driver, transport, sharedStore, write: sharedStore?.write ?? driver.write, life: life.toString('hex') },
    starting: createStarting(driver, parts.clock),
    wish: (wish, done) => carryOut(driver, wish, done),
  }
}
