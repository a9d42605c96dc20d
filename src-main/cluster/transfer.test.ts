import { expect, it } from 'vitest'
import { atRest } from './supervisor-state.ts'
import { transferTo } from './transfer.ts'

/** A leader that gives this answer; node 2 runs, and may be paused. */
const ask = (code: string | null, { id = 2, paused = false } = {}) =>
  transferTo(
    {
      options: { log: () => undefined },
      supervisor: { state: () => ({ shutdown: null, nodes: [{ ...atRest(2), phase: { kind: 'running' }, paused }, atRest(3)] }) },
      wishes: { settle: async () => (code === null ? { ok: true } : { ok: false, code }) },
    },
    id,
  )

it('to a node that leads then', async () => {
  expect(await ask(null)).toEqual({ ok: true })
})

it.each([
  ['no_leader', 'no_quorum', 'nobody leads'],
  ['unknown_target', 'wrong_state', 'no voter'],
  ['busy', 'wrong_state', 'being handed over already'],
  ['unknown', 'outcome_unknown', 'nobody said in time'],
])('refused with %s is told as %s, in words', async (code, told, words) => {
  expect(await ask(code)).toMatchObject({ ok: false, refusal: { code: told, detail: expect.stringContaining(words) } })
})

it('to a paused node: it may take over when it goes on', async () => {
  const detailOf = async (paused: boolean) => {
    const result = await ask('not_taken_over', { paused })
    return result.ok ? '' : result.refusal.detail
  }
  expect(await detailOf(true)).toContain('may still take over')
  expect(await detailOf(false)).not.toContain('may still take over')
})

it('to a node that is not there, or does not run, is refused unasked', async () => {
  expect(await ask(null, { id: 9 })).toMatchObject({ refusal: { code: 'not_found' } })
  expect(await ask(null, { id: 3 })).toMatchObject({ refusal: { code: 'wrong_state' } })
})
