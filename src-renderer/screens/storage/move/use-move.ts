/** One look and one move of a form: what they are about, what they found, how they ended. Holds no password but the one that was typed. */

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { MoveCount, MoveOrderInput, MovePlan, Refusal } from '../../../../src-main/contract/index.ts'
import { refusalOf } from '../../../api/refusal.ts'
import { useMoveOrders } from '../../../api/storage-move.ts'
import { confirm } from '../../../components/confirm.tsx'

export type MoveEnd =
  | { readonly kind: 'done'; readonly to: MovePlan['to']; readonly plan: MovePlan | null; readonly counts: readonly MoveCount[] }
  | { readonly kind: 'not-done'; readonly why: string; readonly plan: MovePlan | null }
  /** The line broke under it. */
  | { readonly kind: 'unknown' }

/** What a look was about: whether to move all the same and to keep a password is decided after it. */
const placeOf = (order: MoveOrderInput): string => JSON.stringify(order.to === 'mysql' ? [order.url, order.password, order.policy ?? ''] : ['sqlite'])

export function useMove(nodes: number) {
  const { t } = useTranslation('move')
  const frame = useTranslation('frame').t
  const { plan, run } = useMoveOrders()
  const [looked, setLooked] = useState<{ readonly place: string; readonly found: MovePlan | Refusal } | null>(null)
  const [end, setEnd] = useState<MoveEnd | null>(null)
  const [asking, setAsking] = useState(false)

  const look = async (order: MoveOrderInput): Promise<void> => {
    setEnd(null)
    const place = placeOf(order)
    const found = await plan.mutateAsync(order).catch(refusalOf)
    setLooked({ place, found })
  }
  const agreed = async (order: MoveOrderInput): Promise<boolean> => {
    const leaves = order.to === 'sqlite' && order.leave
    const effect = t('confirm.effect', { count: nodes })
    setAsking(true)
    const goesOn = await confirm({
      title: t(`confirm.${order.to}`),
      effect: leaves ? frame('join', { a: effect, b: t('confirm.leave') }) : effect,
      action: t(`run.${order.to}`),
      danger: leaves,
    })
    setAsking(false)
    return goesOn
  }
  const move = async (order: MoveOrderInput): Promise<void> => {
    if (!(await agreed(order))) return
    setLooked(null)
    try {
      const { done, why, plan: compared, counts } = await run.mutateAsync(order)
      setEnd(done ? { kind: 'done', to: order.to, plan: compared, counts } : { kind: 'not-done', why, plan: compared })
    } catch (error) {
      const { code, detail } = refusalOf(error)
      setEnd(code === 'outcome_unknown' ? { kind: 'unknown' } : { kind: 'not-done', why: detail, plan: null })
    }
  }
  return {
    ...{ look, move, end, asking },
    looking: plan.isPending,
    moving: run.isPending,
    /** Null: not looked yet, or at another place. */
    foundFor: (order: MoveOrderInput) => (looked !== null && looked.place === placeOf(order) ? looked.found : null),
    hasLooked: looked !== null,
  }
}
