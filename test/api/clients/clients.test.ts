/** The official clients, unchanged, against three real nodes: those from npm, and of the others those that `npm run test:clients` could make here. */

import { join } from 'node:path'
import { describe } from 'vitest'
import { findFreePortSet } from '../../support/ports.ts'
import type { Command } from './program.ts'
import { clientSuite } from './suite.ts'
import { npmClients, toolchainClients } from './table.ts'

const made = JSON.parse(process.env.OFFICIAL_CLIENTS ?? '{}') as Readonly<Record<string, Command>>

const commandOf = async (name: string): Promise<Command> =>
  made[name] ?? {
    file: process.execPath,
    args: [join(import.meta.dirname, 'programs', `${name}.ts`)],
    // The client for Node shares its connections with other processes by a port of the machine; here each has its own.
    env: { NODE_CLUSTER_CLIENT_PORT: String(await findFreePortSet(1)) },
  }

describe('the official clients', () => clientSuite([...npmClients, ...toolchainClients.filter(({ name }) => name in made)], commandOf))
