import { expect, test } from 'vitest'
import { timeAgo } from './time-ago.ts'

const now = 1_800_000_000_000

test.each([
  [30_000, null],
  [-5_000, null],
  [60_000, '1m ago'],
  [59 * 60_000, '59m ago'],
  [3 * 3_600_000, '3h ago'],
  [400 * 86_400_000, '1y ago'],
])('%d ms ago is %s', (age, said) => {
  expect(timeAgo(now - age, now, 'en')).toBe(said)
})

test('Chinese has its own words', () => {
  expect(timeAgo(now - 3 * 60_000, now, 'zh-CN')).toMatch(/3\s?分钟前/)
})
