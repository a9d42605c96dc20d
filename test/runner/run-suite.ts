/** Runs one suite in a vitest of its own, its output line by line under its name, bounded in time. Leaves no process of its own behind. */

import { type ChildProcess, spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Counts, readReport } from './report.ts'
import type { Suite } from './suites.ts'

export interface SuiteOutcome {
  readonly suite: Suite
  readonly counts: Counts
  readonly seconds: number
}

const suiteTimeoutMs = 14 * 60_000
const graceMs = 5_000

/** A group of its own, so that a wrapper such as xvfb-run is ended together with what it wraps. */
const detached = process.platform !== 'win32'

const end = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.pid === undefined || child.exitCode !== null) return
  try {
    process.kill(detached ? -child.pid : child.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** `resultsDir` must exist; the suite's JSON report is left there as `<suite>.json`. */
export const runSuite = (suite: Suite, root: string, resultsDir: string, env: Readonly<Record<string, string>>): Promise<SuiteOutcome> =>
  new Promise((resolve) => {
    const reportPath = join(resultsDir, `${suite.name}.json`)
    rmSync(reportPath, { force: true })
    const vitest = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', suite.name, `--maxWorkers=${suite.workers}`]
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
    const [command = process.execPath, ...args] = [...suite.wrapper(), process.execPath, ...vitest, ...reporters]
    const startedMs = performance.now()
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env, NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => console.log(`${suite.name} | ${line}`))

    let killTimer: NodeJS.Timeout | undefined
    const timer = setTimeout(() => {
      console.log(`${suite.name} | over ${suiteTimeoutMs / 60_000} minutes: ended`)
      end(child, 'SIGTERM')
      killTimer = setTimeout(() => end(child, 'SIGKILL'), graceMs)
    }, suiteTimeoutMs)
    const onInterrupt = (): void => end(child, 'SIGTERM')
    process.once('SIGINT', onInterrupt)
    process.once('SIGTERM', onInterrupt)
    const finish = (counts: Counts): void => {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onInterrupt)
      clearTimeout(timer)
      clearTimeout(killTimer)
      resolve({ suite, counts, seconds: (performance.now() - startedMs) / 1000 })
    }
    child.on('error', (error) => finish({ passed: 0, failures: [{ what: `${command} did not start`, message: error.message }], leftOut: [] }))
    child.on('close', (code) => finish(readReport(reportPath, code)))
  })
