/**
 * Is the process with this pid still the one we mean? A pid alone is reused; pid and start time together are not.
 * Linux reads /proc; macOS asks `ps`; Windows tells neither cheaply, so there a start time is unknown and nothing is ever ended by pid.
 */

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const psMs = 2_000

export interface ProcessIdentity {
  readonly pid: number
  /** Opaque; equal for the same process, null where the system does not tell. */
  readonly startTime: string | null
}

/** Field 22 of /proc/pid/stat, counted after the last `)`: a command name may hold spaces and brackets. State `Z`: dead, not yet reaped. */
export const parseStat = (stat: string): { readonly startTicks: string; readonly zombie: boolean } | null => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const startTicks = fields[19]
  return startTicks === undefined ? null : { startTicks, zombie: fields[0] === 'Z' || fields[0] === 'X' }
}

const readOrNull = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

const ps = (args: readonly string[]): string => {
  try {
    return execFileSync('ps', args, { timeout: psMs, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return ''
  }
}

const linuxState = (pid: number): { readonly startTime: string; readonly zombie: boolean } | null => {
  const stat = readOrNull(`/proc/${pid}/stat`)
  const parsed = stat === null ? null : parseStat(stat)
  if (parsed === null) return null
  // Ticks count from boot, so the boot belongs to the name.
  return { startTime: `${readOrNull('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}:${parsed.startTicks}`, zombie: parsed.zombie }
}

const linuxStart = (pid: number): string | null => {
  const state = linuxState(pid)
  return state === null || state.zombie ? null : state.startTime
}

const threadsOf = (pid: number): number => {
  try {
    return readdirSync(`/proc/${pid}/task`).length
  } catch {
    return 0
  }
}

/** Start time of a living process, or null: gone, or not told. */
export const startTimeOf = (pid: number): string | null => {
  if (process.platform === 'linux') return linuxStart(pid)
  if (process.platform === 'win32') return null
  const text = ps(['-o', 'lstart=', '-p', String(pid)])
  return text === '' ? null : text
}

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The same process lives. Where start times are unknown, a living pid counts as the same: the careful answer for a lock. */
export const isAlive = (identity: ProcessIdentity): boolean => {
  if (!Number.isSafeInteger(identity.pid) || identity.pid <= 0) return false
  if (process.platform === 'linux') return identity.startTime !== null && linuxStart(identity.pid) === identity.startTime
  if (!exists(identity.pid)) return false
  return identity.startTime === null || startTimeOf(identity.pid) === identity.startTime
}

/**
 * Nothing of the process is left that could hold a port or a file. A killed process is a zombie, and dead to `isAlive`, some milliseconds
 * before its last thread has let go of them.
 */
export const hasLetGo = (identity: ProcessIdentity): boolean => {
  if (process.platform !== 'linux') return !isAlive(identity)
  const state = linuxState(identity.pid)
  return state === null || state.startTime !== identity.startTime || (state.zombie && threadsOf(identity.pid) <= 1)
}

/** The process carries `name=value` in the environment it was started with. False where the system does not show it. */
export const hasEnvironmentMark = (pid: number, mark: string): boolean => {
  if (process.platform === 'linux') return (readOrNull(`/proc/${pid}/environ`) ?? '').split('\0').includes(mark)
  return (
    process.platform === 'darwin' &&
    ps(['eww', '-o', 'command=', '-p', String(pid)])
      .split(/\s+/)
      .includes(mark)
  )
}
