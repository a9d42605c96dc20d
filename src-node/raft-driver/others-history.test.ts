/** Whose history goes from a shared database, and when nothing of it does: the database in the test's hand. */

import { expect, it } from 'vitest'
import type { OldHistory } from '../storage/sink.ts'
import { unavailable } from './fake-sink.testing.ts'
import { createOthersHistory } from './others-history.ts'

const setUp = ({ pages = [[1, 2, 3]] as readonly (readonly number[])[], isAway = false } = {}) => {
  const world = { term: 3 as number | null, mayGoOn: true }
  const orders: OldHistory[] = []
  const gone: number[] = []
  const lines: string[] = []
  const pauses: (() => void)[] = []
  const forget = createOthersHistory({
    sink: {
      forgetOld: async (order) => {
        orders.push(order)
        if (isAway) return unavailable
        for (const page of pages) {
          const chosen = await order.choose(page)
          if (chosen === null) break
          gone.push(...chosen)
        }
        return { kind: 'forgot', removed: gone.length }
      },
    },
    stands: () => (world.term === null ? null : { term: world.term }),
    nextHistoryId: () => 50,
    hasHistory: (nid) => nid === 2,
    clock: {
      after: (_ms, go) => {
        pauses.push(go)
        return { cancel: () => undefined }
      },
    },
    tell: (level, words) => lines.push(`${level} ${words}`),
  })
  /** Every pause ends as soon as it begins, and `between` comes before its end. */
  const run = async (between: (pause: number) => void = () => undefined): Promise<void> => {
    let isDone = false
    const running = forget(1_000, () => world.mayGoOn).then(() => {
      isDone = true
    })
    for (let pause = 1; !isDone; await Promise.resolve()) {
      const go = pauses.shift()
      if (go === undefined) continue
      between(pause++)
      go()
    }
    await running
  }
  return { world, run, forget, orders, gone, lines }
}

it('rows that this node has are ours and stay, those of others go', async () => {
  const { run, orders, gone, lines } = setUp({ pages: [[1, 2, 3], [4]] })
  await run()
  expect(gone).toEqual([1, 3, 4])
  expect(orders).toMatchObject([{ beforeMs: 1_000, belowNid: 50, term: 3 }])
  expect(lines).toEqual([expect.stringContaining('info 3 rows of history that others wrote')])
})

it.each<readonly [string, (world: { term: number | null; mayGoOn: boolean }) => void]>([
  ['leads no more', (world) => Object.assign(world, { term: null })],
  ['leads in another term', (world) => Object.assign(world, { term: 4 })],
  ['may not go on', (world) => Object.assign(world, { mayGoOn: false })],
])('a node that %s takes no further piece', async (_what, change) => {
  const { world, run, gone } = setUp({ pages: [[1], [3]] })
  await run((pause) => {
    if (pause === 2) change(world)
  })
  expect(gone).toEqual([1])
})

it('a node that does not have the database asks nothing of it, nor twice at the same time', async () => {
  const { world, run, forget, orders } = setUp()
  world.term = null
  await run()
  expect(orders).toEqual([])
  world.term = 3
  await run(() => void forget(1_000, () => true))
  expect(orders).toHaveLength(1)
})

it('a database that is away keeps what it has, and it is said', async () => {
  const { run, gone, lines } = setUp({ isAway: true })
  await run()
  expect([gone, lines]).toEqual([[], ['warn history of others in the shared database stays for now: as scripted']])
})
