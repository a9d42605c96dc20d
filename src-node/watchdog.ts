/**
 * What ends this process when the supervisor is gone, even while the main thread is stuck in a loop: nothing that the main thread runs could do that,
 * so it is the guest of another one. The main thread is given a moment to end by itself first. Plain text, not a module: it must run from
 * source and from the bundle alike, and needs no file of its own.
 */

const pollMs = 200
/** An orphan is known after 200 ms at most and gone after another 250 ms. */
const graceMs = 250

/**
 * The parent is gone when the system names another one (POSIX: an orphan is adopted), or when it does not exist any more
 * (Windows: the id stays).
 */
const program = `
const gone = () => {
  if (process.ppid !== guest.parentPid) return true
  try {
    process.kill(guest.parentPid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}
const timer = setInterval(() => {
  if (!gone()) return
  clearInterval(timer)
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), guest.graceMs)
}, guest.pollMs)
`

/** @param parentPid the supervisor, read as early as possible: it could be gone before the thread runs */
export const watchdog = (parentPid: number) => ({ program, data: { parentPid, pollMs, graceMs } })
