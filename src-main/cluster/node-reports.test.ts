import { expect, it } from 'vitest'
import type { NodeStatus } from '../../src-node/observe/channel.ts'
import { createNodeReports } from './node-reports.ts'

const at = (monoMs: number) => ({ wallMs: 1_000_000 + monoMs, monoMs })
const status = (facts: Partial<NodeStatus>): NodeStatus => ({
  id: 1,
  role: 'follower',
  term: 1,
  leaderId: null,
  commitIndex: 0,
  appliedIndex: 0,
  lastIndex: 0,
  serving: false,
  diskFull: false,
  stateHash: '',
  configCount: 0,
  voters: [1, 2, 3],
  learners: [],
  peers: [],
  rssBytes: 0,
  cpuShare: 0,
  uptimeMs: 0,
  writes: 0,
  reads: 0,
  pushes: 0,
  longPolls: 0,
  fsyncMs: null,
  ...facts,
})

it('turns counters into rates over about a second', () => {
  const reports = createNodeReports()
  for (let tick = 0; tick <= 20; tick++) reports.status(1, status({ writes: tick * 10 }), at(tick * 100))
  expect(reports.get(1)?.writesPerSecond).toBeCloseTo(100)
  expect(reports.get(1)?.readsPerSecond).toBe(0)
})

it('starts from nothing in a new life, whose counters begin at zero', () => {
  const reports = createNodeReports()
  reports.status(1, status({ writes: 1_000 }), at(0))
  reports.forget(1)
  reports.status(1, status({ writes: 0 }), at(500))
  expect(reports.get(1)?.writesPerSecond).toBe(0)
})

it('says once when a node begins to serve', () => {
  const reports = createNodeReports()
  expect(reports.status(1, status({}), at(0))).toBe(false)
  expect(reports.status(1, status({ serving: true }), at(100))).toBe(true)
  expect(reports.status(1, status({ serving: true }), at(200))).toBe(false)
})

it('does not take a silent node at its word', () => {
  const reports = createNodeReports()
  reports.status(1, status({ serving: true }), at(0))
  expect(reports.isServing(1, at(2_900))).toBe(true)
  expect(reports.isServing(1, at(3_000))).toBe(false)
})

it('believes the leader of the newest term, and a role event before the next status', () => {
  const reports = createNodeReports()
  reports.status(1, status({ role: 'leader', term: 5 }), at(0))
  reports.status(2, status({ id: 2, term: 5 }), at(0))
  expect(reports.leader()).toEqual({ id: 1, term: 5 })
  reports.role(2, { type: 'role', atMs: 0, role: 'leader', term: 6, leaderId: 2, cause: 'won' })
  expect(reports.leader()).toEqual({ id: 2, term: 6 })
  reports.forget(2)
  reports.role(1, { type: 'role', atMs: 0, role: 'follower', term: 6, leaderId: null, cause: 'newer term' })
  expect(reports.leader()).toBeNull()
})

it('knows who votes by the word of the leader, and nothing of it without one', () => {
  const reports = createNodeReports()
  reports.status(2, status({ id: 2, voters: [1, 2] }), at(0))
  expect(reports.configuration()).toBeNull()
  reports.status(1, status({ role: 'leader', voters: [1, 2, 3], learners: [4] }), at(0))
  expect(reports.configuration()).toEqual({ voters: [1, 2, 3], learners: [4] })
})
