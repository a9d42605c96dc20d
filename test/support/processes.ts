/** What the system says about processes: who lives, and what is left of a tree. Ends nothing that it was not told to end by its id. */

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** Signal 0 finds zombies alive; they are dead to us. */
const isZombie = (pid: number): boolean => {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return false
  try {
    return /\) Z /.test(readFileSync(path, 'utf8'))
  } catch {
    return true
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch {
    return false
  }
}

/** Sends a signal to exactly this process; one that is gone already is no error. */
export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Resident memory in bytes, as `ps` counts it. */
export const residentBytes = (pid: number): number =>
  Number(
    execFileSync('ps', ['-o', 'rss=', '-p', String(pid)])
      .toString('utf8')
      .trim(),
  ) * 1024

/** Clock ticks of /proc, 100 a second on every Linux that we know. */
const microsPerTick = 10_000

/** Processor time since the start of the process, all its threads, in microseconds; null where the system does not tell it by /proc. */
export const cpuMicros = (pid: number): { readonly user: number; readonly system: number } | null => {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return null
  // The name before it may hold anything, even a parenthesis and blanks.
  const fields = readFileSync(path, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  return { user: Number(fields[11]) * microsPerTick, system: Number(fields[12]) * microsPerTick }
}

/** Every descendant of `pid` at this moment. */
export const descendants = (pid: number): readonly number[] => {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=']).toString('utf8').trim().split('\n')
  const children = new Map<number, number[]>()
  for (const row of rows) {
    const [child = 0, parent = 0] = row.trim().split(/\s+/).map(Number)
    children.set(parent, [...(children.get(parent) ?? []), child])
  }
  const below = (parent: number): readonly number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}
