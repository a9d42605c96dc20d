/**
 * Values in requests about services: numbers, switches, metadata, selectors, health checkers, as Java reads them (nacos-http 8.2, 8.6, 8.8). Must never
 * guess: what Nacos refuses is refused in its words. Texts of JSON are read into plain own members, never merged into anything.
 */

import type { HealthChecker, Metadata, Selector } from '../../../naming/naming-port.ts'
import { excerpt, filterRefusal, refuse } from '../errors.ts'
import type { Parameters } from '../parameters.ts'
import { type PlainCall, refuseCall, type Version } from './dialect.ts'
import { refuseMissing, textOf } from './names.ts'

const trueWords: ReadonlySet<string> = new Set(['true', 'on', 'yes', 'y', 't'])
const springTrue: ReadonlySet<string> = new Set(['true', 'on', 'yes', '1'])
const springFalse: ReadonlySet<string> = new Set(['false', 'off', 'no', '0'])

const notBoolean = (name: string, text: string): never =>
  refuseCall(
    400,
    'parameter validate error',
    `Failed to convert value of type 'java.lang.String' to required type 'java.lang.Boolean' for '${name}': ${excerpt(text)}`,
  )

/** v1: a few words are true and everything else is false; v2 and v3 know what is false as well, and refuse the rest. */
export const flagFrom = (version: Version, name: string, text: string): boolean => {
  const word = text.toLowerCase()
  if (version === 'v1') return trueWords.has(word)
  return springTrue.has(word) || (!springFalse.has(word) && notBoolean(name, text))
}

export const flagOf = ({ parameters, version }: PlainCall, name: string, otherwise: boolean): boolean => {
  const text = textOf(parameters, name)
  return text === '' ? otherwise : flagFrom(version, name, text)
}

/** What Java's `NumberFormatException` says. */
export const notNumber = (text: string): never =>
  refuseCall(400, 'parameter validate error', text === '' ? 'empty String' : `For input string: "${excerpt(text)}"`)

const javaInt = /^[+-]?\d{1,10}$/
const intMax = 2_147_483_647

export const intFrom = (text: string): number => {
  const value = javaInt.test(text) ? Number(text) : Number.NaN
  return Math.abs(value) <= intMax ? value : notNumber(text)
}

/** A decimal number as Java's `Double.parseDouble` takes it; no `NaN`, no `Infinity`, no hexadecimal. */
export const doubleFrom = (text: string): number =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?[df]?$/i.test(text) ? Number.parseFloat(text) : notNumber(text)

/** Page numbers and sizes; a size has a limit, since everything of a page is in memory at once. */
const pageSizeMax = 10_000

export interface PageAsked {
  readonly pageNo: number
  readonly pageSize: number
}

/** A page that must be named, and whether the framework or the controller misses it in v1: their words differ. */
type MissedBy = 'controller' | 'framework'

const refusePage = (version: Version, name: string, by: MissedBy): never =>
  version === 'v1' && by === 'framework'
    ? refuseCall(400, 'parameter missing', `Parameter '${name}' is missing`)
    : refuseMissing(version, name, 'Integer', 'parameter')

/** @param sizeMax larger sizes are cut to it, as in Nacos */
export const pageOf = ({ parameters, version }: PlainCall, otherwise: PageAsked | MissedBy, sizeMax = pageSizeMax): PageAsked => {
  const read = (name: 'pageNo' | 'pageSize'): number => {
    const text = textOf(parameters, name)
    if (text !== '') return intFrom(text)
    return typeof otherwise === 'string' ? refusePage(version, name, otherwise) : otherwise[name]
  }
  return { pageNo: Math.max(1, read('pageNo')), pageSize: Math.min(Math.max(1, read('pageSize')), sizeMax) }
}

export const sliceOf = <T>(rows: readonly T[], { pageNo, pageSize }: PageAsked): readonly T[] =>
  rows.slice((pageNo - 1) * pageSize, pageNo * pageSize)

const weightMin = 0
const weightMax = 10_000

export const weightFrom = (text: string): number => {
  const weight = doubleFrom(text)
  return weight >= weightMin && weight <= weightMax
    ? weight
    : refuseCall(400, 'weight error', 'instance format invalid: The weights range from 0.0 to 10000.0')
}

/** undefined: it is no JSON. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectFrom = (text: string): Readonly<Record<string, unknown>> | null => {
  const value = parsed(text)
  return isObject(value) ? value : null
}

export const arrayFrom = (text: string): readonly unknown[] | null => {
  const value = parsed(text)
  return Array.isArray(value) ? value : null
}

/** A member as Jackson makes a text of it: numbers and booleans too; undefined: it is none. */
export const scalarText = (object: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

const metadataCharactersMax = 1_024

/** The filter's limit, over all keys and values. */
const withinLimit = (metadata: Metadata): Metadata => {
  let characters = 0
  for (const key in metadata) characters += key.length + (metadata[key]?.length ?? 0)
  if (characters > metadataCharactersMax)
    refuse(filterRefusal(`Param 'Metadata' is illegal, the param length should not exceed ${metadataCharactersMax}.`))
  return metadata
}

const noMetadata: Metadata = {}

/** null: one of its values is no scalar. A value of null is as good as none. */
export const metadataFromObject = (object: Readonly<Record<string, unknown>>): Metadata | null => {
  const entries: [string, string][] = []
  for (const key of Object.keys(object)) {
    if (object[key] === null) continue
    const value = scalarText(object, key)
    if (value === undefined) return null
    entries.push([key, value])
  }
  return withinLimit(Object.fromEntries(entries))
}

const metadataFromPairs = (text: string): Metadata | null => {
  const entries: [string, string][] = []
  for (const pair of text.split(',')) {
    const [key, value, ...more] = pair.split('=')
    if (key === undefined || value === undefined || value === '' || more.length > 0) return null
    entries.push([key, value])
  }
  return withinLimit(Object.fromEntries(entries))
}

/** A JSON object of scalars, or `k1=v1,k2=v2`. */
export const metadataFrom = (text: string): Metadata => {
  if (text === '') return noMetadata
  const value = parsed(text)
  if (value === null) return noMetadata
  const metadata = isObject(value) ? metadataFromObject(value) : metadataFromPairs(text)
  return metadata ?? refuseCall(400, 'instance metadata error', `metadata format incorrect:${excerpt(text)}`)
}

export const metadataOf = (parameters: Parameters): Metadata => metadataFrom(textOf(parameters, 'metadata'))

const badSelector = (words: string): never => refuseCall(400, 'selector error', words)

/** Blank is none. Labels are kept and shown; there is no CMDB whose labels could choose. */
export const selectorFrom = (text: string): Selector => {
  if (text === '') return { type: 'none' }
  const object = objectFrom(text) ?? badSelector('not match any type of selector!')
  const type = scalarText(object, 'type')
  if (type === 'none') return { type }
  if (type === 'label') return { type, expression: scalarText(object, 'expression') ?? '' }
  return badSelector('not match any type of selector!')
}

/** Of a float between nothing and everything; what lies outside is refused, where Nacos stores what can never be met. */
export const thresholdFrom = (text: string): number => {
  const threshold = doubleFrom(text)
  return threshold >= 0 && threshold <= 1
    ? threshold
    : refuseCall(400, 'parameter validate error', `protectThreshold must be from 0 to 1, not ${excerpt(text)}`)
}

const badChecker = (words: string): never => refuseCall(400, 'parameter validate error', words)

export const checkerFrom = (text: string): HealthChecker => {
  const object = objectFrom(text) ?? badChecker(`healthChecker is no JSON object: ${excerpt(text)}`)
  const type = scalarText(object, 'type') ?? ''
  const word = (name: string): string => scalarText(object, name) ?? ''
  switch (type) {
    case 'TCP':
    case 'NONE':
      return { type }
    case 'HTTP': {
      const code = word('expectedResponseCode')
      return { type, path: word('path'), headers: word('headers'), expectedResponseCode: code === '' ? 200 : intFrom(code) }
    }
    case 'MYSQL':
      return { type, user: word('user'), pwd: word('pwd'), cmd: word('cmd') }
    default:
      return badChecker(`unknown type of healthChecker: ${excerpt(type)}`)
  }
}
