import { expect, test } from 'vitest'
import { createSubscriberQueue } from './subscriber-queue.ts'

test('the oldest go first when a subscriber is slow, and they are counted', async () => {
  const queue = createSubscriberQueue<number>(3, undefined)
  queue.push([1, 2])
  queue.push([3, 4, 5])
  expect(await queue.take()).toEqual({ items: [3, 4, 5], dropped: 2 })
  queue.push([6])
  expect(await queue.take()).toEqual({ items: [6], dropped: 0 })
})

test('a waiting subscriber is woken by an item', async () => {
  const queue = createSubscriberQueue<number>(3, undefined)
  const taken = queue.take()
  queue.push([1])
  expect((await taken)?.items).toEqual([1])
})

test('a waiting subscriber is let go by its signal', async () => {
  const stop = new AbortController()
  const taken = createSubscriberQueue<number>(3, stop.signal).take()
  stop.abort()
  expect(await taken).toBeNull()
})
