import { expect, it } from 'vitest'
import { createItemCollector, noTexts } from './import-items.ts'

const place = (at: number) => ({ offset: 2 ** 33 + at, packedBytes: at, bytes: 2 * at, method: 8, crc: 2 ** 32 - 1 - at, encrypted: at % 2 === 1 })
const texts = { appName: 'shop', description: '说明', tags: ['a', 'b'], encryptedDataKey: 'key' }

it('gives back what was put in, in the order of the zip', () => {
  const items = createItemCollector(10)
  for (const at of [0, 1, 2]) expect(items.add(`G/d:${at}`, place(at))).toBe(at)
  items.plan(2, 'yaml', texts)
  items.plan(0, 'unset', noTexts)
  expect(items.count).toBe(2)
  expect(Array.from(items.numbers(), items.at)).toEqual([
    { group: 'G', dataId: 'd:0', place: place(0), type: 'unset', ...noTexts },
    { group: 'G', dataId: 'd:2', place: place(2), type: 'yaml', ...texts },
  ])
})

it('knows each name once, and which of them the metadata names', () => {
  const items = createItemCollector(10)
  items.add('G/a', place(0))
  items.add('G/b', place(1))
  expect(items.add('G/a', place(2))).toBeNull()
  expect([items.find('G/b'), items.find('G/c')]).toEqual([1, undefined])
  items.drop(1)
  expect([items.isNamed(0), items.isNamed(1), items.count, [...items.numbers()]]).toEqual([false, true, 0, []])
  expect([...items.found()].map(items.namesAt)).toEqual([
    { group: 'G', dataId: 'a' },
    { group: 'G', dataId: 'b' },
  ])
})

it('of one that is begun the name stays, of one that is written nothing does', () => {
  const items = createItemCollector(2)
  for (const at of [0, 1]) {
    items.add(`G/d:${at}`, place(at))
    items.plan(at, 'yaml', texts)
  }
  items.begun(0)
  expect([items.at(0), items.at(1).description]).toEqual([{ group: 'G', dataId: 'd:0', place: place(0), type: 'yaml', ...noTexts }, '说明'])
  items.written(0)
  items.written(0)
  expect([items.namesAt(0), items.namesAt(1), items.count]).toEqual([{ group: '', dataId: '' }, { group: 'G', dataId: 'd:1' }, 2])
})

it('a hundred thousand give up their memory as they are written', () => {
  const count = 100_000
  const items = createItemCollector(count)
  for (let at = 0; at < count; at++) {
    items.add(`G/configuration-${at}`, place(at))
    items.plan(at, 'yaml', texts)
  }
  const before = process.memoryUsage().arrayBuffers
  for (const item of items.numbers()) items.written(item)
  // Some 6 MiB; what else the process has may come and go meanwhile.
  expect(before - process.memoryUsage().arrayBuffers).toBeGreaterThan(4 * 1024 * 1024)
})

it('holds nothing any more once it is let go', () => {
  const items = createItemCollector(2)
  items.add('G/a', place(0))
  items.plan(0, 'yaml', texts)
  items.letGo()
  expect([[...items.numbers()], [...items.found()], items.namesAt(0)]).toEqual([[], [], { group: '', dataId: '' }])
})

it('tells no tags from none given', () => {
  const items = createItemCollector(2)
  items.add('G/a', place(0))
  items.add('G/b', place(1))
  items.plan(0, 'text', { ...noTexts, tags: [] })
  items.plan(1, 'text', noTexts)
  expect([items.at(0).tags, items.at(1).tags]).toEqual([[], null])
})
