import { expect, test } from 'vitest'
import { readOptions } from './options.ts'

test('the defaults agree with each other', () => {
  expect(readOptions({})).toMatchObject({ ok: true, options: { electionTimeoutMs: 150, httpBodyBytesMax: 33_554_432 } })
})

test('an override replaces one setting', () => {
  expect(readOptions({ longPollsMax: 5 })).toMatchObject({ ok: true, options: { longPollsMax: 5, tickMs: 5 } })
})

test.each([
  [{ nothing: 1 }, 'there is no option named nothing'],
  [{ toString: 1 }, 'there is no option named toString'],
  [{ tickMs: '5' }, 'option tickMs must be a whole number'],
  [{ tickMs: 1.5 }, 'option tickMs must be a whole number'],
  [{ tickMs: 0 }, 'option tickMs must lie between 1 and 100, it is 0'],
  [{ electionTimeoutMs: 60 }, 'electionTimeoutMs must be at least twice heartbeatMs'],
  [{ electionTimeoutMaxMs: 150 }, 'electionTimeoutMaxMs must be above electionTimeoutMs'],
])('%j is refused in words', (overrides, problem) => {
  expect(readOptions(overrides)).toEqual({ ok: false, problem })
})
