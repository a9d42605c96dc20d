/**
 * The test of a shared database, in a worker of its own that runs no node: it works while the cluster is down, and nothing of it stays.
 * One at a time; bounded as a whole.
 */

import { join } from 'node:path'
import type { MysqlTestAnswer, MysqlTestAsked } from '../../src-node/observe/channel.ts'
import type { Launcher, WorkerSpec } from './launcher.ts'

export interface MysqlTester {
  /** Never rejects: what goes wrong with the worker itself is `failed`. */
  test(asked: Pick<MysqlTestAsked, 'url' | 'password'>): Promise<MysqlTestAnswer>
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

const run = ({ launcher, workerPath, workerEnv, dataDir, clusterId }: MysqlTesterOptions, asked: Pick<MysqlTestAsked, 'url' | 'password'>) =>
  new Promise<MysqlTestAnswer>((resolve) => {
    let answer: MysqlTestAnswer | null = null
    const outputFile = join(dataDir, 'logs', 'mysql-test.out')
    const worker = launcher.launch(
      { nodeId: testerId, workerPath, env: workerEnv, outputFile },
      {
        spawned: () => undefined,
        message: (message) => {
          if (message.kind === 'hello') worker.send({ kind: 'test-mysql', asked: { ...asked, clusterId } })
          if (message.kind !== 'mysql-tested') return
          answer = message.answer
          worker.send({ kind: 'stop' })
        },
        exited: ({ lastLine }) => {
          clearTimeout(timer)
          resolve(answer ?? { kind: 'failed', reason: lastLine ?? 'the test took too long' })
        },
      },
    )
    const timer = setTimeout(() => worker.signal('SIGKILL'), limitMs)
  })

export const createMysqlTester = (options: MysqlTesterOptions): MysqlTester => {
  let running = false
  return {
    test: async (asked) => {
      if (running) return { kind: 'failed', reason: 'another test is under way' }
      running = true
      try {
        return await run(options, asked)
      } finally {
        running = false
      }
    },
  }
}
