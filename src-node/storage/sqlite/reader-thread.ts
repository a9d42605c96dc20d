/**
 * A thread with a connection of its own to a live store, for what takes longer than a turn of the loop may. Its program is plain text,
 * as the watchdog's: it must run from source and from the bundle alike. It must never write a row, and never outlive its answer.
 */

import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

/** The program finds `open(path)`, for reading, `Database` and `order`, and gives its answer as the value of an async function body. */
const around = (program: string): string => `
const { workerData, parentPort } = require('node:worker_threads')
const Database = require(workerData.driver)
const { order } = workerData
const open = (path) => new Database(path, { fileMustExist: true, readonly: true, timeout: 1000 })
const run = async () => { ${program} }
run().then(
  (value) => parentPort.postMessage({ ok: true, value }),
  (error) => parentPort.postMessage({ ok: false, message: String(error.message) }),
)`

export type ThreadAnswer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string }

/** @param done called once, when the thread and its connection are gone */
export const runInThread = <T>(program: string, order: unknown, done: (answer: ThreadAnswer<T>) => void): void => {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3')
  const thread = new Worker(around(program), { eval: true, workerData: { driver, order }, env: {}, execArgv: [] })
  let heard: ThreadAnswer<T> = { ok: false, message: 'the thread ended without an answer' }
  thread.on('message', (message: ThreadAnswer<T>) => {
    heard = message
  })
  thread.on('error', (error) => {
    heard = { ok: false, message: error.message }
  })
  thread.on('exit', () => done(heard))
}
