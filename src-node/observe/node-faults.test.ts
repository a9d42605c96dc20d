import { expect, it } from 'vitest'
import { type LinkFault, type NodeFaults, noFaults } from './channel.ts'
import { faultWords, readFaults } from './node-faults.ts'

const link = (over: Partial<LinkFault> = {}): LinkFault => ({ peer: 2, direction: 'out', cut: true, delayMs: 0, jitterMs: 0, loss: 0, ...over })
const readLink = (over: Record<string, unknown>) => readFaults({ ...noFaults, links: [{ ...link(), ...over }] }, [2, 3])

it('takes a set within all bounds as it is', () => {
  const faults: NodeFaults = {
    links: [link(), link({ direction: 'in', cut: false, delayMs: 5_000, jitterMs: 10, loss: 1 })],
    raftLog: { slowMs: 20, full: false },
    stateStore: { slowMs: 0, full: true },
    clockOffsetMs: -3_600_000,
  }
  expect(readFaults(faults, [2, 3])).toEqual({ ok: true, faults })
})

it('leaves out what is no fault', () => {
  expect(readLink({ cut: false })).toEqual({ ok: true, faults: noFaults })
})

it('leaves out a line to a node that is no peer, and takes the rest', () => {
  const others = { links: [link({ peer: 4 }), link()], raftLog: { slowMs: 20, full: false } }
  expect(readFaults({ ...noFaults, ...others }, [2, 3])).toEqual({ ok: true, faults: { ...noFaults, ...others, links: [link()] } })
})

it.each([
  ['nothing at all', null],
  ['links that are no list', { ...noFaults, links: 'all' }],
  ['more links than there can be', { ...noFaults, links: Array.from({ length: 65 }, () => link()) }],
  ['one direction twice', { ...noFaults, links: [link(), link({ loss: 0.5 })] }],
  ['a disk that is not told', { ...noFaults, raftLog: undefined }],
  ['a disk slower than any', { ...noFaults, stateStore: { slowMs: 5_001, full: false } }],
  ['a clock that is off by a part of a millisecond', { ...noFaults, clockOffsetMs: 0.5 }],
  ['a clock beyond ten years', { ...noFaults, clockOffsetMs: 1e12 }],
])('refuses %s', (_, value) => {
  expect(readFaults(value, [2, 3])).toMatchObject({ ok: false, problem: expect.any(String) })
})

it.each([
  [{ peer: 0 }],
  [{ peer: 1.5 }],
  [{ peer: '2' }],
  [{ direction: 'both' }],
  [{ cut: 1 }],
  [{ delayMs: -1 }],
  [{ delayMs: 5_001 }],
  [{ jitterMs: Number.NaN }],
  [{ loss: 1.01 }],
])('refuses a link with %j', (over) => {
  expect(readLink(over)).toMatchObject({ ok: false })
})

it('says each fault in one sentence', () => {
  const faults: NodeFaults = {
    links: [link(), link({ peer: 3, direction: 'in', cut: false, delayMs: 5, jitterMs: 10, loss: 0.015 })],
    raftLog: { slowMs: 20, full: true },
    stateStore: { slowMs: 0, full: true },
    clockOffsetMs: -500,
  }
  expect(faultWords(faults)).toEqual([
    'frames to node-2 are dropped',
    'frames from node-3 come 5 to 15 ms late and are lost with a chance of 1.5 %',
    'each write of the Raft log takes 20 ms longer',
    'the disk of the Raft log is full',
    'the disk of the state store is full',
    'the wall clock is 500 ms behind',
  ])
  expect(faultWords(noFaults)).toEqual([])
})
