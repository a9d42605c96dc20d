import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, logIndex, term } from '../raft/types.ts'
import { createTailCache } from './tail-cache.ts'

const entry = (index: number, at: number, size: number): Entry => ({
  index: logIndex(index),
  term: term(at),
  kind: 'command',
  data: new Uint8Array(size),
})

describe('the tail cache', () => {
  it('holds a run of the newest entries of the log, whatever is appended or replaced', () => {
    const step = fc.record({ back: fc.nat(6), count: fc.integer({ min: 1, max: 5 }), size: fc.nat(900) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const cache = createTailCache(2000)
        let log: Entry[] = []
        for (const [at, { back, count, size }] of steps.entries()) {
          log = log.slice(0, Math.max(0, log.length - back))
          const fresh = Array.from({ length: count }, (_, n) => entry(log.length + n + 1, at, size))
          log.push(...fresh)
          cache.replaceFrom(fresh)
          const held = log.filter(({ index }) => cache.at(index) !== undefined)
          expect(held.length).toBeGreaterThan(0)
          expect(held).toEqual(log.slice(-held.length))
          for (const each of held) expect(cache.at(each.index)).toBe(each)
          expect(cache.range({ from: held[0]!.index, to: log.length, bytesMax: 1e9 })).toEqual(held)
          expect(held.length === 1 || held.reduce((sum, each) => sum + each.data.length, 0) <= 2000).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})
