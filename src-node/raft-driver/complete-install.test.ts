/** The end of an install that a crash has cut in two. */

import { expect, it } from 'vitest'
import { exitCodes } from '../observe/channel.ts'
import { term } from '../raft/types.ts'
import { emptyMeta } from '../state-machine/state-machine.ts'
import { completeInstall } from './complete-install.ts'
import type { RaftLogStore } from './ports.ts'

it('a disk without room for it is a full disk, not a broken invariant, and the mark stays', () => {
  let forgotten = false
  const store = {
    meta: () => ({ ...emptyMeta(), appliedIndex: 9, appliedTerm: 2 }),
    installed: () => ({ index: 9, membership: null }),
    forgetInstall: () => {
      forgotten = true
    },
  }
  const log = {
    termAt: () => null,
    hardState: () => ({ term: term(2), vote: null }),
    reset: (_place, _hardState, done) => done('disk_full'),
  } as Pick<RaftLogStore, 'termAt' | 'hardState' | 'reset'> as RaftLogStore
  expect(() => completeInstall(store, log)).toThrow(expect.objectContaining({ name: 'StorageFailure', exitCode: exitCodes.diskFull }))
  expect(forgotten).toBe(false)
})
