/** History of two sides by its numbers. */

import { expect, it } from 'vitest'
import { createHistoryComparison } from './history-comparison.ts'
import type { SourceHistoryRow } from './sink.ts'
import type { StoredHistoryRow } from './types.ts'

const theirs = (nid: number, md5 = 'm'): SourceHistoryRow => ({ nid, namespace: '', group: 'g', dataId: 'd', operation: 'U', md5 })
const ours = (nid: number, over: Partial<StoredHistoryRow> = {}): StoredHistoryRow => ({
  ...{ ...theirs(nid), operation: 'U', id: 1, content: new Uint8Array(0), appName: '', createdMs: 1, modifiedMs: 1, sourceIp: '', sourceUser: '' },
  ...{ encryptedDataKey: '', publishType: 'formal', extInfo: '', index: nid, ...over },
})

const compare = (own: readonly StoredHistoryRow[], other: readonly SourceHistoryRow[], moment = Number.POSITIVE_INFINITY) => {
  const comparison = createHistoryComparison({
    isKept: () => true,
    page: (after) => own.filter(({ nid }) => nid > after).slice(0, 2),
    moment: () => moment,
    fits: ({ appName }) => appName === '',
  })
  for (const row of other) comparison.theirs(row)
  for (let done = comparison.rest(); !done; ) done = comparison.rest()
  return comparison.result()
}

it('equal histories have equal sums', () => {
  const result = compare(
    [1, 2, 3, 7].map((nid) => ours(nid)),
    [1, 2, 3, 7].map((nid) => theirs(nid)),
  )
  expect(result).toMatchObject({ ours: 4, theirs: 4, alike: 4, unlike: 0, oursAlone: 0, theirsAlone: 0 })
  expect(result.oursHash).toBe(result.theirsHash)
})

it('tells what one side lacks, and what is another row under the same number', () => {
  const result = compare([ours(2), ours(3), ours(5), ours(9)], [theirs(1), theirs(2), theirs(3, 'other'), theirs(8)])
  expect(result).toMatchObject({ ours: 4, theirs: 4, alike: 1, unlike: 1, oursAlone: 2, theirsAlone: 2 })
  expect(result.oursHash).not.toBe(result.theirsHash)
})

it('leaves out what was made since, and counts what does not fit', () => {
  expect(compare([ours(1, { appName: 'long' }), ours(2), ours(3)], [theirs(1)], 1)).toMatchObject({ ours: 1, alike: 1, oursAlone: 0, tooBig: 1 })
})

it('an empty side is no trouble', () => {
  expect(compare([], [])).toMatchObject({ ours: 0, theirs: 0 })
  expect(compare([ours(1)], [])).toMatchObject({ oursAlone: 1 })
  expect(compare([], [theirs(1)])).toMatchObject({ theirsAlone: 1 })
})
