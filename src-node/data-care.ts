/**
 * What people may ask of a node's data while it works: a full check of both files, and a copy of its state for keeping. One at a time, answered
 * in words that a person can act on. It must not repair, and must not hold the loop.
 */

import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { OrderAnswer } from './observe/channel.ts'
import type { LogFindings } from './raft-log/log-check.ts'
import type { CheckFindings, StateStore } from './storage/types.ts'

export interface DataCareParts {
  readonly nodeId: number
  readonly store: Pick<StateStore, 'check' | 'backupTo'>
  readonly raftLog: { check(done: (findings: LogFindings) => void): void }
  wallMs(): number
  say(level: 'info' | 'warn', line: string): void
}

export interface DataCare {
  check(done: (answer: OrderAnswer) => void): void
  /** Into this folder, made if need be, under a name with the date. */
  backup(folder: string, done: (answer: OrderAnswer) => void): void
}

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

/** `2026-11-25T22-10-03Z`, good in a file name of every system. */
export const dateName = (wallMs: number): string =>
  new Date(wallMs)
    .toISOString()
    .replaceAll(':', '-')
    .replace(/\.\d+Z$/, 'Z')

const soundWords = (state: CheckFindings, log: LogFindings): string =>
  `sound: state.db, every page of ${mib(state.bytes)} and the content of ${state.configs} configurations (${state.history} rows of history); raft.db, ${log.entries} entries, each with its checksum`

const damagedWords = (nodeId: number, found: readonly string[]): string =>
  `DAMAGED: ${found.join('; ')}. While a majority of the others serves, "rebuild ${nodeId}" brings this node back from them and keeps its folder aside`

export const createDataCare = ({ nodeId, store, raftLog, wallMs, say }: DataCareParts): DataCare => {
  let busy = false

  /** Once, and told in the log too. */
  const alone = (done: (answer: OrderAnswer) => void, task: (end: (answer: OrderAnswer) => void) => void): void => {
    if (busy) {
      done({ ok: false, words: 'a check or a copy is under way at this node already: wait for its end' })
      return
    }
    busy = true
    task((answer) => {
      busy = false
      say(answer.ok ? 'info' : 'warn', answer.words)
      done(answer)
    })
  }

  const judge = (state: CheckFindings | 'failed', log: LogFindings, end: (answer: OrderAnswer) => void): void => {
    if (state === 'failed' && log.found.length === 0) {
      end({ ok: false, words: 'state.db could not be read to its end; nothing was found in raft.db. See the log of this node, and check again' })
      return
    }
    const unread = state === 'failed' ? ['state.db could not be read to its end'] : state.found.map((each) => `state.db: ${each}`)
    const found = [...unread, ...log.found.map((each) => `raft.db: ${each}`)]
    if (found.length === 0 && state !== 'failed') end({ ok: true, words: soundWords(state, log) })
    else end({ ok: false, words: damagedWords(nodeId, found) })
  }

  const copyTo = (folder: string, end: (answer: OrderAnswer) => void): void => {
    const path = join(folder, `nacos-trio-node-${nodeId}-${dateName(wallMs())}.db`)
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    } catch (error) {
      end({ ok: false, words: `the folder cannot be made: ${error instanceof Error ? error.message : String(error)}` })
      return
    }
    if (existsSync(path)) {
      end({ ok: false, words: `${path} exists already: ask again in a second` })
      return
    }
    store.backupTo(path, (result) => {
      if (typeof result !== 'string') {
        const sha256 = Buffer.from(result.sha256).toString('hex')
        end({ ok: true, words: `the state after entry ${result.index} stands in ${path} (${mib(result.bytes)}, SHA-256 ${sha256})` })
        return
      }
      for (const suffix of ['', '-journal']) rmSync(path + suffix, { force: true })
      const why = result === 'disk_full' ? 'there is no room for it' : 'it could not be written, or the state could not be read'
      end({ ok: false, words: `no copy was made in ${folder}: ${why}` })
    })
  }

  return {
    check: (done) =>
      alone(done, (end) => {
        raftLog.check((log) => store.check((state) => judge(state, log, end)))
      }),
    backup: (folder, done) =>
      alone(done, (end) => (isAbsolute(folder) ? copyTo(folder, end) : end({ ok: false, words: 'the folder must be named from the root on' }))),
  }
}
