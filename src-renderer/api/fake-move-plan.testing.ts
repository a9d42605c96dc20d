/** For tests: a move that has nothing to do, and the contract's `storageMove` answered from what the test handed in. */

import { implement } from '@orpc/server'
import { contract, type MoveCount, type MovePlan, type MoveState, type Refusal } from '../../src-main/contract/index.ts'

const sum = { configs: 0, bytes: 0, hash: '0000000000000000' }

const noHistory = { ours: 0, theirs: 0, oursHash: sum.hash, theirsHash: sum.hash, alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, tooBig: 0 }

const noRecords = { ...noHistory, placeless: 0, left: 0, named: [], areas: [] }

export const fakeMovePlan = (to: MovePlan['to']): MovePlan => ({
  ...{ to, obstacles: [], isResumed: false, merge: null, counts: [], rows: 0, aboutMs: 3_000 },
  look: {
    ...{ address: '127.0.0.1:3306', hasTables: true, owner: 'nobody', ownerId: '', storeIndex: null, appliedIndex: 120 },
    ...{ ours: sum, theirs: sum, namespaces: [], alike: 0, unlike: 0, oursAlone: 0, theirsAlone: 0, newer: 0, differences: [] },
    ...{ tooBig: 0, excesses: [], left: 0, leftRows: [], history: noHistory, records: noRecords },
  },
})

export interface FakeMoveOptions {
  /** Of a look and a comparison, and with the end of a move; absent: nothing to do. */
  readonly plan?: MovePlan
  /** What a move says it has done of each kind. */
  readonly counts?: readonly MoveCount[]
  /** Of a move; absent: done. */
  readonly why?: string
  /** One for each time that it is asked for, the last one from then on. */
  readonly states?: readonly MoveState[]
}

export function createFakeMove(
  enter: (path: string, input: unknown, refused: (options: { data: Refusal }) => Error) => void,
  options: FakeMoveOptions,
) {
  const os = implement(contract).storageMove
  const { why, counts = [], states = [{ kind: 'idle' }] } = options
  const planTo = (to: MovePlan['to']): MovePlan => options.plan ?? fakeMovePlan(to)
  let asked = 0
  return {
    plan: os.plan.handler(({ input, errors }) => {
      enter('storageMove.plan', input, errors.REFUSED)
      return planTo(input.to)
    }),
    run: os.run.handler(({ input, errors }) => {
      enter('storageMove.run', input, errors.REFUSED)
      return { done: why === undefined, why: why ?? '', plan: planTo(input.to), counts }
    }),
    abort: os.abort.handler(({ errors }) => enter('storageMove.abort', undefined, errors.REFUSED)),
    state: os.state.handler(() => states[Math.min(asked++, states.length - 1)] ?? { kind: 'idle' }),
    compare: os.compare.handler(({ errors }) => {
      enter('storageMove.compare', undefined, errors.REFUSED)
      return planTo('sqlite')
    }),
  }
}
