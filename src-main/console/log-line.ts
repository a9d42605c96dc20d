/** Reads one line of `logs/nacos.log` or `logs/app.log`: `2026-11-23T10:31:33.123Z INFO  [raft] text`. Never throws. */

import type { LogLevel, LogLine } from '../contract/index.ts'

const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (DEBUG|INFO|WARN|ERROR) {1,4}\[([^\]]{1,64})\] ?(.*)$/s
const levels: Readonly<Record<string, LogLevel>> = { DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' }

export type ParsedLine = Omit<LogLine, 'seq' | 'node'>

/** A line of another shape (a crash's stack, a library's print) is kept as module `out`, at `fallbackMs`: the time of the line before it. */
export function parseLogLine(line: string, fallbackMs: number): ParsedLine {
  const match = pattern.exec(line)
  const atMs = match?.[1] ? Date.parse(match[1]) : Number.NaN
  if (!match || Number.isNaN(atMs)) return { atMs: fallbackMs, level: 'info', module: 'out', text: line }
  return { atMs, level: levels[match[2] ?? ''] ?? 'info', module: match[3] ?? 'out', text: match[4] ?? '' }
}
