/**
 * The cluster as the rest of src-main uses it: supervisor, reports of the nodes, time line and views behind one object.
 * It owns no file and no lock (see boot.ts). It must not word anything for people beyond English details.
 */

import { join } from 'node:path'
import type { NodeStart, WorkerToParent } from '../../src-node/observe/channel.ts'
import { createNodeFaults, type NodeFaultSwitches } from '../faults/node-faults.ts'
import { createProcessFaults } from '../faults/process-faults.ts'
import { type Announcer, createAnnouncer } from './announcer.ts'
import type { AuthSetting } from './auth-setting.ts'
import { createAuthSwitch } from './auth-switch.ts'
import { createBroadcaster } from './broadcaster.ts'
import { createViewer, type Viewer, votingIn } from './cluster-view.ts'
import type { StartedNodes } from './data-folder.ts'
import { hasRoom } from './disk-room.ts'
import { quorumOf } from './health.ts'
import type { Launcher, WorkerSpec } from './launcher.ts'
import { createLeaderWishes, type LeaderWishes } from './leader-wishes.ts'
import { createMemberChanges, type MemberChanges } from './member-changes.ts'
import { createMysqlTester } from './mysql-test.ts'
import { createNodeOrders, type NodeOrders } from './node-orders.ts'
import { createNodeReports, type NodeReports } from './node-reports.ts'
import { forgetIdentity, identityListens, newIdentity } from './own-identity.ts'
import type { OwnedProcesses } from './owned-processes.ts'
import { findHolder } from './port-holder.ts'
import type { Roster } from './roster.ts'
import { createStorageChanges } from './storage-changes.ts'
import { createStorageInUse, type StorageInUse, storeProgressAt } from './storage-in-use.ts'
import { createStorageMove, type StorageMove } from './storage-move.ts'
import type { StorageSetting } from './storage-setting.ts'
import { createStoreNotes, type StoreNotes } from './store-notes.ts'
import { createSupervisor, type LogSink, type Supervisor } from './supervisor-runner.ts'
import { hasProcess } from './supervisor-state.ts'
import { createTimeline, markOf, type Timeline } from './timeline.ts'
import { transferTo } from './transfer.ts'
import type { Cluster, Instant, LastExit, Readiness } from './types.ts'
import { createWatchers, type Watchers } from './watchers.ts'

export interface ClusterOptions {
  readonly dataDir: string
  readonly roster: Roster
  readonly launcher: Launcher
  readonly workerPath: string
  readonly workerEnv: Readonly<Record<string, string>>
  readonly version: string
  readonly clusterId: string
  readonly clusterSecret: string
  readonly log: LogSink
  readonly owned: OwnedProcesses
  /** Options of the nodes by name (src-node/options.ts). */
  readonly overrides: NodeStart['overrides']
  readonly storage: StorageSetting
  readonly auth: AuthSetting
  readonly started: StartedNodes
}

interface Parts {
  readonly options: ClusterOptions
  readonly reports: NodeReports
  readonly timeline: Timeline
  readonly announcer: Announcer
  readonly watchers: Watchers
  readonly supervisor: Supervisor
  readonly viewer: Viewer
  readonly nodeFaults: NodeFaultSwitches
  readonly wishes: LeaderWishes
  readonly memberChanges: MemberChanges
  readonly orders: NodeOrders
  readonly storeNotes: StoreNotes
  readonly inUse: StorageInUse
  readonly storageMove: StorageMove
}

const now = (): Instant => ({ wallMs: Date.now(), monoMs: performance.now() })

const dirOf = (options: ClusterOptions, id: number): string => options.roster.place(id)?.dir ?? join(options.dataDir, `node-${id}`)

const workerSpec = (options: ClusterOptions, id: number): WorkerSpec => ({
  nodeId: id,
  workerPath: options.workerPath,
  env: options.workerEnv,
  outputFile: join(dirOf(options, id), 'logs', 'worker.out'),
})

const addresses = (roster: Roster): NodeStart['members'] => roster.places().map(({ dir: _dir, inPlaceOf: _before, ...member }) => member)

/** Null: nobody can call a node that has no place. */
const identityOf = ({ roster }: ClusterOptions, id: number): string | null => {
  const place = roster.place(id)
  return place === null ? null : newIdentity(id, place)
}

const nodeStart = (
  options: ClusterOptions,
  id: number,
  { mysql, ...present }: Pick<NodeStart, 'consoleUrl' | 'faults'> & { readonly mysql: NodeStart['mysql'] | undefined },
): NodeStart => ({
  id,
  version: options.version,
  dir: dirOf(options, id),
  members: addresses(options.roster),
  founders: options.roster.members().founders,
  clusterSecret: options.clusterSecret,
  clusterId: options.clusterId,
  // The console asks its own server, never a node: no page of any origin may write to a node.
  allowedOrigins: [],
  ...present,
  overrides: options.overrides,
  ...(mysql === undefined ? {} : { mysql }),
  auth: { on: options.auth.isOn(), identity: identityOf(options, id) },
  hasRunBefore: options.started.has(id),
})

/** Who holds the ports of a node that found one taken. */
const holdersOf = async (options: ClusterOptions, id: number, ownPids: readonly (number | null)[]): Promise<string> => {
  const place = options.roster.place(id)
  if (place === null) return ''
  const ports = [place.httpPort, place.grpcPort, place.raftPort]
  const holders = await Promise.all(ports.map((port) => findHolder(port).catch(() => null)))
  return ports
    .flatMap((port, index) => {
      const holder = holders[index]
      return holder === null || holder === undefined || ownPids.includes(holder.node ?? holder.pid)
        ? []
        : `; port ${port} is held by ${holder.name} (pid ${holder.pid})`
    })
    .join('')
}

/** If it cannot be written now, the next start tries again. */
const remember = ({ started, log }: ClusterOptions, id: number): void => {
  try {
    started.add(id)
  } catch (error) {
    log('warn', `It cannot be noted that node ${id} has run: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Takes in one message of one worker. */
const hear = (
  parts: Pick<Parts, 'options' | 'reports' | 'timeline' | 'announcer' | 'supervisor' | 'wishes' | 'memberChanges' | 'orders' | 'storeNotes'>,
  id: number,
  message: WorkerToParent,
): void => {
  const { reports, timeline, announcer, supervisor } = parts
  if (message.kind === 'wish-answer') parts.wishes.heard(message)
  if (message.kind === 'order-answer') parts.orders.heard(message)
  if (message.kind === 'events') {
    for (const event of message.events) {
      if (event.type === 'role') reports.role(id, event)
      parts.storeNotes.hear(event)
      const mark = markOf(id, event)
      // Every node says how it finds the database, each in its moment: the leader's word is the mark.
      const ofStore = mark?.kind === 'store-away' || mark?.kind === 'store-back'
      if (mark !== null && (!ofStore || reports.leader()?.id === id)) timeline.add(mark)
    }
    announcer.leader(reports.leader())
    return
  }
  if (message.kind === 'listening') {
    identityListens(id)
    remember(parts.options, id)
    // What was switched between its start message and now reached nobody.
    void parts.orders.give(id, { kind: 'auth', on: parts.options.auth.isOn() })
  }
  if (message.kind !== 'status') return
  const nowServes = reports.status(id, message.status, now())
  announcer.leader(reports.leader())
  if (message.status.role === 'leader') parts.memberChanges.resume()
  if (message.status.store?.health === 'available') parts.storeNotes.forgetRefusal()
  if (!nowServes) return
  timeline.add({ atMs: Date.now(), node: id, kind: 'serving', role: null, term: message.status.term, detail: '' })
  supervisor.markServing(id)
  const pid = supervisor.state().nodes.find((node) => node.id === id)?.pid ?? null
  if (pid !== null) announcer.ready(id, pid)
}

/** Takes in the end of one worker. */
const bury = (
  parts: Pick<Parts, 'options' | 'reports' | 'timeline' | 'announcer' | 'inUse'>,
  id: number,
  end: { pid: number | null; exit: LastExit },
): void => {
  const { pid, exit } = end
  forgetIdentity(id)
  parts.reports.forget(id)
  parts.inUse.ended(exit)
  parts.timeline.add({ atMs: exit.atMs, node: id, kind: 'exit', role: null, term: null, detail: exit.reason })
  if (pid === null) return
  parts.options.owned.remove(id, pid)
  parts.announcer.exit(id, pid, exit)
}

const memberChangesOf = ({
  options,
  announcer,
  reports,
  watchers,
  supervisor,
  viewer,
  wishes,
  nodeFaults,
}: Omit<Parts, 'timeline' | 'memberChanges' | 'orders' | 'storeNotes' | 'inUse' | 'storageMove'>): MemberChanges => {
  const { roster, log } = options
  return createMemberChanges({
    ...{ roster, wishes, watchers, log, command: supervisor.command, serving: viewer.serving },
    voting: () => votingIn(roster, reports),
    ...{ configuration: reports.configuration, finished: announcer.member },
    node: (id) => supervisor.state().nodes.find((node) => node.id === id) ?? null,
    leader: () => reports.leader()?.id ?? null,
    successor: (leader) => {
      const linked = reports.get(leader)?.links.filter(({ to, connected }) => connected && votingIn(roster, reports).includes(to)) ?? []
      return linked.toSorted((a, b) => (b.matchIndex ?? 0) - (a.matchIndex ?? 0))[0]?.to ?? null
    },
    isStopping: () => supervisor.state().shutdown !== null,
    tellPlaces: () => {
      for (const { id } of roster.places()) supervisor.send(id, { kind: 'members', members: addresses(roster) })
      nodeFaults.membersChanged()
      watchers.changed()
    },
    caughtUp: (id) => {
      const leader = reports.get(reports.leader()?.id ?? 0)
      const match = leader?.links.find(({ to }) => to === id)?.matchIndex ?? null
      return leader === null || match === null || leader.lastIndex === 0 ? null : match / leader.lastIndex
    },
    ...{ monoMs: () => performance.now(), wallMs: () => Date.now() },
  })
}

const waitReady = ({ options, reports, supervisor, viewer, watchers }: Parts, quorumAfterMs: number): Promise<Readiness | null> => {
  const quorumFromMs = performance.now() + quorumAfterMs
  // The deadline itself is a change to look at.
  setTimeout(watchers.changed, quorumAfterMs + 1).unref()
  return watchers.when(() => {
    if (supervisor.state().shutdown !== null) return null
    const leader = reports.leader()
    const serving = viewer.serving()
    const ids = votingIn(options.roster, reports)
    const enough = performance.now() >= quorumFromMs ? quorumOf(ids.length) : ids.length
    if (leader === null || serving.filter((id) => ids.includes(id)).length < enough) return undefined
    return { leaderId: leader.id, degraded: ids.filter((id) => !serving.includes(id)) }
  })
}

const waitBegun = async ({ supervisor, watchers }: Parts, limitMs: number): Promise<void> => {
  const untilMs = performance.now() + limitMs
  setTimeout(watchers.changed, limitMs + 1).unref()
  await watchers.when(() => {
    const waiting = supervisor.state().nodes.some(({ phase }) => phase.kind === 'starting' && !phase.greeted)
    return waiting && performance.now() < untilMs ? undefined : true
  })
}

/** A cluster at rest; `start` brings it up. */
export const createCluster = (options: ClusterOptions): Cluster => {
  const reports = createNodeReports()
  const timeline = createTimeline()
  const watchers = createWatchers()
  const announcer = createAnnouncer(options.log, Date.now)
  const storeNotes = createStoreNotes()
  let consoleUrl: string | null = null

  const supervisor = createSupervisor({
    ids: options.roster.places().map((place) => place.id),
    launcher: options.launcher,
    now,
    spec: (id) => workerSpec(options, id),
    startOf: (id) => nodeStart(options, id, { consoleUrl, faults: nodeFaults.of(id), mysql: inUse.current() }),
    log: options.log,
    explainPorts: (id) =>
      holdersOf(
        options,
        id,
        supervisor.state().nodes.map(({ pid }) => pid),
      ),
    hasRoom: (id) => hasRoom(dirOf(options, id)),
    onSpawned: (id, pid) => {
      options.owned.add(id, pid)
      timeline.add({ atMs: Date.now(), node: id, kind: 'start', role: null, term: null, detail: `pid ${pid}` })
    },
    onMessage: (id, message) => {
      hear({ options, reports, timeline, announcer, supervisor, wishes, memberChanges, orders, storeNotes }, id, message)
      changed()
    },
    onExit: (id, pid, exit) => {
      orders.gone(id)
      bury({ options, reports, timeline, announcer, inUse }, id, { pid, exit })
    },
    onChange: () => changed(),
  })
  const nodeFaults = createNodeFaults({
    ids: () => options.roster.places().map((place) => place.id),
    send: (id, faults) => supervisor.send(id, { kind: 'faults', faults }),
    log: options.log,
  })
  const wishes = createLeaderWishes({ leader: () => reports.leader()?.id ?? null, send: supervisor.send, monoMs: () => performance.now() })
  const orders = createNodeOrders({ send: supervisor.send, isPlace: (id) => options.roster.place(id) !== null })
  const { dataDir, roster } = options
  const storage = () => ({ setting: options.storage.shown(), refused: storeNotes.refused() })
  const source = {
    dataDir,
    roster,
    now,
    state: supervisor.state,
    reports,
    leaderSinceMs: announcer.leaderSinceMs,
    authOn: options.auth.isOn,
    storage,
  }
  const viewer = createViewer(source)
  const broadcaster = createBroadcaster({ view: viewer.view, timeline, monoMs: () => performance.now() })
  const memberChanges = memberChangesOf({ options, reports, announcer, watchers, supervisor, viewer, wishes, nodeFaults })
  const inUse = createStorageInUse({
    kept: options.storage.mysql,
    stop: () => stop(parts),
    start: () => void supervisor.command({ kind: 'start-all' }),
    ready: (quorumAfterMs) => waitReady(parts, quorumAfterMs),
  })
  const storageMove = createStorageMove({
    ...{ current: inUse.current, use: inUse.use, refusedBy: inUse.refusedBy, log: options.log },
    leader: () => reports.leader()?.id ?? null,
    look: (id, mysql, asOf) => orders.give(id, { kind: 'look-at-store', mysql, asOf }),
    keep: (order) => {
      options.storage.choose(
        order.to === 'sqlite' ? { kind: 'sqlite' } : { kind: 'mysql', ...order.mysql, keepPassword: order.keepPassword === true },
      )
      inUse.settled()
    },
    progress: () => storeProgressAt(options.roster.places()),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    monoMs: () => performance.now(),
  })
  const parts: Parts = {
    ...{ options, reports, timeline, announcer, watchers, supervisor, viewer, nodeFaults, wishes, memberChanges, orders, storeNotes },
    ...{ inUse, storageMove },
  }
  const changed = (): void => {
    viewer.noteServed()
    watchers.changed()
    broadcaster.changed()
  }
  return {
    ...actionsOf(parts, changed),
    get places() {
      return options.roster.places()
    },
    view: viewer.view,
    timeline: timeline.all,
    subscribe: broadcaster.subscribe,
    onEvent: announcer.onEvent,
    waitReady: (quorumAfterMs) => waitReady(parts, quorumAfterMs),
    waitBegun: (limitMs) => waitBegun(parts, limitMs),
    setConsole: (url) => {
      consoleUrl = url
      for (const place of options.roster.places()) supervisor.send(place.id, { kind: 'console-url', url })
    },
    close: async () => {
      await stop(parts)
      broadcaster.close()
      supervisor.dispose()
    },
  }
}

const isDown = ({ supervisor }: Parts): boolean => !supervisor.state().nodes.some(hasProcess)

const stop = async (parts: Parts): Promise<void> => {
  const { options, reports, supervisor, viewer, watchers } = parts
  options.log('info', 'Stopping the cluster')
  supervisor.command({ kind: 'stop-all', leaderId: reports.leader()?.id ?? null })
  await watchers.when(() => (isDown(parts) ? true : undefined))
  viewer.forgetServed()
}

type Actions = Omit<Cluster, 'view' | 'timeline' | 'subscribe' | 'onEvent' | 'waitReady' | 'waitBegun' | 'setConsole' | 'close' | 'places'>

const actionsOf = (parts: Parts, changed: () => void): Actions => {
  const { options, supervisor, viewer, nodeFaults, memberChanges } = parts
  const faults = createProcessFaults(supervisor, options.log)
  return {
    dataDir: options.dataDir,
    start: () => {
      if (isDown(parts)) viewer.forgetServed()
      return supervisor.command({ kind: 'start-all' })
    },
    stop: () => stop(parts),
    hurry: () => {
      supervisor.command({ kind: 'hurry' })
    },
    startNode: (id) => supervisor.command({ kind: 'start', id }),
    stopNode: (id) => supervisor.command({ kind: 'stop', id }),
    restartNode: (id) => supervisor.command({ kind: 'restart', id }),
    killNode: faults.kill,
    blockNode: faults.block,
    pauseNode: faults.pause,
    resumeNode: faults.resume,
    faults: nodeFaults,
    transferTo: (id) => transferTo(parts, id),
    addNode: memberChanges.add,
    removeNode: memberChanges.remove,
    replaceNode: memberChanges.replace,
    ...createStorageChanges({
      ...{ storage: options.storage, tester: createMysqlTester(options), log: options.log, notes: parts.storeNotes },
      isDown: () => isDown(parts),
      isMoving: () => parts.storageMove.state().kind === 'running',
      stop: () => stop(parts),
      start: () => supervisor.command({ kind: 'start-all' }),
    }),
    storageMove: parts.storageMove,
    auth: createAuthSwitch({
      ...{ setting: options.auth, log: options.log, give: parts.orders.give, changed },
      ids: () => options.roster.places().map(({ id }) => id),
    }),
    rebuildNode: memberChanges.rebuild,
    checkNode: (id) => parts.orders.give(id, { kind: 'check' }),
    backupNode: (id, folder) => parts.orders.give(id, { kind: 'backup', folder }),
  }
}
