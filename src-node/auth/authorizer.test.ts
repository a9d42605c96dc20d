/** Who is it, and may they: over users in a map, hashes that are made at once, and a clock that stands. */

import { describe, expect, it } from 'vitest'
import { type Credentials, createAuthorizer, type Need } from './authorizer.ts'
import { createLockout } from './lockout.ts'
import { createPasswordCheck } from './password-check.ts'
import type { Passwords } from './passwords.ts'
import type { Permission, Resource } from './permission-match.ts'
import { tokenSecretOf } from './tokens.ts'

const identity = 'ef'.repeat(32)
const nobody: Credentials = { identity: '', token: '', name: '', password: '', from: '127.0.0.1' }
const dev: Resource = { namespace: 'dev', group: 'G', kind: 'config', name: 'a.yaml' }
const test: Resource = { ...dev, namespace: 'test' }
const toRead = (...resources: Resource[]): Need => ({ kind: 'resources', action: 'r', resources })
const toWrite = (...resources: Resource[]): Need => ({ kind: 'resources', action: 'w', resources })
const admin: Need = { kind: 'admin' }
const signedIn: Need = { kind: 'signed-in' }

interface User {
  hash: string
  roles: string[]
}

const start = () => {
  const users = new Map<string, User>([
    ['nacos', { hash: 'of root', roles: ['ROLE_ADMIN'] }],
    ['ann', { hash: 'of secret', roles: ['reader', 'writer'] }],
  ])
  const permissions: Record<string, Permission[]> = {
    reader: [{ role: 'reader', resource: 'dev:*:*', action: 'r' }],
    writer: [{ role: 'writer', resource: 'dev:G:config/a.yaml', action: 'w' }],
  }
  const clock = { nowMs: 1_000_000 }
  /** What another node committed, and this one has not applied yet. */
  const coming: (() => void)[] = []
  let hashes = 0
  let busy = false
  let hold: ((go: () => void) => void) | null = null
  const passwords: Passwords = {
    hash: () => undefined,
    verify: (password, hash, done) => {
      hashes++
      const go = () => done(busy ? undefined : hash === `of ${password}`)
      if (hold === null) go()
      else hold(go)
    },
  }
  const accounts = {
    passwordHash: (name: string) => users.get(name)?.hash,
    rolesOf: (name: string) => users.get(name)?.roles ?? [],
    permissionsOf: (role: string) => permissions[role] ?? [],
  }
  const monotonicMs = () => clock.nowMs
  const passwordCheck = createPasswordCheck({
    ...{ accounts, passwords, monotonicMs, lockout: createLockout({ monotonicMs }), memoryKey: Buffer.alloc(32, 7) },
    caughtUp: (done) => {
      for (const apply of coming.splice(0)) apply()
      done()
    },
  })
  const tokenSecret = tokenSecretOf('ab'.repeat(32))
  const auth = createAuthorizer({ accounts, passwordCheck, identity, on: true, ttlSeconds: 60, tokenSecret, wallMs: () => clock.nowMs })
  const decide = (need: Need, shown: Partial<Credentials>): string => {
    let heard = 'nothing yet'
    auth.decide(need, { ...nobody, ...shown }, (verdict) => {
      heard = verdict.kind === 'denied' ? verdict.words : verdict.kind === 'allowed' ? `${verdict.caller.name} may` : verdict.kind
    })
    return heard
  }
  const login = (name: string, password: string, from = '127.0.0.1') => {
    let heard: { token?: string; words?: string; kind: string; isAdmin?: boolean } = { kind: 'nothing yet' }
    auth.login({ name, password, from }, (answer) => {
      heard = answer
    })
    return heard
  }
  const tokenOf = (name: string, password: string) => login(name, password).token ?? ''
  return {
    ...{ users, permissions, clock, coming, auth, decide, login, tokenOf, hashes: () => hashes },
    setBusy: () => {
      busy = true
    },
    setHold: (held: (go: () => void) => void) => {
      hold = held
    },
  }
}

describe('a caller', () => {
  it('who shows nothing, or a wrong identity, is nobody', () => {
    const { decide } = start()
    for (const shown of [{}, { identity: '' }, { identity: identity.slice(1) }, { identity: 'ef'.repeat(31) }, { identity: 'NACOS' }])
      expect(decide(signedIn, shown)).toBe('user not found!')
  })

  it('who shows the identity of the program around the node may everything', () => {
    const { decide } = start()
    expect([decide(admin, { identity }), decide(toWrite(test), { identity })]).toEqual([' may', ' may'])
  })

  it('is known by a token, or by name and password on the request itself', () => {
    const { decide, tokenOf } = start()
    const token = tokenOf('ann', 'secret')
    expect(decide(signedIn, { token })).toBe('ann may')
    expect(decide(signedIn, { name: 'ann', password: 'secret' })).toBe('ann may')
    expect(decide(signedIn, { name: 'ann', password: 'wrong' })).toBe('user not found!')
    expect(decide(signedIn, { name: 'bob', password: 'wrong' })).toBe('user not found!')
  })

  it('is judged by the token that it shows, whatever else it shows', () => {
    const { decide } = start()
    expect(decide(signedIn, { token: 'x.y.z', name: 'ann', password: 'secret' })).toBe('token invalid!')
  })
})

describe('a permission', () => {
  it('is asked for every resource, and for the action', () => {
    const { decide, tokenOf } = start()
    const token = tokenOf('ann', 'secret')
    expect(decide(toRead(dev), { token })).toBe('ann may')
    expect(decide(toRead(dev, test), { token })).toBe('authorization failed!')
    expect(decide(toWrite(dev), { token })).toBe('ann may')
    expect(decide(toWrite({ ...dev, name: 'b.yaml' }), { token })).toBe('authorization failed!')
  })

  it("for nothing in particular is an administrator's", () => {
    const { decide, tokenOf } = start()
    expect(decide(toRead(), { token: tokenOf('ann', 'secret') })).toBe('authorization failed!')
    expect(decide(toRead(), { token: tokenOf('nacos', 'root') })).toBe('nacos may')
  })

  it('makes nobody an administrator', () => {
    const { decide, tokenOf, permissions } = start()
    permissions.reader?.push({ role: 'reader', resource: '*:*:*', action: 'rw' })
    expect(decide(admin, { token: tokenOf('ann', 'secret') })).toBe('authorization failed!')
    expect(decide(admin, { token: tokenOf('nacos', 'root') })).toBe('nacos may')
  })

  it('that is taken away counts at once', () => {
    const { decide, tokenOf, permissions } = start()
    const token = tokenOf('ann', 'secret')
    permissions.reader = []
    expect(decide(toRead(dev), { token })).toBe('authorization failed!')
  })
})

it('of what only a handler can name is asked again, as it is then', () => {
  const { auth, permissions, users } = start()
  const heard: ((action: 'r' | 'w', resource: Resource) => boolean)[] = []
  for (const shown of [{ name: 'ann', password: 'secret' }, { identity }, { name: 'nacos', password: 'root' }])
    auth.decide(signedIn, { ...nobody, ...shown }, (verdict) => verdict.kind === 'allowed' && heard.push(verdict.caller.may))
  expect(heard.map((may) => [may('r', dev), may('w', dev), may('r', test)])).toEqual([
    [true, true, false],
    [true, true, true],
    [true, true, true],
  ])
  permissions.reader = []
  users.delete('nacos')
  expect(heard.map((may) => may('r', dev))).toEqual([false, true, false])
})

describe('a token', () => {
  it('ends in time, known or not', () => {
    const { decide, tokenOf, clock } = start()
    const token = tokenOf('ann', 'secret')
    expect(decide(signedIn, { token })).toBe('ann may')
    clock.nowMs += 60_000 + 60_000
    expect(decide(signedIn, { token })).toBe('token expired!')
  })

  it('ends with the password, and with the user', () => {
    const { decide, tokenOf, users } = start()
    const token = tokenOf('ann', 'secret')
    expect(decide(signedIn, { token })).toBe('ann may')
    users.set('ann', { hash: 'of other', roles: [] })
    expect(decide(signedIn, { token })).toBe('token invalid!')
    users.delete('ann')
    expect(decide(signedIn, { token })).toBe('token invalid!')
  })

  it('of another algorithm is told apart', () => {
    const { decide, tokenOf } = start()
    const [, body, signature] = tokenOf('ann', 'secret').split('.')
    const head = Buffer.from('{"alg":"none"}').toString('base64url')
    expect(decide(signedIn, { token: `${head}.${body}.${signature}` })).toBe('unsupported signature algorithm')
  })
})

describe('a login', () => {
  it('gives a token, and says who is an administrator', () => {
    const { login } = start()
    expect(login('nacos', 'root')).toMatchObject({ kind: 'signed-in', name: 'nacos', ttlSeconds: 60, isAdmin: true })
    expect(login('ann', 'secret')).toMatchObject({ kind: 'signed-in', isAdmin: false })
  })

  it('says the same, at the same cost, of a wrong password and of a user who is not there', () => {
    const { login, hashes } = start()
    const wrong = login('ann', 'x')
    const cost = hashes()
    expect(login('nobody', 'x')).toEqual(wrong)
    expect(hashes() - cost).toBe(cost)
    expect(wrong).toEqual({ kind: 'denied', words: 'user not found!' })
  })

  it('is held back after five failures, for this name from there alone', () => {
    const { login, hashes } = start()
    for (let at = 0; at < 5; at++) login('ann', 'x')
    const cost = hashes()
    expect(login('ann', 'secret').words).toBe('too many failed logins of this user from here; try again in 1 s')
    expect(hashes()).toBe(cost)
    expect(login('ann', 'secret', '10.0.0.9').kind).toBe('signed-in')
    expect(login('nacos', 'root').kind).toBe('signed-in')
  })

  it('that was right a moment ago needs no hash, even while others guess', () => {
    const { login, hashes, users, clock } = start()
    login('ann', 'secret')
    for (let at = 0; at < 6; at++) login('ann', 'x')
    const cost = hashes()
    expect([login('ann', 'secret').kind, hashes() - cost]).toEqual(['signed-in', 0])
    users.set('ann', { hash: 'of other', roles: [] })
    clock.nowMs += 60_000
    expect(login('ann', 'secret').kind).toBe('denied')
  })

  it('that many want at once costs one hash', () => {
    const { auth, setHold, hashes } = start()
    const held: (() => void)[] = []
    const heard: string[] = []
    setHold((go) => held.push(go))
    for (let at = 0; at < 1_001; at++) auth.login({ name: 'ann', password: 'secret', from: '127.0.0.1' }, ({ kind }) => heard.push(kind))
    expect(heard).toEqual(['overloaded'])
    for (const go of held) go()
    expect([hashes(), heard.filter((kind) => kind === 'signed-in').length]).toEqual([1, 1_000])
  })

  it('of a user that another node has just made waits until this one knows it', () => {
    const { login, coming, users } = start()
    coming.push(() => users.set('eve', { hash: 'of new', roles: [] }))
    expect(login('eve', 'new').kind).toBe('signed-in')
  })

  it('beyond all limits is wrong, and one while all threads are busy is neither', () => {
    const { login, decide, hashes, setBusy } = start()
    expect([login('a'.repeat(51), 'x').kind, login('ann', 'x'.repeat(129)).kind, hashes()]).toEqual(['denied', 'denied', 0])
    setBusy()
    expect([login('ann', 'secret').kind, decide(signedIn, { name: 'ann', password: 'secret' })]).toEqual(['overloaded', 'overloaded'])
  })
})

it('is switched while it works', () => {
  const { auth } = start()
  expect(auth.isOn()).toBe(true)
  auth.switchTo(false)
  expect(auth.isOn()).toBe(false)
})
