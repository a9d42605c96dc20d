/**
 * A thread that ends this process when the supervisor is gone, even while the main thread is stuck in a loop: nothing that
 * the main thread runs could do that. The main thread is given a moment to end by itself first. Plain text, not a module: it
 * must run from source and from the bundle alike, and needs no file of its own.
 */

import { Worker } from 'node:worker_threads'

const pollMs = 200
/** An orphan is known after 200 ms at most and gone after another 250 ms. */
const graceMs = 250

/**
 * The parent is gone when the system names another one (POSIX: an orphan is adopted), or when it does not exist any more
 * (Windows: the id stays).
 */
const source = `
const { workerData } = require('node:worker_threads')
const gone = () => {
  if (process.ppid !== workerData.parentPid) return true
  try {
    process.kill(workerData.parentPid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
const timer = setInterval(() => {
  if (!gone()) return
  clearInterval(timer)
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData.graceMs)
}, workerData.pollMs)
`

/**
 * Costs some 18 MB: what a second isolate of Node takes, whatever it runs.
 * @param parentPid the supervisor, read as early as possible: it could be gone before the thread runs
 * @param failed told when there is no watchdog (any more); the node goes on, its own channel still tells it of its supervisor's end
 */
export const startWatchdog = (parentPid: number, failed: (error: unknown) => void): void => {
  const thread = new Worker(source, {
    eval: true,
    workerData: { parentPid, pollMs, graceMs },
    env: {},
    execArgv: [],
    // A timer and a number. Below 8 MB Node itself does not start; this is a limit, not what it takes.
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, codeRangeSizeMb: 1, stackSizeMb: 1 },
  })
  thread.on('error', failed)
  thread.unref()
}
