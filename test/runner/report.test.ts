import { describe, expect, it } from 'vitest'
import { countReport } from './report.ts'

const file = (status: string, tests: readonly string[], message = '') => ({
  name: 'x.test.ts',
  status,
  message,
  assertionResults: tests.map((each) => ({
    status: each,
    fullName: `it ${each}`,
    failureMessages: each === 'failed' ? ['expected 1 to be 2\n    at x.test.ts:1:1'] : [],
  })),
})
const report = (...testResults: readonly ReturnType<typeof file>[]): string => JSON.stringify({ testResults })

describe('a suite’s report', () => {
  it('counts tests by what became of them, and says of the failed ones which and why', () => {
    expect(countReport(report(file('failed', ['passed', 'passed', 'failed', 'skipped', 'todo'])), 1)).toEqual({
      passed: 2,
      failures: [{ what: 'x.test.ts > it failed', message: 'expected 1 to be 2\n    at x.test.ts:1:1' }],
      leftOut: ['x.test.ts > it skipped', 'x.test.ts > it todo'],
    })
  })

  it('takes a file that could not be loaded for a failure', () => {
    const counts = countReport(report(file('passed', ['passed']), file('failed', [], 'Cannot find module')), 1)
    expect(counts).toMatchObject({ passed: 1, failures: [{ what: 'x.test.ts could not be run', message: 'Cannot find module' }] })
  })

  it('takes a file whose hook failed for a failure, though its tests were only left out', () => {
    expect(countReport(report(file('failed', ['skipped'])), 1)).toMatchObject({
      leftOut: ['x.test.ts > it skipped'],
      failures: [{ what: 'x.test.ts could not be run', message: expect.stringContaining('output') }],
    })
  })

  it.each([
    ['no report at all', null, 1],
    ['a report without a test', report(), 0],
    ['an error outside of every test', report(file('passed', ['passed'])), 1],
    ['a run ended from outside', report(file('passed', ['passed'])), null],
    ['a report of another shape', '{}', 0],
  ])('takes %s for a failure', (_, text, exitCode) => {
    expect(countReport(text, exitCode).failures).toHaveLength(1)
  })
})
