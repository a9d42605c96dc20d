import { expect, test } from 'vitest'
import { fakeMovePlan } from '../../../api/fake-move-plan.testing.ts'
import { differingIn, findingsOf, percentOf, stepsOf } from './move-facts.ts'

const shown = (...[move]: Parameters<typeof stepsOf>) =>
  stepsOf(move)
    .map(({ phase, state }) => `${phase} ${state}`)
    .join(', ')

test('the steps into MySQL, with what is done and what is to come', () => {
  expect(shown({ to: 'mysql', phase: 'filling' })).toBe('looking done, restarting done, filling running, comparing to-come')
})

test('out of MySQL nothing is filled', () => {
  expect(shown({ to: 'sqlite', phase: 'comparing' })).toBe('looking done, restarting done, comparing running')
})

test('the way back is a step of its own', () => {
  expect(shown({ to: 'sqlite', phase: 'going-back' })).toBe('looking to-come, restarting to-come, comparing to-come, going-back running')
})

test('how far it is, is known while it fills alone', () => {
  const move = { kind: 'running', to: 'mysql', phase: 'filling', done: 999, total: 1_000, trouble: null, tookMs: 0 } as const
  expect(percentOf(move)).toBe(99)
  expect(percentOf({ ...move, total: 0 })).toBeNull()
  expect(percentOf({ ...move, phase: 'comparing' })).toBeNull()
})

const row = { namespace: '', group: 'G', dataId: 'a' }
const plan = (to: 'mysql' | 'sqlite') => {
  const none = fakeMovePlan(to)
  return {
    ...none,
    look: {
      ...none.look,
      ...{ unlike: 1, oursAlone: 2, theirsAlone: 3, tooBig: 1, left: 1 },
      excesses: [{ ...row, column: 'data_id', limit: 10, unit: 'characters' as const, charset: 'utf8' }],
      leftRows: [{ ...row, id: '7', column: 'data_id', reason: 'empty', limit: 0 }],
      differences: (['ours', 'theirs', 'both'] as const).map((heldBy) => ({ ...row, heldBy, fields: heldBy === 'both' ? ['content'] : [] })),
    },
  }
}

test('what is here alone is no finding before a move into MySQL, and one afterwards and on the way out', () => {
  const kinds = (...args: Parameters<typeof findingsOf>) => findingsOf(...args).map(({ kind }) => kind)
  expect(kinds(plan('mysql'), false)).toEqual(['too-big', 'left', 'theirs', 'unlike'])
  expect(kinds(plan('mysql'), true)).toEqual(['too-big', 'left', 'ours', 'theirs', 'unlike'])
  expect(kinds(plan('sqlite'), false)).toEqual(['too-big', 'left', 'ours', 'theirs', 'unlike'])
  expect(differingIn(plan('mysql'))).toBe(6)
})
