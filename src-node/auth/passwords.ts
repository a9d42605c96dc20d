/**
 * Password hashes: scrypt, made in the threads of the runtime and never on the loop of consensus, `$scrypt$n=…,r=…,p=…$salt$hash`; and bcrypt, as
 * Nacos keeps them in a database that it shares with us, a millisecond a turn. Few at a time and few that wait: a flood of logins must not take the
 * memory or the threads that the disk needs. Must never let a password or a hash into a text.
 */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { bcrypt, bcryptCost, parseBcrypt, shownBcrypt } from './bcrypt.ts'

export interface Passwords {
  /** Undefined: too many wait already. */
  hash(password: string, done: (hash: string | undefined) => void): void
  /** Against a hash that nobody has, too: takes the same time for a user that is not there. */
  verify(password: string, hash: string | null, done: (same: boolean | undefined) => void): void
}

export interface Cost {
  readonly n: number
  readonly r: number
  readonly p: number
}

/** What OWASP names for scrypt, at 16 MiB a hash. */
const usualCost: Cost = { n: 2 ** 14, r: 8, p: 5 }
/** What a stored hash may ask for at most: rows come from the log, but a copy of a log may come from anywhere. */
const costMax: Cost = { n: 2 ** 17, r: 16, p: 16 }
const memoryBytesMax = 64 * 1024 * 1024
const saltBytes = 16
const hashBytes = 32
const bcryptHashBytes = 23
/** The runtime has four threads for files and hashes together. */
const runningMax = 2
const waitingMax = 64

/** What a hash was made of. */
type Recipe =
  | { readonly kind: 'scrypt'; readonly cost: Cost; readonly salt: Uint8Array }
  | { readonly kind: 'bcrypt'; readonly cost: number; readonly salt: Uint8Array }
type Stored = Recipe & { readonly hash: Uint8Array }

const storedPattern = /^\$scrypt\$n=(\d{1,7}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/

const isWithin = ({ n, r, p }: Cost): boolean =>
  n >= 2 && Number.isInteger(Math.log2(n)) && n <= costMax.n && r >= 1 && r <= costMax.r && p >= 1 && p <= costMax.p && 128 * n * r < memoryBytesMax

const parse = (text: string): Stored | null => {
  const ofNacos = parseBcrypt(text)
  if (ofNacos !== null) return { kind: 'bcrypt', ...ofNacos }
  const [, n = '', r = '', p = '', salt = '', hash = ''] = storedPattern.exec(text) ?? []
  const asked: Cost = { n: Number(n), r: Number(r), p: Number(p) }
  return isWithin(asked) ? { kind: 'scrypt', cost: asked, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') } : null
}

const shownBytes = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const shown = (stored: Stored): string => {
  if (stored.kind === 'bcrypt') return shownBcrypt(stored)
  const { n, r, p } = stored.cost
  return `$scrypt$n=${n},r=${r},p=${p}$${shownBytes(stored.salt)}$${shownBytes(stored.hash)}`
}

const byScrypt = (password: string, salt: Uint8Array, { n, r, p }: Cost, done: (hash: Uint8Array | undefined) => void): void =>
  scrypt(password.normalize('NFC'), salt, hashBytes, { N: n, r, p, maxmem: memoryBytesMax }, (error, hash) => done(error === null ? hash : undefined))

/** A step a turn: whatever else is due comes between. */
const byBcrypt = (password: string, salt: Uint8Array, cost: number, done: (hash: Uint8Array) => void): void => {
  const steps = bcrypt(password, salt, cost)
  const step = (): void => {
    const { done: isDone, value } = steps.next()
    if (isDone === true) done(value)
    else setImmediate(step)
  }
  setImmediate(step)
}

/**
 * @param cost of hashes of scrypt that are made; a test wants them quick
 * @param makes `bcrypt`: others must be able to verify what is made here
 */
export const createPasswords = (cost: Cost = usualCost, makes: Recipe['kind'] = 'scrypt'): Passwords => {
  const waiting: (() => void)[] = []
  let running = 0
  /** Of nobody: its only use is the time that comparing with it takes. */
  const fresh = (): Recipe => {
    const salt = randomBytes(saltBytes)
    return makes === 'bcrypt' ? { kind: 'bcrypt', cost: bcryptCost, salt } : { kind: 'scrypt', cost, salt }
  }
  const recipe = fresh()
  const decoy: Stored = { ...recipe, hash: randomBytes(recipe.kind === 'bcrypt' ? bcryptHashBytes : hashBytes) }

  const next = (): void => {
    running--
    waiting.shift()?.()
  }
  const derive = (password: string, of: Recipe, done: (hash: Uint8Array | undefined) => void): void => {
    const settled = (hash: Uint8Array | undefined): void => {
      next()
      done(hash)
    }
    const start = (): void => {
      running++
      if (of.kind === 'bcrypt') byBcrypt(password, of.salt, of.cost, settled)
      else byScrypt(password, of.salt, of.cost, settled)
    }
    if (running < runningMax) start()
    else if (waiting.length < waitingMax) waiting.push(start)
    else done(undefined)
  }

  return {
    hash: (password, done) => {
      const of = fresh()
      derive(password, of, (hash) => done(hash === undefined ? undefined : shown({ ...of, hash })))
    },
    verify: (password, text, done) => {
      const stored = text === null ? null : parse(text)
      const against = stored ?? decoy
      derive(password, against, (hash) => {
        if (hash === undefined) done(undefined)
        else done(timingSafeEqual(hash, against.hash) && stored !== null)
      })
    },
  }
}
