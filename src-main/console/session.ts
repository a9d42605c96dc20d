/**
 * Who may use the console in a browser: a code (single use, 60 s) is exchanged for a token that lives as long as this run.
 * Holds only hashes, compares in constant time, and never gives a code or token to a log. Clock and randomness are handed in.
 */

import { createHash, timingSafeEqual } from 'node:crypto'

export const codeLifeMs = 60_000
/** 192 bits: far beyond guessing within a minute. */
const codeBytes = 24
const tokenBytes = 32
const waitingCodes = 8
const liveTokens = 64
/** After this many wrong codes no code is taken until the window has passed or the owner asks for a new code. */
const wrongCodes = 10
const wrongWindowMs = 60_000

export type ExchangeResult =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'too-many-attempts'; readonly retryAfterMs: number }

export interface Sessions {
  /** A new single-use code; older ones stay valid for the rest of their minute. */
  newCode(): string
  exchange(code: string): ExchangeResult
  knows(token: string): boolean
}

export function createSessions(options: { readonly nowMs: () => number; readonly randomBytes: (bytes: number) => Buffer }): Sessions {
  let codes: { hash: Buffer; untilMs: number }[] = []
  let tokens: Buffer[] = []
  let wrong = 0
  let wrongSinceMs = 0
  const secret = (bytes: number) => options.randomBytes(bytes).toString('base64url')

  return {
    newCode() {
      const code = secret(codeBytes)
      const now = options.nowMs()
      codes = [...codes.filter(({ untilMs }) => untilMs > now), { hash: digest(code), untilMs: now + codeLifeMs }].slice(-waitingCodes)
      wrong = 0
      return code
    },
    exchange(code) {
      const now = options.nowMs()
      if (now - wrongSinceMs >= wrongWindowMs) wrong = 0
      if (wrong >= wrongCodes) return { kind: 'too-many-attempts', retryAfterMs: wrongWindowMs - (now - wrongSinceMs) }
      const found = indexOf(
        codes.map(({ hash }) => hash),
        digest(code),
      )
      const life = codes[found]
      if (life) codes = codes.filter((other) => other !== life)
      if (!life || life.untilMs <= now) {
        if (wrong === 0) wrongSinceMs = now
        wrong += 1
        return { kind: 'refused' }
      }
      const token = secret(tokenBytes)
      tokens = [...tokens, digest(token)].slice(-liveTokens)
      return { kind: 'token', token }
    },
    knows: (token) => indexOf(tokens, digest(token)) >= 0,
  }
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'utf8').digest()
}

/** Looks at every entry, whatever it finds: time tells nothing. */
function indexOf(hashes: readonly Buffer[], wanted: Buffer): number {
  let found = -1
  hashes.forEach((hash, index) => {
    if (timingSafeEqual(hash, wanted)) found = index
  })
  return found
}
