/** What the simulator can be asked for, and that it never lives less than it was asked for. */

import { describe, expect, it } from 'vitest'
import { runBatch, undecidedProblem } from './batch.ts'
import { orderIn } from './order.ts'
import { runSchedule } from './schedule.ts'

const refusal = (...args: readonly string[]): string => {
  try {
    return `taken: ${JSON.stringify(orderIn(args))}`
  } catch (error) {
    return error instanceof Error && error.name === 'BadWords' ? error.message : `${error}`
  }
}

describe('what the simulator is asked for', () => {
  it('is many lives', () => {
    const order = orderIn(['--seeds', '300', '--from', '30001', '--histories', '--workers', '2', '--need-marks'])
    const options = { from: 30_001, seeds: 300, twice: false, histories: true, overrides: {} }
    expect(order).toEqual({ kind: 'batch', options, workers: 2, needsMarks: true, overrides: {}, lines: 60, shrinks: true })
  })

  it('is one life again, with dials put over its own', () => {
    const order = orderIn(['--seed', '7', '--set', '{"clients":1,"nemeses":["crash"],"tuning":{"heartbeatTicks":2}}', '--no-shrink', '--lines', '5'])
    const overrides = { clients: 1, nemeses: ['crash'], tuning: { heartbeatTicks: 2 } }
    expect(order).toEqual({ kind: 'replay', seed: 7, overrides, lines: 5, shrinks: false })
  })

  it.each([
    [['--seeds', 'abc'], '--seeds takes a whole number from 1 to 10000000, not "abc"'],
    [['--seeds', '0'], '--seeds takes a whole number from 1'],
    [['--seed', 'x'], '--seed takes a whole number from 0'],
    [['--seed', '4294967296'], '--seed takes a whole number from 0 to 4294967295'],
    [['--from', '4294967296'], '--from takes a whole number'],
    [['--workers', '0'], '--workers takes a whole number from 1'],
    [['--lines', 'many'], '--lines takes a whole number'],
    [['--seed', '1', '--seeds', '2'], '--seed lives one life: there is nothing that --seeds could mean'],
    [['--seed', '1', '--twice', '--need-marks'], 'nothing that --twice or --need-marks could mean'],
  ])('is refused as a whole: %j', (args, sentence) => {
    expect(refusal(...args)).toContain(sentence)
  })

  it.each([
    ['{clients:1}', '--set takes JSON'],
    ['[]', '--set takes an object'],
    ['null', '--set takes an object'],
    ['{"client":1}', 'no such dial: client; there are nodes, clients'],
    ['{"toString":1}', 'no such dial: toString'],
    ['{"clients":"1"}', 'the dial clients takes a whole number from 0 to 100, not "1"'],
    ['{"nodes":0}', 'the dial nodes takes'],
    ['{"loss":2}', 'the dial loss takes a number from 0 to 1'],
    ['{"reorder":1}', 'the dial reorder takes true or false'],
    ['{"nemeses":[]}', 'the dial nemeses takes a list of at least one of crash'],
    ['{"nemeses":["crush"]}', 'the dial nemeses takes'],
    ['{"tuning":{"heartbeat":1}}', 'the dial tuning takes an object of numbers named'],
    ['{"options":{"writesMax":"2"}}', 'the dial options takes'],
  ])('has only dials that there are: %s', (text, sentence) => {
    expect(refusal('--seeds', '1', '--set', text)).toContain(sentence)
  })
})

describe('a batch', () => {
  const batch = { from: 5, seeds: 1, twice: false, histories: false, overrides: {} }

  it('puts dials over those of every seed', () => {
    const overrides = { clients: 1, events: 2500 }
    expect(runBatch({ ...batch, overrides }).events).toBe(runSchedule(5, { overrides }).events)
    expect(runBatch({ ...batch, overrides }).events).not.toBe(runSchedule(5).events)
  })

  it('fails by a history that could not be decided', () => {
    expect(undecidedProblem(0)).toBeNull()
    expect(undecidedProblem(2)).toContain('of 2 keys the history could not be decided')
  })
})
