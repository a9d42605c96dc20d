/** Answers the contract's `storageMove`. */

import type { MoveOrder, PlanResult } from '../cluster/storage-move.ts'
import type { Cluster } from '../cluster/types.ts'
import type { MoveOrderInput, MovePlan, Refusal } from '../contract/index.ts'
import type { ContractBuilder } from './router.ts'

export function storageMoveProcedures(os: ContractBuilder, cluster: Pick<Cluster, 'storageMove'>) {
  const area = os.storageMove
  const { storageMove } = cluster
  return {
    plan: area.plan.handler(async ({ input, errors }) => planOrThrow(await storageMove.plan(orderOf(input)), errors.REFUSED)),
    run: area.run.handler(async ({ input }) => {
      const result = await storageMove.run(orderOf(input), () => undefined)
      const { plan } = result
      return result.ok ? { done: true, why: '', plan, counts: result.counts } : { done: false, why: result.refusal.detail, plan, counts: [] }
    }),
    abort: area.abort.handler(({ errors }) => {
      if (storageMove.abort()) return
      throw errors.REFUSED({ data: { code: 'wrong_state', nodeId: null, httpStatus: null, detail: 'no move is under way' } })
    }),
    state: area.state.handler(() => storageMove.state()),
    compare: area.compare.handler(async ({ errors }) => planOrThrow(await storageMove.compare(), errors.REFUSED)),
  }
}

function orderOf(input: MoveOrderInput): MoveOrder {
  if (input.to === 'sqlite') return { to: 'sqlite', leave: input.leave }
  const mysql = { url: input.url, password: input.password ?? '', adopt: false, merge: input.policy }
  return { to: 'mysql', mysql, keepPassword: input.keepPassword === true }
}

function planOrThrow(result: PlanResult, refused: (options: { data: Refusal }) => Error): MovePlan {
  if (result.ok) return result.plan
  throw refused({ data: result.refusal })
}
