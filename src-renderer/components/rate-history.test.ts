import { expect, test } from 'vitest'
import { historySpanMs, type RateSample, sampleOf, withSample } from './rate-history.ts'
import { sampleNode, sampleNowMs, sampleReport, sampleView } from './sample-view.testing.ts'

const at = (atMs: number): RateSample => ({ atMs, writes: 1, reads: 1, pushes: 1 })

test('a sample sums the nodes that answer', () => {
  const silent = sampleNode(3, { report: sampleReport(3, { atMs: sampleNowMs - 60_000 }) })
  expect(sampleOf(sampleView({ nodes: [sampleNode(1), sampleNode(2), silent] }))).toMatchObject({ writes: 20, reads: 40, pushes: 2 })
})

test('nobody answers: unknown, not zero', () => {
  expect(sampleOf(sampleView({ nodes: [sampleNode(1, { process: 'stopped', report: null })] }))).toBeNull()
})

test('views come faster than points are kept', () => {
  const first = withSample([], at(0))
  expect(withSample(first, at(100))).toBe(first)
  expect(withSample(first, at(600))).toHaveLength(2)
})

test('the record is bounded', () => {
  let samples: readonly RateSample[] = []
  for (let ms = 0; ms < historySpanMs * 3; ms += 500) samples = withSample(samples, at(ms))
  expect(samples.length).toBeLessThanOrEqual(historySpanMs / 500 + 1)
})
