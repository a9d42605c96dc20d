import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { majority, quorumIndex, tally } from './quorum.ts'

describe('quorum arithmetic', () => {
  it('needs more than half', () => {
    expect([1, 2, 3, 4, 5].map(majority)).toEqual([1, 2, 2, 3, 3])
  })

  it('finds the highest index that a majority holds, as a slow count does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 7 }), (matches) => {
        const held = (index: number) => matches.filter((match) => match >= index).length >= majority(matches.length)
        const slow = Math.max(...Array.from({ length: 21 }, (_, index) => index).filter(held))
        expect(quorumIndex([...matches])).toBe(slow)
      }),
    )
  })

  it('finds nothing that is held by nobody', () => {
    expect(quorumIndex([])).toBe(0)
  })

  it('tells a won, a lost and an open election apart', () => {
    const votes = (...granted: boolean[]) => new Map(granted.map((vote, i) => [i + 1, vote]))
    const three = [1, 2, 3]
    const four = [1, 2, 3, 4]
    expect(tally(votes(true), three)).toBe('open')
    expect(tally(votes(true, true), three)).toBe('won')
    expect(tally(votes(true, false), three)).toBe('open')
    expect(tally(votes(true, false, false), three)).toBe('lost')
    expect(tally(votes(true, true, false), four)).toBe('open')
    expect(tally(votes(true, false, false), four)).toBe('lost')
  })

  it('counts voters alone, whoever else answers', () => {
    const votes = new Map([1, 8, 9].map((id) => [id, true]))
    expect(tally(votes, [1, 2, 3])).toBe('open')
    expect(tally(new Map([8, 9].map((id) => [id, false])), [1, 2, 3])).toBe('open')
  })
})
