/** Both sides together, as a node has them: whom it tells follows from who leads and who belongs, and from nothing else. */

import { expect, test } from 'vitest'
import { logIndex, nodeId, type Role, term } from '../raft/types.ts'
import { createFakeClock } from './fake-clock.testing.ts'
import { createNotices } from './notices.ts'
import { notifyDefaults } from './notify-options.ts'

const noneFound = { missing: { count: 0 }, different: { count: 0 }, extra: { count: 0 } }

const setUp = () => {
  const { clock, advance, timers } = createFakeClock()
  const lines: string[] = []
  let role: Role = 'follower'
  let voters = [1, 2, 3]
  let learners: number[] = []
  let members = [1, 2, 3, 4, 5]
  let applied = 5
  let drawn = 0
  const notices = createNotices({
    ...{ self: 1, clusterSecret: 'aa'.repeat(32), options: notifyDefaults, clock },
    files: { rewrite: async () => noneFound, fullDump: async () => noneFound },
    randomBytes: (count) => new Uint8Array(count).fill(++drawn),
    status: () => ({ role, voters: voters.map(nodeId), learners: learners.map(nodeId) }),
    // Where nobody listens; no test lets the pause end.
    members: () => members.map((id) => ({ id, host: '127.0.0.1', httpPort: 1 })),
    ...{ appliedIndex: () => applied, answeredIndex: () => applied },
    said: (level, line) => void lines.push(`${level} ${line}`),
    failed: (what, cause) => {
      throw new Error(`${what}: ${cause}`)
    },
  })
  return {
    ...{ notices, advance, timers, lines },
    turn: (next: Role) => {
      role = next
      notices.event({ type: 'role', role, term: term(2), leaderId: null, cause: '' })
    },
    configure: (nextVoters: number[], nextLearners: number[]) => {
      voters = nextVoters
      learners = nextLearners
      const configuration = { voters: voters.map(nodeId), learners: learners.map(nodeId) }
      notices.event({ type: 'membership', phase: 'appended', index: logIndex(9), ...configuration })
    },
    move: (ids: number[]) => {
      members = ids
      notices.membersMoved()
    },
    applyUpTo: (index: number) => {
      applied = index
    },
    told: () => notices.view().followers.map(({ id }) => id),
    write: () => notices.changed([{ kind: 'config-changed', namespace: '', group: 'G', dataId: 'd', md5: '', index: 6 }]),
  }
}

test('a leader tells the voters and learners that it knows the addresses of, never itself', () => {
  const { turn, told, configure, move } = setUp()
  expect(told()).toEqual([])
  turn('leader')
  expect(told()).toEqual([2, 3])
  configure([1, 3], [4])
  expect(told().toSorted()).toEqual([3, 4])
  move([1, 4])
  expect(told()).toEqual([4])
})

test('a follower collects nothing; a leader that steps down forgets', () => {
  const { turn, told, write, timers } = setUp()
  write()
  expect(timers()).toBe(0)
  turn('leader')
  write()
  expect(timers()).toBe(1)
  turn('follower')
  expect([told(), timers()]).toEqual([[], 0])
})

test('what waits for an index goes on when that is applied, by entries or by a snapshot', () => {
  const { notices, applyUpTo, write } = setUp()
  const results: string[] = []
  notices.take({ index: 6, keys: [] }, ({ kind }) => void results.push(kind))
  notices.take({ index: 7, keys: [] }, ({ kind }) => void results.push(kind))
  applyUpTo(6)
  write()
  expect(results).toEqual(['taken'])
  applyUpTo(7)
  notices.event({ type: 'snapshot-installed', index: logIndex(7), term: term(2), unknownWrites: 0 })
  expect(results).toEqual(['taken', 'taken'])
})

test('a flood of forgeries is counted, and told in the log once a minute', () => {
  const { notices, advance, lines } = setUp()
  const body = Buffer.from('{}')
  const verdict = notices.judge(undefined, body)
  const challenge = verdict.kind === 'challenge' ? verdict.challenge : ''
  const forged = `2.${challenge.slice(0, 16)}.${'0'.repeat(32)}.1.${'0'.repeat(64)}`
  for (let count = 0; count < 100; count++) expect(notices.judge(forged, body)).toEqual({ kind: 'refused', why: 'forged' })
  advance(notifyDefaults.refusalLineMs)
  notices.judge(forged, body)
  expect(notices.view().received.refused).toBe(101)
  expect(lines).toEqual([
    'warn refused a notice of changes: it was not made by a node of this cluster; 1 refused so far',
    'warn refused a notice of changes: it was not made by a node of this cluster; 101 refused so far',
  ])
})

test('a closed node tells nobody and holds no timer', () => {
  const { notices, turn, write, told, timers } = setUp()
  turn('leader')
  write()
  notices.close()
  expect([told(), timers()]).toEqual([[], 0])
})
