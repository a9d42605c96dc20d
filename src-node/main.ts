/**
 * The process of a node that a supervisor started. Only the supervisor's message stops it: SIGINT and SIGTERM, which a terminal sends to
 * everyone, are ignored as long as the supervisor lives; when it is gone, so are we.
 */

import { exitCodes } from './observe/channel.ts'
import { openParentChannel } from './observe/parent-channel.ts'
import { watchdog } from './watchdog.ts'
import { createWorker } from './worker.ts'

const parentPid = process.ppid
const channel = openParentChannel(process)
const worker = createWorker({ send: (message) => channel?.send(message) ?? false, echo: null, guest: watchdog(parentPid) })

process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('uncaughtException', worker.fail)
process.on('unhandledRejection', worker.fail)

if (channel === null) worker.stop(exitCodes.badOptions, 'this is a node worker of Nacos Trio: it is started by the app, see README.md')
else {
  channel.onMessage(worker.onMessage)
  channel.onClosed(() => worker.stop(exitCodes.parentGone, 'the supervisor is gone'))
  channel.send({ kind: 'hello', pid: process.pid })
}
