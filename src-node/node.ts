/**
 * One node, put together: stores, state machine, Raft, peers, HTTP; and taken apart in the order that loses nothing. Knows all
 * parts and decides nothing for them. Errors of opening come out as `NodeFailure` or `StorageFailure`, with an exit code.
 */

import { randomBytes, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { createGrpcServer } from './api/grpc/server.ts'
import { createPeerQuestions } from './api/http/peer-questions.ts'
import type { GrayPort } from './api/http/ports.ts'
import { createHttpServer } from './api/http/server.ts'
import { createUdpPush } from './api/udp-push.ts'
import { createNodeAuth } from './auth/node-auth.ts'
import { createPasswords } from './auth/passwords.ts'
import { createDataCare } from './data-care.ts'
import type { CacheThread } from './disk-cache/cache-thread.ts'
import { createDiskCache } from './disk-cache/disk-cache.ts'
import { createFaultyParts, type FaultyParts } from './fault-switches.ts'
import { createGrayVersions } from './gray-versions.ts'
import { createHistoryRetention } from './history-retention.ts'
import type { createMysqlMode } from './mysql-mode.ts'
import { createNaming } from './naming/naming.ts'
import { createProbe } from './naming/probes.ts'
import { nodeFailure } from './node-failure.ts'
import { type NodeState, openState } from './node-state.ts'
import { listenedChange } from './notify/chosen-version.ts'
import { createConfigWatches } from './notify/config-watches.ts'
import { createNotices } from './notify/notices.ts'
import { type NotifyOptions, notifyDefaults } from './notify/notify-options.ts'
import { createPollTable } from './notify/poll-table.ts'
import {
  exitCodes,
  type LeaderWish,
  type LookOrder,
  type NodeEvent,
  type NodeFaults,
  type NodeOrder,
  type NodeStart,
  noFaults,
  type OrderAnswer,
  type PeerAddress,
  type WishAnswer,
  type WorkerToParent,
} from './observe/channel.ts'
import { type Counters, createCounters } from './observe/counters.ts'
import type { NodeLog } from './observe/log-file.ts'
import { raftLine } from './observe/raft-lines.ts'
import { createStatusReporter } from './observe/status.ts'
import type { NodeOptions } from './options.ts'
import { createPeerTransport, type TransportEvents } from './peers/peer-transport.ts'
import { createRandom } from './raft/random.ts'
import { nodeId } from './raft/types.ts'
import { lifeBytes } from './raft-driver/envelope.ts'
import { createMachineApplier } from './raft-driver/machine-applier.ts'
import { createMachineSnapshots } from './raft-driver/machine-snapshots.ts'
import type { MembershipOutcome } from './raft-driver/membership-changes.ts'
import type { BeatsFrame, DriverClock, RaftDriver, RaftEvent, TransferOutcome } from './raft-driver/ports.ts'
import { createRaftDriver } from './raft-driver/raft-driver.ts'
import type { SharedStore } from './raft-driver/shared-store.ts'
import { encodeCapacity } from './state-machine/areas/capacity-area.ts'
import { encodeGray } from './state-machine/areas/gray-codec.ts'
import { encodeNamespaceCommand } from './state-machine/areas/namespace-area.ts'
import { encodeCommand } from './state-machine/command-codec.ts'
import { configChangesOf, serviceChangesOf } from './state-machine/effect-kinds.ts'
import { encodeSnapshotCommand } from './state-machine/snapshot-codec.ts'
import type { Effect, Reply } from './state-machine/types.ts'
import { storeStatusOf } from './store-report.ts'

/** A restore of a hundred thousand configurations takes seconds. */
const snapshotPatienceMs = 60_000

export interface NodeParts {
  readonly start: NodeStart
  readonly options: NodeOptions
  readonly log: NodeLog
  readonly clock: DriverClock
  readonly cacheThread: CacheThread
  /** Null in SQLite mode, where its library need not be loaded. */
  readonly createMysqlMode: typeof createMysqlMode | null
  send(message: WorkerToParent): void
  consoleUrl(): string | null
  /** Ends the process for this reason; what it was told to write before has its moment to leave. */
  fail(reason: unknown): void
}

export interface TrioNode {
  /** Opens the ports, then joins its peers. Rejects with a `NodeFailure` when a port cannot be had. */
  open(): Promise<void>
  /** No new work; what is under way gets its answer; then files are closed with the mark of a clean end. */
  close(): Promise<void>
  /** Faults to practise with: this set and no other from now on; what is out of bounds is refused in the log. */
  setFaults(faults: NodeFaults): void
  /** Where nodes are from now on. */
  setMembers(members: readonly PeerAddress[]): void
  /** Answered once, perhaps minutes later. */
  order(order: NodeOrder, done: (answer: OrderAnswer) => void): void
  /** Answered once, soon. */
  wish(wish: LeaderWish, done: (answer: WishAnswer) => void): void
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

/** After the grace: time for the last answers to leave. */
const lastAnswersMs = 200

const ownRow = (start: NodeStart): PeerAddress => {
  const own = start.members.find((member) => member.id === start.id)
  if (own === undefined) throw nodeFailure(exitCodes.badOptions, `node ${start.id} is not among the members`)
  if (!/^[0-9a-f]{64}$/i.test(start.clusterSecret)) throw nodeFailure(exitCodes.badOptions, 'the cluster secret must have 64 hex digits')
  return own
}

const isLoopback = (host: string): boolean => /^(127\.[\d.]+|localhost|::1)$/.test(host)

/** Between machines: far beyond any election, so that no silence that Raft itself deals with closes a connection. */
const silenceMsOf = ({ electionTimeoutMaxMs }: NodeOptions): number => Math.max(3_000, 4 * electionTimeoutMaxMs)

const portFailure = (error: unknown, kind: 'HTTP' | 'gRPC' | 'Raft', port: number): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') return nodeFailure(exitCodes.portTaken, `port ${port} (${kind}) is already taken by another program`)
  if (code === 'EACCES') return nodeFailure(exitCodes.portTaken, `port ${port} (${kind}) may not be opened by this user`)
  if (code === 'EADDRNOTAVAIL') return nodeFailure(exitCodes.portTaken, `port ${port} (${kind}): this machine does not have the address`)
  return error
}

const tuningOf = (options: NodeOptions) => ({
  electionTicksMin: Math.ceil(options.electionTimeoutMs / options.tickMs),
  electionTicksMax: Math.ceil(options.electionTimeoutMaxMs / options.tickMs),
  heartbeatTicks: Math.ceil(options.heartbeatMs / options.tickMs),
  windowEntriesMax: options.logWindowEntries,
})

const notifyOptionsOf = (options: NodeOptions): NotifyOptions => ({
  ...notifyDefaults,
  ...{ pauseMs: options.noticePauseMs, keysMax: options.noticeKeysMax },
  ...{ retryBaseMs: options.noticeRetryBaseMs, retryStepMs: options.noticeRetryStepMs },
})

interface ConsensusParts {
  readonly machine: NodeState['machine']
  readonly faulty: FaultyParts
  readonly life: Uint8Array
  onEffects(effects: readonly Effect[]): void
  onBeats(frame: BeatsFrame): void
  onEvent(event: RaftEvent): void
  onStoreEvents(events: readonly NodeEvent[]): void
}

/** Driver and transport know each other; frames that come before both exist have nowhere to come from. */
const createConsensus = ({ start, options, log, fail, createMysqlMode }: NodeParts, consensus: ConsensusParts) => {
  const { machine, faulty, onEffects, onEvent, onStoreEvents: noted } = consensus
  const { clock, store } = faulty
  let driver: RaftDriver<Reply>
  const events: TransportEvents = {
    onFrame: (from, frame) => (frame.type === 'beats' ? consensus.onBeats(frame) : driver.onFrame(from, frame)),
    onPeerGone: (id) => driver.onPeerGone(id),
    onPeerUp: (id) => driver.onPeerUp(id),
  }
  const { members, clusterId, clusterSecret, listenHost } = start
  const random = createRandom(randomInt(2 ** 32))
  const chance = () => random.between(0, 2 ** 30 - 1) / 2 ** 30
  const silenceMs = members.every(({ host }) => isLoopback(host)) ? null : silenceMsOf(options)
  const transport = createPeerTransport({
    ...{ self: nodeId(start.id), members, listenHost, clusterId, clusterSecret, silenceMs, clock, randomBytes, chance, events },
  })
  const applier = faulty.applier(createMachineApplier({ machine, store, clock, onEffects, onLateEffects: onEffects }))
  const snapshots = createMachineSnapshots({ machine, store, clock, onEffects })
  const { mysql } = start
  const sharedStore: SharedStore<Reply> | null =
    mysql === undefined || createMysqlMode === null
      ? null
      : createMysqlMode({
          ...{ mysql, clusterId, log, clock, store, machine, fail, noted },
          driver: () => driver,
          send: transport.send,
          syncMs: options.storeSyncMs,
        })
  driver = createRaftDriver<Reply>({
    ...{ id: nodeId(start.id), voters: start.founders.map(nodeId), seed: randomInt(2 ** 32), life: consensus.life },
    ...{ log: faulty.raftLog, transport, clock, applier: sharedStore?.applier(applier) ?? applier, snapshots },
    ...(sharedStore === null ? {} : { sharedStore }),
    onEvent: (event) => {
      sharedStore?.onEvent(event)
      onEvent(event)
    },
    tuning: tuningOf(options),
    options: {
      ...{ tickMs: options.tickMs, leaderWaitMs: options.leaderWaitMs, writeTimeoutMs: options.writeTimeoutMs },
      ...{ compactEntries: options.compactEntries, compactKeptEntries: options.compactKeptEntries },
    },
  })
  return { driver, transport, sharedStore }
}

const countEvent = (counters: Counters, event: RaftEvent): void => {
  if (event.type === 'role' && event.role === 'leader') counters.elected++
  else if (event.type === 'missed-heartbeat') counters.leaderMissed++
  else if (event.type === 'slow-turn') counters.slowTurns++
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

export const createNode = (parts: NodeParts): TrioNode => {
  const { start, options, log, clock } = parts
  const own = ownRow(start)
  const listenHost = start.listenHost ?? own.host
  const shown = listenHost.includes(':') ? `[${listenHost}]` : listenHost
  const counters = createCounters()
  const polls = createPollTable({ pollsMax: options.longPollsMax, keysMax: options.longPollKeysMax, after: clock.after, defer: clock.defer })
  const watches = createConfigWatches({ watchesMax: options.grpcWatchesMax, defer: clock.defer })
  const failed = (module: string, what: string, cause: unknown): void =>
    log.write('error', module, `${what}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
  let listening = false
  let { members } = start

  const state = openState({
    ...{ dir: start.dir, clusterId: start.clusterId, nodeId: start.id, hasRunBefore: start.hasRunBefore === true },
    queuesForSink: start.mysql !== undefined,
    ...{ statePagesMax: options.statePagesMax, raftLogPagesMax: options.raftLogPagesMax, monotonicMs: clock.monotonicMs },
    defer: clock.defer,
    onSync: (ms) => {
      counters.logSyncs++
      counters.logSyncMs += ms
      reporter.synced(ms)
    },
    warn: (line) => log.write('warn', 'node', line),
  })
  const { machine } = state
  const faulty = createFaultyParts({ state, start, log, clock, setLinks: (faults) => transport.setFaults(faults) })
  const { store } = faulty
  const configs = { find: machine.find, all: machine.all, size: machine.size, readContent: store.readContent, readConfig: store.readConfig }
  const grays = createGrayVersions(machine, store)
  const chosen = { grays, find: machine.find }
  const cache = createDiskCache({
    ...{ dir: start.dir, thread: parts.cacheThread, configs, clock, fullDumpMs: options.fullDumpMs, failed: parts.fail },
    foldsCase: process.platform === 'win32' || process.platform === 'darwin',
    say: (level, line) => log.write(level, 'cache', line),
  })
  const life = randomBytes(lifeBytes)
  const { driver, transport, sharedStore } = createConsensus(parts, {
    ...{ machine, faulty, life },
    onBeats: (frame) => naming.onBeats(frame),
    // Listeners first (design 6): the files come after everything that somebody waits for.
    onEffects: (effects) => {
      for (const effect of effects) {
        const change = listenedChange(chosen, effect)
        if (change === null) continue
        polls.onChanged(change)
        watches.onChanged(change.key)
      }
      naming.changed(serviceChangesOf(effects))
      const changes = configChangesOf(effects)
      if (changes.length === 0) return
      cache.changed(changes, changes.at(-1)?.index ?? 0)
      notices.changed(changes)
    },
    onEvent: (event) => {
      const line = raftLine(start.id, event)
      log.write(line.level, 'raft', line.text)
      countEvent(counters, event)
      reporter.event(event)
      notices.event(event)
    },
    onStoreEvents: (events) => reporter.store(events),
  })
  const write = sharedStore?.write ?? driver.write
  const appliedIndex = (): number => machine.meta().appliedIndex
  const answeredIndex = (): number => Math.min(appliedIndex(), sharedStore?.status().storeAppliedIndex ?? Number.POSITIVE_INFINITY)
  const notices = createNotices({
    ...{ self: start.id, clusterSecret: start.clusterSecret, options: notifyOptionsOf(options), files: cache, clock, randomBytes },
    ...{ status: driver.status, members: () => members, appliedIndex, answeredIndex },
    said: (level, line) => log.write(level, 'notify', line),
    failed: (what, cause) => failed('notify', what, cause),
  })
  const naming = createNaming({
    ...{ nodeId: start.id, life: life.toString('hex'), clock: faulty.clock, probe: createProbe(), area: () => machine.areas().naming },
    ...{ write: driver.write, status: driver.status, send: (to, frame) => transport.send(to, [frame]) },
  })
  const udpPush = createUdpPush({ host: listenHost, clock, warn: (line) => log.write('warn', 'naming', line) })
  const retention = createHistoryRetention({
    ...{ retentionMs: options.historyRetentionMs, roundMs: options.historyRoundMs, keptNewest: options.historyKeptNewest },
    ...{ clock: faulty.clock, store, logTimeMs: () => machine.meta().lastTimeMs, snapshots: machine.snapshots },
    leads: () => driver.status().role === 'leader' && driver.status().serving,
    propose: (payload, done) => driver.write(payload, ({ kind }) => done(kind === 'applied')),
    say: (level, line) => log.write(level, 'history', line),
  })
  const auth = createNodeAuth({
    ...{ clusterSecret: start.clusterSecret, identity: start.auth?.identity ?? null, on: start.auth?.on === true },
    ...{ ttlSeconds: options.tokenTtlSeconds, passwords: createPasswords(), accounts: () => machine.areas().accounts },
    // Not held up by a shared database: none of it is kept there.
    propose: (payload, done) => driver.write(payload, done),
    ...{ readIndex: driver.readIndex, randomBytes, monotonicMs: clock.monotonicMs, wallMs: faulty.clock.wallMs },
  })
  const care = createDataCare({
    ...{ nodeId: start.id, store, raftLog: state.raftLog, wallMs: clock.wallMs },
    say: (level, line) => log.write(level, 'data', line),
  })
  /** Loaded when it is asked for: few nodes are. */
  const storeLook = once(async () =>
    (await import('./store-look.ts')).createStoreLook({ clusterId: start.clusterId, configs, store, meta: machine.meta, clock }),
  )
  const lookAtStore = ({ mysql: asked, asOf }: LookOrder, done: (answer: OrderAnswer) => void): void => {
    const mysql = asked ?? start.mysql
    if (mysql === undefined) done({ ok: false, words: 'this cluster uses no shared database: name one' })
    else storeLook().then((look) => look(mysql, asOf, done, parts.fail), parts.fail)
  }
  const switchAuth = (on: boolean, done: (answer: OrderAnswer) => void): void => {
    const words = on ? 'every request must show who sends it' : 'nobody is asked who they are'
    // The supervisor says it again to a node that has only just begun to listen.
    if (auth.isOn() !== on) log.write('info', 'auth', `from now on ${words}`)
    auth.switchTo(on)
    done({ ok: true, words })
  }
  const view = { raft: driver.status, meta: machine.meta, configCount: machine.size, longPolls: polls.size, listening: () => listening }
  const sharedStatus = () => (sharedStore === null ? undefined : storeStatusOf(sharedStore.status()))
  const reporter = createStatusReporter({ ...view, store: sharedStatus, counters, send: parts.send, clock })

  const grayPort: GrayPort = { ...grays, propose: (command, done) => write(encodeGray(command), done) }
  const grpc = createGrpcServer({
    ...{ host: own.host, allowedOrigins: start.allowedOrigins, allowedHosts: start.allowedHosts ?? [] },
    ...{ settings: options, configs, watches, sharedStore, counters, clock: faulty.clock },
    ...{ auth, naming, grays: grayPort },
    write: (command, done) => write(encodeCommand(command), done),
    starting: createStarting(driver, clock),
    storeBroken: (failure) => clock.defer(() => parts.fail(failure)),
    failed: (what, cause) => failed('grpc', what, cause),
  })

  const http = createHttpServer({
    get members() {
      return members
    },
    ...{ nodeId: start.id, version: start.version, settings: options },
    ...{ allowedOrigins: start.allowedOrigins, allowedHosts: start.allowedHosts ?? [] },
    uploadDir: join(start.dir, 'data', 'upload'),
    naming: { port: naming, udpPush },
    connections: grpc,
    ...{ configs, cache, polls, notices, counters, clock: faulty.clock, status: driver.status, meta: machine.meta, consoleUrl: parts.consoleUrl },
    write: (command, done) => write(encodeCommand(command), done),
    grays: grayPort,
    capacities: {
      find: (scope, name) => machine.areas().capacities.find(scope, name),
      propose: (command, done) => write(encodeCapacity(command), done),
    },
    snapshots: { list: machine.snapshots, propose: (command, done) => write(encodeSnapshotCommand(command), done, snapshotPatienceMs) },
    ...{ sharedStore, lookups: state.store, listenerViews: [polls, watches] },
    peers: createPeerQuestions({ self: start.id, members: () => members, after: clock.after }),
    namespaces: {
      find: (id) => machine.areas().namespaces.find(id),
      all: () => machine.areas().namespaces.all(),
      propose: (command, done) => driver.write(encodeNamespaceCommand(command), done),
    },
    auth,
    ...{ historyRetention: retention.state, checkData: care.check },
    ...{ readIndex: driver.readIndex, transfer: driver.transfer, changeMembership: driver.changeMembership, snapshotNow: driver.snapshotNow },
    // After this turn: the answer that says so leaves first.
    storeBroken: (failure) => clock.defer(() => parts.fail(failure)),
    noted: (line) => log.write('info', 'ops', line),
    failed: (what, cause) => failed('http', what, cause),
  })

  faulty.set(start.faults ?? noFaults)
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))

  return {
    open: async () => {
      await http.listen(listenHost, own.httpPort).catch((error: unknown) => Promise.reject(portFailure(error, 'HTTP', own.httpPort)))
      await grpc.listen(listenHost, own.grpcPort).catch((error: unknown) => Promise.reject(portFailure(error, 'gRPC', own.grpcPort)))
      driver.start()
      sharedStore?.start()
      await transport.listen().catch((error: unknown) => Promise.reject(portFailure(error, 'Raft', own.raftPort)))
      listening = true
      const ports = `gRPC on ${shown}:${own.grpcPort}, Raft on ${shown}:${own.raftPort}`
      log.write('info', 'node', `node-${start.id} listens on http://${shown}:${own.httpPort}/nacos, ${ports}`)
      parts.send({ kind: 'listening' })
      reporter.start()
      cache.start()
      retention.start()
      naming.start()
    },
    close: async () => {
      retention.stop()
      naming.stop()
      const graceMs = options.stopGraceMs + lastAnswersMs
      const closed = Promise.all([http.close(graceMs), grpc.close(graceMs)])
      polls.closeAll()
      udpPush.close()
      notices.close()
      await Promise.race([closed, wait(options.stopGraceMs)])
      driver.stop()
      await sharedStore?.stop()
      await closed
      reporter.stop()
      await transport.close()
      await cache.close()
      faulty.raftLog.close()
      store.close()
    },
    setFaults: faulty.set,
    setMembers: (next) => {
      members = next
      transport.setMembers(next)
      faulty.setMembers(next)
      notices.membersMoved()
    },
    order: (order, done) => {
      if (order.kind === 'check') care.check(done)
      else if (order.kind === 'backup') care.backup(order.folder, done)
      else if (order.kind === 'auth') switchAuth(order.on, done)
      else lookAtStore(order, done)
    },
    wish: (wish, done) => carryOut(driver, wish, done),
  }
}
