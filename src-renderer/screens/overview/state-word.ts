/** The one word for a node's role or state, in the language of the window. */

import { useTranslation } from 'react-i18next'
import type { NodeView } from '../../../src-main/contract/index.ts'
import { nodeCondition } from '../../components/node-condition.ts'

export function useStateWord(): (node: NodeView, nowMs: number) => string {
  const { t } = useTranslation('overview')
  return (node, nowMs) => {
    const condition = nodeCondition(node, nowMs)
    if (condition.kind !== 'role') return t(`state.${condition.kind}`)
    if (condition.report.diskFull) return t('state.diskFull')
    if (!condition.report.serving && condition.role === 'follower') return t('state.catchingUp')
    return t(`role.${condition.role}`)
  }
}
