/**
 * Password hashes: scrypt, made in the threads of the runtime and never on the loop of consensus, `$scrypt$n=…,r=…,p=…$salt$hash`. Few at a time
 * and few that wait: a flood of logins must not take the memory or the threads that the disk needs. Must never let a password or a hash into a text.
 */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

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
/** The runtime has four threads for files and hashes together. */
const runningMax = 2
const waitingMax = 64

interface Stored {
  readonly cost: Cost
  readonly salt: Buffer
  readonly hash: Buffer
}

const storedPattern = /^\$scrypt\$n=(\d{1,7}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/

const isWithin = ({ n, r, p }: Cost): boolean =>
  n >= 2 && Number.isInteger(Math.log2(n)) && n <= costMax.n && r >= 1 && r <= costMax.r && p >= 1 && p <= costMax.p && 128 * n * r < memoryBytesMax

const parse = (text: string): Stored | null => {
  const [, n = '', r = '', p = '', salt = '', hash = ''] = storedPattern.exec(text) ?? []
  const asked: Cost = { n: Number(n), r: Number(r), p: Number(p) }
  return isWithin(asked) ? { cost: asked, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') } : null
}

const shown = ({ cost: { n, r, p }, salt, hash }: Stored): string =>
  `$scrypt$n=${n},r=${r},p=${p}$${salt.toString('base64url')}$${hash.toString('base64url')}`

/** @param cost of hashes that are made; a test wants them quick */
export const createPasswords = (cost: Cost = usualCost): Passwords => {
  const waiting: (() => void)[] = []
  let running = 0
  /** Of nobody: its only use is the time that comparing with it takes. */
  const decoy: Stored = { cost, salt: randomBytes(saltBytes), hash: randomBytes(hashBytes) }

  const next = (): void => {
    running--
    waiting.shift()?.()
  }
  const derive = (password: string, salt: Buffer, { n, r, p }: Cost, done: (hash: Buffer | undefined) => void): void => {
    const start = (): void => {
      running++
      scrypt(password.normalize('NFC'), salt, hashBytes, { N: n, r, p, maxmem: memoryBytesMax }, (error, hash) => {
        next()
        done(error === null ? hash : undefined)
      })
    }
    if (running < runningMax) start()
    else if (waiting.length < waitingMax) waiting.push(start)
    else done(undefined)
  }

  return {
    hash: (password, done) => {
      const salt = randomBytes(saltBytes)
      derive(password, salt, cost, (hash) => done(hash === undefined ? undefined : shown({ cost, salt, hash })))
    },
    verify: (password, text, done) => {
      const stored = text === null ? null : parse(text)
      const against = stored ?? decoy
      derive(password, against.salt, against.cost, (hash) => {
        if (hash === undefined) done(undefined)
        else done(timingSafeEqual(hash, against.hash) && stored !== null)
      })
    },
  }
}
