/**
 * Somebody else on the same disk: a thread with a file of its own that writes and syncs one page again and again, and tells when that stood still. A
 * node that was late without it waited for something of its own; if both stood, the disk did, for whatever reason, or the machine.
 */

import { Worker } from 'node:worker_threads'

export interface Stall {
  /** When it ended, by the wall clock. */
  readonly endMs: number
  readonly tookMs: number
}

export interface DiskWitness {
  /** The longest stall of at least `stallMs` that overlaps this span of the wall clock; null: the disk went on. */
  stallWithin(fromMs: number, toMs: number): Stall | null
  readonly stalls: readonly Stall[]
  stop(): Promise<void>
}

/** A sync takes 0.2 ms here; what a heartbeat would be late by is a hundred times that. */
const stallMs = 20
const pauseMs = 5

const program = `
const { openSync, writeSync, fdatasyncSync, closeSync, rmSync } = require('node:fs')
const { parentPort, workerData: { path, stallMs, pauseMs } } = require('node:worker_threads')
const file = openSync(path, 'w')
const page = new Uint8Array(4096)
const turn = () => {
  const from = performance.now()
  writeSync(file, page, 0, page.length, 0)
  fdatasyncSync(file)
  const tookMs = performance.now() - from
  if (tookMs >= stallMs) parentPort.postMessage({ endMs: Date.now(), tookMs })
}
const timer = setInterval(turn, pauseMs)
parentPort.once('message', () => {
  clearInterval(timer)
  closeSync(file)
  rmSync(path)
  parentPort.close()
})
`

/** @param path a file that is not there yet, on the disk in question */
export const startDiskWitness = (path: string): DiskWitness => {
  const stalls: Stall[] = []
  const thread = new Worker(program, { eval: true, workerData: { path, stallMs, pauseMs } })
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  // A full disk ends the witness, not the bench.
  thread.on('error', (error) => console.log(`the witness of the disk ended: ${error.message}`))
  thread.on('message', (stall: Stall) => void stalls.push(stall))
  return {
    stalls,
    stallWithin: (fromMs, toMs) =>
      stalls
        .filter(({ endMs, tookMs }) => endMs >= fromMs && endMs - tookMs <= toMs)
        .reduce<Stall | null>((longest, stall) => (longest === null || stall.tookMs > longest.tookMs ? stall : longest), null),
    stop: async () => {
      thread.postMessage('stop')
      await ended
    },
  }
}
