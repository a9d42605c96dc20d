/**
 * The test of a shared database, in a worker of its own that runs no node: it works while the cluster is down, and nothing of it stays.
 * One at a time; bounded as a whole.
 */

import { join } from 'node:path'
import type { MysqlTestAnswer, MysqlTestAsked, MysqlTestProgress } from '../../src-node/observe/channel.ts'
import type { Launcher, WorkerSpec } from './launcher.ts'

export interface MysqlTester {
  /** Never rejects: what goes wrong with the worker itself is `failed`. */
  test(asked: Asked, watcher?: MysqlTestWatcher): Promise<MysqlTestAnswer>
}

type Asked = Pick<MysqlTestAsked, 'url' | 'password'>

export interface MysqlTestWatcher {
  readonly progress?: (progress: MysqlTestProgress) => void
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined
}

export interface MysqlTesterOptions extends Pick<WorkerSpec, 'workerPath'> {
  readonly launcher: Launcher
  readonly workerEnv: WorkerSpec['env']
  readonly dataDir: string
  readonly clusterId: string
}

/** Eight addresses, of which none answers, and their steps. */
const limitMs = 60_000
/** No node has this number. */
const testerId = 0

const run = ({ launcher, workerPath, workerEnv, dataDir, clusterId }: MysqlTesterOptions, asked: Asked, { progress, signal }: MysqlTestWatcher) =>
  new Promise<MysqlTestAnswer>((resolve) => {
    let answer: MysqlTestAnswer | null = null
    const outputFile = join(dataDir, 'logs', 'mysql-test.out')
    const worker = launcher.launch(
      { nodeId: testerId, workerPath, env: workerEnv, outputFile },
      {
        spawned: () => undefined,
        message: (message) => {
          if (message.kind === 'hello') worker.send({ kind: 'test-mysql', asked: { ...asked, clusterId } })
          if (message.kind === 'mysql-test-progress') progress?.(message.progress)
          if (message.kind !== 'mysql-tested') return
          answer = message.answer
          worker.send({ kind: 'stop' })
        },
        exited: ({ lastLine }) => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', giveUp)
          resolve(answer ?? { kind: 'failed', reason: lastLine ?? 'the test took too long' })
        },
      },
    )
    const giveUp = (): void => worker.signal('SIGKILL')
    const timer = setTimeout(giveUp, limitMs)
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted === true) giveUp()
  })

export const createMysqlTester = (options: MysqlTesterOptions): MysqlTester => {
  let running: { readonly signal: AbortSignal | undefined; readonly done: Promise<MysqlTestAnswer> } | null = null
  return {
    test: async (asked, watcher = {}) => {
      // One that nobody waits for is ending.
      while (running?.signal?.aborted === true) await running.done
      if (running !== null) return { kind: 'failed', reason: 'another test is under way' }
      running = { signal: watcher.signal, done: run(options, asked, watcher) }
      try {
        return await running.done
      } finally {
        running = null
      }
    },
  }
}
