/**
 * A consistent copy of a live store, made by a thread with a connection of its own: the loop neither copies nor hashes. The copy is of
 * one moment (one read transaction), so writes go on meanwhile; it reads nothing but what is committed. Page by page, and synced in small
 * portions: a disk that is given hundreds of megabytes at once lets the Raft log's next sync wait for all of them, and heartbeats with it.
 * The thread's program is plain text, as the watchdog's: it must run from source and from the bundle alike.
 */

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { isFullCode } from '../storage-failure.ts'
import type { SnapshotInfo } from '../types.ts'

const source = `
const { workerData, parentPort } = require('node:worker_threads')
const { closeSync, fdatasyncSync, fstatSync, openSync, readSync } = require('node:fs')
const { createHash } = require('node:crypto')
const Database = require(workerData.driver)

const copyPages = async () => {
  const live = new Database(workerData.from, { fileMustExist: true, timeout: 1000 })
  let file = null
  try {
    // As long as it is open the copy never begins again, whatever is written meanwhile.
    live.exec('BEGIN')
    live.prepare('SELECT applied_index FROM nacos_trio_machine').get()
    await live.backup(workerData.to, {
      progress: () => {
        file ??= openSync(workerData.to, 'r')
        fdatasyncSync(file)
        return workerData.pagesPerStep
      },
    })
  } finally {
    // Not earlier: to close any descriptor of a file ends the locks that SQLite has on it.
    if (file !== null) closeSync(file)
    live.close()
  }
}
const copy = async () => {
  await copyPages()
  const made = new Database(workerData.to, { fileMustExist: true })
  try {
    // One file, nothing beside it.
    made.pragma('journal_mode = DELETE')
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
const run = async () => parentPort.postMessage({ ok: true, info: { ...(await copy()), ...digest() } })
run().catch((error) => parentPort.postMessage({ ok: false, code: String(error.code ?? ''), message: String(error.message) }))
`

/** 2 MiB: some 10 ms of the disk. */
const pagesPerStep = 512

type Answer = { readonly ok: true; readonly info: SnapshotInfo } | { readonly ok: false; readonly code: string; readonly message: string }

/** @param to must not exist. `done` is called once; on failure whatever stands at `to` is worthless. */
export const copyState = (from: string, to: string, done: (result: SnapshotInfo | 'failed' | 'disk_full') => void): void => {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3')
  const thread = new Worker(source, { eval: true, workerData: { from, to, driver, pagesPerStep }, env: {}, execArgv: [] })
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
