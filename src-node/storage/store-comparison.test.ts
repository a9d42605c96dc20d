/** Counts, sums and differences of two sides. */

import { expect, it } from 'vitest'
import { type ComparedRow, createStoreComparison } from './store-comparison.ts'

const row = (dataId: string, over: Partial<ComparedRow> = {}): ComparedRow => ({
  ...{ namespace: '', group: 'g', dataId, md5: `md5 of ${dataId}`, contentBytes: 3, type: 'text', appName: '', description: '', tags: [] },
  ...{ encryptedDataKey: '', ...over },
})

it('equal rows have one sum, in whatever order they come, by namespace and over all', () => {
  const rows = [row('a'), row('b', { namespace: 'n' }), row('c', { tags: ['x', 'y'] })]
  const [one, other] = [createStoreComparison(), createStoreComparison()]
  for (const each of rows) one.both(each, each)
  for (const each of rows.toReversed()) {
    other.oursAlone(each)
    other.theirsAlone({ ...each, tags: [...each.tags].toReversed() })
  }
  expect(one.result().ours).toEqual(one.result().theirs)
  expect(other.result().ours).toEqual(one.result().ours)
  expect(other.result().theirs).toEqual(one.result().ours)
  expect(one.result().namespaces.map(({ namespace, ours }) => [namespace, ours.configs, ours.bytes])).toEqual([
    ['', 2, 6],
    ['n', 1, 3],
  ])
  expect([one.differs(), other.differs()]).toEqual([false, true])
})

it.each([
  ['content', { md5: 'other' }],
  ['type', { type: 'json' }],
  ['appName', { appName: 'x' }],
  ['description', { description: 'x' }],
  ['tags', { tags: ['x'] }],
  ['encryptedDataKey', { encryptedDataKey: 'x' }],
] as const)('%s that differs is named, and seen in the sum', (field, over) => {
  const comparison = createStoreComparison()
  comparison.both(row('a'), row('a', over))
  const { unlike, differences, ours, theirs } = comparison.result()
  expect([unlike, differences]).toEqual([1, [{ namespace: '', group: 'g', dataId: 'a', heldBy: 'both', fields: [field] }]])
  expect(ours.hash).not.toBe(theirs.hash)
})

it('counts everything and names the first hundred', () => {
  const comparison = createStoreComparison()
  for (let at = 0; at < 150; at++) {
    comparison.oursAlone(row(`ours-${at}`))
    comparison.tooBig(row(`ours-${at}`), { column: 'c', limit: 1, unit: 'bytes', charset: '' })
    comparison.left([
      { ...{ namespace: '', group: '', dataId: `${at}`, left: at % 2 === 0 }, reason: 'name', column: 'group_id', limit: 0, id: `${at}` },
    ])
  }
  comparison.newer()
  const result = comparison.result()
  expect(result).toMatchObject({ oursAlone: 150, tooBig: 150, left: 75, newer: 1, theirsAlone: 0, ours: { configs: 150 }, theirs: { configs: 0 } })
  expect([result.differences.length, result.excesses.length, result.leftRows.length]).toEqual([100, 100, 75])
})
