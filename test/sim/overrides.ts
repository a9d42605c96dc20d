/** Dials given by hand, over those that a seed draws: each is known by its name and its range, or refused. */

import { raftDefaults } from '../../src-node/raft/options.ts'
import { driverDefaults } from '../../src-node/raft-driver/options.ts'
import { storeLimits } from '../../src-node/raft-driver/store-limits.ts'
import { requestIdsMax } from '../../src-node/state-machine/request-table.ts'
import { BadWords } from '../support/command-line.ts'
import { type Dials, nemeses } from './dials.ts'

interface Rule {
  readonly takes: string
  readonly fits: (value: unknown) => boolean
}

const isNumber = (value: unknown, min: number, max: number): value is number => typeof value === 'number' && value >= min && value <= max
const number = (min: number, max: number): Rule => ({ takes: `a number from ${min} to ${max}`, fits: (value) => isNumber(value, min, max) })
const whole = (min: number, max: number): Rule => ({
  takes: `a whole number from ${min} to ${max}`,
  fits: (value) => isNumber(value, min, max) && Number.isInteger(value),
})
const chance = number(0, 1)
const ms = number(0, 60_000)
const flag: Rule = { takes: 'true or false', fits: (value) => typeof value === 'boolean' }

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
const limits = (defaults: object): Rule => ({
  takes: `an object of numbers named ${Object.keys(defaults).join(', ')}`,
  fits: (value) => isObject(value) && Object.entries(value).every(([name, limit]) => name in defaults && isNumber(limit, 0, Number.MAX_SAFE_INTEGER)),
})

const strikes: readonly string[] = [...nemeses, 'heal']
const strikeList: Rule = {
  takes: `a list of at least one of ${strikes.join(', ')}`,
  fits: (value) => Array.isArray(value) && value.length > 0 && value.every((name) => strikes.includes(name)),
}

const rules: { readonly [Name in keyof Dials]: Rule } = {
  nodes: whole(1, 9),
  clients: whole(0, 100),
  keys: whole(1, 1000),
  reads: chance,
  retries: chance,
  requestIdsMax: whole(1, requestIdsMax),
  events: whole(1, 10_000_000),
  delayMinMs: ms,
  delayMaxMs: ms,
  loss: chance,
  duplicate: chance,
  reorder: flag,
  forwardLate: chance,
  preVoteLie: chance,
  cutShort: chance,
  closeNotice: flag,
  diskMs: ms,
  crashPoint: chance,
  installCrash: chance,
  skew: number(0, 0.9),
  nemesisMs: ms,
  nemeses: strikeList,
  heals: chance,
  thinkMs: ms,
  tuning: limits(raftDefaults),
  options: limits(driverDefaults),
  outsiders: whole(0, 9),
  changeMs: ms,
  changeCrash: chance,
  databaseTrouble: number(-1, 1),
  storeLimits: limits(storeLimits),
  lossesFrom: chance,
  historyRoundMs: ms,
  snapshotMs: ms,
  namingMs: ms,
  tenants: whole(0, 100),
  namingSpeed: number(1, 1000),
  areasMs: ms,
  longLimits: limits({ heads: 1, walked: 1, changed: 1, bytes: 1 }),
}

/** @param text JSON. Throws BadWords where a dial is unknown or out of its range */
export function overridesIn(text: string): Partial<Dials> {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new BadWords(`--set takes JSON, such as '{"clients":1}', not "${text}"`)
  }
  if (!isObject(given)) throw new BadWords(`--set takes an object, such as '{"clients":1}', not "${text}"`)
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(rules, name)) throw new BadWords(`no such dial: ${name}; there are ${Object.keys(rules).join(', ')}`)
    const { takes, fits } = rules[name as keyof Dials]
    if (!fits(value)) throw new BadWords(`the dial ${name} takes ${takes}, not ${JSON.stringify(value)}`)
  }
  return given as Partial<Dials>
}
