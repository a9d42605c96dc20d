/** Why a shared database is not used outlives the node that ended for it. */

import { expect, it } from 'vitest'
import { createStoreNotes } from './store-notes.ts'

it('a refusal stands until the database could be used, or another is chosen', () => {
  const notes = createStoreNotes()
  const trouble = { code: 'foreign', words: 'of another cluster', facts: { clusterId: 'c' } }
  notes.hear({ type: 'store', atMs: 5, state: 'away', trouble })
  expect(notes.refused()).toBeNull()
  notes.hear({ type: 'store', atMs: 6, state: 'refused', trouble })
  expect(notes.refused()).toEqual({ ...trouble, atMs: 6 })
  notes.hear({ type: 'store', atMs: 7, state: 'back', trouble: null })
  expect(notes.refused()).toBeNull()
  notes.hear({ type: 'store', atMs: 8, state: 'refused', trouble })
  notes.forgetRefusal()
  expect(notes.refused()).toBeNull()
})
