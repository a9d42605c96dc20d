import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { judgeClaim, makeToken, readClaim, tokenKeyOf, tokenSecretOf } from './tokens.ts'

const clusterSecret = 'ab'.repeat(32)
const secret = tokenSecretOf(clusterSecret)
const ann = { name: 'ann', passwordHash: 'h1' }
const key = tokenKeyOf(secret, ann)
const endsMs = 1_714_532_645_000
const token = makeToken(key, 'ann', endsMs)

const verdict = (given: string, wallMs = endsMs - 1, with_ = key) => {
  const claim = readClaim(given)
  return claim === null ? null : judgeClaim(claim, with_, wallMs).kind
}
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const signed = (header: object, payload: object, hash = 'sha256') => {
  const text = `${encoded(header)}.${encoded(payload)}`
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`
}

it('has the form of Nacos: HS256, sub and exp, no padding', () => {
  const [head = '', body = ''] = token.split('.')
  expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'HS256' })
  expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toEqual({ sub: 'ann', exp: endsMs / 1000 })
  expect(token).toMatch(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)
})

it('is good until its end, and a minute for clocks that differ', () => {
  expect(verdict(token)).toBe('valid')
  expect(verdict(token, endsMs + 59_999)).toBe('valid')
  expect(verdict(token, endsMs + 60_000)).toBe('expired')
})

it('ends with the password that it was made for', () => {
  expect(verdict(token, 0, tokenKeyOf(secret, { ...ann, passwordHash: 'h2' }))).toBe('bad-signature')
  expect(verdict(token, 0, tokenKeyOf(tokenSecretOf('cd'.repeat(32)), ann))).toBe('bad-signature')
})

describe('what is no token of ours', () => {
  const payload = { sub: 'ann', exp: endsMs / 1000 }
  it.each([
    ['no signature', `${token.slice(0, token.lastIndexOf('.'))}.`, 'bad-signature'],
    ['another user in it', token.replace(encoded(payload), encoded({ ...payload, sub: 'nacos' })), 'bad-signature'],
    ['a later end in it', token.replace(encoded(payload), encoded({ ...payload, exp: 9_999_999_999 })), 'bad-signature'],
    ['the algorithm none', `${encoded({ alg: 'none' })}.${encoded(payload)}.`, 'other-algorithm'],
    ['a longer hash', signed({ alg: 'HS512' }, payload, 'sha512'), 'other-algorithm'],
  ])('with %s is refused', (_what, given, kind) => {
    expect(verdict(given)).toBe(kind)
  })

  it.each([
    ['nothing', ''],
    ['one part', 'abc'],
    ['four parts', `${token}.x`],
    ['parts that are no JSON', 'a.b.c'],
    ['JSON that is no object', `${encoded(1)}.${encoded(null)}.c`],
    ['no user', signed({ alg: 'HS256' }, { exp: 1 })],
    ['no end', signed({ alg: 'HS256' }, { sub: 'ann' })],
    ['an end beyond all numbers', signed({ alg: 'HS256' }, { sub: 'ann', exp: 1e300 })],
    ['a megabyte', 'a'.repeat(1 << 20)],
  ])('because it is %s is not read at all', (_what, given) => {
    expect(readClaim(given)).toBeNull()
  })
})

it('takes no well-known or short secret', () => {
  const known = ['SecretKey012345678901234567890123456789012345678901234567890123456789', 'VGhpc0lzTXlDdXN0b21TZWNyZXRLZXkwMTIzNDU2Nzg=', '', 'ab']
  for (const given of known) expect(() => tokenSecretOf(given)).toThrow('64 hex digits')
})
