/**
 * Users of one node, put together: what it has applied, how passwords and tokens are looked at, who may what. It decides nothing that its parts do
 * not decide, and keeps no password.
 */

import type { ReadOutcome, WriteOutcome } from '../raft-driver/ports.ts'
import type { AccountArea } from '../state-machine/areas/account-area.ts'
import { encodeAccountCommand } from '../state-machine/areas/account-codec.ts'
import type { AccountCommand } from '../state-machine/areas/account-words.ts'
import type { Reply } from '../state-machine/types.ts'
import type { Accounts } from './accounts.ts'
import { type Authorizer, createAuthorizer } from './authorizer.ts'
import { createLockout } from './lockout.ts'
import { createPasswordCheck } from './password-check.ts'
import type { Passwords } from './passwords.ts'
import { tokenSecretOf } from './tokens.ts'

export interface NodeAuthParts {
  readonly clusterSecret: string
  readonly identity: string | null
  readonly on: boolean
  readonly ttlSeconds: number
  readonly passwords: Passwords
  /** As it is now: a snapshot may put another in its place. */
  accounts(): AccountArea
  propose(payload: Uint8Array, done: (outcome: WriteOutcome<Reply>) => void): void
  readIndex(done: (outcome: ReadOutcome) => void): void
  randomBytes(count: number): Buffer
  monotonicMs(): number
  wallMs(): number
}

export interface NodeAuth extends Authorizer, Pick<AccountArea, 'user' | 'users' | 'permissions' | 'hasAdministrator'> {
  hash: Passwords['hash']
  newPassword(): string
  propose(command: AccountCommand, done: (outcome: WriteOutcome<Reply>) => void): void
}

const memoryKeyBytes = 32
/** 120 bits, in signs that a form and a shell leave alone. */
const newPasswordBytes = 15

export const createNodeAuth = (parts: NodeAuthParts): NodeAuth => {
  const { passwords, randomBytes, monotonicMs, wallMs } = parts
  const accounts: Accounts = {
    passwordHash: (name) => parts.accounts().user(name)?.passwordHash,
    rolesOf: (name) => parts.accounts().user(name)?.roles ?? [],
    permissionsOf: (role) => parts.accounts().permissionsOf(role),
  }
  const passwordCheck = createPasswordCheck({
    ...{ accounts, passwords, monotonicMs, lockout: createLockout({ monotonicMs }), memoryKey: randomBytes(memoryKeyBytes) },
    caughtUp: (done) => parts.readIndex(() => done()),
  })
  const { identity, on, ttlSeconds } = parts
  const authorizer = createAuthorizer({
    ...{ accounts, passwordCheck, identity, on, ttlSeconds, wallMs },
    tokenSecret: tokenSecretOf(parts.clusterSecret),
  })
  return {
    ...authorizer,
    user: (name) => parts.accounts().user(name),
    users: () => parts.accounts().users(),
    permissions: () => parts.accounts().permissions(),
    hasAdministrator: () => parts.accounts().hasAdministrator(),
    hash: passwords.hash,
    newPassword: () => randomBytes(newPasswordBytes).toString('base64url'),
    propose: (command, done) => parts.propose(encodeAccountCommand(command), done),
  }
}
