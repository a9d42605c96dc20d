/** In which condition a node is, from its process and its last report. Unknown stays unknown: a silent node has no role. */

import type { NodeReport, NodeView, RoleName } from '../../src-main/contract/index.ts'

export type NodeCondition =
  | { readonly kind: 'role'; readonly role: RoleName; readonly report: NodeReport }
  /** Runs, but its last report is old: the values are kept and marked. */
  | { readonly kind: 'silent'; readonly report: NodeReport }
  | { readonly kind: 'starting' | 'stopping' | 'stopped' | 'waiting' | 'crashed' | 'unknown' }

/** Reports come several times a second; one older than this means that the node does not answer. */
export const silentAfterMs = 2_000

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

/** It answers now and says that it serves. */
export function isServing(node: NodeView, nowMs: number): boolean {
  const condition = nodeCondition(node, nowMs)
  return condition.kind === 'role' && condition.report.serving
}
