/**
 * Every order of events in small clusters. `SMALL_WORLD=2,2,1,0,led,5000000 npx vitest run --project unit test/raft/small-world.test.ts` goes
 * through a larger one by hand: terms, proposals, crashes, reads, start, limit of states.
 */

import { describe, expect, it } from 'vitest'
import { exploreSmallWorld, type SmallWorldBounds } from './small-world.ts'

const limitMs = 120_000
const statesMax = 100_000
const byHandMs = 3_600_000

/** Throws with the events that lead to it, if any order of events breaks a promise. */
const explore = (bounds: SmallWorldBounds) => {
  const result = exploreSmallWorld(bounds)
  if (result.violation !== null) throw new Error(`${result.violation.what}\n  ${result.violation.events.join('\n  ')}`)
  return result
}

describe('every order of events keeps every promise', () => {
  it('of a first election, one proposal and one crash', { timeout: limitMs }, () => {
    const { complete, reached } = explore({ terms: 1, proposals: 1, crashes: 1, reads: 0, from: 'new', statesMax })
    expect(complete).toBe(true)
    expect([...reached]).toEqual(expect.arrayContaining(['a crash', '2 committed', 'candidate in term 1']))
  })

  it('of three nodes that all may campaign in two terms', { timeout: limitMs }, () => {
    const { complete, reached, states } = explore({ terms: 2, proposals: 0, crashes: 0, reads: 0, from: 'new', statesMax })
    expect(complete).toBe(true)
    expect([...reached]).toEqual(expect.arrayContaining(['a second leader', '2 committed']))
    expect(states).toBeGreaterThan(10_000)
  })

  it('of a leader, its successor, one proposal and one crash', { timeout: limitMs }, () => {
    const { complete, reached, states } = explore({ terms: 2, proposals: 1, crashes: 1, reads: 0, from: 'led', statesMax })
    expect(complete).toBe(true)
    expect([...reached]).toEqual(expect.arrayContaining(['a crash', 'a second leader', '3 committed']))
    expect(states).toBeGreaterThan(10_000)
  })

  it('of a read, a leader and its successor', { timeout: limitMs }, () => {
    const { complete, reached, states } = explore({ terms: 2, proposals: 0, crashes: 0, reads: 1, from: 'led', statesMax })
    expect(complete).toBe(true)
    expect([...reached]).toEqual(expect.arrayContaining(['a second leader', 'a read answered', 'a read answered after a leader change']))
    expect(states).toBeGreaterThan(1_000)
  })

  const byHand = process.env.SMALL_WORLD?.split(',')
  if (byHand !== undefined) {
    it('of a world given by hand', { timeout: byHandMs }, () => {
      const [terms, proposals, crashes, reads, from, most] = byHand
      const bounds = {
        terms: Number(terms),
        proposals: Number(proposals),
        crashes: Number(crashes),
        reads: reads === '1' ? 1 : 0,
        from: from === 'led' ? 'led' : 'new',
      } as const
      console.log(explore({ ...bounds, statesMax: Number(most) }))
    })
  }
})

describe('the search finds', () => {
  const bounds = { terms: 2, proposals: 1, crashes: 1, reads: 0, from: 'led', statesMax } as const

  it('a vote that a restart forgets', { timeout: limitMs }, () => {
    const { violation } = exploreSmallWorld(bounds, 'vote-forgotten')
    expect(violation?.what).toMatch(/election safety: nodes \d and \d both lead term 2/)
    expect(violation?.events.filter((event) => event.includes('crashes') || event.includes('dies'))).toHaveLength(1)
  })

  it('an acknowledged entry that a restart loses', { timeout: limitMs }, () => {
    expect(exploreSmallWorld(bounds, 'last-entry-lost').violation?.what).toMatch(/lost data|leader completeness/)
  })
})
