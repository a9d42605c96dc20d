import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const importOf = (name: string): string => `import(${JSON.stringify(new URL(name, import.meta.url).href)})`
/** Starts the thread as a node does, says so, and never comes back to its loop. */
const busyChild = `Promise.all([${importOf('./watchdog.ts')}, ${importOf('./disk-cache/cache-thread.ts')}]).then(([{ watchdog }, { openCacheThread }]) => {
  openCacheThread({ root: () => '', lost: () => {}, guest: watchdog(process.ppid) })
  process.stdout.write(String(process.pid), () => { for (;;); })
})`
/** A parent that starts the busy child and waits to be killed. */
const parent = `
const { spawn } = require('node:child_process')
const child = spawn(process.execPath, ['-e', ${JSON.stringify(busyChild)}], { stdio: ['ignore', 'pipe', 'inherit'] })
child.stdout.on('data', (pid) => process.send(Number(pid)))
setInterval(() => {}, 1000)
`

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // Where there is /proc: a process that nobody has buried yet is dead all the same.
    return !existsSync('/proc/self/stat') || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Half a second on an idle machine; tests run on busy ones. */
test('a worker in a busy loop ends after its parent', async () => {
  const supervisor = fork('-e', [parent], { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [pid] = (await once(supervisor, 'message')) as [number]
  expect(isAlive(pid)).toBe(true)
  supervisor.kill('SIGKILL')
  await expect.poll(() => isAlive(pid), { timeout: 8_000, interval: 20 }).toBe(false)
}, 20_000)
