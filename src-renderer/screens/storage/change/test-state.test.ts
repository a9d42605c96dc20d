import { expect, test } from 'vitest'
import type { MysqlTestStep, MysqlTestStepName } from '../../../../src-main/contract/index.ts'
import { advanced, failedStep, runningStep, started, stepNames, type TestState, verdict } from './test-state.ts'

const found = (step: MysqlTestStepName, outcome: MysqlTestStep['outcome'], code = 'ok'): MysqlTestStep => ({
  ...{ step, outcome, code, next: 'none', parameters: {}, tookMs: 1.2 },
})
const addresses = (state: TestState) => ('addresses' in state ? state.addresses : [])
const statesOf = (state: TestState) => addresses(state).map(({ steps }) => steps.map((each) => each.state).join(' '))
const ended = (...steps: MysqlTestStep[][]) =>
  addresses(
    advanced(started(['a:1']), {
      kind: 'ended',
      answer: { kind: 'tested', addresses: steps.map((each, at) => ({ address: `h${at}:1`, steps: each })) },
    }),
  )

test('all steps are to come, one runs, one is done', () => {
  const first = started(['a:1', 'b:1'])
  expect(statesOf(first)).toEqual(Array(2).fill(stepNames.map(() => 'pending').join(' ')))
  const second = advanced(first, { kind: 'progress', address: 'b:1', step: 'name', found: null })
  expect(runningStep(addresses(second))).toEqual({ n: 10, of: 18, step: 'name' })
  const third = advanced(second, { kind: 'progress', address: 'b:1', step: 'name', found: found('name', 'passed') })
  expect(statesOf(third)[1]).toMatch(/^passed pending/)
  expect(runningStep(addresses(third))).toBeNull()
})

test('a step that passed may turn out to have failed', () => {
  const passed = advanced(started(['a:1']), { kind: 'progress', address: 'a:1', step: 'port', found: found('port', 'passed') })
  const failed = advanced(passed, { kind: 'progress', address: 'a:1', step: 'port', found: found('port', 'failed', 'no-answer') })
  expect(failedStep(addresses(failed))).toBe('port')
})

test('the verdict: one address that takes writes is enough', () => {
  expect(verdict(ended([found('name', 'passed')]))).toBe('passed')
  expect(verdict(ended([found('writable', 'failed', 'read-only')], [found('name', 'warned')]))).toBe('warned')
  expect(verdict(ended([found('login', 'failed', 'access-denied')]))).toBe('failed')
  expect(verdict(ended([found('tables', 'failed', 'foreign')]))).toBe('foreign')
})

test('a URL that cannot be read, and a test that could not be carried out', () => {
  const end = (answer: Parameters<typeof advanced>[1] & { kind: 'ended' }) => advanced(started(['a:1']), answer)
  expect(end({ kind: 'ended', answer: { kind: 'url-unreadable', problem: 'port', part: 'h:x' } })).toEqual({ kind: 'unreadable', part: 'h:x' })
  expect(end({ kind: 'ended', answer: { kind: 'failed', reason: 'busy' } })).toEqual({ kind: 'broken', reason: 'busy' })
})

test('what comes after the end changes nothing', () => {
  const state: TestState = { kind: 'idle' }
  expect(advanced(state, { kind: 'progress', address: 'a:1', step: 'name', found: null })).toBe(state)
})
