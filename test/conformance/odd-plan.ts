/**
 * The whole run from its seed before anything is sent: which odd configuration goes to which node, how it is spelled in the form, what must be
 * answered, and what must stand everywhere afterwards. Some are written again, some removed.
 */

import { createHash } from 'node:crypto'
import { createDice, type Dice } from '../sim/world.ts'
import { oddContent, refusalFor } from './odd-contents.ts'
import { illegalKey, keyText, legalKey, type OddKey, stored } from './odd-names.ts'
import type { ModeName } from './subject.ts'

export interface OddWrite {
  /** Its place in the run, as it is told. */
  readonly number: number
  /** Of the content; `removal` for a removal. */
  readonly kind: string
  readonly key: OddKey
  readonly node: number
  /** Of a publish. */
  readonly body: Buffer | null
  /** null: status 200; else 400 with this word in it. */
  readonly refused: string | null
}

/** What every place must say of one configuration. */
export interface Expected {
  readonly write: OddWrite
  readonly key: OddKey
  readonly content: Buffer
  readonly md5: string
  readonly type: string
}

export interface OddPlan {
  /** One after the other; the writes of one wave at the same time. */
  readonly waves: readonly (readonly OddWrite[])[]
  /** By key. */
  readonly expected: ReadonlyMap<string, Expected>
}

const illegalEvery = 29
const againChance = 0.1
const removeChance = 0.05
const nodes = 3
/** The column of Nacos's table is one shorter than its rule. */
const dataIdColumn = 255

const knownTypes = ['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml', 'unset']
const otherTypes = ['YAML', 'yml', '', 'constructor', '__proto__', 'text/plain']

const unreserved = /[A-Za-z0-9\-_.~]/
/** Every way in which a byte may be spelled in a form. */
const spelled = (bytes: Buffer, dice: Dice): string => {
  const lower = dice.chance(0.3)
  const plus = dice.chance(0.5)
  const words = Array.from({ length: 256 }, (_, byte) => {
    const character = String.fromCharCode(byte)
    if (byte < 0x80 && unreserved.test(character)) return character
    if (byte === 0x20 && plus) return '+'
    const hex = byte.toString(16).padStart(2, '0')
    return `%${lower ? hex : hex.toUpperCase()}`
  })
  let text = ''
  for (const byte of bytes) text += words[byte]
  return text
}

const drawType = (dice: Dice): string | null => (dice.chance(0.2) ? null : dice.chance(0.15) ? dice.pick(otherTypes) : dice.pick(knownTypes))

interface Draft {
  readonly number: number
  readonly key: OddKey
  readonly illegal: boolean
}

const publishOf = ({ number, key, illegal }: Draft, mode: ModeName, dice: Dice): { write: OddWrite; expected: Expected } => {
  const { kind, bytes } = illegal ? { kind: 'a name that is not legal', bytes: Buffer.from('x') } : oddContent(number, dice)
  const type = drawType(dice)
  const fields = [
    ...[`dataId=${spelled(Buffer.from(key.dataId), dice)}`, `group=${spelled(Buffer.from(key.group), dice)}`],
    ...(key.tenant === '' && dice.chance(0.5) ? [] : [`tenant=${spelled(Buffer.from(key.tenant), dice)}`]),
    ...(type === null ? [] : [`type=${encodeURIComponent(type)}`]),
  ]
  const body = Buffer.from([...fields, `content=${spelled(bytes, dice)}`].join('&'))
  const refused = illegal ? '' : (refusalFor(bytes) ?? (mode === 'mysql' && key.dataId.length > dataIdColumn ? 'data_id' : null))
  const write = { number, kind, key, node: dice.between(0, nodes - 1), body, refused }
  const shown = type !== null && knownTypes.includes(type) ? type : 'text'
  return { write, expected: { write, key: stored(key), content: bytes, md5: createHash('md5').update(bytes).digest('hex'), type: shown } }
}

/** A key that no other configuration of the run has. */
const freshKey = (at: number, keys: OddKey[], taken: Set<string>, dice: Dice): OddKey => {
  let key = legalKey(at, keys, dice)
  for (let more = 0; taken.has(keyText(stored(key))); more++) key = { ...key, dataId: `${key.dataId.slice(0, 200)}-${more}` }
  taken.add(keyText(stored(key)))
  keys.push(key)
  return key
}

export const planOf = (configs: number, seed: number, mode: ModeName): OddPlan => {
  const dice = createDice(seed)
  const keys: OddKey[] = []
  const taken = new Set<string>()
  const expected = new Map<string, Expected>()
  let number = 0
  const publish = (key: OddKey, illegal: boolean): OddWrite => {
    const planned = publishOf({ number: number++, key, illegal }, mode, dice)
    if (planned.write.refused === null) expected.set(keyText(planned.expected.key), planned.expected)
    return planned.write
  }
  const first = Array.from({ length: configs }, (_, at) =>
    at % illegalEvery === illegalEvery - 1 ? publish(illegalKey(dice), true) : publish(freshKey(at, keys, taken, dice), false),
  )
  const again = keys.filter(() => dice.chance(againChance)).map((key) => publish(key, false))
  const removed = keys
    .filter(() => dice.chance(removeChance))
    .map((key): OddWrite => {
      expected.delete(keyText(stored(key)))
      return { number: number++, kind: 'removal', key, node: dice.between(0, nodes - 1), body: null, refused: null }
    })
  return { waves: [first, again, removed], expected }
}
