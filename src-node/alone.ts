/**
 * A node that nobody supervises, in the process of whoever starts it (`nacos-trio node`): the same worker, without a channel. The signals with
 * which a terminal, a container or a service manager ends a process stop it cleanly; the process ends with it. What starts it again stands outside.
 */

import type { AloneNode } from './observe/channel.ts'
import { createWorker } from './worker.ts'

const endingSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

export const runAlone: AloneNode['runAlone'] = (start, echo) => {
  const worker = createWorker({ send: () => false, echo, guest: null })
  let isAsked = false
  const stopOnce = (): void => {
    // One wish may arrive twice, from the terminal and passed on; the clean stop has its own time limit.
    if (!isAsked) worker.onMessage({ kind: 'stop' })
    isAsked = true
  }
  for (const signal of endingSignals) process.on(signal, stopOnce)
  process.on('uncaughtException', worker.fail)
  process.on('unhandledRejection', worker.fail)
  worker.onMessage({ kind: 'start', start })
}
