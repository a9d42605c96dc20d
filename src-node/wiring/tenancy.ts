/** Who may be here and where: users with their rights, and namespaces, wired to Raft and to this node's applied state. Decides nothing of them. */

import { randomBytes } from 'node:crypto'
import type { NamespacePort } from '../api/http/ports.ts'
import { createNodeAuth, type NodeAuth } from '../auth/node-auth.ts'
import { createPasswords } from '../auth/passwords.ts'
import type { OrderAnswer } from '../observe/channel.ts'
import { encodeNamespaceCommand } from '../state-machine/areas/namespace-area.ts'
import type { Consensus } from './consensus.ts'
import type { LocalData } from './local-data.ts'
import type { NodeParts } from './node-parts.ts'

export interface Tenancy {
  readonly auth: NodeAuth
  readonly namespaces: NamespacePort
  /** From now on everybody must show who they are, or nobody. */
  switchAuth(on: boolean, done: (answer: OrderAnswer) => void): void
}

export const createTenancy = ({ start, options, log, clock }: NodeParts, { state, faulty }: LocalData, { driver, write }: Consensus): Tenancy => {
  const { machine } = state
  // A server of Nacos that opens the same database is to know what is hashed here.
  const passwords = createPasswords(undefined, start.mysql === undefined ? 'scrypt' : 'bcrypt')
  const auth = createNodeAuth({
    ...{ clusterSecret: start.clusterSecret, identity: start.auth?.identity ?? null, on: start.auth?.on === true },
    ...{ ttlSeconds: options.tokenTtlSeconds, passwords, accounts: () => machine.areas().accounts },
    propose: write,
    ...{ readIndex: driver.readIndex, randomBytes, monotonicMs: clock.monotonicMs, wallMs: faulty.clock.wallMs },
  })
  return {
    auth,
    namespaces: {
      find: (id) => machine.areas().namespaces.find(id),
      all: () => machine.areas().namespaces.all(),
      propose: (command, done) => write(encodeNamespaceCommand(command), done),
    },
    switchAuth: (on, done) => {
      const words = on ? 'every request must show who sends it' : 'nobody is asked who they are'
      // The supervisor says it again to a node that has only just begun to listen.
      if (auth.isOn() !== on) log.write('info', 'auth', `from now on ${words}`)
      auth.switchTo(on)
      done({ ok: true, words })
    },
  }
}
