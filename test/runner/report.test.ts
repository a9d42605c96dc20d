import { describe, expect, it } from 'vitest'
import { countReport } from './report.ts'

const file = (status: string, tests: readonly string[], message = '') => ({
  name: 'x.test.ts',
  status,
  message,
  assertionResults: tests.map((each) => ({ status: each })),
})
const report = (...testResults: readonly ReturnType<typeof file>[]): string => JSON.stringify({ testResults })

describe('a suite’s report', () => {
  it('counts tests by what became of them', () => {
    expect(countReport(report(file('failed', ['passed', 'passed', 'failed', 'skipped', 'todo'])), 1)).toEqual({
      passed: 2,
      failed: 1,
      skipped: 2,
      remarks: [],
    })
  })

  it('takes a file that could not be loaded for a failure', () => {
    const counts = countReport(report(file('passed', ['passed']), file('failed', [], 'Cannot find module')), 1)
    expect(counts).toMatchObject({ passed: 1, failed: 1, remarks: ['x.test.ts could not be run: Cannot find module'] })
  })

  it.each([
    ['no report at all', null, 1],
    ['a report without a test', report(), 0],
    ['an error outside of every test', report(file('passed', ['passed'])), 1],
    ['a run ended from outside', report(file('passed', ['passed'])), null],
    ['a report of another shape', '{}', 0],
  ])('takes %s for a failure', (_, text, exitCode) => {
    expect(countReport(text, exitCode).failed).toBe(1)
  })
})
