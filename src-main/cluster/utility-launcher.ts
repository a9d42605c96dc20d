/**
 * Workers as Electron utility processes. Observed on Electron 42 (Linux): there is no pid before the spawn event; `kill()` straight after fork
 * returns false and the worker lives on; a worker ended while busy reports exit code 0; `kill -9` arrives as code 9. So signals wait for the
 * spawn event and go through `process.kill`, and a death without a farewell is turned back into its signal.
 * Only the type of Electron is imported, so that this file loads anywhere.
 */

import type { UtilityProcess, utilityProcess } from 'electron'
import type { WorkerToParent } from '../../src-node/observe/channel.ts'
import {
  type Launcher,
  type WorkerExit,
  type WorkerHandle,
  type WorkerListener,
  type WorkerSignal,
  type WorkerSpec,
  workerFlags,
} from './launcher.ts'
import { createWorkerOutput, type WorkerOutput } from './worker-output.ts'

/** Those that may be the reason of an end. */
type SentSignal = 'SIGTERM' | 'SIGKILL'

const signalNames: ReadonlyMap<number, string> = new Map([
  [4, 'SIGILL'],
  [5, 'SIGTRAP'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [11, 'SIGSEGV'],
  [15, 'SIGTERM'],
])

/**
 * Chromium reports a death by signal as that number. Our own exit codes are sent ahead as a farewell, so a number without one is a signal;
 * zero without a farewell after our SIGKILL is that kill.
 */
export const exitFromCode = (
  code: number,
  context: { readonly farewell: boolean; readonly sent: SentSignal | null },
): Omit<WorkerExit, 'lastLine'> => {
  if (context.farewell) return { code, signal: null }
  const signal = code === 0 ? context.sent : (signalNames.get(code) ?? null)
  return signal === null || signal === undefined ? { code, signal: null } : { code: null, signal }
}

const isEnding = (signal: WorkerSignal): signal is SentSignal => signal === 'SIGTERM' || signal === 'SIGKILL'

const reach = (pid: number, signal: WorkerSignal): void => {
  try {
    process.kill(pid, signal)
  } catch {
    // Already gone: its exit event is on the way.
  }
}

interface Signals {
  readonly send: (signal: WorkerSignal) => void
  readonly last: () => SentSignal | null
}

const createSignals = (child: UtilityProcess): Signals => {
  let last: SentSignal | null = null
  child.on('spawn', () => {
    if (last !== null && child.pid !== undefined) reach(child.pid, last)
  })
  const send = (signal: WorkerSignal): void => {
    if (isEnding(signal)) last = signal
    if (child.pid !== undefined) reach(child.pid, signal)
  }
  return { send, last: () => last }
}

const listen = (child: UtilityProcess, parts: { output: WorkerOutput; signals: Signals; listener: WorkerListener }): void => {
  const { output, signals, listener } = parts
  let farewell = false
  let fatal: string | null = null
  // Without a listener this event would be thrown in the app itself.
  child.on('error', (type, location) => {
    fatal = `${type} at ${location}`
  })
  child.on('spawn', () => {
    if (child.pid !== undefined) listener.spawned(child.pid)
  })
  child.on('message', (message: WorkerToParent) => {
    if (message.kind === 'bye') farewell = true
    listener.message(message)
  })
  child.on('exit', (code) => {
    output.close()
    listener.exited({ ...exitFromCode(code, { farewell, sent: signals.last() }), lastLine: fatal ?? output.lastLine() })
  })
}

/** A launcher on the `utilityProcess` object of the running Electron. */
export const createUtilityLauncher = (electron: typeof utilityProcess): Launcher => ({
  launch: (spec: WorkerSpec, listener: WorkerListener): WorkerHandle => {
    const output = createWorkerOutput(spec.outputFile)
    const child = electron.fork(spec.workerPath, [], {
      env: { ...spec.env },
      execArgv: [...workerFlags],
      stdio: 'pipe',
      serviceName: `nacos-trio node ${spec.nodeId}`,
    })
    let alive = true
    child.on('exit', () => {
      alive = false
    })
    const signals = createSignals(child)
    child.on('spawn', () => {
      output.attach(child.stdout as import('node:stream').Readable | null)
      output.attach(child.stderr as import('node:stream').Readable | null)
    })
    listen(child, { output, signals, listener })
    const send: WorkerHandle['send'] = (message) => {
      if (alive) child.postMessage(message)
      return alive
    }
    return { send, signal: signals.send }
  },
})
