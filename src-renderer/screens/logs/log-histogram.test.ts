import { expect, test } from 'vitest'
import type { LogLine } from '../../../src-main/contract/index.ts'
import { barStep, histogram } from './log-histogram.ts'

const line = (atMs: number, level: LogLine['level'] = 'info'): LogLine => ({ seq: atMs, atMs, node: 1, level, module: 'm', text: '' })

test('a bar is a second while all fit, then the next round time', () => {
  expect(barStep(60_000, 100)).toBe(1000)
  expect(barStep(300_000, 200)).toBe(2000)
  expect(barStep(3_600_000, 200)).toBe(30_000)
})

test('every line is counted once, empty seconds have a bar', () => {
  const bars = histogram([line(500), line(900, 'error'), line(3200, 'warn')], 100)
  expect(bars.map((bar) => bar.count)).toEqual([2, 0, 0, 1])
  expect([bars[0]?.errors, bars[3]?.warnings]).toEqual([1, 1])
})

test('lines out of order, one line, and none', () => {
  expect(histogram([line(3000), line(1000)], 100)).toHaveLength(3)
  expect(histogram([line(7)], 100)).toHaveLength(1)
  expect(histogram([], 100)).toEqual([])
  expect(histogram([line(7)], 0)).toEqual([])
})

test('never more bars than fit', () => {
  const bars = histogram(
    Array.from({ length: 5000 }, (_, index) => line(index * 1777)),
    120,
  )
  expect(bars.length).toBeLessThanOrEqual(120)
  expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(5000)
})
