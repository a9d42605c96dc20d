/** A leader under load: which writes wait for others, and for how long at most. */

import { expect, it } from 'vitest'
import { logIndex, nodeId, term } from '../raft/types.ts'
import { sealEnvelope } from './envelope.ts'
import { setUp } from './lone-node.testing.ts'
import { driverDefaults } from './options.ts'
import type { ForwardFrame, PeerFrame } from './ports.ts'

const { gatherEntries, gatherMs } = driverDefaults

const granted = { from: nodeId(2), to: nodeId(1), term: term(1), granted: true } as const

/** Node 1 leads node 2 and 3, and nothing of its own is open. */
const setUpLeader = () => {
  const node = setUp(3)
  node.advance(400)
  node.frame(2, { type: 'pre-vote-reply', ...granted, refusal: null })
  node.frame(2, { type: 'vote-reply', ...granted })
  const lastIndex = (): number => node.driver.status().lastIndex
  const acknowledge = (): void => {
    const hint = { hintIndex: logIndex(0), hintTerm: term(0) }
    node.frame(2, { type: 'append-reply', from: nodeId(2), to: nodeId(1), term: term(1), ok: true, index: logIndex(lastIndex()), ...hint })
  }
  acknowledge()
  const write = (count: number): void => {
    for (let n = 0; n < count; n++) node.write()
    node.advance(0)
  }
  return { ...node, write, acknowledge, lastIndex, began: lastIndex() }
}
const forwarded = (count: number): PeerFrame => {
  const envelope = (counter: number) => sealEnvelope({ origin: 2, life: new Uint8Array(6), counter }, new Uint8Array([9]))
  return { type: 'forward', term: term(1), proposals: Array.from({ length: count }, (_, n) => envelope(n + 1)) } satisfies ForwardFrame
}

it('a few writers never wait for each other', () => {
  const { write, lastIndex, began } = setUpLeader()
  for (let n = 1; n < gatherEntries; n++) {
    write(1)
    expect(lastIndex()).toBe(began + n)
  }
})

it('writes gather while others are on their way, and go together once those are committed', () => {
  const { write, frame, acknowledge, lastIndex, persists, began } = setUpLeader()
  write(gatherEntries)
  write(1)
  frame(3, forwarded(2))
  write(1)
  expect(lastIndex()).toBe(began + gatherEntries)
  acknowledge()
  expect(lastIndex()).toBe(began + gatherEntries + 4)
  expect(persists.at(-1)).toMatchObject({ entries: 4 })
})

it('who gathers waits no longer than the limit, although nobody acknowledges', () => {
  const { write, advance, lastIndex, began } = setUpLeader()
  write(gatherEntries)
  write(2)
  advance(gatherMs - 1)
  expect(lastIndex()).toBe(began + gatherEntries)
  advance(1)
  expect(lastIndex()).toBe(began + gatherEntries + 2)
})

it('a leader that is deposed while writes wait comes to rest, also once everything is committed', () => {
  const { write, frame, advance, driver, lastIndex } = setUpLeader()
  write(gatherEntries)
  write(1)
  const [prevIndex, to] = [logIndex(lastIndex()), nodeId(1)]
  frame(3, { ...{ type: 'append', from: nodeId(3), to, term: term(2), prevIndex, prevTerm: term(1) }, ...{ entries: [], commit: prevIndex } })
  advance(1)
  expect(driver.status()).toMatchObject({ role: 'follower', commitIndex: prevIndex })
})

it('what waits at a leader that is deposed goes back, and is not lost', () => {
  const { write, frame, sent, lastIndex, outcomes, began } = setUpLeader()
  write(gatherEntries)
  frame(3, forwarded(2))
  sent.length = 0
  frame(3, { ...{ type: 'heartbeat', from: nodeId(3), to: nodeId(1), term: term(2) }, ...{ commit: logIndex(0), match: logIndex(0), round: 1 } })
  expect(sent).toContainEqual([3, expect.objectContaining({ type: 'forward-refused', counters: [1, 2], reason: 'not_leader' })])
  expect([lastIndex(), outcomes]).toEqual([began + gatherEntries, []])
})
