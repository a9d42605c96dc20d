import { expect, test } from 'vitest'
import { configCountOf, servingCount, silentAfterMs } from './node-condition.ts'
import { sampleNode, sampleNowMs, sampleReport, sampleView } from './sample-view.testing.ts'

const silent = { atMs: sampleNowMs - silentAfterMs - 1 }

test('a node that does not answer is not counted, whatever it said last', () => {
  expect(servingCount(sampleView({ nodes: [sampleNode(1, { report: sampleReport(1, silent) }), sampleNode(2), sampleNode(3)] }))).toBe(2)
})

test('without a quorum the nodes that answer are counted: their reads go on', () => {
  const down = { process: 'stopped', report: null } as const
  const alone = sampleNode(3, { report: sampleReport(3, { serving: false, configCount: 4 }) })
  const view = sampleView({ health: { kind: 'no-quorum', down: [1, 2] }, leaderId: null, nodes: [sampleNode(1, down), sampleNode(2, down), alone] })
  expect(servingCount(view)).toBe(1)
  expect(configCountOf(view)).toBe(4)
})

test('configurations are counted by the leader, even if another node applied more by now', () => {
  const nodes = [sampleNode(1, { report: sampleReport(1, { configCount: 9, appliedIndex: 99_999 }) }), sampleNode(2)]
  expect(configCountOf(sampleView({ nodes }))).toBe(1)
})
