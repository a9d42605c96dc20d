import { describe, expect, it } from 'vitest'
import { createLogView } from './log-view.ts'
import { type Entry, logIndex, type StableLog, term } from './types.ts'

const entry = (atTerm: number, index: number, bytes = 1): Entry => ({
  term: term(atTerm),
  index: logIndex(index),
  kind: 'command',
  data: new Uint8Array(bytes),
})
const disk = (...terms: number[]): StableLog & { readonly held: Entry[]; reads: number } => {
  const held = terms.map((atTerm, i) => entry(atTerm, i + 1))
  const log = {
    held,
    reads: 0,
    firstIndex: () => logIndex(1),
    lastIndex: () => logIndex(held.length),
    termAt: (index: number) => (index === 0 ? term(0) : (held[index - 1]?.term ?? null)),
    entries(from: number, to: number) {
      log.reads++
      return held.slice(from - 1, to)
    },
  }
  return log
}
const limits = { windowEntriesMax: 4, windowBytesMax: 1000 }
const all = { count: 100, bytes: 1e6 }
const terms = (entries: readonly Entry[]) => entries.map((each) => Number(each.term))

describe('log view', () => {
  it('shows disk and memory as one log', () => {
    const view = createLogView(disk(1, 1), limits)
    view.extend(term(2), 'command', [new Uint8Array(1), new Uint8Array(1)])
    expect([1, 2, 3, 4, 5].map((index) => view.termAt(index))).toEqual([1, 1, 2, 2, null])
    expect(view.lastIndex()).toBe(4)
    expect(view.lastTerm()).toBe(2)
  })

  it('hands out what is not persisted until it is', () => {
    const view = createLogView(disk(1), limits)
    view.extend(term(1), 'command', [new Uint8Array(1)])
    expect(view.unpersisted().map(({ index }) => index)).toEqual([2])
    view.markPersisted()
    expect(view.unpersisted()).toEqual([])
  })

  it('never shows entries on disk that a new leader has overruled', () => {
    const view = createLogView(disk(1, 2, 2, 2), limits)
    view.replaceTail([entry(3, 2)])
    expect(view.lastIndex()).toBe(2)
    expect(view.termAt(3)).toBe(null)
    expect(view.persistedIndex()).toBe(1)
    expect(terms(view.unpersisted())).toEqual([3])
  })

  it('replaces a tail in memory', () => {
    const view = createLogView(disk(1), limits)
    view.extend(term(2), 'command', [new Uint8Array(1), new Uint8Array(1)])
    view.markPersisted()
    view.replaceTail([entry(3, 3), entry(3, 4)])
    expect(terms(view.entries(2, 4, all))).toEqual([2, 3, 3])
    expect(view.persistedIndex()).toBe(2)
  })

  it('refuses a gap and a falling term', () => {
    const view = createLogView(disk(1, 3), limits)
    expect(() => view.replaceTail([entry(3, 4)])).toThrow(/gap/)
    expect(() => view.replaceTail([entry(2, 3)])).toThrow(/falls/)
  })

  it('gives one entry however large, then counts and bytes limit', () => {
    const view = createLogView(disk(), limits)
    view.extend(term(1), 'command', [new Uint8Array(500), new Uint8Array(10), new Uint8Array(10)])
    expect(view.entries(1, 3, { count: 9, bytes: 100 })).toHaveLength(1)
    expect(view.entries(2, 3, { count: 9, bytes: 20 })).toHaveLength(2)
    expect(view.entries(1, 3, { count: 2, bytes: 1e6 })).toHaveLength(2)
  })

  it('lets go only of what is persisted and applied, and reads it from disk from then on', () => {
    const stable = disk()
    const view = createLogView(stable, limits)
    view.extend(
      term(1),
      'command',
      Array.from({ length: 10 }, () => new Uint8Array(1)),
    )
    view.trim(10)
    expect(view.entries(1, 10, all)).toHaveLength(10)
    expect(stable.reads).toBe(0)
    stable.held.push(...view.unpersisted())
    view.markPersisted()
    view.trim(5)
    expect(view.entries(6, 10, all)).toHaveLength(5)
    expect(stable.reads).toBe(0)
    expect(view.entries(1, 10, all)).toHaveLength(5)
    expect(stable.reads).toBe(1)
  })

  it('finds where two logs may agree', () => {
    const view = createLogView(disk(1, 1, 4, 4, 6), limits)
    expect(view.lastIndexAtOrBelowTerm(5, 5)).toBe(4)
    expect(view.lastIndexAtOrBelowTerm(9, 3)).toBe(2)
    expect(view.lastIndexAtOrBelowTerm(5, 0)).toBe(0)
  })
})
