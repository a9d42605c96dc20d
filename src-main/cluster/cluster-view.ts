/** Puts what the supervisor knows and what the nodes say into the one picture that consoles show. Reads; changes nothing. */

import type { ClusterView, NodeView } from '../contract/cluster.ts'
import { judgeHealth, quorumOf } from './health.ts'
import { createMainUsage } from './main-usage.ts'
import type { NodeReports } from './node-reports.ts'
import type { Roster } from './roster.ts'
import type { NodeState, SupervisorState } from './supervisor-state.ts'
import type { Instant, NodePlace } from './types.ts'

export interface ViewSource {
  readonly dataDir: string
  readonly roster: Pick<Roster, 'places' | 'voting'>
  readonly now: () => Instant
  readonly state: () => SupervisorState
  readonly reports: NodeReports
  /** Wall time since when the present leader has been known. */
  readonly leaderSinceMs: () => number
  readonly authOn: () => boolean
  readonly storage: () => ClusterView['storage']
}

export interface Viewer {
  readonly view: () => ClusterView
  /** Ids of the nodes that serve at this moment. */
  readonly serving: () => readonly number[]
  /** Looks whether a quorum serves: from then on a lack of it is a loss, not a start. */
  readonly noteServed: () => void
  /** The cluster was brought down on purpose: the next start is a start again. */
  readonly forgetServed: () => void
}

/** Ids whose voice counts: as the leader says, and as the book has it while nobody leads. */
export const votingIn = (roster: Pick<Roster, 'voting'>, reports: Pick<NodeReports, 'configuration'>): readonly number[] =>
  reports.configuration()?.voters ?? roster.voting()

const address = (place: NodePlace, port: number): string => `${place.host}:${port}`

const nodeView = (place: NodePlace, node: NodeState, context: { readonly report: NodeView['report']; readonly now: Instant }): NodeView => ({
  id: place.id,
  process: node.phase.kind,
  pid: node.pid,
  http: `http://${address(place, place.httpPort)}`,
  grpc: address(place, place.grpcPort),
  raft: address(place, place.raftPort),
  dir: place.dir,
  inPlaceOf: place.inPlaceOf ?? null,
  restarts: node.restarts,
  restartAtMs: node.phase.kind === 'waiting' && !node.phase.needsRoom ? context.now.wallMs + node.phase.restartAtMs - context.now.monoMs : null,
  lastExit: node.lastExit,
  report: context.report,
})

export const createViewer = (source: ViewSource): Viewer => {
  const { roster, reports } = source
  const usage = createMainUsage()
  let hasServed = false
  let health = { key: '', sinceMs: source.now().wallMs }

  const serving = (): readonly number[] => {
    const at = source.now()
    const running = source.state().nodes.filter((node) => node.phase.kind === 'running')
    return running.map((node) => node.id).filter((id) => reports.isServing(id, at))
  }
  const judge = (leaderId: number | null, now: Instant): Pick<ClusterView, 'health' | 'healthSinceMs'> => {
    const served = new Set(serving())
    const states = new Map(source.state().nodes.map((node) => [node.id, node.phase.kind]))
    // A voter without a worker counts all the same: it is one more that does not answer.
    const nodes = votingIn(roster, reports).map((id) => ({ id, process: states.get(id) ?? 'stopped', serving: served.has(id) }))
    const judged = judgeHealth({ nodes, leaderId, hasServed })
    const key = JSON.stringify(judged)
    if (key !== health.key) health = { key, sinceMs: now.wallMs }
    return { health: judged, healthSinceMs: health.sinceMs }
  }
  const view = (): ClusterView => {
    const now = source.now()
    const leader = reports.leader()
    const states = new Map(source.state().nodes.map((node) => [node.id, node]))
    return {
      atMs: now.wallMs,
      ...judge(leader?.id ?? null, now),
      leaderId: leader?.id ?? null,
      term: reports.term(),
      leaderSinceMs: leader === null ? null : source.leaderSinceMs(),
      nodes: roster.places().flatMap((place) => {
        const node = states.get(place.id)
        return node === undefined ? [] : [nodeView(place, node, { report: reports.get(place.id), now })]
      }),
      main: usage(),
      dataDir: source.dataDir,
      authOn: source.authOn(),
      storage: source.storage(),
    }
  }
  return {
    view,
    serving,
    noteServed: () => {
      if (!hasServed && reports.leader() !== null && serving().length >= quorumOf(votingIn(roster, reports).length)) hasServed = true
    },
    forgetServed: () => {
      hasServed = false
    },
  }
}
