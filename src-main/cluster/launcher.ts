/** The small interface behind which a worker process is made: plain Node's fork or Electron's utility process. Types and the shared rules. */

import type { ParentToWorker, WorkerToParent } from '../../src-node/observe/channel.ts'

export interface WorkerSpec {
  readonly nodeId: number
  /** The built node worker (out/main/node.js). */
  readonly workerPath: string
  /** Complete environment of the worker. */
  readonly env: Readonly<Record<string, string>>
  /** Whatever the worker writes to stdout and stderr is appended here. */
  readonly outputFile: string
}

/** Called never before `launch` has returned. After `exited` nothing more comes. */
export interface WorkerListener {
  readonly spawned: (pid: number) => void
  readonly message: (message: WorkerToParent) => void
  readonly exited: (exit: WorkerExit) => void
}

export interface WorkerExit {
  readonly code: number | null
  readonly signal: string | null
  /** Last line on stderr, cut to 500 characters. */
  readonly lastLine: string | null
}

export type WorkerSignal = 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'

export interface WorkerHandle {
  /** False when the worker's channel is closed. */
  readonly send: (message: ParentToWorker) => boolean
  /** SIGKILL and SIGCONT reach a stopped (SIGSTOP) worker too; kept until the process has a pid. */
  readonly signal: (signal: WorkerSignal) => void
}

export interface Launcher {
  readonly launch: (spec: WorkerSpec, listener: WorkerListener) => WorkerHandle
}

/**
 * V8's options for a worker. Left alone, the young generation of a busy server grows to over 130 MB, three times over on one
 * machine; held to 8 MB a half-space, writes a second are the same and memory under load is a third less (measured).
 */
export const workerFlags: readonly string[] = ['--max-semi-space-size=8']
