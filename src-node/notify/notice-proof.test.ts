/** Who may tell a node what has changed: a node of its cluster, for this run of it, once. */

import { expect, test } from 'vitest'
import { createNoticeGate, createNoticeSigner, type NoticeVerdict } from './notice-proof.ts'

const secret = 'aa'.repeat(32)
const body = Buffer.from('{"notice":1}')

let drawn = 0
/** Different at every draw, the same in every run. */
const randomBytes = (count: number): Uint8Array => new Uint8Array(count).fill(++drawn)

const signerOf = (self: number, clusterSecret = secret) => createNoticeSigner({ self, clusterSecret, randomBytes })
const gateOf = (self = 2) => createNoticeGate({ self, clusterSecret: secret, randomBytes, isMember: (id) => id <= 3 })
const challengeOf = (verdict: NoticeVerdict): string => (verdict.kind === 'challenge' ? verdict.challenge : `no challenge: ${verdict.kind}`)
const ask = (gate: ReturnType<typeof gateOf>): string => challengeOf(gate.judge(undefined, Buffer.alloc(0)))

test('a node of the cluster proves itself with the challenge that it was given', () => {
  const [gate, signer] = [gateOf(), signerOf(1)]
  const challenge = ask(gate)
  expect(gate.judge(signer.sign(2, challenge, body), body)).toEqual({ kind: 'proven', from: 1 })
  expect(gate.judge(signer.sign(2, challenge, body), body)).toEqual({ kind: 'proven', from: 1 })
})

test('whoever proves nothing gets a challenge, and it tells nothing of the secret', () => {
  const gate = gateOf()
  for (const proof of [undefined, '', 'x', `1.${'0'.repeat(16)}.${'0'.repeat(32)}.1.${'0'.repeat(63)}`, `0.${'a'.repeat(200)}`])
    expect(gate.judge(proof, body)).toEqual({ kind: 'challenge', challenge: ask(gate) })
  expect(ask(gate)).not.toContain(secret)
  expect(signerOf(1).sign(2, ask(gate), body)).not.toContain(secret.slice(0, 16))
})

test('the same notice again is refused, and an older one too', () => {
  const [gate, signer] = [gateOf(), signerOf(1)]
  const challenge = ask(gate)
  const [first, second] = [signer.sign(2, challenge, body), signer.sign(2, challenge, body)]
  expect(gate.judge(second, body).kind).toBe('proven')
  for (const proof of [first, second, second]) expect(gate.judge(proof, body)).toEqual({ kind: 'refused', why: 'replayed' })
})

test('what was said to another run of the node, or to another node, counts for nothing', () => {
  const signer = signerOf(1)
  const [before, after] = [gateOf(), gateOf()]
  const proof = signer.sign(2, ask(before), body)
  expect(after.judge(proof, body).kind).toBe('challenge')
  const forNode3 = signer.sign(3, ask(before), body)
  expect(before.judge(forNode3, body)).toEqual({ kind: 'refused', why: 'forged' })
})

test('another body, another secret, another sender or a turned bit is a forgery', () => {
  const gate = gateOf()
  const challenge = ask(gate)
  const proof = signerOf(1).sign(2, challenge, body)
  expect(gate.judge(proof, Buffer.from('{"notice":2}'))).toEqual({ kind: 'refused', why: 'forged' })
  expect(gate.judge(proof.replace(/^1\./, '3.'), body)).toEqual({ kind: 'refused', why: 'forged' })
  expect(gate.judge(signerOf(1, 'bb'.repeat(32)).sign(2, challenge, body), body)).toEqual({ kind: 'refused', why: 'forged' })
  const turned = proof.endsWith('0') ? '1' : '0'
  expect(gate.judge(`${proof.slice(0, -1)}${turned}`, body)).toEqual({ kind: 'refused', why: 'forged' })
  expect(gate.judge(proof.replace(/\.1\.([0-9a-f]{64})$/, '.2.$1'), body)).toEqual({ kind: 'refused', why: 'forged' })
  expect(gate.judge(proof, body).kind).toBe('proven')
})

test('a node that is not, or no longer, a member is refused, and so is the node itself', () => {
  const gate = gateOf()
  expect(gate.judge(signerOf(4).sign(2, ask(gate), body), body)).toEqual({ kind: 'refused', why: 'stranger' })
  expect(gate.judge(signerOf(2).sign(2, ask(gate), body), body)).toEqual({ kind: 'refused', why: 'stranger' })
})

test('after many lives of senders a new challenge is drawn: memory is bounded, and no old proof comes back', () => {
  const gate = gateOf()
  const challenge = ask(gate)
  const first = signerOf(1).sign(2, challenge, body)
  expect(gate.judge(first, body).kind).toBe('proven')
  for (let life = 1; life < 64; life++) expect(gate.judge(signerOf(3).sign(2, challenge, body), body).kind).toBe('proven')
  const late = signerOf(3)
  const verdict = gate.judge(late.sign(2, challenge, body), body)
  expect(challengeOf(verdict)).not.toBe(challenge)
  expect(gate.judge(first, body).kind).toBe('challenge')
  expect(gate.judge(late.sign(2, challengeOf(verdict), body), body)).toEqual({ kind: 'proven', from: 3 })
})
