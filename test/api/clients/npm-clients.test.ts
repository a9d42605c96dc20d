/** The official clients from npm, unchanged, against three real nodes. */

import { join } from 'node:path'
import { describe } from 'vitest'
import { findFreePortSet } from '../../support/ports.ts'
import { clientSuite } from './suite.ts'
import { npmClients } from './table.ts'

describe('the official clients from npm', () =>
  clientSuite(npmClients, async (name) => ({
    file: process.execPath,
    args: [join(import.meta.dirname, 'programs', `${name}.ts`)],
    // The client for Node shares its connections with other processes by a port of the machine; here each has its own.
    env: { NODE_CLUSTER_CLIENT_PORT: String(await findFreePortSet(1)) },
  })))
