import { expect, test } from 'vitest'
import type { ClusterView, StoreReport } from '../../src-main/contract/index.ts'
import { sampleNode, sampleReport, sampleView } from './sample-view.testing.ts'
import { refusesWrites, storeOf } from './store-state.ts'

const setting = { kind: 'mysql', url: 'mysql://trio@db:3306/nacos', passwordKept: true, origin: 'kept', commandLine: false } as const
const available: StoreReport = { storedIndex: 10_230, queueLength: 3, health: 'available', sinceMs: 5, trouble: null, refusedRows: null }
const withStore = (store: StoreReport | null, change: Partial<ClusterView> = {}): ClusterView =>
  sampleView({
    nodes: [sampleNode(1), sampleNode(2, { report: sampleReport(2, { store }) }), sampleNode(3)],
    storage: { setting, refused: null },
    ...change,
  })

test('SQLite has no shared database', () => {
  expect(storeOf(sampleView())).toBeNull()
  expect(refusesWrites(null)).toBe(false)
})

test('the leader says how far the database is', () => {
  expect(storeOf(withStore(available))).toMatchObject({
    ...{ state: 'available', sinceMs: 5, behind: 3, place: 'trio@db:3306/nacos', addresses: ['db:3306'], user: 'trio', database: 'nacos' },
  })
})

test('away, with its cause', () => {
  const trouble = { code: 'no-answer', words: '', facts: {} }
  const store = storeOf(withStore({ ...available, health: 'away', trouble }))
  expect([store?.state, store?.trouble, refusesWrites(store)]).toEqual(['away', trouble, true])
})

test('a database that is being filled is not called away', () => {
  const store = storeOf(withStore({ ...available, health: 'away', trouble: { code: 'filling', words: '', facts: {} } }))
  expect([store?.state, refusesWrites(store)]).toEqual(['filling', true])
})

test('without a leader nothing is known, and nothing is made up', () => {
  expect(storeOf(withStore(available, { leaderId: null }))).toMatchObject({ state: 'unknown', report: null, behind: 0 })
})

test('a database that is not ours outlives the node that found it', () => {
  const refused = { code: 'foreign', words: 'w', facts: { clusterId: 'c' }, atMs: 9 }
  const view = withStore(null, { storage: { setting, refused }, health: { kind: 'no-quorum', down: [1, 2, 3] } })
  expect(storeOf(view)).toMatchObject({ state: 'refused', sinceMs: 9, trouble: { code: 'foreign' } })
})
