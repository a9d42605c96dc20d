/**
 * `GET /nacos/actuator/prometheus`: this node in figures, made when somebody asks. `nacos_monitor` has the names that dashboards for Nacos look for, as
 * far as there is such a thing here; `nacos_trio_…` what they do not know. A figure that is not known is left out, never zero.
 */

import { createLoopDelay } from '../../observe/loop-delay.ts'
import { counter, type Family, gauge, type Labels, metricsText, metricsType, type Sample } from '../../observe/metrics-text.ts'
import type { RaftStatus } from '../../raft-driver/ports.ts'
import { noCache, send } from './errors.ts'
import type { HttpParts } from './ports.ts'
import type { Route } from './router.ts'

const roles = ['leader', 'follower', 'candidate', 'pre-candidate'] as const

const monitored = (module: 'config' | 'core' | 'naming', values: Readonly<Record<string, number | null>>): readonly Sample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { module, name }, value }))

/** Keys that the leader has yet to tell its followers of. */
const noticesWaiting = ({ notices }: HttpParts): number => notices.view().followers.reduce((sum, { waitingKeys }) => sum + waitingKeys, 0)

/** `domCount` is what 1.x calls the services; costs are -1 before the first push, as in Nacos. */
const namingFigures = ({ naming }: HttpParts): Readonly<Record<string, number>> => {
  const { services, instances, subscriptions, pushes } = naming.port.counts()
  return {
    ...{ serviceCount: services, domCount: services, ipCount: instances, subscriberCount: subscriptions },
    ...{ totalPush: pushes.sent, failedPush: Math.max(0, pushes.sent - pushes.taken) },
    ...{ maxPushCost: pushes.taken === 0 ? -1 : pushes.costMaxMs, avgPushCost: pushes.taken === 0 ? -1 : pushes.costSumMs / pushes.taken },
  }
}

const nacosFamilies = (parts: HttpParts, status: RaftStatus): readonly Family[] => {
  const { counters, polls, cache } = parts
  const { configs, dirty } = cache.status()
  return [
    {
      ...{ name: 'nacos_monitor', help: 'As the monitors of Nacos are called.', type: 'gauge' },
      samples: [
        ...monitored('config', {
          ...{ getConfig: counters.reads, publish: counters.writes, longPolling: polls.size(), configCount: configs },
          ...{ notifyTask: noticesWaiting(parts), dumpTask: dirty },
        }),
        ...monitored('core', { longConnection: parts.connections.size() }),
        ...monitored('naming', { leaderStatus: status.role === 'leader' ? 1 : 0, ...namingFigures(parts) }),
      ],
    },
  ]
}

const peerFamily = (status: RaftStatus, name: string, help: string, figure: (peer: RaftStatus['peers'][number]) => number | null): Family => ({
  ...{ name: `nacos_trio_raft_peer_${name}`, help, type: 'gauge' },
  samples: status.peers.map((peer) => ({ labels: { peer: String(peer.id) }, value: figure(peer) })),
})

const raftFamilies = ({ counters }: HttpParts, status: RaftStatus): readonly Family[] => [
  {
    ...{ name: 'nacos_trio_raft_role', help: '1 for the role that this node has.', type: 'gauge' },
    samples: roles.map((role) => ({ labels: { role }, value: status.role === role ? 1 : 0 })),
  },
  gauge('nacos_trio_raft_term', 'Term of Raft.', status.term),
  gauge('nacos_trio_raft_leader', 'Id of the node that leads as this one knows; absent without a leader.', status.leaderId),
  gauge('nacos_trio_raft_voters', 'Voters of the configuration in force.', status.voters.length),
  gauge('nacos_trio_raft_commit_index', 'Newest entry that is known to be committed.', status.commitIndex),
  gauge('nacos_trio_raft_applied_index', 'Newest entry that is applied.', status.appliedIndex),
  gauge('nacos_trio_raft_first_index', 'Oldest entry that is in the log.', status.firstIndex),
  gauge('nacos_trio_raft_last_index', 'Newest entry that is in the log.', status.lastIndex),
  gauge('nacos_trio_raft_serving', '1 once a leader is known and what it had committed is applied: readiness.', status.serving ? 1 : 0),
  gauge('nacos_trio_raft_disk_full', '1 while a disk of this node takes nothing.', status.diskFull ? 1 : 0),
  peerFamily(status, 'connected', '1 for a peer that is connected.', ({ connected }) => (connected ? 1 : 0)),
  peerFamily(status, 'lag_entries', 'Entries that a peer lacks; of the leader alone.', ({ matchIndex }) =>
    matchIndex === null ? null : Math.max(0, status.lastIndex - matchIndex),
  ),
  peerFamily(status, 'round_trip_seconds', 'Round trip of the last heartbeat; of the leader alone.', ({ rttMs }) =>
    rttMs === null ? null : rttMs / 1000,
  ),
  counter('nacos_trio_raft_elected_total', 'Times that this node came to lead.', counters.elected),
  counter('nacos_trio_raft_leader_missed_total', 'Times that this node missed the heartbeats of its leader.', counters.leaderMissed),
  {
    ...{ name: 'nacos_trio_raft_log_sync_seconds', help: 'Synced commits of the Raft log.', type: 'summary' },
    samples: [
      { suffix: '_sum', value: counters.logSyncMs / 1000 },
      { suffix: '_count', value: counters.logSyncs },
    ],
  },
]

const apiFamilies = ({ counters, polls, cache, sharedStore, version }: HttpParts): readonly Family[] => {
  const files = cache.status()
  const store = sharedStore?.status()
  return [
    gauge('nacos_trio_info', 'The version that runs.', 1, { version, node: process.version }),
    counter('nacos_trio_writes_total', 'Writes that this node answered with success.', counters.writes),
    counter('nacos_trio_reads_total', 'Reads that this node answered.', counters.reads),
    counter('nacos_trio_pushes_total', 'Listeners that were told of a change.', counters.pushes),
    gauge('nacos_trio_long_polls', 'Long polls that hang here.', polls.size()),
    gauge('nacos_trio_configs', 'Configurations.', files.configs),
    gauge('nacos_trio_cache_dirty', 'Configurations whose file is behind.', files.dirty),
    counter('nacos_trio_cache_files_written_total', 'Files that were written.', files.filesWritten),
    gauge(
      'nacos_trio_store_available',
      '1 while the shared database takes writes; absent without one.',
      store === undefined ? null : store.health === 'available' ? 1 : 0,
    ),
    gauge('nacos_trio_store_queue', 'Entries that the shared database lacks.', store?.queueLength ?? null),
  ]
}

const memoryOf = ({ rss, heapUsed, heapTotal, external, arrayBuffers }: NodeJS.MemoryUsage): readonly Family[] => [
  gauge('process_resident_memory_bytes', 'Resident memory.', rss),
  gauge('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed),
  gauge('nodejs_heap_size_total_bytes', 'Heap.', heapTotal),
  gauge('nodejs_external_memory_bytes', 'Memory of objects outside of the heap.', external),
  gauge('nodejs_array_buffers_bytes', 'Memory of buffers.', arrayBuffers),
]

const isSocket = (kind: string): boolean => kind === 'TCPSocketWrap'

/** What a process shows of itself, as client libraries of Prometheus name it. */
const createProcessFamilies = ({ counters, clock }: HttpParts): (() => readonly Family[]) => {
  const delay = createLoopDelay(clock.after)
  const startedS = clock.wallMs() / 1000 - process.uptime()
  return () => {
    const { user, system } = process.cpuUsage()
    const late = delay.look()
    const seconds = (ms: number | undefined): number | null => (ms === undefined ? null : ms / 1000)
    const lag = (labels: Labels, ms: number | undefined): Sample => ({ labels, value: seconds(ms) })
    return [
      counter('process_cpu_seconds_total', 'Processor time.', (user + system) / 1e6),
      gauge('process_start_time_seconds', 'When it started, since 1970.', Math.round(startedS * 1000) / 1000),
      ...memoryOf(process.memoryUsage()),
      gauge(
        'nacos_trio_sockets',
        'Open TCP connections, to clients, nodes and a database.',
        process.getActiveResourcesInfo().filter(isSocket).length,
      ),
      {
        ...{ name: 'nodejs_eventloop_lag_seconds', help: 'How late the loop is, since this was asked before.', type: 'gauge' },
        samples: [lag({ at: 'mean' }, late?.meanMs), lag({ at: 'p99' }, late?.p99Ms), lag({ at: 'max' }, late?.maxMs)],
      },
      counter('nacos_trio_slow_turns_total', 'Turns of the loop that its log calls slow.', counters.slowTurns),
    ]
  }
}

/** Open, as the actuator of Nacos is: figures, and nothing of what they count. */
export const createPrometheusRoute = (parts: HttpParts): Route => {
  const processFamilies = createProcessFamilies(parts)
  return {
    access: 'open',
    GET: (_request, response) => {
      const status = parts.status()
      const families = [...nacosFamilies(parts, status), ...raftFamilies(parts, status), ...apiFamilies(parts), ...processFamilies()]
      send(response, { status: 200, headers: ['Content-Type', metricsType, ...noCache], body: metricsText(families) })
    },
  }
}
