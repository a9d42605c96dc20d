import { expect, it } from 'vitest'
import { type NodeFaults, noFaults } from '../../src-node/observe/channel.ts'
import { createNodeFaults } from './node-faults.ts'

const setUp = () => {
  let ids = [1, 2, 3]
  const sent = new Map<number, NodeFaults>()
  const faults = createNodeFaults({
    ids: () => ids,
    send: (id, wanted) => {
      sent.set(id, wanted)
      return id !== 3
    },
    log: () => undefined,
  })
  const members = (...present: number[]) => {
    ids = present
    sent.clear()
    faults.membersChanged()
  }
  return { faults, sent, members }
}

it('a cut is told to both ends: one of them may be unable to hear', () => {
  const { faults, sent } = setUp()
  expect(faults.cut(1, 2)).toEqual({ ok: true })
  expect(sent.get(1)?.links).toMatchObject([{ peer: 2, direction: 'out', cut: true }])
  expect(sent.get(2)?.links).toMatchObject([{ peer: 1, direction: 'in', cut: true }])
  faults.mend(1, 2)
  expect(sent.get(2)?.links).toMatchObject([{ cut: false }])
})

it('remembers what a node that is down is to start with', () => {
  const { faults } = setUp()
  faults.setDisk(3, 'raftLog', { full: true })
  faults.setDisk(3, 'raftLog', { slowMs: 20 })
  faults.setClock(3, -5)
  expect(faults.of(3)).toEqual({ ...noFaults, raftLog: { full: true, slowMs: 20 }, clockOffsetMs: -5 })
})

it('heals all that was ever set, and nothing else', () => {
  const { faults, sent } = setUp()
  faults.setClock(2, 1_000)
  sent.clear()
  faults.heal()
  expect([...sent]).toEqual([[2, noFaults]])
  expect(faults.of(2)).toEqual(noFaults)
})

it('forgets a node that has gone, and every line to it', () => {
  const { faults, sent, members } = setUp()
  faults.cut(1, 2)
  faults.cut(1, 3)
  faults.setDisk(1, 'raftLog', { slowMs: 20 })
  faults.setClock(2, 1_000)
  members(1, 3, 4)
  expect(faults.of(1)).toMatchObject({ links: [{ peer: 3 }], raftLog: { slowMs: 20 } })
  expect(faults.of(2)).toEqual(noFaults)
  expect([...sent.keys()]).toEqual([1])
  expect(faults.cut(1, 4)).toEqual({ ok: true })
})

it('refuses a line from a node to itself, a stranger, and what no node would take', () => {
  const { faults, sent } = setUp()
  for (const result of [
    faults.cut(1, 1),
    faults.cut(1, 4),
    faults.slowLine(1, 2, { delayMs: 5_001 }),
    faults.slowLine(1, 2, { loss: -0.1 }),
    faults.setDisk(1, 'stateStore', { slowMs: Number.NaN }),
    faults.setClock(1, 1e13),
    faults.setClock(1, 0.5),
  ])
    expect(result.ok).toBe(false)
  expect(sent.size).toBe(0)
})
