/** Making a failing life smaller: what the failure needs stays, everything else goes, within a bound. */

import { describe, expect, it } from 'vitest'
import { type Dials, drawDials } from './dials.ts'
import { type Attempt, shrink } from './shrink.ts'
import { createDice } from './world.ts'

const drawn: Dials = {
  ...drawDials(createDice(7)),
  nodes: 5,
  clients: 8,
  loss: 0.2,
  duplicate: 0.2,
  events: 5000,
  nemeses: ['crash', 'pause', 'heal'],
}

/** Fails when the dials are such that they satisfy `needs`, at event 900. */
const failing = (needs: (dials: Dials) => boolean) => {
  let lives = 0
  const live = ({ overrides }: Attempt) => {
    lives++
    const dials = { ...drawn, ...overrides }
    return { events: 900, failure: needs(dials) ? { message: `13: write ${lives} is lost` } : null }
  }
  const smallest = shrink(7, { dials: drawn, message: '13: write 1 is lost', events: 900, live, livesMax: 4000 })
  return { dials: { ...drawn, ...smallest.overrides }, smallest, lives: () => lives }
}

describe('a failing life', () => {
  it('keeps the faults that it needs and no other', () => {
    const { dials } = failing(({ loss, nemeses }) => loss > 0 && nemeses.includes('crash'))
    expect(dials).toMatchObject({ loss: 0.2, duplicate: 0, skew: 0, nemeses: ['crash'], options: {}, tuning: {} })
  })

  it('has as few nodes and clients as the failure needs', () => {
    const { dials } = failing(({ nodes, clients }) => nodes >= 3 && clients >= 2)
    expect(dials).toMatchObject({ nodes: 3, clients: 2, outsiders: 0, keys: 1 })
  })

  it('is as short as the failure needs', () => {
    const { dials } = failing(({ events }) => events >= 700)
    expect(dials.events).toBeGreaterThanOrEqual(700)
    expect(dials.events).toBeLessThan(730)
  })

  it('does not become another failure', () => {
    let lives = 0
    const live = ({ overrides }: Attempt) => {
      lives++
      return { events: 900, failure: { message: overrides.nodes === 1 ? '20: something else' : '13: write 5 is lost' } }
    }
    const { overrides } = shrink(7, { dials: drawn, message: '13: write 1 is lost', events: 900, live, livesMax: 4000 })
    expect(overrides.nodes).toBe(3)
    expect(lives).toBeLessThanOrEqual(4000)
  })

  it('gives up after so many lives as it may take', () => {
    const { lives } = failing(() => true)
    expect(lives()).toBeLessThanOrEqual(4000)
  })
})
