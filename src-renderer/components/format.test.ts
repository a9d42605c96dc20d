import { expect, test } from 'vitest'
import { formatBytes, formatClockMs, formatMs, formatNumber, formatRate, formatWhen } from './format.ts'

test('thousands get thin spaces, a fraction keeps its point', () => {
  expect([0, 999, 10_233, 1_234_567].map((n) => formatNumber(n))).toEqual(['0', '999', '10\u2009233', '1\u2009234\u2009567'])
  expect(formatNumber(-1234.5, 1)).toBe('−1\u2009234.5')
})

test('slow traffic is not drawn as none', () => {
  expect([0, 0.4, 9.9, 12.3].map(formatRate)).toEqual(['0', '0.4', '9.9', '12'])
})

test('bytes and times carry units', () => {
  expect([12, 2048, 70 * 1024 * 1024].map(formatBytes)).toEqual(['12 B', '2.0 KB', '70 MB'])
  expect([0.16, 3.42, 120.4].map(formatMs)).toEqual(['0.16 ms', '3.4 ms', '120 ms'])
})

test('the day stands before the clock only when it is another day', () => {
  const at = new Date(2026, 10, 23, 14, 3, 11, 42).getTime()
  expect(formatClockMs(at)).toBe('14:03:11.042')
  expect(formatWhen(at, at)).toBe('14:03:11')
  expect(formatWhen(at, at + 86_400_000)).toBe('2026-11-23 14:03:11')
})
