/** How a script's trace spells what cores say and do: one short line each. `4@2` is the entry at index 4 of term 2. */

import type { CoreEvent, Entry, HardState, Message } from '../../src-node/raft/types.ts'

const decoder = new TextDecoder()

export const entryText = ({ data }: Entry): string => decoder.decode(data)

const position = (index: number, term: number): string => `${index}@${term}`

export const entryLine = (entry: Entry): string =>
  `${position(entry.index, entry.term)} ${entry.kind === 'command' ? entryText(entry) : entry.kind}`.trim()

/** At most so many entries are spelt out; of more, the first and the last. */
const spelledMax = 6

export const entriesLine = (entries: readonly Entry[]): string => {
  if (entries.length <= spelledMax) return `[${entries.map(entryLine).join(', ')}]`
  return `[${entryLine(entries[0]!)} ... ${entryLine(entries.at(-1)!)}]`
}

/** The fields of a message that its kind is about; what this file does not know is spelt field by field. */
const body = (m: Message): string => {
  switch (m.type) {
    case 'pre-vote':
    case 'vote':
      return `last ${position(m.lastIndex, m.lastTerm)}`
    case 'pre-vote-reply':
      return m.granted ? 'granted' : `refused: ${m.refusal}`
    case 'vote-reply':
      return m.granted ? 'granted' : 'refused'
    case 'append':
      return `prev ${position(m.prevIndex, m.prevTerm)} commit ${m.commit} ${entriesLine(m.entries)}`
    case 'append-reply':
      return m.ok ? `ok ${m.index}` : `rejects ${m.index}, hint ${position(m.hintIndex, m.hintTerm)}`
    case 'heartbeat':
      return `commit ${m.commit} match ${m.match} round ${m.round}`
    case 'heartbeat-reply':
      return `round ${m.round}`
    default:
      return fields(m)
  }
}

const fields = (value: object): string =>
  Object.entries(value)
    .filter(([key]) => !['type', 'from', 'to', 'term'].includes(key))
    .map(
      ([key, field]) => `${key} ${field instanceof Uint8Array ? decoder.decode(field) : typeof field === 'object' ? JSON.stringify(field) : field}`,
    )
    .join(' ')

export const messageLine = (m: Message): string => `${m.from} -> ${m.to} ${m.type} term ${m.term} ${body(m)}`

export const eventLine = (id: number, event: CoreEvent): string => {
  switch (event.type) {
    case 'role':
      return `${id} is ${event.role} in term ${event.term}: ${event.cause}`
    case 'vote':
      return `${id} ${event.granted ? 'grants' : 'refuses'} ${event.for} a ${event.pre ? 'pre-vote' : 'vote'} for term ${event.term}${event.reason === null ? '' : `: ${event.reason}`}`
    default:
      return `${id} ${(event as { type: string }).type}: ${fields(event)}`
  }
}

export const saveLine = (id: number, hardState: HardState | null, entries: readonly Entry[]): string =>
  [`${id} saves`, hardState === null ? '' : `term ${hardState.term} vote ${hardState.vote ?? '-'}`, entries.length === 0 ? '' : entriesLine(entries)]
    .filter((part) => part !== '')
    .join(' ')
