import { describe, expect, test } from 'vitest'
import { createFakeClock } from './fake-clock.testing.ts'
import { type FuzzyName, fuzzyPatternOf } from './fuzzy-pattern.ts'
import type { FuzzyWatcher } from './fuzzy-telling.ts'
import { createFuzzyWatches, type FuzzyFound, refillMs } from './fuzzy-watches.ts'

const nameOf = (name: string, namespace = 'public'): FuzzyName => ({ namespace, group: 'G', name })
const patternOf = (text: string) => {
  const pattern = fuzzyPatternOf(text)
  if (pattern === null) throw new Error(`${text} is no pattern`)
  return pattern
}

/** Names that are there, and turns that come when the test says so. */
const scene = (limits: { patternsMax?: number; namesMax?: number; dueMax?: number } = {}) => {
  const { clock, advance, timers } = createFakeClock()
  const there = new Map<string, FuzzyName>()
  const turns: (() => void)[] = []
  let looks = 0
  const keyOf = ({ namespace, name }: FuzzyName) => `${name}@${namespace}`
  const watches = createFuzzyWatches({
    limits: { patternsMax: 2, namesMax: 3, dueMax: 100, ...limits },
    rows: () => there.values(),
    isThere: (name) => {
      looks++
      return there.has(keyOf(name))
    },
    ...{ keyOf, defer: (task) => void turns.push(task), after: clock.after },
  })
  const put = (...names: readonly FuzzyName[]) => {
    for (const name of names) {
      there.set(keyOf(name), name)
      watches.onChanged(name)
    }
  }
  const drop = (...names: readonly FuzzyName[]) => {
    for (const name of names) {
      there.delete(keyOf(name))
      watches.onChanged(name)
    }
  }
  const settle = () => {
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift()) turn()
  }
  const watcher = () => {
    const told: string[] = []
    return { told, changed: ({ key }: { key: string }) => void told.push(key), lost: () => void told.push('lost') }
  }
  const watch = (of: FuzzyWatcher, pattern: string) => {
    const found: FuzzyFound[] = []
    watches.watch(of, patternOf(pattern), (each) => found.push(each))
    return found
  }
  return { watches, put, drop, settle, watcher, watch, turns, advance, timers, looks: () => looks }
}

const keysOf = ([found]: readonly FuzzyFound[]): readonly string[] | string | undefined => (found?.kind === 'found' ? [...found.keys] : found?.kind)

describe('a pattern', () => {
  test('finds what is there and matches, in its namespace alone', () => {
    const { put, watch, watcher, settle } = scene()
    put(nameOf('app.yaml'), nameOf('other'), nameOf('app.json'), nameOf('app.yaml', 'dev'))
    const found = watch(watcher(), 'public>>G>>app*')
    expect(found).toEqual([])
    settle()
    expect(keysOf(found)).toEqual(['app.yaml@public', 'app.json@public'])
  })

  test('is looked through once for all who watch it', () => {
    const { put, watch, watcher, settle, looks } = scene()
    put(nameOf('a'))
    const found = [watch(watcher(), 'public>>G>>*'), watch(watcher(), 'public>>G>>*')]
    settle()
    const before = looks()
    found.push(watch(watcher(), 'public>>G>>*'))
    expect(found.map(keysOf)).toEqual([['a@public'], ['a@public'], ['a@public']])
    expect(looks()).toBe(before)
  })

  test('is looked through in turns', () => {
    const { put, watch, watcher, turns } = scene()
    put(...Array.from({ length: 5_000 }, (_, at) => nameOf(`n${at}`)))
    const found = watch(watcher(), 'public>>G>>n4999')
    let taken = 0
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift(), taken++) turn()
    expect([taken, keysOf(found)]).toEqual([3, ['n4999@public']])
  })

  test('has what came and lacks what went while it was looked through', () => {
    const { put, drop, watch, watcher, settle, turns } = scene({ namesMax: 10_000 })
    const one = watcher()
    put(...Array.from({ length: 2_500 }, (_, at) => nameOf(`n${at}`)))
    const found = watch(one, 'public>>G>>*')
    turns.shift()?.()
    drop(nameOf('n1'), nameOf('n2400'))
    put(nameOf('late'))
    settle()
    const keys = keysOf(found) ?? []
    expect([keys.length, keys.includes('n1@public'), keys.includes('n2400@public'), keys.includes('late@public')]).toEqual([
      2_499,
      false,
      false,
      true,
    ])
    // It is all in what was found.
    expect(one.told).toEqual([])
  })

  test('is one of so many, and makes room when nobody watches it any more', () => {
    const { watches, watch, watcher, settle } = scene()
    const [one, two] = [watcher(), watcher()]
    watch(one, 'public>>G>>a')
    watch(one, 'public>>G>>b')
    expect(keysOf(watch(two, 'public>>G>>c'))).toBe('too-many-patterns')
    expect(watch(two, 'public>>G>>b')).toEqual([])
    watches.unwatch(one, 'public>>G>>b')
    watches.unwatch(one, 'never')
    expect(watches.size()).toBe(2)
    watches.leave(two)
    expect(watches.size()).toBe(1)
    const found = watch(two, 'public>>G>>c')
    settle()
    expect(keysOf(found)).toEqual([])
  })

  test('that is begun and given up again and again costs a turn for many', () => {
    const { watches, put, watch, watcher, turns } = scene()
    put(...Array.from({ length: 5_000 }, (_, at) => nameOf(`n${at}`)))
    const one = watcher()
    const found: FuzzyFound[][] = []
    for (let time = 0; time < 1_000; time++) {
      found.push(watch(one, 'public>>G>>n1'))
      watches.unwatch(one, 'public>>G>>n1')
    }
    let taken = 0
    for (let turn = turns.shift(); turn !== undefined; turn = turns.shift(), taken++) turn()
    expect([taken, found.every((each) => keysOf(each) === 'gone')]).toEqual([4, true])
  })

  test('that is given up while it is looked through tells nobody of anything', () => {
    const { watches, put, watch, watcher, settle } = scene()
    put(nameOf('a'))
    const [one, two] = [watcher(), watcher()]
    const found = [watch(one, 'public>>G>>*'), watch(two, 'public>>G>>a')]
    watches.leave(one)
    watches.unwatch(two, 'public>>G>>a')
    settle()
    expect(found.map(keysOf)).toEqual(['gone', 'gone'])
  })
})

describe('who watches', () => {
  test('is told what comes and goes, not what changes', () => {
    const { put, drop, watch, watcher, settle } = scene()
    const one = watcher()
    watch(one, 'public>>G>>a*')
    settle()
    put(nameOf('a1'), nameOf('a1'), nameOf('b'), nameOf('a1', 'dev'))
    drop(nameOf('a2'))
    drop(nameOf('a1'))
    expect(one.told).toEqual(['a1@public', 'a1@public'])
  })

  test('is told once by however many patterns', () => {
    const { put, watch, watcher, settle } = scene()
    const one = watcher()
    watch(one, 'public>>G>>a*')
    watch(one, 'public>>*>>*')
    settle()
    put(nameOf('a1'))
    expect(one.told).toEqual(['a1@public'])
  })

  test('is not told after its end', () => {
    const { watches, put, watch, watcher, settle } = scene()
    const [one, two, three] = [watcher(), watcher(), watcher()]
    for (const each of [one, two, three]) watch(each, 'public>>G>>*')
    settle()
    watches.unwatch(one, 'public>>G>>*')
    watches.leave(two)
    put(nameOf('a'))
    expect([one.told, two.told, three.told]).toEqual([[], [], ['a@public']])
  })

  test('a thousand are told in turns', () => {
    const { put, watch, watcher, settle, turns } = scene()
    const many = Array.from({ length: 1_000 }, watcher)
    for (const each of many) watch(each, 'public>>G>>*')
    settle()
    put(nameOf('a'))
    expect([many.filter(({ told }) => told.length === 1).length, turns.length]).toEqual([256, 1])
    settle()
    expect(many.every(({ told }) => told.length === 1)).toBe(true)
  })

  test('is lost when more has changed than can be told, and hears of what comes after it', () => {
    const { put, watch, watcher, settle } = scene({ namesMax: 1_000, dueMax: 5 })
    const many = Array.from({ length: 300 }, watcher)
    for (const each of many) watch(each, 'public>>G>>*')
    settle()
    put(...Array.from({ length: 10 }, (_, at) => nameOf(`n${at}`)))
    settle()
    expect(many.every(({ told }) => told.filter((each) => each === 'lost').length === 1)).toBe(true)
    put(nameOf('after'))
    settle()
    expect(many.every(({ told }) => told.at(-1) === 'after@public')).toBe(true)
  })
})

describe('more names than a pattern may find', () => {
  const full = () => {
    const all = scene()
    const one = all.watcher()
    all.put(...['a', 'b', 'c', 'd'].map((name) => nameOf(name)))
    const found = all.watch(one, 'public>>G>>*')
    all.settle()
    return { ...all, one, found }
  }
  const isFull = ([found]: readonly FuzzyFound[]) => found?.kind === 'found' && found.isFull()

  test('are left out, and that is said', () => {
    const { found, put, drop, one } = full()
    expect([keysOf(found), isFull(found)]).toEqual([['a@public', 'b@public', 'c@public'], true])
    put(nameOf('e'))
    drop(nameOf('d'))
    expect(one.told).toEqual([])
  })

  test('are found, and told, once another one has gone', () => {
    const { found, drop, one, advance, settle } = full()
    drop(nameOf('b'))
    expect([one.told, isFull(found)]).toEqual([['b@public'], false])
    advance(refillMs)
    settle()
    expect([one.told, keysOf(found)]).toEqual([
      ['b@public', 'd@public'],
      ['a@public', 'c@public', 'd@public'],
    ])
  })

  test('leave no timer behind when nobody watches any more', () => {
    const { watches, drop, one, timers } = full()
    drop(nameOf('b'), nameOf('a'))
    expect(timers()).toBe(1)
    watches.leave(one)
    expect(timers()).toBe(0)
  })
})

test('while nobody watches, nothing is looked for', () => {
  const { put, looks } = scene()
  put(nameOf('a'))
  expect(looks()).toBe(0)
})
