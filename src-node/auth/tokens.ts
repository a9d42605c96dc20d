/**
 * Access tokens: JWTs of HMAC-SHA256 with the members `sub` and `exp` and no other, as Nacos makes them (nacos-http 4). Owns the format and the
 * key; must never take the algorithm from the token, and never say which user it was made for unless the signature holds.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

/** What signs a user's tokens: differs with the password, so that a changed password ends every token of before, on every node. */
export type TokenKey = Buffer

export type TokenVerdict =
  | { readonly kind: 'valid'; readonly expiresAtMs: number }
  | { readonly kind: 'expired' | 'bad-signature' | 'other-algorithm' | 'unreadable' }

/** A header, a name of 50 characters, a time and a signature make some 250 bytes. */
const tokenCharactersMax = 2_048
/** Clocks of nodes and of whoever changes them may differ so far (reliability 10, row 12). */
const toleranceMs = 60_000

const header = { alg: 'HS256' } as const
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const encodedHeader = encode(header)

const secretPattern = /^[0-9a-f]{64}$/i

/**
 * Of the cluster's secret, and bound to its use: no token gives away a byte of what nodes know each other by.
 * @param clusterSecret 64 hex digits. Anything else is refused, the well-known keys of Nacos's sample files among it: none has this form.
 */
export const tokenSecretOf = (clusterSecret: string): Buffer => {
  if (!secretPattern.test(clusterSecret)) throw new Error('the secret of a cluster must have 64 hex digits')
  return createHmac('sha256', Buffer.from(clusterSecret, 'hex')).update('nacos-trio access token 1').digest()
}

export const tokenKeyOf = (secret: Buffer, user: { readonly name: string; readonly passwordHash: string }): TokenKey =>
  createHmac('sha256', secret)
    .update(JSON.stringify([user.name, user.passwordHash]))
    .digest()

const signatureOf = (key: TokenKey, signed: string): Buffer => createHmac('sha256', key).update(signed).digest()

/** @param expiresAtMs of the wall clock; the token says it in whole seconds */
export const makeToken = (key: TokenKey, name: string, expiresAtMs: number): string => {
  const signed = `${encodedHeader}.${encode({ sub: name, exp: Math.floor(expiresAtMs / 1000) })}`
  return `${signed}.${signatureOf(key, signed).toString('base64url')}`
}

const memberOf = (encoded: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

/** What a token claims before anything is proven: says whose key is to be tried. */
export interface TokenClaim {
  readonly name: string
  readonly expiresAtMs: number
  readonly algorithm: string
  readonly signed: string
  readonly signature: Buffer
}

/** @returns null for what is no token at all */
export const readClaim = (token: string): TokenClaim | null => {
  if (token.length > tokenCharactersMax) return null
  const [head, body, signature, more] = token.split('.', 4)
  if (head === undefined || body === undefined || signature === undefined || more !== undefined) return null
  const { alg } = memberOf(head)
  const { sub, exp } = memberOf(body)
  if (typeof alg !== 'string' || typeof sub !== 'string' || typeof exp !== 'number' || !Number.isSafeInteger(exp * 1000)) return null
  return { name: sub, expiresAtMs: exp * 1000, algorithm: alg, signed: `${head}.${body}`, signature: Buffer.from(signature, 'base64url') }
}

export const judgeClaim = (claim: TokenClaim, key: TokenKey, wallMs: number): TokenVerdict => {
  if (claim.algorithm !== header.alg) return { kind: 'other-algorithm' }
  const expected = signatureOf(key, claim.signed)
  if (claim.signature.length !== expected.length || !timingSafeEqual(claim.signature, expected)) return { kind: 'bad-signature' }
  return wallMs >= claim.expiresAtMs + toleranceMs ? { kind: 'expired' } : { kind: 'valid', expiresAtMs: claim.expiresAtMs }
}
