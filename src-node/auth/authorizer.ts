/**
 * Who is it, and may they: one place for HTTP and gRPC alike (nacos-http 4). Everything that is not allowed is refused. It judges what a request
 * is about, as its route says, never an address or an agent; it knows no parameter names.
 */

import { timingSafeEqual } from 'node:crypto'
import { administratorRole } from '../state-machine/areas/account-area.ts'
import type { Accounts } from './accounts.ts'
import type { PasswordCheck, PasswordVerdict } from './password-check.ts'
import { type Action, covers, type Resource } from './permission-match.ts'
import { judgeClaim, makeToken, readClaim, tokenKeyOf } from './tokens.ts'

/** What a request brings to show who sends it; `''`: nothing. */
export interface Credentials {
  /** Of the program that started this node, and of nobody else. */
  readonly identity: string
  readonly token: string
  readonly name: string
  readonly password: string
  /** Address of the caller. */
  readonly from: string
}

export type Need =
  | { readonly kind: 'signed-in' | 'admin' }
  /** All of them; none: only an administrator may. */
  | { readonly kind: 'resources'; readonly action: Action; readonly resources: readonly Resource[] }

/** `name` is `''` for our own console, and for everybody while nobody is asked. */
export interface Caller {
  readonly name: string
  readonly isAdmin: boolean
  /** Of what only the handler can name, such as rows that were asked for by their ids; as it is when it is asked. */
  may(action: Action, resource: Resource): boolean
}

export type Verdict =
  | { readonly kind: 'allowed'; readonly caller: Caller }
  /** In Nacos's words where it has some. */
  | { readonly kind: 'denied'; readonly words: string }
  | { readonly kind: 'overloaded' }

export type LoginAnswer =
  | { readonly kind: 'signed-in'; readonly name: string; readonly token: string; readonly ttlSeconds: number; readonly isAdmin: boolean }
  | { readonly kind: 'denied'; readonly words: string }
  | { readonly kind: 'overloaded' }

export interface Authorizer {
  /** False: nobody is asked, and everybody may. */
  isOn(): boolean
  switchTo(on: boolean): void
  /** Asks whether or not it is on. At once, unless a password has to be checked. */
  decide(need: Need, credentials: Credentials, done: (verdict: Verdict) => void): void
  login(login: Pick<Credentials, 'name' | 'password' | 'from'>, done: (answer: LoginAnswer) => void): void
}

export interface AuthorizerParts {
  readonly accounts: Accounts
  readonly passwordCheck: PasswordCheck
  readonly tokenSecret: Buffer
  /** 64 hex digits; null: no program is trusted for it. */
  readonly identity: string | null
  readonly ttlSeconds: number
  /** At first. */
  readonly on: boolean
  wallMs(): number
}

/** What a caller without a password is allowed while nobody is asked. */
export const anybody: Caller = { name: '', isAdmin: true, may: () => true }

/** `user not found!` for a wrong password as well: 2.2.4+ (nacos-http 4). */
const words = { nobody: 'user not found!', invalid: 'token invalid!', expired: 'token expired!', refused: 'authorization failed!' } as const
const tokensKnownMax = 4_096

interface Known {
  readonly name: string
  readonly hash: string
  readonly expiresAtMs: number
}

type Who = { readonly kind: 'known'; readonly caller: Caller } | Exclude<Verdict, { kind: 'allowed' }>

const denied = (text: string): { readonly kind: 'denied'; readonly words: string } => ({ kind: 'denied', words: text })

const passwordRefusal = (verdict: Exclude<PasswordVerdict, { kind: 'right' }>): Exclude<Verdict, { kind: 'allowed' }> => {
  switch (verdict.kind) {
    case 'wrong':
      return denied(words.nobody)
    case 'locked':
      return denied(`too many failed logins of this user from here; try again in ${Math.ceil(verdict.waitMs / 1000)} s`)
    case 'overloaded':
      return { kind: 'overloaded' }
  }
}

const sameText = (given: string, expected: string): boolean => {
  const bytes = Buffer.from(given)
  const own = Buffer.from(expected)
  return bytes.length === own.length && timingSafeEqual(bytes, own)
}

/** Tokens that were proven lately: a signature costs more than all the rest of a decision. */
const createTokenMemory = () => {
  const tokens = new Map<string, Known>()
  return {
    get: (token: string): Known | undefined => tokens.get(token),
    keep: (token: string, known: Known): void => {
      tokens.set(token, known)
      const [oldest] = tokens.keys()
      if (tokens.size > tokensKnownMax && oldest !== undefined) tokens.delete(oldest)
    },
    drop: (token: string): void => void tokens.delete(token),
  }
}

export const createAuthorizer = (parts: AuthorizerParts): Authorizer => {
  const { accounts, passwordCheck, tokenSecret, identity, ttlSeconds, wallMs } = parts
  const memory = createTokenMemory()
  let on = parts.on

  const isAdministrator = (name: string): boolean => accounts.rolesOf(name).includes(administratorRole)
  const mayTouch = (name: string, action: Action, resources: readonly Resource[]): boolean => {
    const permissions = accounts.rolesOf(name).flatMap((role) => accounts.permissionsOf(role))
    return resources.length > 0 && resources.every((resource) => permissions.some((permission) => covers(permission, resource, action)))
  }
  const callerOf = (name: string): Caller => ({
    name,
    isAdmin: isAdministrator(name),
    may: (action, resource) => isAdministrator(name) || mayTouch(name, action, [resource]),
  })

  /** Of a user who is still there, with the password of then. */
  const isCurrent = ({ name, hash, expiresAtMs }: Known): boolean => accounts.passwordHash(name) === hash && wallMs() < expiresAtMs

  const byToken = (token: string): Who => {
    const kept = memory.get(token)
    if (kept !== undefined && isCurrent(kept)) return { kind: 'known', caller: callerOf(kept.name) }
    memory.drop(token)
    const claim = readClaim(token)
    const hash = claim === null ? undefined : accounts.passwordHash(claim.name)
    if (claim === null || hash === undefined) return denied(words.invalid)
    const verdict = judgeClaim(claim, tokenKeyOf(tokenSecret, { name: claim.name, passwordHash: hash }), wallMs())
    switch (verdict.kind) {
      case 'valid':
        memory.keep(token, { name: claim.name, hash, expiresAtMs: verdict.expiresAtMs })
        return { kind: 'known', caller: callerOf(claim.name) }
      case 'expired':
        return denied(words.expired)
      case 'other-algorithm':
        return denied('unsupported signature algorithm')
      case 'bad-signature':
      case 'unreadable':
        return denied(words.invalid)
    }
  }

  const whoIs = (credentials: Credentials, done: (who: Who) => void): void => {
    if (credentials.identity !== '' && identity !== null && sameText(credentials.identity, identity)) done({ kind: 'known', caller: anybody })
    else if (credentials.token !== '') done(byToken(credentials.token))
    else if (credentials.name === '') done(denied(words.nobody))
    else
      passwordCheck.check(credentials, (verdict) =>
        done(verdict.kind === 'right' ? { kind: 'known', caller: callerOf(credentials.name) } : passwordRefusal(verdict)),
      )
  }

  const isAllowed = (need: Need, { name, isAdmin }: Caller): boolean => {
    if (isAdmin) return true
    switch (need.kind) {
      case 'admin':
        return false
      case 'signed-in':
        return true
      case 'resources':
        return mayTouch(name, need.action, need.resources)
    }
  }

  return {
    isOn: () => on,
    switchTo: (wanted) => {
      on = wanted
    },
    decide: (need, credentials, done) =>
      whoIs(credentials, (who) => {
        if (who.kind !== 'known') done(who)
        else done(isAllowed(need, who.caller) ? { kind: 'allowed', caller: who.caller } : denied(words.refused))
      }),
    login: (login, done) =>
      passwordCheck.check(login, (verdict) => {
        const hash = accounts.passwordHash(login.name)
        if (verdict.kind !== 'right') done(passwordRefusal(verdict))
        else if (hash === undefined) done(denied(words.nobody))
        else {
          const token = makeToken(tokenKeyOf(tokenSecret, { name: login.name, passwordHash: hash }), login.name, wallMs() + ttlSeconds * 1000)
          done({ kind: 'signed-in', name: login.name, token, ttlSeconds, isAdmin: callerOf(login.name).isAdmin })
        }
      }),
  }
}
