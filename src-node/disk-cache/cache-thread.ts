/**
 * The thread that touches the cache's files, and the queue before it: one order at a time, in the order of asking. What an order holds is
 * made when its turn has come, so that of two orders for one file the later one has the newer content. It begins with the first order, costs some
 * 14 MB, and begins again if it dies.
 */

import { Worker } from 'node:worker_threads'
import { cacheThread, type ThreadAnswer, type ThreadOrder } from './thread-program.ts'

export interface CacheThread {
  /**
   * Null when there was nothing to order, or the thread was closed meanwhile. A thread that dies gives `threadLost` for every path. What `make` throws
   * comes out, and the queue goes on.
   */
  run(make: () => ThreadOrder | null): Promise<ThreadAnswer | null>
  /** The order under way is finished, what waits is not begun. */
  close(): Promise<void>
}

/** Stands where the system's code would stand. */
export const threadLost = 'THREAD_LOST'

/** Few and small: the orders and their answers. Contents do not count among them. */
const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 1, stackSizeMb: 1 }

const source = `
const { parentPort, workerData } = require('node:worker_threads')
const carryOut = (${cacheThread})(require('node:fs'), require('node:crypto'), workerData.root)
parentPort.on('message', (order) => parentPort.postMessage(carryOut(order)))
`

const lostAnswer = (order: ThreadOrder): ThreadAnswer => ({
  codes: order.kind === 'list' ? [] : order.paths.map(() => threadLost),
  ...{ paths: [], more: false, problems: [threadLost] },
})

const messageOf = (order: ThreadOrder): [ThreadOrder, ArrayBuffer[]] =>
  order.kind === 'write' && order.contents.buffer instanceof ArrayBuffer ? [order, [order.contents.buffer]] : [order, []]

/** @param root the node's `data` folder; it must be there. `lost` hears why a thread died. */
export const openCacheThread = (root: string, lost: (error: Error) => void): CacheThread => {
  let thread: Worker | null = null
  let closed = false
  let answer: ((answer: ThreadAnswer | null) => void) | null = null
  let last: Promise<unknown> = Promise.resolve()

  const begin = (): Worker => {
    const worker = new Worker(source, { eval: true, workerData: { root }, env: {}, execArgv: [], resourceLimits })
    worker.on('message', (message: ThreadAnswer) => answer?.(message))
    worker.on('error', lost)
    worker.on('exit', () => {
      if (thread !== worker) return
      thread = null
      answer?.(null)
    })
    return worker
  }
  const order = (asked: ThreadOrder): Promise<ThreadAnswer> =>
    new Promise((resolve) => {
      answer = (given) => {
        answer = null
        resolve(given ?? lostAnswer(asked))
      }
      thread ??= begin()
      thread.postMessage(...messageOf(asked))
    })
  const turn = async (make: () => ThreadOrder | null): Promise<ThreadAnswer | null> => {
    const asked = closed ? null : make()
    return asked === null ? null : order(asked)
  }

  return {
    run: (make) => {
      const mine = last.then(() => turn(make))
      last = mine.catch(() => undefined)
      return mine
    },
    close: async () => {
      closed = true
      await last
      await thread?.terminate()
    },
  }
}
