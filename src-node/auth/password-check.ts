/**
 * Whether a name and a password belong together. A pair that was proven a moment ago is known again without a hash: the Node clients send both
 * with each request (nacos-http 4). Same answer, at the same pace, for a wrong password and for a user that is not there.
 */

import { createHmac } from 'node:crypto'
import type { Accounts } from './accounts.ts'
import type { Lockout } from './lockout.ts'
import type { Passwords } from './passwords.ts'

export type PasswordVerdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'overloaded' }
  /** Nothing was tried: too many failures in a row. */
  | { readonly kind: 'locked'; readonly waitMs: number }

export interface PasswordCheckParts {
  readonly accounts: Accounts
  readonly passwords: Passwords
  readonly lockout: Lockout
  /** Of this process alone: what is remembered tells nobody a password. */
  readonly memoryKey: Buffer
  monotonicMs(): number
  /** Calls back once this node has applied what was committed before, or cannot tell: a user made at another node a moment ago is to be found. */
  caughtUp(done: () => void): void
}

export interface PasswordCheck {
  check(login: Login, done: (verdict: PasswordVerdict) => void): void
}

export interface Login {
  readonly name: string
  readonly password: string
  /** Address of the caller. */
  readonly from: string
}

const nameCharactersMax = 50
const passwordCharactersMax = 128

const provenMax = 1_024
const provenForMs = 600_000
/** Who ask the same at the same time share one hash. */
const sharersMax = 1_000

interface Proven {
  readonly hash: string
  readonly sinceMs: number
}

export const createPasswordCheck = ({ accounts, passwords, lockout, memoryKey, monotonicMs, caughtUp }: PasswordCheckParts): PasswordCheck => {
  const proven = new Map<string, Proven>()
  const running = new Map<string, ((verdict: PasswordVerdict) => void)[]>()

  const pairOf = ({ name, password }: Login): string =>
    createHmac('sha256', memoryKey)
      .update(JSON.stringify([name, password]))
      .digest('base64')

  const isProven = (pair: string, name: string): boolean => {
    const found = proven.get(pair)
    if (found === undefined) return false
    if (found.hash === accounts.passwordHash(name) && monotonicMs() - found.sinceMs < provenForMs) return true
    proven.delete(pair)
    return false
  }
  const remember = (pair: string, hash: string): void => {
    proven.delete(pair)
    proven.set(pair, { hash, sinceMs: monotonicMs() })
    const [oldest] = proven.keys()
    if (proven.size > provenMax && oldest !== undefined) proven.delete(oldest)
  }

  const tryHash = (login: Login, pair: string, done: (verdict: PasswordVerdict) => void, isLast = false): void => {
    const hash = accounts.passwordHash(login.name) ?? null
    passwords.verify(login.password, hash, (same) => {
      if (same === undefined) done({ kind: 'overloaded' })
      else if (same && hash !== null) {
        remember(pair, hash)
        done({ kind: 'right' })
      } else if (isLast) done({ kind: 'wrong' })
      else
        caughtUp(() => {
          if ((accounts.passwordHash(login.name) ?? null) === hash) done({ kind: 'wrong' })
          else tryHash(login, pair, done, true)
        })
    })
  }

  return {
    check: (login, done) => {
      if (login.name.length > nameCharactersMax || login.password.length > passwordCharactersMax) {
        done({ kind: 'wrong' })
        return
      }
      const pair = pairOf(login)
      if (isProven(pair, login.name)) {
        done({ kind: 'right' })
        return
      }
      const who = JSON.stringify([login.from, login.name])
      const waitMs = lockout.waitMs(who)
      const sharers = running.get(pair)
      if (waitMs > 0) done({ kind: 'locked', waitMs })
      else if (sharers === undefined) {
        const asking = [done]
        running.set(pair, asking)
        tryHash(login, pair, (verdict) => {
          running.delete(pair)
          if (verdict.kind === 'right') lockout.succeeded(who)
          if (verdict.kind === 'wrong') lockout.failed(who)
          for (const tell of asking) tell(verdict)
        })
      } else if (sharers.length >= sharersMax) done({ kind: 'overloaded' })
      else sharers.push(done)
    },
  }
}
