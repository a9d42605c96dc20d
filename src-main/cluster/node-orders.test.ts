import { expect, it } from 'vitest'
import { createNodeOrders } from './node-orders.ts'

/** Nodes 1 and 2; node 2 does not run. */
const setUp = () => {
  const sent: number[] = []
  const orders = createNodeOrders({
    isPlace: (id) => id <= 2,
    send: (id, { number }) => {
      if (id === 2) return false
      sent.push(number)
      return true
    },
  })
  return { orders, sent }
}
const check = { kind: 'check' } as const

it('each answer goes to whoever asked', async () => {
  const { orders, sent } = setUp()
  const [one, other] = [orders.give(1, check), orders.give(1, check)]
  orders.heard({ kind: 'order-answer', number: sent[1]!, answer: { ok: false, words: 'DAMAGED' } })
  orders.heard({ kind: 'order-answer', number: sent[0]!, answer: { ok: true, words: 'sound' } })
  orders.heard({ kind: 'order-answer', number: 77, answer: { ok: true, words: 'of nobody' } })
  expect(await one).toEqual({ ok: true, words: 'sound' })
  expect(await other).toMatchObject({ ok: false, refusal: { code: 'wrong_state', nodeId: 1, detail: 'DAMAGED' } })
})

it('a node that is not there, does not run, or ends meanwhile has answered', async () => {
  const { orders } = setUp()
  expect(await orders.give(7, check)).toMatchObject({ refusal: { code: 'not_found' } })
  expect(await orders.give(2, check)).toMatchObject({ refusal: { detail: 'node 2 does not run: start it first' } })
  const asked = orders.give(1, check)
  orders.gone(2)
  orders.gone(1)
  expect(await asked).toMatchObject({ refusal: { detail: 'node 1 has ended before it was done' } })
})

it('there is a bound to what is under way', async () => {
  const { orders } = setUp()
  const asked = Array.from({ length: 64 }, () => orders.give(1, check))
  expect(await orders.give(1, check)).toMatchObject({ refusal: { code: 'overloaded' } })
  orders.gone(1)
  expect((await Promise.all(asked)).every(({ ok }) => !ok)).toBe(true)
})
