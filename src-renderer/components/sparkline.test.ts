import { expect, test } from 'vitest'
import { sparkPaths } from './sparkline.tsx'

const range = { toMs: 10_000, spanMs: 10_000 }

test('one stretch, one path from edge to edge', () => {
  const paths = sparkPaths(
    [0, 2_500, 5_000, 7_500, 10_000].map((atMs) => ({ atMs, value: 1 })),
    range,
  )
  expect(paths).toHaveLength(1)
  expect(paths[0]).toMatch(/^M0\.0 .*L270\.0 /)
})

test('a hole in the record is not bridged', () => {
  expect(
    sparkPaths(
      [
        { atMs: 0, value: 1 },
        { atMs: 1000, value: 1 },
        { atMs: 9000, value: 1 },
      ],
      range,
    ),
  ).toHaveLength(2)
})

test('nothing recorded, nothing drawn', () => {
  expect(sparkPaths([], range)).toEqual([])
})
