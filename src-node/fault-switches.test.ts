import { expect, it } from 'vitest'
import { createFaultyParts, type FaultyPartsOptions } from './fault-switches.ts'
import { type LinkFault, type NodeStart, noFaults } from './observe/channel.ts'

const addressOf = (id: number) => ({ id, host: '127.0.0.1', httpPort: id, grpcPort: id, raftPort: id })
const cutFrom = (peer: number): LinkFault => ({ peer, direction: 'in', cut: true, delayMs: 0, jitterMs: 0, loss: 0 })

/** Node 1 of three; its traffic and its log are written down. */
const setUp = () => {
  const lines: string[] = []
  let cut: readonly number[] = []
  const faulty = createFaultyParts({
    start: { id: 1, members: [1, 2, 3].map(addressOf) } as unknown as NodeStart,
    log: { write: (_level: string, _module: string, text: string) => lines.push(text) } as unknown as FaultyPartsOptions['log'],
    state: { raftLog: {}, store: {} } as FaultyPartsOptions['state'],
    clock: { wallMs: () => 1_000, after: () => ({ cancel: () => undefined }) } as unknown as FaultyPartsOptions['clock'],
    setLinks: (links) => (cut = links.map(({ peer }) => peer)),
  })
  return { faulty, lines, cut: () => cut, members: (...ids: number[]) => faulty.setMembers(ids.map(addressOf)) }
}

it('a line to a node that came later can be cut', () => {
  const { faulty, cut, members } = setUp()
  members(1, 2, 3, 4)
  faulty.set({ ...noFaults, links: [cutFrom(4)] })
  expect(cut()).toEqual([4])
})

it('a line to a node that is not known yet is cut once it is, and the rest at once', () => {
  const { faulty, cut, members, lines } = setUp()
  faulty.set({ ...noFaults, links: [cutFrom(4), cutFrom(2)], clockOffsetMs: 5 })
  expect([cut(), faulty.clock.wallMs()]).toEqual([[2], 1_005])
  members(1, 2, 3, 4)
  expect(cut()).toEqual([4, 2])
  expect(lines).not.toContainEqual(expect.stringContaining('was not set'))
})

it('a node that goes takes the faults of its line along, and no other', () => {
  const { faulty, cut, members, lines } = setUp()
  faulty.set({ ...noFaults, links: [cutFrom(2), cutFrom(3)] })
  members(1, 3)
  expect(cut()).toEqual([3])
  expect(lines.at(-1)).toBe('over: frames from node-2 are dropped')
})
