/** Which question of a node to another is believed: of a node of the cluster, to this node, the very question, once, and soon. */

import { expect, test } from 'vitest'
import { challengeMs, createQuestionGate, createQuestionSigner, isQuestionChallenge, proofsMax } from './question-proof.ts'

const secret = 'aa'.repeat(32)
const target = '/nacos/v1/cs/communication/configWatchers?dataId=a&group=G'

let drawn = 0
/** Different at every draw, the same in every run. */
const randomBytes = (count: number): Uint8Array => {
  drawn++
  return new Uint8Array(count).fill(drawn >> 8).fill(drawn, 0, 1)
}

const signerOf = (self: number, clusterSecret = secret) => createQuestionSigner({ self, clusterSecret, randomBytes })
const gateOf = (self = 2) => {
  const clock = { nowMs: 1_000 }
  const gate = createQuestionGate({ self, clusterSecret: secret, randomBytes, monotonicMs: () => clock.nowMs, isMember: (id) => id <= 3 })
  const challenge = (): string => {
    const verdict = gate.judge(signerOf(1).sign(self, undefined, target), target)
    return verdict.kind === 'challenge' ? verdict.challenge : `no challenge: ${verdict.kind}`
  }
  return { judge: (proof: string, asked = target) => gate.judge(proof, asked).kind, challenge, clock }
}

test('a node of the cluster proves its question with the challenge that it was given', () => {
  const gate = gateOf()
  const challenge = gate.challenge()
  expect(isQuestionChallenge(challenge)).toBe(true)
  for (const from of [1, 3, 1]) expect(gate.judge(signerOf(from).sign(2, challenge, target))).toBe('proven')
})

test('whoever proves nothing gets a challenge, and neither it nor a proof tells the secret', () => {
  const gate = gateOf()
  for (const proof of ['', '1', 'x', `1.${'0'.repeat(16)}.${'0'.repeat(32)}.${'0'.repeat(63)}`, `0.${'a'.repeat(500)}`])
    expect(gate.judge(proof)).toBe('challenge')
  expect(gate.challenge()).not.toContain(secret.slice(0, 16))
  expect(signerOf(1).sign(2, gate.challenge(), target)).not.toContain(secret.slice(0, 16))
})

test('it is good for that very question alone, once', () => {
  const gate = gateOf()
  const proof = signerOf(1).sign(2, gate.challenge(), target)
  for (const other of [`${target}x`, '/nacos/v2/core/loader/own', target.toUpperCase(), '']) expect(gate.judge(proof, other)).toBe('refused')
  expect([gate.judge(proof), gate.judge(proof)]).toEqual(['proven', 'refused'])
})

test('it is good at no other node, and in no other run of this one', () => {
  const gate = gateOf()
  expect(gate.judge(signerOf(1).sign(3, gate.challenge(), target))).toBe('refused')
  expect(gateOf().judge(signerOf(1).sign(2, gate.challenge(), target))).toBe('challenge')
})

test('it is good for as long as its challenge lasts', () => {
  const gate = gateOf()
  const challenge = gate.challenge()
  const [soon, late] = [signerOf(1).sign(2, challenge, target), signerOf(1).sign(2, challenge, target)]
  gate.clock.nowMs += challengeMs - 1
  expect(gate.judge(soon)).toBe('proven')
  gate.clock.nowMs += 1
  expect([gate.judge(late), gate.judge(soon)]).toEqual(['challenge', 'challenge'])
  expect(gate.judge(signerOf(1).sign(2, gate.challenge(), target))).toBe('proven')
})

test('another secret, another sender or a turned bit is a forgery', () => {
  const gate = gateOf()
  const challenge = gate.challenge()
  const proof = signerOf(1).sign(2, challenge, target)
  expect(gate.judge(signerOf(1, 'bb'.repeat(32)).sign(2, challenge, target))).toBe('refused')
  expect(gate.judge(proof.replace(/^1\./, '3.'))).toBe('refused')
  expect(gate.judge(`${proof.slice(0, -1)}${proof.endsWith('0') ? '1' : '0'}`)).toBe('refused')
})

test('a node that is not, or no longer, a member is refused, and so is the node itself', () => {
  const gate = gateOf()
  for (const from of [4, 2]) expect(gate.judge(signerOf(from).sign(2, gate.challenge(), target))).toBe('refused')
})

test('what is remembered is bounded: after many proofs a new challenge is drawn', () => {
  const gate = gateOf()
  const challenge = gate.challenge()
  const nonce = (at: number) => at.toString(16).padStart(32, '0')
  let at = 0
  const signer = createQuestionSigner({ self: 1, clusterSecret: secret, randomBytes: () => Buffer.from(nonce(at++), 'hex') })
  const first = signer.sign(2, challenge, target)
  expect(gate.judge(first)).toBe('proven')
  for (let count = 1; count < proofsMax; count++) expect(gate.judge(signer.sign(2, challenge, target))).toBe('proven')
  expect([gate.judge(signer.sign(2, challenge, target)), gate.judge(first)]).toEqual(['challenge', 'challenge'])
  expect(gate.challenge()).not.toBe(challenge)
})
