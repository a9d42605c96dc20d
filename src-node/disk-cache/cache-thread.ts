/**
 * The thread that touches the cache's files, and the queue before it: one order at a time, in the order of asking. What an order holds is
 * made when its turn has come, so that of two orders for one file the later one has the newer content. It begins with the first order, or at once for
 * a guest, and begins again if it dies.
 *
 * A second isolate of Node costs a process some 19 MB, and each further one 10 MB, whatever it runs: what else needs a thread that never
 * waits for the loop lives in this one, as its guest.
 */

import { Worker } from 'node:worker_threads'
import { cacheThread, type ThreadAnswer, type ThreadOrder } from './thread-program.ts'

export interface CacheThread {
  /**
   * Null when there was nothing to order, or the thread was closed meanwhile. A thread that dies gives `threadLost` for every path. What `make` throws
   * comes out, and the queue goes on.
   */
  run(make: () => ThreadOrder | null): Promise<ThreadAnswer | null>
  /** The order under way is finished, what waits is not begun. A guest stays. */
  close(): Promise<void>
}

/** Plain text, which finds its data as `guest`. It must not wait, and has its turns between two orders: some 10 ms each on a sound disk. */
export interface ThreadGuest {
  readonly program: string
  readonly data: unknown
}

export interface CacheThreadParts {
  /** The node's `data` folder, which must be there; asked with the first order of a thread. */
  root(): string
  /** Hears why a thread died. */
  lost(error: Error): void
  readonly guest?: ThreadGuest
}

/** Stands where the system's code would stand. */
export const threadLost = 'THREAD_LOST'

/** Few and small: the orders and their answers. Contents do not count among them. Below 8 MB Node itself does not start. */
const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 1, stackSizeMb: 1 }
/** A guest's thread that dies begins again so long after it, or with the next order. */
const beginAgainMs = 200

const sourceWith = (guestProgram: string): string => `
const { parentPort, workerData } = require('node:worker_threads')
const begin = ${cacheThread}
let carryOut = null
parentPort.on('message', ({ root, order }) => {
  carryOut ??= begin(require('node:fs'), require('node:crypto'), root)
  parentPort.postMessage(carryOut(order))
})
const { guest } = workerData
{
  ${guestProgram}
}
`

const lostAnswer = (order: ThreadOrder): ThreadAnswer => ({
  codes: order.kind === 'write' || order.kind === 'compare' ? order.paths.map(() => threadLost) : [],
  ...{ paths: [], more: false, problems: [threadLost] },
})

const transferred = (order: ThreadOrder): ArrayBuffer[] =>
  order.kind === 'write' && order.contents.buffer instanceof ArrayBuffer ? [order.contents.buffer] : []

export const openCacheThread = ({ root, lost, guest }: CacheThreadParts): CacheThread => {
  const source = sourceWith(guest?.program ?? '')
  let thread: Worker | null = null
  let closed = false
  let answer: ((answer: ThreadAnswer | null) => void) | null = null
  let last: Promise<unknown> = Promise.resolve()

  const begin = (): Worker => {
    const worker = new Worker(source, { eval: true, workerData: { guest: guest?.data }, env: {}, execArgv: [], resourceLimits })
    worker.on('message', (message: ThreadAnswer) => answer?.(message))
    worker.on('error', lost)
    worker.on('exit', () => {
      if (thread !== worker) return
      thread = null
      answer?.(null)
      if (guest !== undefined) setTimeout(beginIfNone, beginAgainMs).unref()
    })
    // Whoever waits for an order holds the loop by what it waits for; a guest never does.
    if (guest !== undefined) worker.unref()
    return worker
  }
  const beginIfNone = (): void => {
    thread ??= begin()
  }
  const order = (asked: ThreadOrder): Promise<ThreadAnswer> =>
    new Promise((resolve) => {
      answer = (given) => {
        answer = null
        resolve(given ?? lostAnswer(asked))
      }
      thread ??= begin()
      thread.postMessage({ root: root(), order: asked }, transferred(asked))
    })
  const turn = async (make: () => ThreadOrder | null): Promise<ThreadAnswer | null> => {
    const asked = closed ? null : make()
    return asked === null ? null : order(asked)
  }

  if (guest !== undefined) beginIfNone()
  return {
    run: (make) => {
      const mine = last.then(() => turn(make))
      last = mine.catch(() => undefined)
      return mine
    },
    close: async () => {
      closed = true
      await last
      if (guest === undefined) await thread?.terminate()
    },
  }
}
