/** One simulated node: the real driver, core, applier and state machine over a fake disk, network and clock. */

import type { Naming } from '../../src-node/naming/naming.ts'
import type { NodeId, Role } from '../../src-node/raft/types.ts'
import { completeInstall } from '../../src-node/raft-driver/complete-install.ts'
import { createMachineApplier } from '../../src-node/raft-driver/machine-applier.ts'
import { createMachineSnapshots } from '../../src-node/raft-driver/machine-snapshots.ts'
import type { Applier, DriverClock, PreparedSnapshot, RaftDriver, RaftEvent, StateSnapshots, WireFrame } from '../../src-node/raft-driver/ports.ts'
import { createRaftDriver } from '../../src-node/raft-driver/raft-driver.ts'
import { createSharedStore, type SharedStore } from '../../src-node/raft-driver/shared-store.ts'
import { changesConfigs } from '../../src-node/state-machine/command-codec.ts'
import { serviceChangesOf } from '../../src-node/state-machine/effect-kinds.ts'
import { createStateMachine } from '../../src-node/state-machine/state-machine.ts'
import type { Effect, Reply, StateMachine } from '../../src-node/state-machine/types.ts'
import type { StateStore } from '../../src-node/storage/types.ts'
import type { Dials } from './dials.ts'
import type { FakeDatabase } from './fake-database.ts'
import { startHousekeeping } from './housekeeping.ts'
import { inTurn } from './in-turn.ts'
import type { Judge } from './judge/judge.ts'
import type { Network } from './network.ts'
import { createRaftLog, DiskFailure, type FakeRaftLog, type Platter, settlePending } from './raft-disk.ts'
import { createNodeNaming, type Ports } from './services/node-naming.ts'
import { createStateDisk, createStateStore, durableOn, type FakeStateDisk, loseBatches } from './state-disk.ts'
import { type Dice, type SimEvent, SimFailure, type World } from './world.ts'

/** Thrown inside a turn: the process dies right there. */
export class Crash extends Error {
  override readonly name = 'Crash'
}

export interface SimNode {
  readonly id: NodeId
  readonly platter: Platter
  readonly stateDisk: FakeStateDisk
  driver: RaftDriver<Reply> | null
  /** As the API has it: the driver's, or that of MySQL mode around it. */
  write: RaftDriver<Reply>['write']
  /** Null: it is down, or nobody here has services. */
  naming: Naming | null
  run: number
  /** Faults of the moment. */
  paused: boolean
  pausedSinceMs: number
  /** What would have happened during a pause, and happens at its end. */
  readonly held: SimEvent[]
  slowMs: number
  diskMs: number
  /** The end of the last wait for the log's disk; while it lasts the loop takes nothing. */
  diskWaitEndsMs: number
  /** The same of the wait that a change of faults found under way: it lasts as long as the faults before had it. */
  oldWaitEndsMs: number
  diskFullUntil: number
  stateFullUntil: number
  /** How likely each turn of a long transaction is to fill its disk up. */
  fillsUp: number
  wallOffsetMs: number
  /** The next transaction of the Raft log fails there. */
  logFails: 'write' | 'sync' | null
  /** It has failed: the turn must end the process. */
  diskFailed: boolean
  /** Its data is gone or damaged: the product refuses to start on it, and for this life it stays out. */
  isLost: boolean
  readonly rate: number
  /** When each peer was last heard, since when this node leads, and the role after its last turn. */
  readonly heardMs: Map<number, number>
  leadsSinceMs: number
  role: Role
  start(): void
  crash(): void
  /** Ends, and never starts again. */
  lose(): void
  machine(): StateMachine | null
}

export interface SimNodeParts {
  readonly world: World
  readonly dials: Dials
  readonly judge: Judge
  readonly network: Network
  /** Null: SQLite mode. */
  readonly database: FakeDatabase | null
  readonly serviceDice: Dice
  readonly ports: Ports
  readonly platter: Platter
  readonly id: NodeId
  readonly voters: readonly NodeId[]
  readonly safety: () => boolean
  readonly onCrash: (node: SimNode) => void
  readonly onStart: (node: SimNode) => void
}

export const lifeOf = (id: NodeId, run: number): Uint8Array => new Uint8Array([id, run & 255, run >> 8, 1, 2, 3])

export const frameText = (frame: WireFrame): string =>
  JSON.stringify(frame, (key, value) => {
    if (key === 'sha256') return undefined
    if (key === 'entries' || key === 'proposals' || key === 'data') return `${value.length}`
    return key === 'from' || key === 'to' || value === null ? undefined : value
  })

function eventMark(event: RaftEvent): string {
  if (event.type === 'role') return `role/${event.role}: ${event.cause.replaceAll(/\d+/g, 'n').replace(/(n, )+n/, 'n')}`
  if (event.type === 'vote')
    return `vote/${event.pre ? 'pre-' : ''}${event.granted ? 'granted' : `refused: ${event.reason?.replaceAll(/\d+/g, 'n')}`}`
  if (event.type === 'snapshot-ignored') return `event/snapshot-ignored: ${event.verdict}`
  if (event.type === 'snapshot-failed') return `event/snapshot-failed: ${event.why}`
  return event.type === 'membership' ? `membership/${event.phase}` : `event/${event.type}`
}

export function createSimNode(parts: SimNodeParts): SimNode {
  const { world, dials, judge, network, id, voters } = parts
  const { dice } = world
  let log: FakeRaftLog | null = null
  let machine: StateMachine | null = null
  /** Goes by a configuration that it does not know to be committed. */
  let changing = false

  const node: SimNode = {
    id,
    platter: parts.platter,
    stateDisk: createStateDisk(parts.database !== null),
    driver: null,
    write: (payload, done) => node.driver?.write(payload, done),
    naming: null,
    run: 0,
    paused: false,
    pausedSinceMs: 0,
    held: [],
    slowMs: 0,
    diskMs: dials.diskMs,
    diskWaitEndsMs: 0,
    oldWaitEndsMs: 0,
    diskFullUntil: 0,
    stateFullUntil: 0,
    fillsUp: 0.01,
    wallOffsetMs: 0,
    logFails: null,
    diskFailed: false,
    isLost: false,
    heardMs: new Map(),
    leadsSinceMs: 0,
    role: 'follower',
    rate: 1 + dice.float(-dials.skew, dials.skew),
    start,
    crash,
    lose() {
      node.isLost = true
      crash()
    },
    machine: () => machine,
  }
  const schedule = (label: string, delayMs: number, act: () => void) => world.schedule({ label, delayMs, act, node: id, run: node.run })
  /** A start is not cut short: what it does is done again by the next one. */
  let opening = false
  const crashPoint = (where: string) => {
    const installing = /snapshot is moved in|log reset/.test(where)
    const probability = Math.max(dials.crashPoint, changing ? dials.changeCrash : 0, installing ? dials.installCrash : 0)
    if (opening || !parts.safety() || !dice.chance(probability)) return
    world.mark(`crash/${changing ? 'in a change, ' : ''}${where}`)
    throw new Crash(where)
  }

  /** A node's own view in the middle of a turn, before what it is about to do. */
  const look = () => {
    if (node.driver === null) return
    const status = node.driver.status()
    judge.onStatus(id, node.run, status)
    judge.onTerm(status, node.run, node.rate)
  }

  const openStore = () =>
    createStateStore(node.stateDisk, {
      ...{
        full: () => world.now() < node.stateFullUntil,
        fillsUp: () => dice.chance(node.fillsUp),
        crashPoint,
        chance: dice.chance,
        mark: world.mark,
      },
      after: (act) => void schedule('snapshot', dice.float(0.1, 20), act),
    })

  function openState(openLog: FakeRaftLog): { applier: Applier<Reply>; snapshots: StateSnapshots; store: StateStore; running: StateMachine } {
    const store = openStore()
    if (store.installed() !== null) world.mark('snapshot/install-completed-at-start')
    completeInstall(store, openLog)
    const running = createStateMachine(store.loadIndex(), store.meta(), {
      requests: store.loadRequests(),
      snapshots: store.loadSnapshots(),
      records: store.loadRecords(),
      idsMax: dials.requestIdsMax,
    })
    if (running.meta().stateHash !== store.meta().stateHash) throw new SimFailure(`26: node ${id} restarts with another state hash`)
    // A crash between a commit and the look at it hides a state that comes to light here.
    judge.onState(running.meta().appliedIndex, running.meta().stateHash)
    machine = running
    const parts = {
      ...{ machine: running, store, clock: { defer }, limits: dials.longLimits },
      onEffects: (effects: readonly Effect[]) => {
        judge.onEffects(id, effects)
        node.naming?.changed(serviceChangesOf(effects))
      },
      onLateEffects: (effects: readonly Effect[]) => {
        judge.onRestoreEffects(id, effects, running)
        node.naming?.changed(serviceChangesOf(effects))
      },
    }
    const inner = createMachineApplier(parts)
    judge.onListen(id, running.meta().appliedIndex)
    judge.onLoaded(id, running)
    return {
      ...{ store, running },
      applier: watched(inner, running),
      snapshots: watchedSnapshots(
        createMachineSnapshots({
          ...parts,
          onEffects: (effects) => {
            judge.onSnapshotEffects(id, effects, running)
            node.naming?.changed(serviceChangesOf(effects))
          },
        }),
        running,
      ),
    }
  }

  /** Whatever is installed must be a state that replay gives. */
  function watchedSnapshots(inner: StateSnapshots, running: StateMachine): StateSnapshots {
    const watch = (prepared: PreparedSnapshot): PreparedSnapshot => ({
      ...prepared,
      install() {
        judge.beforeInstall(id, running)
        prepared.install()
        judge.onInstalledState(id, running.meta().appliedIndex, running.meta().stateHash)
        judge.onOvertaken(id, running.meta().appliedIndex)
        judge.onLoaded(id, running)
      },
      settled() {
        prepared.settled()
        judge.onSettledInstall(id, running)
      },
    })
    return {
      ...inner,
      receive(info, membership) {
        const incoming = inner.receive(info, membership)
        return { ...incoming, finish: (done) => incoming.finish((result) => done(typeof result === 'string' ? result : watch(result))) }
      },
    }
  }

  function openSharedStore(database: FakeDatabase, store: StateStore, clock: DriverClock): SharedStore<Reply> {
    return createSharedStore<Reply>({
      sink: database.connect(id, (delayMs, act) => void schedule('database', delayMs, act)),
      ...{ clock, adopt: false, driver: () => node.driver!, concerns: changesConfigs, limits: dials.storeLimits },
      queue: () => store.sinkQueue!,
      appliedIndex: () => store.meta().appliedIndex,
      configs: { find: () => undefined, rows: () => [].values() },
      send(to, frames) {
        network.send(id, to, frames)
      },
      // Nothing to take over, and nothing that the queue lacks.
      attach: (stands) => {
        if (stands < store.sinkQueue!.completeAfter()) throw new SimFailure(`28: node ${id} lacks entries that a database at ${stands} has not`)
        return inTurn(
          (act) => void schedule('database', 0.1, act),
          () => null,
        )
      },
      tell: (level) => world.mark(`database/${level === 'error' ? 'away' : 'back'}`),
      refused({ code }) {
        throw new SimFailure(`28: the database is refused: ${code}`)
      },
    })
  }

  function watched(inner: Applier<Reply>, running: StateMachine): Applier<Reply> {
    return {
      appliedIndex: () => inner.appliedIndex(),
      fillsTurn: inner.fillsTurn,
      standsAlone: inner.standsAlone,
      apply(run, done) {
        look()
        judge.onApply(id, run)
        judge.onCommittedRun(run)
        inner.apply(run, (result) => {
          if (result === 'disk_full') world.mark('disk/state-full')
          else {
            judge.onState(running.meta().appliedIndex, running.meta().stateHash)
            judge.onServed(id, run, result.replies, running, node.stateDisk)
          }
          done(result)
        })
      },
    }
  }

  const defer = (task: () => void) => void schedule('turn', 0.01 + node.slowMs * dice.float(0, 1), task)

  const fail = (failure: DiskFailure): never => {
    node.diskFailed = true
    throw failure
  }

  function start() {
    if (node.isLost) return
    node.run++
    opening = true
    const openLog = createRaftLog(node.platter, {
      full() {
        if (opening) return false
        look()
        return world.now() < node.diskFullUntil
      },
      failPoint(where) {
        if (opening || node.logFails !== where) return
        node.logFails = null
        fail(new DiskFailure(`log-${where}-failed`))
      },
      damaged: () => fail(new DiskFailure('bit-flip-found', true)),
      latencyMs() {
        if (opening || node.diskMs === 0) return 0
        const ms = dice.float(0.01, node.diskMs)
        node.diskWaitEndsMs = world.now() + ms
        return ms
      },
      after: (ms, act) => void schedule('disk', ms, act),
      crashPoint,
      judge(hardState, entries) {
        look()
        judge.onPersist(id, hardState, entries)
      },
      written(entries) {
        judge.onWritten(id, entries)
        if (node.driver !== null) judge.onSettled(id, node.driver.status())
      },
      judgeCompact(to) {
        look()
        judge.onCompact(id, to, durableOn(node.stateDisk))
      },
      judgeReset(base, hardState) {
        // A vote may reach the disk with a snapshot.
        judge.onPersist(id, hardState, [])
        judge.onReset(id, base, hardState, node.stateDisk.installed?.index ?? 0)
      },
      committed: judge.committedEntries,
    })
    log = openLog
    const { store, running, ...state } = openState(openLog)
    opening = false
    const clock: DriverClock = {
      monotonicMs: () => world.now() * node.rate,
      wallMs: () => Math.floor(1_700_000_000_000 + world.now() + node.wallOffsetMs),
      defer,
      after: (ms, task) => ({ cancel: schedule('timer', ms / node.rate, task) }),
    }
    const sharedStore = parts.database === null ? null : openSharedStore(parts.database, store, clock)
    node.write = sharedStore?.write ?? ((payload, done) => node.driver?.write(payload, done))
    const life = lifeOf(id, node.run)
    node.driver = createRaftDriver<Reply>({
      id,
      voters,
      seed: world.seed * 31 + id * 7 + node.run,
      life,
      log: openLog,
      transport: {
        send(to, frames) {
          look()
          for (const frame of frames) {
            judge.onSend(id, frame)
            judge.onSaid(id, node.rate, frame)
            if (frame.type === 'snapshot-chunk') judge.onSnapshotSent(id, frame.info)
            world.trace(() => `${id} -> ${to} ${frameText(frame)}`)
          }
          network.send(id, to, frames)
          crashPoint('after send')
        },
        backlogBytes: (to) => network.backlogBytes(id, to),
      },
      clock,
      ...state,
      applier: sharedStore?.applier(state.applier) ?? state.applier,
      ...(sharedStore === null ? {} : { sharedStore }),
      onEvent(event) {
        sharedStore?.onEvent(event)
        if (event.type === 'membership') changing = event.phase === 'appended'
        world.mark(eventMark(event))
        world.trace(() => `${id} ${JSON.stringify(event)}`)
      },
      tuning: dials.tuning,
      options: dials.options,
    })
    changing = false
    judge.onSettled(id, node.driver.status())
    if (dials.tenants > 0) openNaming(node.driver, running, life, clock)
    node.driver.start()
    sharedStore?.start()
    node.naming?.start()
    startHousekeeping({ world, dials, judge, node, driver: node.driver, machine: running, store, clock, safety: parts.safety })
    world.trace(() => `${id} STARTS, log ends at ${openLog.lastIndex()}, applied ${node.stateDisk.meta.appliedIndex}`)
    parts.onStart(node)
  }

  function openNaming(driver: RaftDriver<Reply>, running: StateMachine, life: Uint8Array, { wallMs }: DriverClock) {
    const { serviceDice, ports } = parts
    node.naming = createNodeNaming({ world, dials, judge, network, dice: serviceDice, ports, node, driver, machine: running, life, wallMs })
  }

  function crash() {
    opening = false
    node.diskFailed = false
    if (node.driver === null || log === null) return
    const kept = settlePending(node.platter, log, dice.chance(0.5), judge.committedEntries())
    if (kept && log.pending() !== null) judge.onWritten(id, log.pending()!.entries)
    if (dice.chance(0.3)) {
      loseBatches(node.stateDisk, dice.between(1, 10))
      world.mark('disk/state-lost-batches')
    }
    node.driver = null
    node.naming = null
    machine = null
    node.run++
    node.paused = false
    node.held.length = 0
    node.role = 'follower'
    world.mark('node/crashed')
    world.trace(() => `${id} CRASHES, log ends at ${node.platter.entries.length}`)
    parts.onCrash(node)
  }

  return node
}
