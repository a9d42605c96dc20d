/**
 * The node's `logs/nacos.log`, for people: `2026-11-23T10:31:33.123Z INFO  [raft] text`, UTC, one line an event, control
 * characters escaped. Lines wait at most `flushMs`; warnings and errors are written at once. Rotated by size. A disk that takes
 * no line must never stop the node: lines are then dropped, counted, and said so later.
 */

import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export type LogLevel = 'info' | 'warn' | 'error'

export interface NodeLog {
  write(level: LogLevel, module: string, text: string): void
  /** Everything said so far is handed to the system. */
  flush(): void
  close(): void
}

export interface LogFileOptions {
  readonly path: string
  /** A file of this size is put aside. */
  readonly bytesMax: number
  /** How many files put aside are kept: `nacos.log.1` is the newest. */
  readonly keep: number
  readonly clock: { wallMs(): number; after(ms: number, task: () => void): { cancel(): void } }
}

const flushMs = 50
const bufferedCharactersMax = 64 * 1024
/** One line never fills the file: what is longer was not made for people. */
const lineCharactersMax = 8_192

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' }
const escapeOne = (character: string): string => escapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Control characters, line separators and direction marks: nothing that a line says can look like another line, or hide one. */
const escaped = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  text.slice(0, lineCharactersMax).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu, escapeOne)

export const logLine = (wallMs: number, level: LogLevel, said: { module: string; text: string }): string =>
  `${new Date(wallMs).toISOString()} ${level.toUpperCase().padEnd(5)} [${said.module}] ${escaped(said.text)}\n`

const attempt = (task: () => void): boolean => {
  try {
    task()
    return true
  } catch {
    return false
  }
}

/** Opens, or makes, the file; throws only here, when the folder cannot be written at all. */
export const openLogFile = (options: LogFileOptions): NodeLog => {
  const { path, clock } = options
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let file: number | null = openSync(path, 'a', 0o600)
  let size = fstatSync(file).size
  let waiting = ''
  let dropped = 0
  let timer: { cancel(): void } | null = null

  const rotate = (): void => {
    if (file !== null) closeSync(file)
    file = null
    for (let at = options.keep - 1; at >= 1; at--) attempt(() => renameSync(`${path}.${at}`, `${path}.${at + 1}`))
    attempt(() => renameSync(path, `${path}.1`))
    file = openSync(path, 'a', 0o600)
    size = fstatSync(file).size
  }

  const append = (bytes: Buffer): void => {
    if (file === null) file = openSync(path, 'a', 0o600)
    if (size > 0 && size + bytes.length > options.bytesMax) rotate()
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    } catch (error) {
      // A disk that fills up takes a part: half a line would run into the next one.
      ftruncateSync(file, size)
      throw error
    }
    size += bytes.length
  }

  const flush = (): void => {
    timer?.cancel()
    timer = null
    if (waiting === '') return
    const said = { module: 'log', text: `${dropped} lines were lost: the disk did not take them` }
    const text = dropped > 0 ? logLine(clock.wallMs(), 'warn', said) + waiting : waiting
    if (attempt(() => append(Buffer.from(text)))) dropped = 0
    else dropped += waiting.split('\n').length - 1
    waiting = ''
  }

  return {
    write: (level, module, text) => {
      waiting += logLine(clock.wallMs(), level, { module, text })
      if (level !== 'info' || waiting.length > bufferedCharactersMax) flush()
      else timer ??= clock.after(flushMs, flush)
    },
    flush,
    close: () => {
      flush()
      if (file !== null) closeSync(file)
      file = null
    },
  }
}

/** Tells every line to somebody else as well, at once. */
export const echoed = (log: NodeLog, echo: (line: string) => void, wallMs: () => number): NodeLog => ({
  ...log,
  write: (level, module, text) => {
    log.write(level, module, text)
    echo(logLine(wallMs(), level, { module, text }))
  },
})
