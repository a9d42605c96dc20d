/**
 * A worker that only speaks the parent channel: no Raft, no disk, no ports. Behaves as the overrides in its start message say, for one node
 * (`fake.node`) or for all: `fake.exitCode` ends it after the greeting, `fake.taken` as by a taken port, `fake.deaf` ignores a stop. Node 1 claims to lead.
 */

import type { NodeStart, NodeStatus, ParentToWorker, WorkerToParent } from '../../src-node/observe/channel.ts'

const send = (message: WorkerToParent): void => void process.send?.(message)

const statusOf = (start: NodeStart): NodeStatus => ({
  id: start.id,
  role: start.id === 1 ? 'leader' : 'follower',
  term: 1,
  leaderId: 1,
  commitIndex: 1,
  appliedIndex: 1,
  lastIndex: 1,
  serving: true,
  diskFull: false,
  stateHash: '',
  configCount: 0,
  voters: start.founders,
  learners: [],
  peers: [],
  rssBytes: 0,
  cpuShare: 0,
  uptimeMs: 0,
  writes: 0,
  reads: 0,
  pushes: 0,
  longPolls: 0,
  fsyncMs: null,
})

const begin = (start: NodeStart): void => {
  const mine = start.overrides['fake.node'] === undefined || start.overrides['fake.node'] === start.id
  const exitCode = start.overrides['fake.exitCode']
  if (mine && typeof exitCode === 'number') {
    console.error('Error: the fake was told to fail')
    process.exit(exitCode)
  }
  if (start.overrides['fake.taken'] === true) {
    send({ kind: 'bye', exitCode: 11, reason: 'the port is taken' })
    setTimeout(() => process.exit(11), 5)
    return
  }
  deaf = mine && start.overrides['fake.deaf'] === true
  send({ kind: 'listening' })
  send({ kind: 'status', status: statusOf(start) })
  setInterval(() => send({ kind: 'status', status: statusOf(start) }), 200)
}

let deaf = false
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(15))
process.on('message', (message: ParentToWorker) => {
  if (message.kind === 'start') begin(message.start)
  if (message.kind === 'stop' && !deaf) {
    send({ kind: 'bye', exitCode: 0, reason: 'asked to stop' })
    setTimeout(() => process.exit(0), 5)
  }
})
send({ kind: 'hello', pid: process.pid })
