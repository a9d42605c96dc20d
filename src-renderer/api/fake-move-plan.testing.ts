/** For tests: a move that has nothing to do. */

import type { MovePlan } from '../../src-main/contract/index.ts'

const sum = { configs: 0, bytes: 0, hash: '0000000000000000' }

const noHistory = { ours: 0, theirs: 0, oursHash: sum.hash, theirsHash: sum.hash, alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, tooBig: 0 }

export const fakeMovePlan = (to: MovePlan['to']): MovePlan => ({
  ...{ to, obstacles: [], isResumed: false, rows: 0, aboutMs: 3_000 },
  look: {
    ...{ address: '127.0.0.1:3306', hasTables: true, owner: 'nobody', ownerId: '', storeIndex: null, appliedIndex: 120 },
    ...{ ours: sum, theirs: sum, namespaces: [], alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, newer: 0, differences: [] },
    ...{ tooBig: 0, excesses: [], left: 0, leftRows: [], history: noHistory },
  },
})
