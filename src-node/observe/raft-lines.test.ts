import { expect, test } from 'vitest'
import { logIndex, nodeId, term } from '../raft/types.ts'
import type { RaftEvent } from '../raft-driver/ports.ts'
import { raftLine } from './raft-lines.ts'

const cases: [RaftEvent, string, string][] = [
  [
    { type: 'role', role: 'leader', term: term(7), leaderId: nodeId(2), cause: '2 of 3 votes after 3.1 ms' },
    'info',
    'node-2 became leader of term 7: 2 of 3 votes after 3.1 ms',
  ],
  [
    { type: 'role', role: 'follower', term: term(7), leaderId: nodeId(1), cause: 'its heartbeat' },
    'info',
    'node-2 follows node-1, leader of term 7: its heartbeat',
  ],
  [{ type: 'role', role: 'follower', term: term(8), leaderId: null, cause: '' }, 'info', 'node-2 became follower in term 8, no leader known'],
  [
    { type: 'vote', term: term(8), for: nodeId(3), granted: false, pre: true, reason: 'contact' },
    'info',
    'node-2 refused its pre-vote for term 8 to node-3: contact',
  ],
  [
    { type: 'missed-heartbeat', term: term(8), leaderId: nodeId(3), silentMs: 130.4 },
    'warn',
    'node-2 missed a heartbeat of node-3 in term 8: silent for 130 ms',
  ],
  [
    { type: 'heartbeats', term: term(8), leaderId: nodeId(3), count: 200, inLastMs: 10_000 },
    'info',
    'node-2 heard 200 heartbeats of node-3 in term 8 in the last 10.0 s',
  ],
  [
    { type: 'left', index: logIndex(57) },
    'warn',
    'node-2 is no member of the cluster by the configuration of entry 57, which is committed: it refuses writes and linearizable reads',
  ],
  [
    { type: 'disk-full', on: true, disk: 'log' },
    'error',
    'node-2 finds no room on the disk for its Raft log: until there is, it takes no writes, gives no votes and acknowledges nothing',
  ],
  [
    { type: 'disk-full', on: true, disk: 'state' },
    'error',
    'node-2 finds no room on the disk for its state store: until there is, it takes no writes, applies nothing and does not lead; it still votes and keeps its log',
  ],
  [{ type: 'disk-full', on: false, disk: 'state' }, 'info', 'node-2 has room for its state store again'],
  [{ type: 'peer', id: nodeId(1), up: false }, 'warn', 'node-2 lost its connection to node-1'],
]

test.each(cases)('%j', (event, level, text) => {
  expect(raftLine(2, event)).toEqual({ level, text })
})
