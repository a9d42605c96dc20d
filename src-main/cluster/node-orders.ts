/**
 * What people want of one node's own data, over the parent channel: asked of that node, answered in words, perhaps minutes later. A node that
 * ends meanwhile has answered. It knows no order's meaning.
 */

import type { NodeOrder, OrderAnswer, StoreLook, WorkerToParent } from '../../src-node/observe/channel.ts'
import type { Refusal } from '../contract/errors.ts'

export type OrderResult = { readonly ok: true; readonly words: string; readonly look?: StoreLook } | { readonly ok: false; readonly refusal: Refusal }

export interface NodeOrders {
  /** Always answered, by `orderLimitMs`. */
  readonly give: (id: number, order: NodeOrder) => Promise<OrderResult>
  readonly heard: (message: Extract<WorkerToParent, { kind: 'order-answer' }>) => void
  /** The node's process has ended. */
  readonly gone: (id: number) => void
}

export interface OrderParts {
  /** False: nobody listens. */
  readonly send: (id: number, message: { readonly kind: 'order'; readonly number: number; readonly order: NodeOrder }) => boolean
  readonly isPlace: (id: number) => boolean
}

interface Open {
  readonly id: number
  readonly answered: (result: OrderResult) => void
}

/** Several gigabytes are read by then, from a slow disk too. */
const orderLimitMs = 600_000
/** A node does one at a time; more than these would only be refused there. */
const openMax = 64

const refused = (code: Refusal['code'], nodeId: number | null, detail: string): OrderResult => ({
  ok: false,
  refusal: { code, nodeId, httpStatus: null, detail },
})

const resultOf = (id: number, { ok, words, look }: OrderAnswer): OrderResult =>
  ok ? { ok, words, ...(look === undefined ? {} : { look }) } : refused('wrong_state', id, words)

export const createNodeOrders = ({ send, isPlace }: OrderParts): NodeOrders => {
  const open = new Map<number, Open>()
  let last = 0

  return {
    give: (id, order) => {
      if (!isPlace(id)) return Promise.resolve(refused('not_found', null, `there is no node ${id}`))
      if (open.size >= openMax) return Promise.resolve(refused('overloaded', id, 'too many of these are under way: wait for their ends'))
      const number = ++last
      return new Promise((resolve) => {
        const answered = (result: OrderResult): void => {
          clearTimeout(limit)
          open.delete(number)
          resolve(result)
        }
        const limit = setTimeout(
          () => answered(refused('outcome_unknown', id, 'it did not answer in ten minutes; see its log')),
          orderLimitMs,
        ).unref()
        open.set(number, { id, answered })
        if (!send(id, { kind: 'order', number, order })) answered(refused('wrong_state', id, `node ${id} does not run: start it first`))
      })
    },
    heard: ({ number, answer }) => {
      const asked = open.get(number)
      asked?.answered(resultOf(asked.id, answer))
    },
    gone: (id) => {
      for (const asked of [...open.values()])
        if (asked.id === id) asked.answered(refused('wrong_state', id, `node ${id} has ended before it was done`))
    },
  }
}
