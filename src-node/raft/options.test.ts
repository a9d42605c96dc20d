import { expect, it } from 'vitest'
import { checkOptions, type RaftOptions, raftDefaults } from './options.ts'
import { nodeId } from './types.ts'

const options = (over: Partial<RaftOptions> = {}): RaftOptions => ({
  ...raftDefaults,
  id: nodeId(1),
  voters: [1, 2, 3].map(nodeId),
  seed: 1,
  ...over,
})

it('the defaults are kept', () => {
  expect(() => checkOptions(options())).not.toThrow()
})

it.each<[name: string, over: Partial<RaftOptions>]>([
  ['no voter', { voters: [] }],
  ['a voter named twice', { voters: [1, 2, 2].map(nodeId) }],
  ['a heartbeat in no time', { heartbeatTicks: 0 }],
  ['a heartbeat as slow as an election', { heartbeatTicks: 30, electionTicksMin: 30 }],
  ['an election timeout that ends before it begins', { electionTicksMin: 30, electionTicksMax: 29 }],
  ['an append of nothing', { appendEntriesMax: 0 }],
  ['a limit that is no number', { inflightAppendsMax: Number.NaN }],
])('%s is refused', (_, over) => {
  expect(() => checkOptions(options(over))).toThrow(expect.objectContaining({ name: 'InvariantError', kind: 'broken' }))
})
