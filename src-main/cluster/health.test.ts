import { expect, it } from 'vitest'
import { judgeHealth, type NodeHealthFacts } from './health.ts'

type Brief = 'serves' | 'runs' | 'starting' | 'waiting' | 'stopped' | 'crashed'
const nodesOf = (...briefs: Brief[]): NodeHealthFacts[] =>
  briefs.map((brief, index) => ({
    id: index + 1,
    process: brief === 'serves' || brief === 'runs' ? 'running' : brief,
    serving: brief === 'serves',
  }))

it.each<[string, Brief[], number | null, boolean, object]>([
  ['nothing runs, as asked', ['stopped', 'stopped', 'stopped'], null, true, { kind: 'stopped' }],
  ['the first moments', ['starting', 'starting', 'runs'], null, false, { kind: 'starting' }],
  ['all up, no leader yet', ['runs', 'runs', 'runs'], null, false, { kind: 'starting' }],
  ['all serve', ['serves', 'serves', 'serves'], 2, true, { kind: 'all-serve' }],
  ['one is down', ['serves', 'waiting', 'serves'], 1, true, { kind: 'degraded', down: [2] }],
  ['one runs but does not serve', ['serves', 'runs', 'serves'], 1, true, { kind: 'degraded', down: [2] }],
  ['the leader was lost', ['waiting', 'runs', 'runs'], null, true, { kind: 'electing' }],
  ['a leader, followers not there yet', ['serves', 'runs', 'runs'], 1, true, { kind: 'electing' }],
  ['two are down: an old leader is no help', ['serves', 'waiting', 'waiting'], 1, true, { kind: 'no-quorum', down: [2, 3] }],
  ['all have crashed', ['crashed', 'crashed', 'crashed'], null, true, { kind: 'no-quorum', down: [1, 2, 3] }],
  ['two cannot even start', ['runs', 'crashed', 'crashed'], null, false, { kind: 'no-quorum', down: [2, 3] }],
  ['two are stopped, the third still answers reads', ['runs', 'stopped', 'stopped'], null, true, { kind: 'no-quorum', down: [2, 3] }],
])('%s', (_, briefs, leaderId, hasServed, health) => {
  expect(judgeHealth({ nodes: nodesOf(...briefs), leaderId, hasServed })).toEqual(health)
})
