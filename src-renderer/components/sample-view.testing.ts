/** A cluster view for tests: three nodes, node 2 leads; each part can be replaced. */

import type { ClusterView, NodeReport, NodeView } from '../../src-main/contract/index.ts'

export const sampleNowMs = new Date(2026, 10, 23, 14, 3, 11).getTime()

export function sampleReport(id: number, part: Partial<NodeReport> = {}): NodeReport {
  return {
    atMs: sampleNowMs,
    role: id === 2 ? 'leader' : 'follower',
    term: 7,
    leaderId: 2,
    commitIndex: 10_233,
    appliedIndex: 10_233,
    lastIndex: 10_233,
    serving: true,
    diskFull: false,
    stateHash: 'h',
    configCount: 1,
    links: [1, 2, 3].filter((to) => to !== id).map((to) => ({ to, connected: true, matchIndex: 10_233, rttMs: 0.4 })),
    rssBytes: 70 * 1024 * 1024,
    cpuShare: 0.04,
    uptimeMs: 1000,
    writesPerSecond: 10,
    readsPerSecond: 20,
    pushesPerSecond: 1,
    longPolls: 3,
    fsyncMs: 0.16,
    store: null,
    ...part,
  }
}

export function sampleNode(id: number, part: Partial<NodeView> = {}): NodeView {
  return {
    id,
    process: 'running',
    pid: 100 + id,
    http: `http://127.0.0.1:${8847 + id}`,
    grpc: `127.0.0.1:${9847 + id}`,
    raft: `127.0.0.1:${7847 + id}`,
    dir: `/data/node-${id}`,
    inPlaceOf: null,
    restarts: 0,
    restartAtMs: null,
    lastExit: null,
    report: sampleReport(id),
    ...part,
  }
}

export function sampleView(part: Partial<ClusterView> = {}): ClusterView {
  return {
    atMs: sampleNowMs,
    health: { kind: 'all-serve' },
    healthSinceMs: sampleNowMs,
    leaderId: 2,
    term: 7,
    leaderSinceMs: sampleNowMs,
    nodes: [sampleNode(1), sampleNode(2), sampleNode(3)],
    main: { pid: 1, rssBytes: 1, cpuShare: 0 },
    dataDir: '/data',
    authOn: true,
    storage: { setting: { kind: 'sqlite', origin: 'default', commandLine: false }, refused: null },
    ...part,
  }
}
