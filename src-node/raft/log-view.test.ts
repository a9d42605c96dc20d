import { describe, expect, it } from 'vitest'
import { createLogView, type LogView } from './log-view.ts'
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
    memberships: () => [],
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
    expect(view.firstIndex()).toBe(1)
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

  const append = (view: LogView, count: number) =>
    view.extend(
      term(1),
      'command',
      Array.from({ length: count }, (_, i) => new Uint8Array([i])),
    )
  const save = (view: LogView, stable: ReturnType<typeof disk>) => {
    stable.held.push(...view.unpersisted())
    view.markPersisted()
  }

  /** Entries that can be had without the disk. */
  const inMemory = (view: LogView, stable: ReturnType<typeof disk>) => {
    let count = 0
    for (let index = 1; index <= view.lastIndex(); index++) {
      const before = stable.reads
      view.entries(index, index, all)
      if (stable.reads === before) count++
    }
    return count
  }

  it('lets go only of what is persisted, and reads it from disk from then on', () => {
    const stable = disk()
    const view = createLogView(stable, limits)
    append(view, 10)
    expect(view.entries(1, 10, all)).toHaveLength(10)
    expect(stable.reads).toBe(0)
    save(view, stable)
    expect(view.entries(7, 10, all)).toHaveLength(4)
    expect(stable.reads).toBe(0)
    expect(view.entries(1, 10, all)).toHaveLength(6)
    expect(stable.reads).toBe(1)
  })

  it('stays within its limits while nothing is applied, and still shows every entry', () => {
    const stable = disk()
    const view = createLogView(stable, limits)
    for (let i = 0; i < 100; i++) {
      append(view, 3)
      save(view, stable)
    }
    expect(inMemory(view, stable)).toBeLessThanOrEqual(limits.windowEntriesMax * 1.5)
    const seen: number[] = []
    while (seen.length < 300) seen.push(...view.entries(seen.length + 1, 300, { count: 7, bytes: 1e6 }).map(({ index }) => Number(index)))
    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i + 1))
  })

  it('stays within its bytes, and takes a tail that conflicts below the window', () => {
    const stable = disk()
    const view = createLogView(stable, { windowEntriesMax: 100, windowBytesMax: 100 })
    view.extend(term(1), 'command', [new Uint8Array(90), new Uint8Array(90), new Uint8Array(90)])
    save(view, stable)
    expect(inMemory(view, stable)).toBe(1)
    view.replaceTail([entry(2, 2)])
    expect(terms(view.entries(2, 2, all))).toEqual([2])
    expect(view.termAt(3)).toBe(null)
    expect([view.persistedIndex(), view.lastIndex()]).toEqual([1, 2])
  })

  it('finds where two logs may agree', () => {
    const view = createLogView(disk(1, 1, 4, 4, 6), limits)
    expect(view.lastIndexAtOrBelowTerm(5, 5)).toBe(4)
    expect(view.lastIndexAtOrBelowTerm(9, 3)).toBe(2)
    expect(view.lastIndexAtOrBelowTerm(5, 0)).toBe(0)
  })

  it('goes on after a snapshot before the disk does, and leaves the word to the disk once it follows', () => {
    const stable = disk(1, 1, 1)
    let begin = { index: 0, term: 0 }
    const following: StableLog = {
      ...stable,
      firstIndex: () => logIndex(begin.index + 1),
      lastIndex: () => logIndex(begin.index),
      termAt: (index) => (index === begin.index ? term(begin.term) : null),
    }
    const view = createLogView(stable, limits)
    view.restoreTo({ index: logIndex(9), term: term(5) })
    expect([view.firstIndex(), view.lastIndex(), view.persistedIndex(), view.lastTerm()]).toEqual([10, 9, 9, 5])
    expect([2, 8, 9, 10].map((index) => view.termAt(index))).toEqual([null, null, 5, null])
    expect(view.unpersisted()).toEqual([])

    // The disk begins after 9 as well, later after 12: nothing is known of 9 by then.
    const later = createLogView(following, limits)
    later.restoreTo({ index: logIndex(9), term: term(5) })
    begin = { index: 9, term: 5 }
    later.markPersisted()
    begin = { index: 12, term: 6 }
    expect([later.termAt(9), later.firstIndex()]).toEqual([null, 13])
  })
})
