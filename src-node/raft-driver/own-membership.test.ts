/** What callers hear from a node that belongs to no cluster, by the loop itself. */

import { describe, expect, it } from 'vitest'
import { encodeMembership, membershipOf } from '../raft/membership.ts'
import { logIndex, nodeId, term } from '../raft/types.ts'
import { beat, setUp } from './lone-node.testing.ts'
import { driverDefaults } from './options.ts'
import type { PeerFrame, ReadOutcome } from './ports.ts'

/** The leader's first entry: a configuration without node 1. */
const removal = (commit: number): PeerFrame => ({
  ...{ type: 'append', from: nodeId(2), to: nodeId(1), term: term(1), prevIndex: logIndex(0), prevTerm: term(0), commit: logIndex(commit) },
  entries: [{ term: term(1), index: logIndex(1), kind: 'config', data: encodeMembership(membershipOf([2, 3].map(nodeId))) }],
})

describe('a node outside the cluster', () => {
  const refused = { kind: 'refused', code: 'not_member' } as const
  const readAt = ({ driver }: ReturnType<typeof setUp>): ReadOutcome[] => {
    const outcomes: ReadOutcome[] = []
    driver.readIndex((outcome) => outcomes.push(outcome))
    return outcomes
  }

  it('refuses writes and reads at once, those that wait too, and tells it once', () => {
    const cluster = setUp(3)
    cluster.write()
    const waiting = readAt(cluster)
    cluster.frame(2, removal(1))
    cluster.write()
    const later = readAt(cluster)
    cluster.advance(0)
    expect([cluster.outcomes, waiting, later]).toEqual([[refused, refused], [refused], [refused]])
    expect(cluster.events.filter(({ type }) => type === 'left')).toEqual([{ type: 'left', index: 1 }])
  })

  it('waits for the word on what a leader has of it', () => {
    const cluster = setUp(3)
    cluster.frame(2, beat(2, 1))
    cluster.write()
    cluster.advance(0)
    expect(cluster.sent.at(-1)).toMatchObject([2, { type: 'forward' }])
    cluster.frame(2, removal(1))
    expect(cluster.outcomes).toEqual([])
    cluster.advance(driverDefaults.writeTimeoutMs + driverDefaults.expiryMs)
    expect(cluster.outcomes).toEqual([{ kind: 'unknown' }])
  })

  it('is none for a configuration that is not known to be committed', () => {
    const cluster = setUp(3)
    cluster.frame(2, removal(0))
    cluster.write()
    cluster.advance(0)
    expect([cluster.outcomes, cluster.sent.at(-1)]).toMatchObject([[], [2, { type: 'forward' }]])
  })

  it('is a newcomer that nobody has taken in, too, and has left nothing', () => {
    const cluster = setUp(3, {}, 2)
    cluster.write()
    cluster.advance(0)
    expect(cluster.outcomes).toEqual([refused])
    expect(cluster.events.filter(({ type }) => type === 'left')).toEqual([])
  })
})
