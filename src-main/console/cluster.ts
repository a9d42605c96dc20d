/** Answers the contract's `cluster`: the live picture for a subscriber that may be slow, and the actions with their refusals. */

import type { ActionResult, Cluster } from '../cluster/types.ts'
import type { ClusterUpdate, Refusal, TimelineEvent } from '../contract/index.ts'
import { compareNodes } from './compare-nodes.ts'
import type { ContractBuilder } from './router.ts'
import { createSubscriberQueue } from './subscriber-queue.ts'

const waitingUpdates = 1_000

export function clusterProcedures(os: ContractBuilder, cluster: Cluster) {
  const area = os.cluster
  return {
    watch: area.watch.handler(({ signal }) => watchCluster(cluster, signal)),
    start: area.start.handler(({ errors }) => demand(cluster.start(), errors.REFUSED)),
    stop: area.stop.handler(() => cluster.stop()),
    startNode: area.startNode.handler(({ input, errors }) => demand(cluster.startNode(input.id), errors.REFUSED)),
    stopNode: area.stopNode.handler(({ input, errors }) => demand(cluster.stopNode(input.id), errors.REFUSED)),
    restartNode: area.restartNode.handler(({ input, errors }) => demand(cluster.restartNode(input.id), errors.REFUSED)),
    rebuildNode: area.rebuildNode.handler(async ({ input, errors }) => {
      const result = await cluster.rebuildNode(input.id, () => undefined)
      demand(result, errors.REFUSED)
      return { id: result.ok ? result.id : input.id }
    }),
    killNode: area.killNode.handler(({ input, errors }) => demand(cluster.killNode(input.id), errors.REFUSED)),
    compare: area.compare.handler(async ({ input, errors }) => {
      const result = await compareNodes(cluster.places, input)
      if (result.ok) return result.comparison
      throw errors.REFUSED({ data: result.refusal })
    }),
    blockNode: area.blockNode.handler(({ input, errors }) => demand(cluster.blockNode(input.id, input.ms), errors.REFUSED)),
  }
}

function demand(result: ActionResult, refused: (options: { data: Refusal }) => Error): void {
  if (!result.ok) throw refused({ data: result.refusal })
}

/** Events in order, then the newest view only: a slow subscriber misses pictures, never the present. Exported for its test. */
export async function* watchCluster(cluster: Pick<Cluster, 'subscribe'>, signal: AbortSignal | undefined): AsyncGenerator<ClusterUpdate> {
  const queue = createSubscriberQueue<ClusterUpdate>(waitingUpdates, signal)
  const unsubscribe = cluster.subscribe((update) => queue.push([update]))
  try {
    for (;;) {
      const batch = await queue.take()
      if (!batch) return
      const events: TimelineEvent[] = []
      let view: ClusterUpdate | null = null
      for (const update of batch.items) {
        if (update.kind === 'view') view = update
        else events.push(...update.events)
      }
      if (events.length > 0) yield { kind: 'events', events }
      if (view) yield view
    }
  } finally {
    unsubscribe()
  }
}
