import { expect, it } from 'vitest'
import { createViewer } from './cluster-view.ts'
import type { Configuration } from './node-reports.ts'
import { createNodeReports } from './node-reports.ts'
import { initialState } from './supervisor-state.ts'

/** Three workers that run and serve, of a cluster whose leader counts these voters; null: nobody leads. */
const healthOf = (configuration: Configuration | null) => {
  const { nodes, ...rest } = initialState([1, 2, 3])
  const reports = { ...createNodeReports(), configuration: () => configuration, isServing: () => true, leader: () => ({ id: 1, term: 1 }) }
  const viewer = createViewer({
    dataDir: '/tmp',
    roster: { places: () => [], voting: () => [1, 2, 3] },
    now: () => ({ wallMs: 0, monoMs: 0 }),
    state: () => ({ ...rest, nodes: nodes.map((node) => ({ ...node, phase: { kind: 'running' } })) }),
    reports,
    leaderSinceMs: () => 0,
    authOn: () => false,
    storage: () => ({ setting: { kind: 'sqlite', origin: 'default', commandLine: false }, refused: null }),
  })
  return viewer.view().health
}

it('counts the voters that the leader counts', () => {
  expect(healthOf({ voters: [1, 2], learners: [] })).toEqual({ kind: 'all-serve' })
  expect(healthOf(null)).toEqual({ kind: 'all-serve' })
})

it('counts a voter that has no worker here as one that does not serve', () => {
  expect(healthOf({ voters: [1, 2, 3, 9], learners: [] })).toEqual({ kind: 'degraded', down: [9] })
})
