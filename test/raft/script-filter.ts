/** How commands name messages and write new ones: `1>2 append`, `>3`, `1>2 vote term=5 last=3@2`. */

import { type Entry, type EntryKind, logIndex, type Message, nodeId, term } from '../../src-node/raft/types.ts'
import type { Pick } from './script-world.ts'

const link = /^(\d*)>(\d*)$/

/** All messages that the words name: a link with both, one or no end, and kinds; no words name all. */
export function pickOf(words: readonly string[]): Pick {
  const ends = words.map((word) => link.exec(word)).filter((match) => match !== null)
  const kinds = words.filter((word) => !link.test(word))
  return ({ from, to, type }) =>
    (ends.length === 0 || ends.some(([, a, b]) => (a === '' || Number(a) === from) && (b === '' || Number(b) === to))) &&
    (kinds.length === 0 || kinds.includes(type))
}

const positionOf = (text: string): [index: number, term: number] => {
  const [index, atTerm] = text.split('@').map(Number)
  if (!Number.isInteger(index) || !Number.isInteger(atTerm)) throw new Error(`"${text}" is no position such as 4@2`)
  return [index!, atTerm!]
}

/** `4@2:text` is a command, `4@2` alone a no-op. */
const entryOf = (text: string): Entry => {
  const [at, data] = text.split(':')
  const [index, atTerm] = positionOf(at!)
  const kind: EntryKind = data === undefined ? 'noop' : 'command'
  return { index: logIndex(index), term: term(atTerm), kind, data: new TextEncoder().encode(data ?? '') }
}

/** `last=3@2` becomes lastIndex and lastTerm; whole numbers, true, false and null are themselves. */
const fieldOf = (word: string): Record<string, unknown> => {
  const [key = '', value = ''] = word.split(/=(.*)/)
  if (key === 'entries') return { entries: value.split(',').map(entryOf) }
  if (value.includes('@')) {
    const [index, atTerm] = positionOf(value)
    return { [`${key}Index`]: index, [`${key}Term`]: atTerm }
  }
  return {
    [key]: value === 'null' ? null : value === 'true' ? true : value === 'false' ? false : Number.isNaN(Number(value)) ? value : Number(value),
  }
}

const defaults: Record<string, Record<string, unknown>> = {
  append: { entries: [], commit: 0, prevIndex: 0, prevTerm: 0 },
  'append-reply': { ok: true, index: 0, hintIndex: 0, hintTerm: 0 },
  heartbeat: { commit: 0, match: 0, round: 1 },
  'heartbeat-reply': { round: 1 },
  'pre-vote': { lastIndex: 0, lastTerm: 0 },
  vote: { lastIndex: 0, lastTerm: 0, transfer: false },
  'timeout-now': {},
  'read-index': { context: 0 },
  'read-index-reply': { context: 0, index: 0 },
  'pre-vote-reply': { granted: true, refusal: null },
  'vote-reply': { granted: true },
}

/** A message nobody said: `2>1 heartbeat term=3 commit=5 match=1`. */
export function messageOf([ends = '', type = '', ...fields]: readonly string[]): Message {
  const [, from, to] = link.exec(ends) ?? []
  const base = defaults[type]
  if (!from || !to || base === undefined) throw new Error(`"${ends} ${type}" is no message such as "1>2 heartbeat"`)
  return Object.assign({ type, from: nodeId(Number(from)), to: nodeId(Number(to)), term: term(0) }, base, ...fields.map(fieldOf)) as Message
}
