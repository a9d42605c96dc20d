/** Which nodes to ask, in which order. Pure. */

import type { ClusterView } from '../contract/index.ts'

/**
 * A node that the user chose is the only one asked: an answer from another would not be what was asked for. Without a choice: the leader,
 * then nodes that serve, then any whose process runs.
 */
export function nodesToAsk(view: Pick<ClusterView, 'leaderId' | 'nodes'>, chosen: number | null): readonly number[] {
  if (chosen !== null) return view.nodes.some((node) => node.id === chosen) ? [chosen] : []
  const rank = (node: ClusterView['nodes'][number]) => (node.id === view.leaderId ? 0 : node.report?.serving ? 1 : 2)
  return view.nodes
    .filter((node) => node.process === 'running')
    .sort((a, b) => rank(a) - rank(b) || a.id - b.id)
    .map((node) => node.id)
}
