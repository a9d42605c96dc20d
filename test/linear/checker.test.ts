/** The checker is held against histories whose verdict is known, against the bare definition, and against planted lies. */

import { describe, expect, it } from 'vitest'
import { createDice } from '../sim/world.ts'
import { isLinearizable } from './brute-force.ts'
import { judge } from './checker.ts'
import { legalHistory, type Shape, scrambled, withStaleRead } from './generated.ts'
import { judgeRegister, type RegisterInput, type RegisterOperation, type RegisterOutput, registerModel } from './register-model.ts'

const never = Number.POSITIVE_INFINITY
const publish = (md5: string, expectedMd5: string | null = null): RegisterInput => ({ kind: 'publish', md5, expectedMd5 })
const remove = (expectedMd5: string | null = null): RegisterInput => ({ kind: 'delete', expectedMd5 })
const read: RegisterInput = { kind: 'read' }
const applied: RegisterOutput = { kind: 'applied' }
const conflict = (currentMd5?: string): RegisterOutput => ({ kind: 'cas-conflict', ...(currentMd5 === undefined ? {} : { currentMd5 }) })
const saw = (md5: string): RegisterOutput => ({ kind: 'value', md5 })
let clients = 0
const op = (callAt: number, returnAt: number, input: RegisterInput, output: RegisterOutput | null): RegisterOperation => ({
  ...{ client: `${++clients}.0`, key: 'k', input, output, callAt, returnAt },
})

const good: Readonly<Record<string, RegisterOperation[]>> = {
  'nothing at all': [],
  'a read before anything was written': [op(1, 2, read, saw(''))],
  'a read that overlaps a write sees the old value': [op(1, 4, publish('a'), applied), op(2, 3, read, saw(''))],
  'a read that overlaps a write sees the new value': [op(1, 4, publish('a'), applied), op(2, 3, read, saw('a'))],
  'operations that touch overlap': [op(1, 2, publish('a'), applied), op(2, 3, read, saw(''))],
  'of two compare-and-sets one wins': [
    op(1, 2, publish('a'), applied),
    op(3, 6, publish('b', 'a'), applied),
    op(4, 5, publish('c', 'a'), conflict('b')),
  ],
  'a conflict that does not say with what': [op(1, 2, publish('a'), applied), op(3, 4, publish('b', 'x'), conflict())],
  'create, delete, create again': [
    op(1, 2, publish('a', ''), applied),
    op(3, 4, remove('a'), { kind: 'applied', existed: true }),
    op(5, 6, remove(), { kind: 'applied', existed: false }),
    op(7, 8, publish('b', ''), applied),
  ],
  'an unknown write that took effect much later': [
    op(1, never, publish('a'), null),
    op(2, 3, read, saw('')),
    op(4, 5, publish('b'), applied),
    op(6, 7, read, saw('a')),
  ],
  'an unknown write that never happened': [op(1, never, publish('a'), null), op(2, 3, read, saw(''))],
  'an unknown compare-and-set that another one stands upon': [op(1, never, publish('a', ''), null), op(2, 3, publish('b', 'a'), applied)],
  'positions in the order of effects': [
    op(1, 5, publish('a'), { kind: 'applied', index: 9 }),
    op(2, 6, publish('b'), { kind: 'applied', index: 7 }),
    op(7, 8, read, saw('a')),
  ],
}

const bad: Readonly<Record<string, RegisterOperation[]>> = {
  'a stale read': [op(1, 2, publish('a'), applied), op(3, 4, publish('b'), applied), op(5, 6, read, saw('a'))],
  'two reads that disagree about the order': [
    op(1, 10, publish('a'), applied),
    op(1, 10, publish('b'), applied),
    op(2, 3, read, saw('a')),
    op(4, 5, read, saw('b')),
    op(6, 7, read, saw('a')),
  ],
  'a lost update: both compare-and-sets win': [
    op(1, 2, publish('a'), applied),
    op(3, 6, publish('b', 'a'), applied),
    op(4, 5, publish('c', 'a'), applied),
  ],
  'a conflict where there was none': [op(1, 2, publish('a'), applied), op(3, 4, publish('b', 'a'), conflict())],
  'a value that nobody wrote': [op(1, 2, read, saw('ghost'))],
  'a delete that did nothing': [op(1, 2, publish('a'), applied), op(3, 4, remove(), applied), op(5, 6, read, saw('a'))],
  'a lost acknowledged write': [op(1, 2, publish('a'), applied), op(3, 4, read, saw(''))],
  'an unknown write that happened twice': [
    op(1, never, publish('a'), null),
    op(2, 3, read, saw('a')),
    op(4, 5, publish('b'), applied),
    op(6, 7, read, saw('a')),
  ],
  'an effect before the call': [op(1, 2, read, saw('a')), op(3, 4, publish('a'), applied)],
  'positions against the order of effects': [
    op(1, 2, publish('a'), { kind: 'applied', index: 9 }),
    op(3, 4, publish('b'), { kind: 'applied', index: 7 }),
  ],
  'one position for two writes': [op(1, 4, publish('a'), { kind: 'applied', index: 9 }), op(2, 3, publish('b'), { kind: 'applied', index: 9 })],
}

describe('judge', () => {
  for (const [name, history] of Object.entries(good)) {
    it(`accepts: ${name}`, () => {
      expect(judge(registerModel, history).verdict).toBe('legal')
      expect(judgeRegister(history).verdict).toBe('legal')
    })
  }
  for (const [name, history] of Object.entries(bad)) {
    it(`rejects: ${name}`, () => {
      expect(judge(registerModel, history).verdict).toBe('illegal')
      expect(judgeRegister(history).verdict).toBe('illegal')
    })
  }

  it('gives an order that the model allows, or the longest that came about', () => {
    expect(judge(registerModel, good['positions in the order of effects']!).order).toEqual([1, 0, 2])
    expect(judge(registerModel, bad['a stale read']!).order).toEqual([0, 1])
  })

  it('says undecided when the budget is spent', () => {
    const history = legalHistory(1, { operations: 50, clients: 8, unknown: 0, values: 'unique', told: false })
    expect(judge(registerModel, history, 20)).toMatchObject({ verdict: 'undecided', steps: 21 })
  })

  it('accepts 300 generated histories, each built from an order of overlapping operations', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const dice = createDice(seed)
      const shape: Shape = {
        ...{ operations: dice.between(1, 120), clients: dice.between(1, 8), unknown: dice.pick([0, 0.02, 0.1]) },
        ...{ values: dice.pick(['unique', 3] as const), told: dice.chance(0.5) },
      }
      expect({ seed, verdict: judgeRegister(legalHistory(seed, shape)).verdict }).toEqual({ seed, verdict: 'legal' })
    }
  })

  it('agrees with every permutation, for 10,000 histories of up to 7 operations', { timeout: 30_000 }, () => {
    const counts = { legal: 0, illegal: 0 }
    for (let seed = 1; seed <= 10_000; seed++) {
      const dice = createDice(seed)
      const shape: Shape = {
        ...{ operations: dice.between(1, 7), clients: dice.between(1, 4), unknown: dice.pick([0, 0.2, 0.4]) },
        ...{ values: dice.pick(['unique', 2] as const), told: dice.chance(0.3) },
      }
      const legal = legalHistory(seed, shape)
      const history = seed % 4 === 0 ? legal : scrambled(scrambled(legal, seed), seed + 1)
      const verdict = isLinearizable(registerModel, history) ? 'legal' : 'illegal'
      counts[verdict]++
      expect({ seed, verdict: judge(registerModel, history).verdict }).toEqual({ seed, verdict })
      expect({ seed, verdict: judgeRegister(history).verdict }).toEqual({ seed, verdict })
    }
    console.log(`agrees with brute force on ${counts.legal} legal and ${counts.illegal} illegal histories`)
    expect(Math.min(counts.legal, counts.illegal)).toBeGreaterThan(2_000)
  })

  it('finds 200 of 200 planted stale reads', () => {
    let found = 0
    for (let seed = 1; seed <= 200; seed++) {
      const history = legalHistory(seed, { operations: 100, clients: 8, unknown: 0.02, values: 'unique', told: false })
      if (judgeRegister(withStaleRead(history, seed)).verdict === 'illegal') found++
    }
    console.log(`planted stale reads found: ${found} of 200`)
    expect(found).toBe(200)
  })

  it('judges 1,000 operations of 8 clients in no time', { timeout: 30_000 }, () => {
    const speed = (unknown: number) => {
      const tookMs: number[] = []
      for (let seed = 1; seed <= 40; seed++) {
        const history = legalHistory(seed, { operations: 1_000, clients: 8, unknown, values: 'unique', told: false })
        const startedMs = performance.now()
        expect(judgeRegister(history).verdict).toBe('legal')
        tookMs.push(performance.now() - startedMs)
      }
      const meanMs = tookMs.reduce((sum, ms) => sum + ms, 0) / tookMs.length
      return `mean ${meanMs.toFixed(1)} ms, worst ${Math.max(...tookMs).toFixed(1)} ms`
    }
    speed(0)
    console.log(`1,000 operations of 8 clients: ${speed(0)}; with 1 % unknown: ${speed(0.01)}`)
  })
})
