/** How a script's trace spells what cores say and do: one short line each. `4@2` is the entry at index 4 of term 2. */

import { decodeMembership, type Membership } from '../../src-node/raft/membership.ts'
import type { CoreEvent, Entry, Message, Ready } from '../../src-node/raft/types.ts'

const decoder = new TextDecoder()

export const entryText = ({ data }: Entry): string => decoder.decode(data)

const membersLine = ({ voters, learners }: Membership): string =>
  `voters ${voters.join(' ')}${learners.length === 0 ? '' : `, learners ${learners.join(' ')}`}`

const contentLine = (entry: Entry): string => {
  if (entry.kind === 'command') return entryText(entry)
  return entry.kind === 'config' ? membersLine(decodeMembership(entry.data)) : entry.kind
}

const position = (index: number, term: number): string => `${index}@${term}`

export const entryLine = (entry: Entry): string => `${position(entry.index, entry.term)} ${contentLine(entry)}`.trim()

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
      return `last ${position(m.lastIndex, m.lastTerm)}`
    case 'vote':
      return `last ${position(m.lastIndex, m.lastTerm)}${m.transfer ? ', asked to by the leader' : ''}`
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

export const messageLine = (m: Message): string => `${m.from} -> ${m.to} ${m.type} term ${m.term} ${body(m)}`.trimEnd()

export const eventLine = (id: number, event: CoreEvent): string => {
  switch (event.type) {
    case 'role':
      return `${id} is ${event.role} in term ${event.term}: ${event.cause}`
    case 'vote': {
      const wanted = `${event.for} a ${event.pre ? 'pre-vote' : 'vote'} for term ${event.term}`
      return `${id} ${event.granted ? 'grants' : 'refuses'} ${wanted}${event.reason === null ? '' : `: ${event.reason}`}`
    }
    case 'transfer':
      return `${id} hands over to ${event.target}: ${event.phase}`
    case 'membership':
      return `${id} configuration ${event.index} ${event.phase}: ${membersLine(event)}`
    default:
      return `${id} ${(event as { type: string }).type}: ${fields(event)}`
  }
}

export const saveLine = (id: number, { snapshot, hardState, entries }: Ready): string =>
  [
    `${id} saves`,
    snapshot === null ? '' : `snapshot ${position(snapshot.index, snapshot.term)}`,
    hardState === null ? '' : `term ${hardState.term} vote ${hardState.vote ?? '-'}`,
    entries.length === 0 ? '' : entriesLine(entries),
  ]
    .filter((part) => part !== '')
    .join(' ')
