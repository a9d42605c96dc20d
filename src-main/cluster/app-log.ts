/**
 * The supervising process's own log, `logs/app.log`: `2026-11-23T10:31:33.123Z INFO  [supervisor] text`, the shape of the nodes' nacos.log.
 * Lines are few (starts, exits, restarts), so each is written at once: the last one before a crash is there. Rotated at 2 MiB, two old files kept.
 * Never throws: a full disk drops the app's own lines first. Nothing secret may be given to it.
 */

import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const rotateBytes = 2 * 1024 * 1024
const textChars = 2_000

export type AppLogLevel = 'info' | 'warn' | 'error'

export interface AppLog {
  readonly write: (level: AppLogLevel, module: string, text: string) => void
}

/** One line, control characters escaped, so that hostile text can neither forge a line nor drive a terminal. */
export const formatLine = (at: Date, entry: { readonly level: AppLogLevel; readonly module: string; readonly text: string }): string => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const text = entry.text.slice(0, textChars).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `${at.toISOString()} ${entry.level.toUpperCase().padEnd(5)} [${entry.module}] ${text}\n`
}

const quietly = (action: () => void): void => {
  try {
    action()
  } catch {
    // See the top of the file.
  }
}

const rotate = (file: string): void => {
  quietly(() => renameSync(`${file}.1`, `${file}.2`))
  quietly(() => renameSync(file, `${file}.1`))
}

/** All of it or nothing: a disk that fills up takes a part, and half a line would run into the next one. */
const append = (file: string, line: Buffer): void => {
  const fd = openSync(file, 'a', 0o600)
  try {
    const { size } = fstatSync(fd)
    try {
      for (let at = 0; at < line.length; ) at += writeSync(fd, line, at)
    } catch (error) {
      ftruncateSync(fd, size)
      throw error
    }
  } finally {
    closeSync(fd)
  }
}

/** Appends to `file`, making its folder. */
export const createAppLog = (file: string): AppLog => {
  let bytes = 0
  quietly(() => mkdirSync(dirname(file), { recursive: true, mode: 0o700 }))
  quietly(() => {
    bytes = statSync(file).size
  })
  const write: AppLog['write'] = (level, module, text) => {
    const line = Buffer.from(formatLine(new Date(), { level, module, text }))
    if (bytes > rotateBytes) {
      rotate(file)
      bytes = 0
    }
    quietly(() => append(file, line))
    bytes += line.length
  }
  return { write }
}
