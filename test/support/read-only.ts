/**
 * A file or folder that this process may not write to, for a while. Permissions do not stop root: for it the file system's own mark is used, or,
 * where it has none, a read-only mount over the place.
 */

import { execFileSync } from 'node:child_process'
import { chmodSync, statSync } from 'node:fs'

export interface ReadOnly {
  [Symbol.dispose](): void
}

const tried = (...commands: readonly (readonly [string, ...string[]])[]): boolean => {
  try {
    for (const [command, ...args] of commands) execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const undo = (...command: readonly [string, ...string[]]): ReadOnly => ({ [Symbol.dispose]: () => void tried(command) })

/** Throws where this user and this file system offer no way to it. */
export const readOnly = (path: string): ReadOnly => {
  if (process.getuid?.() !== 0) {
    const { mode } = statSync(path)
    chmodSync(path, mode & ~0o222)
    return { [Symbol.dispose]: () => chmodSync(path, mode) }
  }
  if (tried(['chattr', '+i', path])) return undo('chattr', '-i', path)
  if (tried(['mount', '--bind', path, path], ['mount', '-o', 'remount,ro,bind', path])) return undo('umount', path)
  throw new Error(
    `${path} cannot be made read-only: root needs chattr on a file system that knows it, or the right to mount; any other user needs nothing`,
  )
}
