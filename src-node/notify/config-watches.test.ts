import { expect, test } from 'vitest'
import { createConfigWatches, type WatchedConfig } from './config-watches.ts'

const keyOf = (dataId: string) => ({ namespace: '', group: 'G', dataId })
const watched = (dataId: string, md5 = ''): WatchedConfig => ({ key: keyOf(dataId), tenant: '', md5 })
const change = (dataId: string) => ({ kind: 'config-changed', ...keyOf(dataId), md5: 'new', index: 7 }) as const

const scene = (watchesMax = 10) => {
  const turns: (() => void)[] = []
  const watches = createConfigWatches({ watchesMax, defer: (task) => void turns.push(task) })
  const listener = (ip = '10.0.0.1') => {
    const told: string[] = []
    return { ip, told, changed: ({ key }: WatchedConfig) => void told.push(key.dataId) }
  }
  return { watches, listener, turns }
}

test('a watch stays after what it tells', () => {
  const { watches, listener } = scene()
  const one = listener()
  watches.watch(one, watched('a'))
  watches.onChanged(change('a'))
  watches.onChanged(change('b'))
  watches.onChanged(change('a'))
  expect(one.told).toEqual(['a', 'a'])
})

test('whoever leaves, or watches no more, is not told', () => {
  const { watches, listener } = scene()
  const [one, two] = [listener(), listener()]
  for (const each of [one, two]) for (const dataId of ['a', 'b']) watches.watch(each, watched(dataId))
  watches.unwatch(one, keyOf('a'))
  watches.unwatch(one, keyOf('never'))
  watches.leave(two)
  watches.onChanged(change('a'))
  watches.onChanged(change('b'))
  expect([one.told, two.told, watches.size()]).toEqual([['b'], [], 1])
})

test('a watch again is the same one, with what the client has now', () => {
  const { watches, listener } = scene(1)
  const one = listener()
  expect([watches.watch(one, watched('a', 'x')), watches.watch(one, watched('a', 'y'))]).toEqual([true, true])
  expect([...watches.ofKey(keyOf('a'))]).toEqual([{ ip: '10.0.0.1', md5: 'y' }])
})

test('lists show who watches a configuration, and what an address watches', () => {
  const { watches, listener } = scene()
  const [one, two] = [listener(), listener('10.0.0.2')]
  watches.watch(one, watched('a', 'x'))
  watches.watch(two, watched('a', 'y'))
  watches.watch(two, watched('b'))
  expect([...watches.ofKey(keyOf('a'))]).toEqual([
    { ip: '10.0.0.1', md5: 'x' },
    { ip: '10.0.0.2', md5: 'y' },
  ])
  expect([...watches.ofIp('10.0.0.2')].map(({ key, md5 }) => [key.dataId, md5])).toEqual([
    ['a', 'y'],
    ['b', ''],
  ])
  expect([[...watches.ofKey(keyOf('none'))], [...watches.ofIp('10.0.0.3')]]).toEqual([[], []])
})

test('beyond the limit nothing is added, until something goes', () => {
  const { watches, listener } = scene(1)
  const one = listener()
  watches.watch(one, watched('a'))
  expect(watches.watch(one, watched('b'))).toBe(false)
  watches.unwatch(one, keyOf('a'))
  expect([watches.watch(one, watched('b')), [...watches.ofKey(keyOf('a'))]]).toEqual([true, []])
})

test('many who watch are told in turns, but for those who left meanwhile', () => {
  const { watches, listener, turns } = scene(1_000)
  const all = Array.from({ length: 300 }, () => listener())
  for (const each of all) watches.watch(each, watched('a'))
  watches.onChanged(change('a'))
  const count = () => all.filter(({ told }) => told.length === 1).length
  expect([count(), turns.length]).toEqual([256, 1])
  const last = all.at(-1)
  if (last !== undefined) watches.leave(last)
  turns.shift()?.()
  expect(count()).toBe(299)
})
