/** What may be done to the cluster and its nodes, with the confirm that names the effect and the toast that says how it ended. */

import { useTranslation } from 'react-i18next'
import type { ClusterView, NodeView } from '../../src-main/contract/index.ts'
import { useClusterActions, useClusterView } from '../api/cluster.ts'
import { refusalOf } from '../api/refusal.ts'
import { confirm } from '../components/confirm.tsx'
import { nodeName } from '../components/format.ts'
import { toast } from '../components/toast.tsx'

/** Nodes and cluster share one topic: "node-1 is starting" is not true any more when the cluster was stopped after it. */
const topic = 'cluster'

export const freezeMs = 5_000

/** True if the other running nodes are still a majority of all. */
function othersHaveMajority(view: ClusterView, id: number): boolean {
  const others = view.nodes.filter((node) => node.id !== id && node.process === 'running' && node.report !== null).length
  return others > view.nodes.length / 2
}

/** The commands; each resolves when its effect is asked for or was cancelled, and never rejects: failures are shown. */
export function useClusterCommands() {
  const { t } = useTranslation('frame')
  const actions = useClusterActions()
  const { view } = useClusterView()
  const attempt = async (action: string, call: Promise<unknown>, done: string) => {
    try {
      await call
      toast.success({ message: done, topic })
    } catch (error) {
      const refusal = refusalOf(error)
      toast.error({ message: t('join', { a: t('cluster.failed', { action }), b: t(`refusal.${refusal.code}`) }), detail: refusal.detail, topic })
    }
  }
  const blocksWrites = (id: number) => view !== null && !othersHaveMajority(view, id)
  const withNote = (effect: string, id: number) => (blocksWrites(id) ? t('join', { a: effect, b: t('cluster.killNodeNoQuorum') }) : effect)

  const kill = async ({ id }: Pick<NodeView, 'id'>) => {
    const node = nodeName(id)
    const replaced = view?.leaderId === id && !blocksWrites(id)
    const effect = replaced ? t('cluster.killLeaderEffect', { node }) : withNote(t('cluster.killNodeEffect'), id)
    const agreed = await confirm({ title: t('cluster.killLeaderTitle', { node }), effect, action: t('cluster.killDo', { node }), danger: true })
    if (agreed) await attempt(t('cluster.killDo', { node }), actions.killNode.mutateAsync({ id }), t('cluster.killed', { node }))
  }
  const stopNode = async ({ id }: Pick<NodeView, 'id'>) => {
    const node = nodeName(id)
    const effect = withNote(t('cluster.stopNodeEffect'), id)
    const agreed = await confirm({ title: t('cluster.stopNodeTitle', { node }), effect, action: t('cluster.stopNodeDo', { node }), danger: true })
    if (agreed) await attempt(t('cluster.stopNodeDo', { node }), actions.stopNode.mutateAsync({ id }), t('cluster.nodeStopped', { node }))
  }
  const restartNode = async ({ id }: Pick<NodeView, 'id'>) => {
    const node = nodeName(id)
    const effect = withNote(t('cluster.restartNodeEffect'), id)
    const agreed = await confirm({ title: t('cluster.restartNodeTitle', { node }), effect, action: t('cluster.restartNodeDo', { node }) })
    if (agreed) await attempt(t('cluster.restartNodeDo', { node }), actions.restartNode.mutateAsync({ id }), t('cluster.nodeRestarted', { node }))
  }
  /** Told at its begin too: it takes as long as the new node needs to catch up. */
  const rebuildNode = async ({ id }: Pick<NodeView, 'id'>) => {
    const node = nodeName(id)
    const effect = withNote(t('cluster.rebuildNodeEffect', { node }), id)
    const agreed = await confirm({
      title: t('cluster.rebuildNodeTitle', { node }),
      effect,
      action: t('cluster.rebuildNodeDo', { node }),
      danger: true,
    })
    if (!agreed) return
    toast.success({ message: t('cluster.nodeRebuilding', { node }), topic })
    await attempt(t('cluster.rebuildNodeDo', { node }), actions.rebuildNode.mutateAsync({ id }), t('cluster.nodeRebuilt', { node }))
  }
  const stopCluster = async () => {
    const count = view?.nodes.length ?? 0
    const agreed = await confirm({
      title: t('cluster.stopTitle', { count }),
      effect: t('cluster.stopEffect'),
      action: t('cluster.stopDo'),
      danger: true,
    })
    if (agreed) await attempt(t('cluster.stopDo'), actions.stop.mutateAsync(undefined), t('cluster.stopped'))
  }
  return {
    kill,
    stopNode,
    restartNode,
    rebuildNode,
    stopCluster,
    startCluster: () => attempt(t('action.startCluster'), actions.start.mutateAsync(undefined), t('cluster.started')),
    startNode: ({ id }: Pick<NodeView, 'id'>) =>
      attempt(nodeName(id), actions.startNode.mutateAsync({ id }), t('cluster.nodeStarted', { node: nodeName(id) })),
    freeze: ({ id }: Pick<NodeView, 'id'>) =>
      attempt(
        nodeName(id),
        actions.blockNode.mutateAsync({ id, ms: freezeMs }),
        t('cluster.nodeFrozen', { node: nodeName(id), seconds: freezeMs / 1000 }),
      ),
  }
}
export type ClusterCommands = ReturnType<typeof useClusterCommands>
