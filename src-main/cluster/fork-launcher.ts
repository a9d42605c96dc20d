/**
 * Workers as children of plain Node: headless mode and tests. The child's only line is the IPC channel; it gets no arguments, no inherited
 * options and no terminal, and shares our process group so that a closing terminal reaches it too.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { WorkerToParent } from '../../src-node/observe/channel.ts'
import { type Launcher, type WorkerHandle, type WorkerListener, type WorkerSpec, workerFlags } from './launcher.ts'
import { createWorkerOutput, type WorkerOutput } from './worker-output.ts'

const listen = (child: ChildProcess, output: WorkerOutput, listener: WorkerListener): void => {
  let over = false
  const end = (code: number | null, signal: string | null): void => {
    if (over) return
    over = true
    output.close()
    listener.exited({ code, signal, lastLine: output.lastLine() })
  }
  child.on('spawn', () => {
    if (child.pid !== undefined) listener.spawned(child.pid)
  })
  child.on('message', (message) => listener.message(message as WorkerToParent))
  // 'close' comes after stdio has ended, so the last words are in; a grandchild cannot hold it open, workers make none.
  child.on('close', (code, signal) => end(code, signal))
  child.on('error', (error) => {
    // Also told when a message could not be sent; only a process that never came to be has no exit of its own.
    if (child.pid === undefined) {
      output.close()
      if (!over) listener.exited({ code: null, signal: null, lastLine: error.message })
      over = true
    }
  })
}

const handleOf = (child: ChildProcess): WorkerHandle => ({
  send: (message) => {
    if (!child.connected) return false
    child.send(message, (error) => {
      // The channel may close while the message is under way; the exit that follows tells it.
      if (error !== null) return
    })
    return true
  },
  signal: (signal) => {
    child.kill(signal)
  },
})

export interface ForkOptions {
  /** Each worker writes a `.cpuprofile` to a folder `node-N` in here when it ends cleanly. Slows it down; for people who look for speed. */
  readonly profileDir?: string | undefined
}

/** Name of the variable that asks for profiles (`npm run bench -- --profile` sets it). */
export const profileVariable = 'NACOS_TRIO_PROFILE_DIR'

const profileFlags = ({ profileDir }: ForkOptions, nodeId: number): readonly string[] =>
  profileDir ? ['--cpu-prof', `--cpu-prof-dir=${join(profileDir, `node-${nodeId}`)}`] : []

/** A launcher on `child_process.fork` with this process's own Node. */
export const createForkLauncher = (options: ForkOptions = {}): Launcher => ({
  launch: (spec: WorkerSpec, listener: WorkerListener) => {
    const output = createWorkerOutput(spec.outputFile)
    const child = fork(spec.workerPath, [], {
      execPath: process.execPath,
      execArgv: [...workerFlags, ...profileFlags(options, spec.nodeId)],
      env: { ...spec.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: false,
    })
    output.attach(child.stdout)
    output.attach(child.stderr)
    listen(child, output, listener)
    return handleOf(child)
  },
})
