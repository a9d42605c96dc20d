import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedBy, decodeMembership, encodeMembership, membershipOf, membersMax, votersApart } from './membership.ts'
import { nodeId } from './types.ts'

const ids = (...values: number[]) => values.map(nodeId)
const three = membershipOf(ids(3, 1, 2), ids(4))

describe('a change of the membership', () => {
  it('moves a node from outside to learner to voter and out again', () => {
    expect(changedBy(three, { kind: 'add-learner', id: nodeId(5) })).toEqual({ voters: [1, 2, 3], learners: [4, 5] })
    expect(changedBy(three, { kind: 'promote', id: nodeId(4) })).toEqual({ voters: [1, 2, 3, 4], learners: [] })
    expect(changedBy(three, { kind: 'remove', id: nodeId(2) })).toEqual({ voters: [1, 3], learners: [4] })
    expect(changedBy(three, { kind: 'remove', id: nodeId(4) })).toEqual({ voters: [1, 2, 3], learners: [] })
  })

  it('that makes no sense says why', () => {
    const full = membershipOf(ids(1, 2, 3), ids(...Array.from({ length: membersMax - 3 }, (_, at) => at + 4)))
    expect(changedBy(three, { kind: 'add-learner', id: nodeId(1) })).toBe('already_member')
    expect(changedBy(three, { kind: 'add-learner', id: nodeId(4) })).toBe('already_member')
    expect(changedBy(full, { kind: 'add-learner', id: nodeId(99) })).toBe('too_many_members')
    expect(changedBy(three, { kind: 'promote', id: nodeId(1) })).toBe('already_voter')
    expect(changedBy(three, { kind: 'promote', id: nodeId(9) })).toBe('unknown_node')
    expect(changedBy(three, { kind: 'remove', id: nodeId(9) })).toBe('unknown_node')
    expect(changedBy(membershipOf(ids(1), ids(2)), { kind: 'remove', id: nodeId(1) })).toBe('last_voter')
    expect(changedBy(membershipOf(ids(1), ids(2)), { kind: 'remove', id: nodeId(2) })).toEqual({ voters: [1], learners: [] })
  })

  it('never moves more than one voter', () => {
    const change = fc.record({ kind: fc.constantFrom('add-learner', 'promote', 'remove'), id: fc.integer({ min: 1, max: 6 }).map(nodeId) })
    fc.assert(
      fc.property(fc.array(change as fc.Arbitrary<Parameters<typeof changedBy>[1]>, { maxLength: 20 }), (changes) => {
        let membership = three
        for (const each of changes) {
          const next = changedBy(membership, each)
          if (typeof next === 'string') continue
          expect(votersApart(membership, next)).toBeLessThanOrEqual(1)
          expect(next.voters.length).toBeGreaterThan(0)
          expect(next.voters.filter((id) => next.learners.includes(id))).toEqual([])
          membership = next
        }
      }),
    )
  })
})

describe('the bytes of a configuration', () => {
  it('give back what was put in', () => {
    for (const membership of [three, membershipOf(ids(1)), membershipOf(ids(2 ** 32 - 1, 7), ids(9, 8))])
      expect(decodeMembership(encodeMembership(membership))).toEqual(membership)
  })

  it('of another version, cut short, too long, or without a voter end the node', () => {
    const bytes = encodeMembership(three)
    const bad = [bytes.with(0, 2), bytes.subarray(0, -1), new Uint8Array([...bytes, 0]), new Uint8Array(0), new Uint8Array([1, 0, 0])]
    for (const each of bad) expect(() => decodeMembership(each)).toThrow(expect.objectContaining({ kind: 'broken' }))
  })
})
