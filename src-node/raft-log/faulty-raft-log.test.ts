import { expect, it } from 'vitest'
import { type Entry, logIndex, nodeId, term } from '../raft/types.ts'
import type { RaftLogStore } from '../raft-driver/ports.ts'
import { createFaultyRaftLog } from './faulty-raft-log.ts'

const entry: Entry = { index: logIndex(1), term: term(1), kind: 'command', data: new Uint8Array(3) }
const hardState = { term: term(1), vote: nodeId(2) }

const setUp = () => {
  const did: string[] = []
  const timers = new Set<{ ms: number; task: () => void }>()
  const inner = {
    lastIndex: () => logIndex(7),
    persist: (_state, entries, done) => {
      did.push(`written ${entries.length}`)
      done(null)
    },
    close: () => did.push('closed'),
  } as Pick<RaftLogStore, 'lastIndex' | 'persist' | 'close'> as RaftLogStore
  const after = (ms: number, task: () => void) => {
    const timer = { ms, task }
    timers.add(timer)
    return { cancel: () => void timers.delete(timer) }
  }
  const log = createFaultyRaftLog(inner, { after })
  const persist = () => log.persist(hardState, [entry], (problem) => did.push(`answered ${problem ?? 'ok'}`))
  const ring = () => {
    for (const { task } of [...timers]) task()
  }
  return { log, persist, timers, did: () => did.splice(0), ring }
}

it('without a fault is the log itself', () => {
  const { log, persist, did } = setUp()
  persist()
  expect(did()).toEqual(['written 1', 'answered ok'])
  expect(log.lastIndex()).toBe(7)
})

it('a slow disk writes and answers later, without holding the loop', () => {
  const { log, persist, did, ring, timers } = setUp()
  log.setFault({ slowMs: 40, full: false })
  persist()
  expect(did()).toEqual([])
  expect([...timers].map(({ ms }) => ms)).toEqual([40])
  ring()
  expect(did()).toEqual(['written 1', 'answered ok'])
})

it('a full disk writes nothing, and says so', () => {
  const { log, persist, did } = setUp()
  log.setFault({ slowMs: 0, full: true })
  persist()
  expect(did()).toEqual(['answered disk_full'])
  log.setFault({ slowMs: 0, full: false })
  persist()
  expect(did()).toEqual(['written 1', 'answered ok'])
})

it('a disk that is slow and full says so late', () => {
  const { log, persist, did, ring } = setUp()
  log.setFault({ slowMs: 40, full: true })
  persist()
  expect(did()).toEqual([])
  ring()
  expect(did()).toEqual(['answered disk_full'])
})

it('a disk that is quick again answers at once, and once', () => {
  const { log, persist, did, ring } = setUp()
  log.setFault({ slowMs: 5000, full: false })
  persist()
  log.setFault({ slowMs: 0, full: false })
  expect(did()).toEqual(['written 1', 'answered ok'])
  ring()
  expect(did()).toEqual([])
})

it('after the close nothing is written and nobody answered', () => {
  const { log, persist, did, ring } = setUp()
  log.setFault({ slowMs: 40, full: false })
  persist()
  log.close()
  ring()
  expect(did()).toEqual(['closed'])
})
