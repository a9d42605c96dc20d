/**
 * What a worker says on stdout and stderr: appended to its `worker.out`, and its newest lines kept for the reason of an exit.
 * Bounded in memory (200 lines of 500 characters) and on disk (moved aside once it passes 4 MiB). Never throws: a full disk loses output, not a node.
 */

import { createWriteStream, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'

const linesKept = 200
const lineChars = 500
const fileBytes = 4 * 1024 * 1024

export interface WorkerOutput {
  readonly attach: (stream: Readable | null) => void
  readonly lastLine: () => string | null
  readonly close: () => void
}

const rotateIfLarge = (file: string): void => {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    if (statSync(file).size > fileBytes) renameSync(file, `${file}.1`)
  } catch {
    // No file yet, or a disk that refuses: the stream below reports what matters.
  }
}

/** Collects the output of one life of one worker. */
export const createWorkerOutput = (file: string): WorkerOutput => {
  rotateIfLarge(file)
  const sink = createWriteStream(file, { flags: 'a', mode: 0o600 })
  let writable = true
  sink.on('error', () => {
    writable = false
  })
  const lines: string[] = []
  const keep = (line: string): void => {
    if (line.trim() === '') return
    lines.push(line.slice(0, lineChars))
    if (lines.length > linesKept) lines.shift()
  }
  const attach = (stream: Readable | null): void => {
    if (stream === null) return
    let rest = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      if (writable) sink.write(chunk)
      const parts = (rest + chunk).split('\n')
      rest = (parts.pop() ?? '').slice(-lineChars)
      for (const part of parts) keep(part)
    })
    stream.on('end', () => keep(rest))
    stream.on('error', () => undefined)
  }
  return { attach, lastLine: () => lastMeaningful(lines), close: () => sink.end() }
}

/** Node ends its report of an uncaught error with a stack and its version: the message itself says more than either. */
const lastMeaningful = (lines: readonly string[]): string | null => {
  const error = lines.findLast((line) => /^(\w*Error|FATAL ERROR)\b/.test(line))
  return error ?? lines.findLast((line) => !/^(\s+at |Node\.js v|})/.test(line)) ?? null
}
