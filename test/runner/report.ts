/** Reads what vitest's JSON reporter wrote and counts it, so that nothing failing can look like nothing to report. */

import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Files and errors that count as a failure without being a test, in words. */
  readonly remarks: readonly string[]
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
})

const failure = (remark: string): Counts => ({ passed: 0, failed: 1, skipped: 0, remarks: [remark] })

/** Counts of one finished suite. `exitCode` null: it was ended from outside or ran out of time. */
export const countReport = (text: string | null, exitCode: number | null): Counts => {
  if (text === null) return failure(`vitest wrote no report and ended with ${exitCode ?? 'a signal'}`)
  const parsed = reportSchema.safeParse(JSON.parse(text))
  if (!parsed.success) return failure(`vitest's report has another shape: ${parsed.error.message}`)
  const tests = parsed.data.testResults.flatMap(({ assertionResults }) => assertionResults)
  const passed = tests.filter(({ status }) => status === 'passed').length
  const failedTests = tests.filter(({ status }) => status === 'failed').length
  const remarks = parsed.data.testResults
    .filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'))
    .map(({ name, message }) => `${name} could not be run: ${message ?? 'no reason given'}`)
  if (tests.length === 0 && remarks.length === 0) remarks.push('not one test was found')
  if (exitCode !== 0 && failedTests + remarks.length === 0) remarks.push(`every test passed, yet vitest ended with ${exitCode ?? 'a signal'}`)
  return { passed, failed: failedTests + remarks.length, skipped: tests.length - passed - failedTests, remarks }
}

/** As `countReport`, from a file; a file that is not there is a failure. */
export const readReport = (path: string, exitCode: number | null): Counts => {
  try {
    return countReport(existsSync(path) ? readFileSync(path, 'utf8') : null, exitCode)
  } catch (error) {
    return failure(`vitest's report cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
