import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { codeLifeMs, createSessions } from './session.ts'

const start = () => {
  let nowMs = 1_000
  const sessions = createSessions({ nowMs: () => nowMs, randomBytes })
  return { sessions, pass: (ms: number) => (nowMs += ms) }
}
const tokenOf = (result: ReturnType<ReturnType<typeof start>['sessions']['exchange']>) => (result.kind === 'token' ? result.token : '')

test('a code becomes a token once', () => {
  const { sessions } = start()
  const code = sessions.newCode()
  expect(sessions.knows(tokenOf(sessions.exchange(code)))).toBe(true)
  expect(sessions.exchange(code).kind).toBe('refused')
})

test('a code is 128 bits or more, a token 256', () => {
  const { sessions } = start()
  const code = sessions.newCode()
  expect(Buffer.from(code, 'base64url').length * 8).toBeGreaterThanOrEqual(128)
  expect(Buffer.from(tokenOf(sessions.exchange(code)), 'base64url').length * 8).toBe(256)
})

test('a code dies after its minute', () => {
  const { sessions, pass } = start()
  const code = sessions.newCode()
  pass(codeLifeMs)
  expect(sessions.exchange(code).kind).toBe('refused')
})

test('guessing is stopped, and the owner may go on with a new code', () => {
  const { sessions } = start()
  const code = sessions.newCode()
  for (let i = 0; i < 10; i++) expect(sessions.exchange(`guess-${i}`).kind).toBe('refused')
  expect(sessions.exchange(code).kind).toBe('too-many-attempts')
  expect(sessions.exchange(sessions.newCode()).kind).toBe('token')
})

test('guessing is forgotten after its window', () => {
  const { sessions, pass } = start()
  for (let i = 0; i < 12; i++) sessions.exchange('wrong')
  pass(60_000)
  expect(sessions.exchange('wrong').kind).toBe('refused')
})

test.each(['', 'x', 'a'.repeat(10_000), '\u0000'])('token %j is unknown', (token) => expect(start().sessions.knows(token)).toBe(false))
