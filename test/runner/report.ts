/** Reads what vitest's JSON reporter wrote and counts it, so that nothing failing can look like nothing to report. */

import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'

/** A test, or a file or run that counts as a failure without being a test. */
export interface Failure {
  readonly what: string
  readonly message: string
}

export interface Counts {
  readonly passed: number
  /** As many as failed. */
  readonly failures: readonly Failure[]
  /** Tests that were left out, by name. */
  readonly leftOut: readonly string[]
}

const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string().optional(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
})
type FileReport = z.infer<typeof reportSchema>['testResults'][number]

/** Vitest names no reason where a hook failed: that stands in its own output. */
const elsewhere = 'the reason stands in the output of the suite'
const orElsewhere = (text: string | undefined): string => (text === undefined || text === '' ? elsewhere : text)

const testIn = (file: string, fullName: string | undefined): string => `${file} > ${fullName ?? 'without a name'}`

const failuresIn = ({ name, status, message, assertionResults }: FileReport): readonly Failure[] => {
  const tests = assertionResults
    .filter((test) => test.status === 'failed')
    .map(({ fullName, failureMessages }) => ({ what: testIn(name, fullName), message: orElsewhere(failureMessages?.join('\n')) }))
  return tests.length > 0 || status !== 'failed' ? tests : [{ what: `${name} could not be run`, message: orElsewhere(message) }]
}

const failure = (what: string, message: string): Counts => ({ passed: 0, failures: [{ what, message }], leftOut: [] })

/** Counts of one finished suite. `exitCode` null: it was ended from outside or ran out of time. */
export const countReport = (text: string | null, exitCode: number | null): Counts => {
  const end = `vitest ended with ${exitCode ?? 'a signal'}`
  if (text === null) return failure('no report was written', end)
  const parsed = reportSchema.safeParse(JSON.parse(text))
  if (!parsed.success) return failure("vitest's report has another shape", parsed.error.message)
  const tests = parsed.data.testResults.flatMap(({ name, assertionResults }) => assertionResults.map((test) => ({ file: name, ...test })))
  const passed = tests.filter(({ status }) => status === 'passed').length
  const leftOut = tests.filter(({ status }) => status !== 'passed' && status !== 'failed').map(({ file, fullName }) => testIn(file, fullName))
  const failures = parsed.data.testResults.flatMap(failuresIn)
  if (tests.length === 0 && failures.length === 0) failures.push({ what: 'not one test was found', message: end })
  if (exitCode !== 0 && failures.length === 0) failures.push({ what: 'every test passed, yet the suite failed', message: `${end}; ${elsewhere}` })
  return { passed, failures, leftOut }
}

/** As `countReport`, from a file; a file that is not there is a failure. */
export const readReport = (path: string, exitCode: number | null): Counts => {
  try {
    return countReport(existsSync(path) ? readFileSync(path, 'utf8') : null, exitCode)
  } catch (error) {
    return failure("vitest's report cannot be read", error instanceof Error ? error.message : String(error))
  }
}
