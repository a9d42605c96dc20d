/**
 * The cluster as the rest of src-main uses it: supervisor, reports of the nodes, time line and views behind one object.
 * It owns no file and no lock (see boot.ts). It must not word anything for people beyond English details.
 */

import type { NodeStart, WorkerToParent } from '../../src-node/observe/channel.ts'
import type { ClusterView, NodeView } from '../contract/cluster.ts'
import { createProcessFaults } from '../faults/process-faults.ts'
import { createBroadcaster } from './broadcaster.ts'
import { judgeHealth, quorumOf } from './health.ts'
import type { Launcher } from './launcher.ts'
import { createMainUsage } from './main-usage.ts'
import { createNodeReports } from './node-reports.ts'
import type { OwnedProcesses } from './owned-processes.ts'
import { createSupervisor, type LogSink } from './supervisor-runner.ts'
import { hasProcess, type NodeState } from './supervisor-state.ts'
import { createTimeline, markOf } from './timeline.ts'
import type { ActionResult, Cluster, ClusterEvent, Instant, LastExit, NodePlace, Readiness } from './types.ts'

export interface ClusterOptions {
  readonly dataDir: string
  readonly places: readonly NodePlace[]
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
}

const now = (): Instant => ({ wallMs: Date.now(), monoMs: performance.now() })
const address = (place: NodePlace, port: number): string => `${place.host}:${port}`

const nodeViewOf = (place: NodePlace, node: NodeState, report: NodeView['report']): NodeView => ({
  id: place.id,
  process: node.phase.kind,
  pid: node.pid,
  http: `http://${address(place, place.httpPort)}`,
  grpc: address(place, place.grpcPort),
  raft: address(place, place.raftPort),
  dir: place.dir,
  restarts: node.restarts,
  restartAtMs: node.phase.kind === 'waiting' ? Date.now() + node.phase.restartAtMs - performance.now() : null,
  lastExit: node.lastExit,
  report,
})

/** A cluster at rest; `start` brings it up. */
export const createCluster = (options: ClusterOptions): Cluster => {
  const reports = createNodeReports()
  const timeline = createTimeline()
  const usage = createMainUsage()
  const eventListeners = new Set<(event: ClusterEvent) => void>()
  const readyNodes = new Set<number>()
  const watchers = new Set<() => void>()
  let consoleUrl: string | null = null
  let hasServed = false
  let toldLeader = { id: 0, term: 0, sinceMs: 0 }
  let health = { key: '', sinceMs: Date.now() }

  const emit = (event: ClusterEvent): void => {
    for (const listener of [...eventListeners]) listener(event)
  }

  const supervisor = createSupervisor({
    ids: options.places.map((place) => place.id),
    launcher: options.launcher,
    now,
    spec: (id) => ({ nodeId: id, workerPath: options.workerPath, env: options.workerEnv, outputFile: `${placeOf(id).dir}/logs/worker.out` }),
    startOf: (id) => ({
      id,
      version: options.version,
      dir: placeOf(id).dir,
      members: options.places.map(({ dir: _dir, ...member }) => member),
      clusterSecret: options.clusterSecret,
      clusterId: options.clusterId,
      allowedOrigins: consoleUrl === null ? [] : [consoleUrl],
      consoleUrl,
      overrides: options.overrides,
    }),
    log: options.log,
    onSpawned: (id, pid) => {
      options.owned.add(id, pid)
      timeline.add({ atMs: Date.now(), node: id, kind: 'start', role: null, term: null, detail: `pid ${pid}` })
    },
    onMessage: (id, message) => hear(id, message),
    onExit: (id, pid, exit) => bury(id, pid, exit),
    onChange: () => changed(),
  })
  const faults = createProcessFaults(supervisor, options.log)

  const placeOf = (id: number): NodePlace => {
    const place = options.places.find((candidate) => candidate.id === id)
    if (place === undefined) throw new Error(`no place for node ${id}`)
    return place
  }

  const tellLeader = (): void => {
    const leader = reports.leader()
    if (leader === null || leader.term < toldLeader.term || (leader.term === toldLeader.term && leader.id === toldLeader.id)) return
    toldLeader = { ...leader, sinceMs: Date.now() }
    options.log('info', `Node ${leader.id} leads, term ${leader.term}`)
    emit({ kind: 'leader', id: leader.id, term: leader.term })
  }

  const tellReady = (id: number): void => {
    supervisor.markServing(id)
    const pid = supervisor.state().nodes.find((node) => node.id === id)?.pid ?? null
    if (readyNodes.has(id) || pid === null) return
    readyNodes.add(id)
    options.log('info', `Node ${id} serves`)
    emit({ kind: 'node-ready', id, pid })
  }

  const hear = (id: number, message: WorkerToParent): void => {
    if (message.kind === 'status') {
      if (reports.status(id, message.status, now())) {
        timeline.add({ atMs: Date.now(), node: id, kind: 'serving', role: null, term: message.status.term, detail: '' })
        tellLeader()
        tellReady(id)
      }
    } else if (message.kind === 'events') {
      for (const event of message.events) {
        if (event.type === 'role') reports.role(id, event)
        timeline.add(markOf(id, event))
      }
    }
    tellLeader()
    changed()
  }

  const bury = (id: number, pid: number | null, exit: LastExit): void => {
    reports.forget(id)
    readyNodes.delete(id)
    timeline.add({ atMs: exit.atMs, node: id, kind: 'exit', role: null, term: null, detail: exit.reason })
    if (pid === null) return
    options.owned.remove(id, pid)
    emit({ kind: 'node-exit', id, pid, code: exit.code, signal: exit.signal, reason: exit.reason })
  }

  const servingIds = (): number[] => {
    const at = now()
    const running = supervisor.state().nodes.filter((node) => node.phase.kind === 'running' && reports.isServing(node.id, at))
    return running.map((node) => node.id)
  }

  const view = (): ClusterView => {
    const nodes = supervisor.state().nodes
    const serving = new Set(servingIds())
    const leader = reports.leader()
    const facts = nodes.map((node) => ({ id: node.id, process: node.phase.kind, serving: serving.has(node.id) }))
    const judged = judgeHealth({ nodes: facts, leaderId: leader?.id ?? null, hasServed })
    const key = JSON.stringify(judged)
    if (key !== health.key) health = { key, sinceMs: Date.now() }
    const nodeViews = nodes.map((node) => nodeViewOf(placeOf(node.id), node, reports.get(node.id)))
    return {
      atMs: Date.now(),
      health: judged,
      healthSinceMs: health.sinceMs,
      leaderId: leader?.id ?? null,
      term: reports.term(),
      leaderSinceMs: leader === null ? null : toldLeader.sinceMs,
      nodes: nodeViews,
      main: usage(),
      dataDir: options.dataDir,
    }
  }

  const broadcaster = createBroadcaster({ view, timeline, monoMs: () => performance.now() })

  const changed = (): void => {
    if (!hasServed && reports.leader() !== null && servingIds().length >= quorumOf(options.places.length)) hasServed = true
    for (const watcher of [...watchers]) watcher()
    broadcaster.changed()
  }

  const isDown = (): boolean => !supervisor.state().nodes.some(hasProcess)

  /** Resolves with the first answer that is not undefined; asked again after each change. */
  const when = <Answer>(ask: () => Answer | undefined): Promise<Answer> =>
    new Promise((resolve) => {
      const look = (): void => {
        const answer = ask()
        if (answer === undefined) return
        watchers.delete(look)
        resolve(answer)
      }
      watchers.add(look)
      look()
    })

  const waitReady = (quorumAfterMs: number): Promise<Readiness | null> => {
    const fromMs = performance.now() + quorumAfterMs
    // The deadline itself is a change to look at.
    setTimeout(changed, quorumAfterMs + 1).unref()
    return when(() => {
      const serving = servingIds()
      const leader = reports.leader()
      if (supervisor.state().shutdown !== null) return null
      if (leader === null) return undefined
      const enough = performance.now() >= fromMs ? quorumOf(options.places.length) : options.places.length
      if (serving.length < enough) return undefined
      return { leaderId: leader.id, degraded: options.places.map((place) => place.id).filter((id) => !serving.includes(id)) }
    })
  }

  const stop = async (): Promise<void> => {
    options.log('info', 'Stopping the cluster')
    supervisor.command({ kind: 'stop-all', leaderId: reports.leader()?.id ?? null })
    await when(() => (isDown() ? true : undefined))
    hasServed = false
  }

  const start = (): ActionResult => {
    if (isDown()) hasServed = false
    return supervisor.command({ kind: 'start-all' })
  }

  return {
    places: options.places,
    dataDir: options.dataDir,
    start,
    stop,
    hurry: () => void supervisor.command({ kind: 'hurry' }),
    startNode: (id) => supervisor.command({ kind: 'start', id }),
    stopNode: (id) => supervisor.command({ kind: 'stop', id }),
    restartNode: (id) => supervisor.command({ kind: 'restart', id }),
    killNode: faults.kill,
    blockNode: faults.block,
    view,
    timeline: timeline.all,
    subscribe: broadcaster.subscribe,
    onEvent: (listener) => {
      eventListeners.add(listener)
      return () => eventListeners.delete(listener)
    },
    waitReady,
    setConsole: (url) => {
      consoleUrl = url
      for (const place of options.places) supervisor.send(place.id, { kind: 'console-url', url })
    },
    close: async () => {
      await stop()
      broadcaster.close()
      supervisor.dispose()
    },
  }
}
