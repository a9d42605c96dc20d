/**
 * A process's one node, from `start` to its last word: does what the messages of whoever started it say, and ends the process with a reason.
 * Knows neither signals nor where messages come from: main.ts has a supervisor's channel, alone.ts has no supervisor.
 */

import { join } from 'node:path'
import { openCacheThread, type ThreadGuest } from './disk-cache/cache-thread.ts'
import { createNode, type TrioNode } from './node.ts'
import { type NodeFailure, nodeFailure } from './node-failure.ts'
import {
  type ExitCode,
  exitCodes,
  type MysqlTestProgress,
  type NodeStart,
  type OrderAnswer,
  type ParentToWorker,
  type WishAnswer,
  type WorkerToParent,
} from './observe/channel.ts'
import { echoed, type NodeLog, openLogFile } from './observe/log-file.ts'
import { type NodeOptions, readOptions } from './options.ts'
import type { DriverClock } from './raft-driver/ports.ts'
import { diskFullFailure, isNoSpace, isReadOnly, readOnlyFailure } from './storage/storage-failure.ts'

/** A practised standstill is bounded, whatever the message says. */
const blockMsMax = 60_000
/** A last word to the supervisor is given so long to leave, since `process.exit` would cut it off. */
const byeMs = 30
/** A clean stop that hangs ends all the same; the supervisor waits longer. */
const stopMsMax = 5_000

const clock: DriverClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  defer: (task) => void setImmediate(task),
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}

export interface WorkerParts {
  /** False: there is nobody to hear it. */
  send(message: WorkerToParent): boolean
  /** Hears every line of the log too, with its newline; null: the file alone does. */
  readonly echo: ((line: string) => void) | null
  /** Runs from now on, in the thread of the disk cache. */
  readonly guest: ThreadGuest | null
}

export interface Worker {
  onMessage(message: ParentToWorker): void
  /** A clean stop, then this exit code; the second of two is the one that does not wait. */
  stop(exitCode: ExitCode, reason: string): void
  /** Ends the process for this reason. */
  fail(error: unknown): void
}

/** The core found that the disk lacks what this node once had on it (raft/invariant.ts). */
const isDataLost = (error: unknown): boolean => error instanceof Error && 'kind' in error && error.kind === 'data-lost'

const olderData = "this node's data is older than what the others know; put its newest copy back, it must not go on with this one"

const exitCodeOf = (error: unknown): ExitCode => {
  if (isDataLost(error)) return exitCodes.dataDamaged
  const code = error instanceof Error && 'exitCode' in error ? (error as NodeFailure).exitCode : exitCodes.invariant
  return Object.values(exitCodes).includes(code) ? code : exitCodes.invariant
}

const optionsOf = (start: NodeStart): NodeOptions => {
  const result = readOptions(start.overrides)
  if (!result.ok) throw nodeFailure(exitCodes.badOptions, result.problem)
  return result.options
}

const openLog = ({ dir }: NodeStart, { logFileBytesMax: bytesMax, logFilesKept: keep }: NodeOptions): NodeLog => {
  try {
    return openLogFile({ path: join(dir, 'logs', 'nacos.log'), bytesMax, keep, clock })
  } catch (error) {
    const words = `the log file cannot be opened: ${error instanceof Error ? error.message : String(error)}`
    if (isNoSpace(error)) throw diskFullFailure(join(dir, 'logs'), error)
    throw isReadOnly(error) ? readOnlyFailure(words, error) : nodeFailure(exitCodes.diskError, words)
  }
}

/** A person waits for it: longer than any node would. */
const testTimes = { connectLimitMs: 3_000, statementLimitMs: 5_000 }

/** Loaded when it is asked for: no node pays for it at its start. */
const testMysql = async ({ asked }: Extract<ParentToWorker, { kind: 'test-mysql' }>, send: WorkerParts['send']): Promise<void> => {
  const { testConnection } = await import('./storage/mysql/connection-test.ts')
  const progress = (told: MysqlTestProgress): void => void send({ kind: 'mysql-test-progress', progress: told })
  const answer = await testConnection(asked, { after: clock.after, ...testTimes }, { monotonicMs: clock.monotonicMs, progress })
  send({ kind: 'mysql-tested', answer })
}

export const createWorker = ({ send, echo, guest }: WorkerParts): Worker => {
  let log: NodeLog | null = null
  let node: TrioNode | null = null
  let consoleUrl: string | null = null
  let ending = false
  let dataDir = ''
  const cacheThread = openCacheThread({
    root: () => dataDir,
    lost: (error) => log?.write('warn', 'cache', `the thread of the disk cache ended: ${error.message}; it begins again`),
    ...(guest === null ? {} : { guest }),
  })

  const end = (exitCode: ExitCode, reason: string): void => {
    if (ending) return
    ending = true
    log?.write(exitCode === exitCodes.clean ? 'info' : 'error', 'node', `ends with code ${exitCode}: ${reason}`)
    log?.close()
    log = null
    if (exitCode !== exitCodes.clean) process.stderr.write(`${reason}\n`)
    const leave = (): never => process.exit(exitCode)
    if (send({ kind: 'bye', exitCode, reason })) setTimeout(leave, byeMs)
    else leave()
  }

  /** A known failure is told by its sentence; anything else is a bug of ours, with its stack in the log. */
  const fail = (error: unknown): void => {
    const exitCode = exitCodeOf(error)
    const message = error instanceof Error ? error.message : String(error)
    if (exitCode === exitCodes.invariant) log?.write('error', 'node', error instanceof Error ? (error.stack ?? message) : message)
    end(exitCode, exitCode === exitCodes.invariant ? `an invariant is broken: ${message}` : isDataLost(error) ? `${olderData}: ${message}` : message)
  }

  const startNode = async (start: NodeStart): Promise<void> => {
    const options = optionsOf(start)
    const file = openLog(start, options)
    const lines = echo === null ? file : echoed(file, echo, clock.wallMs)
    log = lines
    log.write(
      'info',
      'node',
      `node-${start.id} of cluster ${start.clusterId} starts: version ${start.version}, Node ${process.version}, pid ${process.pid}`,
    )
    consoleUrl = start.consoleUrl
    dataDir = join(start.dir, 'data')
    const createMysqlMode = start.mysql === undefined ? null : (await import('./mysql-mode.ts')).createMysqlMode
    node = createNode({
      start,
      options,
      log: lines,
      clock,
      cacheThread,
      createMysqlMode,
      send: (message) => void send(message),
      consoleUrl: () => consoleUrl,
      fail,
    })
    await node.open()
  }

  const stop = (exitCode: ExitCode, reason: string): void => {
    const closing = node
    if (closing === null) {
      end(exitCode, reason)
      return
    }
    node = null
    log?.write('info', 'node', `stops: ${reason}`)
    setTimeout(() => end(exitCodes.invariant, 'the clean stop took too long'), stopMsMax)
    closing.close().then(() => end(exitCode, reason), fail)
  }

  /** The loop stands still without using a core. */
  const blockLoop = (ms: number): void => {
    log?.write('warn', 'fault', `the event loop stands still for ${ms} ms, as asked`)
    log?.flush()
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.min(Math.max(0, ms), blockMsMax))
  }

  const wish = ({ number, wish }: Extract<ParentToWorker, { kind: 'wish' }>): void => {
    const done = (answer: WishAnswer): void => void send({ kind: 'wish-answer', number, answer })
    if (node === null) done({ ok: false, code: 'not_leader' })
    else node.wish(wish, done)
  }

  const order = ({ number, order }: Extract<ParentToWorker, { kind: 'order' }>): void => {
    const done = (answer: OrderAnswer): void => void send({ kind: 'order-answer', number, answer })
    if (node === null) done({ ok: false, words: 'this node does not run' })
    else node.order(order, done)
  }

  const onMessage = (message: ParentToWorker): void => {
    switch (message.kind) {
      case 'start':
        if (log === null) startNode(message.start).catch(fail)
        return
      case 'stop':
        stop(exitCodes.clean, 'asked to stop')
        return
      case 'block-loop':
        blockLoop(message.ms)
        return
      case 'console-url':
        consoleUrl = message.url
        return
      case 'faults':
        node?.setFaults(message.faults)
        return
      case 'members':
        node?.setMembers(message.members)
        return
      case 'wish':
        wish(message)
        return
      case 'test-mysql':
        testMysql(message, send).catch(fail)
        return
      case 'order':
        order(message)
        return
    }
  }

  return { onMessage, stop, fail }
}
