/** `docs/clients.md`: client by action, for readers. Owns its words. The cells are those that the suite holds clients and cluster against. */

import { join } from 'node:path'
import { repository } from '../../support/headless.ts'
import { type Action, actionNames, actions, type Cell, type ClientRow, cellOf, npmClients, toolchainClients } from './table.ts'

export const pagePath = join(repository, 'docs', 'clients.md')

interface Notes {
  numberOf(words: string): number
  all(): readonly string[]
}

const createNotes = (): Notes => {
  const notes: string[] = []
  return {
    numberOf: (words) => {
      if (!notes.includes(words)) notes.push(words)
      return notes.indexOf(words) + 1
    },
    all: () => notes,
  }
}

const shown = (cell: Cell, notes: Notes): string => {
  switch (cell.kind) {
    case 'does':
      return 'does'
    case 'cannot':
      return `– (${notes.numberOf(`Cannot: ${cell.why}.`)})`
    case 'not-served':
      return `not yet (${notes.numberOf(`Not served by a cluster yet: ${cell.missing.join(', ')}.`)})`
  }
}

const rowOf = (action: Action, clients: readonly ClientRow[], notes: Notes): string =>
  `| ${actions[action].words} | ${clients.map((client) => shown(cellOf(client, action), notes)).join(' | ')} |`

export const clientsPage = (): string => {
  const clients = [...npmClients, ...toolchainClients]
  const notes = createNotes()
  const rows = actionNames.map((action) => rowOf(action, clients, notes))
  return [
    '# Clients',
    '',
    'What the official clients, unmodified, do against a cluster of three nodes, of which each is killed once, the leader first. A cell that says `does`',
    'is a test of `npm run test:clients`, which makes the programs of those that are not from npm with the Java, Go and Python that it finds, and names',
    'those that it cannot make. Written by `npm run clients` from the table that the suite goes by; a test fails if this page is older, and if a cluster',
    'serves more, or less, than the table says.',
    '',
    `| | ${clients.map(({ package: name, version }) => `${name} ${version}`).join(' | ')} |`,
    `|---|${clients.map(() => '---|').join('')}`,
    ...rows,
    '',
    ...notes.all().map((words, at) => `${at + 1}. ${words}`),
    '',
  ].join('\n')
}
