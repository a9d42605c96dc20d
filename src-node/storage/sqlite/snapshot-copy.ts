/**
 * A consistent copy of a live store, made by a thread with a connection of its own: the loop neither copies nor hashes. The copy is of
 * one moment (one read transaction), so writes go on meanwhile; it reads nothing but what is committed.
 * The thread's program is plain text, as the watchdog's: it must run from source and from the bundle alike.
 */

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { isFullCode } from '../storage-failure.ts'
import type { SnapshotInfo } from '../types.ts'

const source = `
const { workerData, parentPort } = require('node:worker_threads')
const { closeSync, fstatSync, openSync, readSync } = require('node:fs')
const { createHash } = require('node:crypto')
const Database = require(workerData.driver)

const copy = () => {
  const live = new Database(workerData.from, { fileMustExist: true, timeout: 1000 })
  try {
    live.prepare('VACUUM INTO ?').run(workerData.to)
  } finally {
    live.close()
  }
  const made = new Database(workerData.to, { fileMustExist: true, readonly: true })
  try {
    return made.prepare('SELECT applied_index AS "index", applied_term AS term FROM nacos_trio_machine WHERE id = 1').get()
  } finally {
    made.close()
  }
}
const digest = () => {
  const file = openSync(workerData.to, 'r')
  try {
    const hash = createHash('sha256')
    const piece = Buffer.alloc(1024 * 1024)
    for (;;) {
      const read = readSync(file, piece)
      if (read === 0) break
      hash.update(piece.subarray(0, read))
    }
    return { bytes: fstatSync(file).size, sha256: new Uint8Array(hash.digest()) }
  } finally {
    closeSync(file)
  }
}
try {
  parentPort.postMessage({ ok: true, info: { ...copy(), ...digest() } })
} catch (error) {
  parentPort.postMessage({ ok: false, code: String(error.code ?? ''), message: String(error.message) })
}
`

type Answer = { readonly ok: true; readonly info: SnapshotInfo } | { readonly ok: false; readonly code: string; readonly message: string }

/** @param to must not exist. `done` is called once; on failure whatever stands at `to` is worthless. */
export const copyState = (from: string, to: string, done: (result: SnapshotInfo | 'failed' | 'disk_full') => void): void => {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3')
  const thread = new Worker(source, { eval: true, workerData: { from, to, driver }, env: {}, execArgv: [] })
  let answered = false
  const answer = (result: SnapshotInfo | 'failed' | 'disk_full'): void => {
    if (answered) return
    answered = true
    done(result)
  }
  let heard: SnapshotInfo | 'failed' | 'disk_full' = 'failed'
  thread.on('message', (message: Answer) => {
    if (message.ok) heard = message.info
    else heard = isFullCode(message.code) ? 'disk_full' : 'failed'
  })
  thread.on('error', () => answer('failed'))
  // Not before the thread is gone: until then its connection may stand in the way of a checkpoint.
  thread.on('exit', () => answer(heard))
}
