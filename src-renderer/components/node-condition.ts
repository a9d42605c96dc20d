/** In which condition a node is, from its process and its last report. Unknown stays unknown: a silent node has no role. */

import type { ClusterView, NodeReport, NodeView, RoleName } from '../../src-main/contract/index.ts'

export type NodeCondition =
  | { readonly kind: 'role'; readonly role: RoleName; readonly report: NodeReport }
  /** Runs, but its last report is old: the values are kept and marked. */
  | { readonly kind: 'silent'; readonly report: NodeReport }
  | { readonly kind: 'starting' | 'stopping' | 'stopped' | 'waiting' | 'crashed' | 'unknown' }

/** A report is due each second; one older than this means that the node does not answer. The same as in the main process, so that headline and picture agree. */
export const silentAfterMs = 3_000

/** `nowMs`: the wall time of the view, not of this window: both stamps come from one clock. */
export function nodeCondition(node: NodeView, nowMs: number): NodeCondition {
  const { report } = node
  switch (node.process) {
    case 'running':
      if (report === null) return { kind: 'unknown' }
      return nowMs - report.atMs > silentAfterMs ? { kind: 'silent', report } : { kind: 'role', role: report.role, report }
    case 'starting':
      return { kind: 'starting' }
    default:
      return { kind: node.process }
  }
}

/** How many nodes answer clients: the same count as the headline's. Without a leader no node calls itself serving, yet those that answer go on with reads. */
export function servingCount(view: ClusterView): number {
  const { health, nodes, atMs } = view
  const led = health.kind === 'all-serve' || health.kind === 'degraded' || health.kind === 'starting'
  return nodes.filter((node) => (led ? isServing(node, atMs) : nodeCondition(node, atMs).kind === 'role')).length
}

/** How many configurations there are, by the leader, or without one by the node that applied most; undefined if nobody answers. */
export function configCountOf({ nodes, leaderId, atMs }: ClusterView): number | undefined {
  const answering = nodes.filter((node) => nodeCondition(node, atMs).kind === 'role')
  const newest = answering.toSorted((a, b) => (b.report?.appliedIndex ?? 0) - (a.report?.appliedIndex ?? 0))[0]
  return (answering.find((node) => node.id === leaderId) ?? newest)?.report?.configCount
}

/** It answers now and says that it serves. */
function isServing(node: NodeView, nowMs: number): boolean {
  const condition = nodeCondition(node, nowMs)
  return condition.kind === 'role' && condition.report.serving
}
