/** The official clients in Java, Go and Python, unchanged, against three real nodes: those that `npm run test:clients` could make here. */

import { describe } from 'vitest'
import type { Command } from './program.ts'
import { clientSuite } from './suite.ts'
import { toolchainClients } from './table.ts'

const commands = JSON.parse(process.env.OFFICIAL_CLIENTS ?? '{}') as Readonly<Record<string, Command>>

const commandOf = (name: string): Command => {
  const command = commands[name]
  if (command === undefined) throw new Error(`the program of ${name} was not made`)
  return command
}

describe('the official clients in Java, Go and Python', () =>
  clientSuite(
    toolchainClients.filter(({ name }) => name in commands),
    async (name) => commandOf(name),
  ))
