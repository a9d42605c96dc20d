/**
 * How a node that asks another one proves that a node of this cluster asks, on behalf of somebody whom it has let through. Nothing of the caller goes along,
 * no secret is on the wire, and no wall clock counts, as with notices (notify/notice-proof.ts). Unlike those, which come one after the other and are counted,
 * questions overtake each other: each has a number of its own that is remembered.
 *
 *   header  from "." challenge tag "." nonce "." hmac(secret, "question", challenge, from, to, nonce, method, target)
 *
 * The asked node draws a challenge, and a new one after a while: a proof is good once, at that node, for that very question, while the challenge lasts.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

export const questionHeader = 'nacos-trio-question'
export const questionChallengeHeader = 'nacos-trio-question-challenge'

const challengeBytes = 32
const nonceBytes = 16
/** Says which challenge is meant, so that an outdated one is told apart from a forgery. */
const tagCharacters = 16
const form = /^([1-9]\d{0,8})\.([0-9a-f]{16})\.([0-9a-f]{32})\.([0-9a-f]{64})$/
const challengeForm = /^[0-9a-f]{64}$/

/** How long a challenge lasts at most. */
export const challengeMs = 30_000
/** Proofs that one challenge is good for; one more, and a new one makes everything older worthless. */
export const proofsMax = 4_096

interface Statement {
  readonly challenge: string
  readonly from: number
  readonly to: number
  readonly nonce: string
  /** Path and query as they stand in the request. */
  readonly target: string
}

const macOf = (secret: string, { challenge, from, to, nonce, target }: Statement): Buffer =>
  createHmac('sha256', secret).update(`question ${challenge} ${from} ${to} ${nonce} GET ${target}`).digest()

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export const isQuestionChallenge = (value: unknown): value is string => typeof value === 'string' && challengeForm.test(value)

interface Parts {
  readonly self: number
  readonly clusterSecret: string
  /** Unpredictable bytes. */
  randomBytes(count: number): Uint8Array
}

export interface QuestionSigner {
  /** A header value for one GET of `target`. `challenge` is what the asked node gave; without one the value only asks for it. */
  sign(to: number, challenge: string | undefined, target: string): string
}

export const createQuestionSigner = ({ self, clusterSecret, randomBytes }: Parts): QuestionSigner => ({
  sign: (to, challenge, target) => {
    if (challenge === undefined) return String(self)
    const nonce = hex(randomBytes(nonceBytes))
    const mac = macOf(clusterSecret, { challenge, from: self, to, nonce, target })
    return `${self}.${challenge.slice(0, tagCharacters)}.${nonce}.${mac.toString('hex')}`
  },
})

export type QuestionVerdict =
  | { readonly kind: 'proven' }
  /** Nothing was claimed for what counts now: prove it with this challenge. */
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'refused' }

export interface QuestionGate {
  /** @param target of a GET, as it stands in the request */
  judge(proof: string, target: string): QuestionVerdict
}

export interface QuestionGateParts extends Parts {
  monotonicMs(): number
  isMember(id: number): boolean
}

/** One per run of a node. */
export const createQuestionGate = ({ self, clusterSecret, randomBytes, monotonicMs, isMember }: QuestionGateParts): QuestionGate => {
  /** Nonces of what was proven: nobody without the secret adds to them. */
  const used = new Set<string>()
  const draw = () => {
    used.clear()
    return { challenge: hex(randomBytes(challengeBytes)), untilMs: monotonicMs() + challengeMs }
  }
  let present = draw()

  return {
    judge: (proof, target) => {
      if (monotonicMs() >= present.untilMs || used.size >= proofsMax) present = draw()
      const { challenge } = present
      const [, from, tag, nonce, mac] = form.exec(proof) ?? []
      if (from === undefined || tag === undefined || nonce === undefined || mac === undefined) return { kind: 'challenge', challenge }
      if (tag !== challenge.slice(0, tagCharacters)) return { kind: 'challenge', challenge }
      const asker = Number(from)
      const expected = macOf(clusterSecret, { challenge, from: asker, to: self, nonce, target })
      if (!timingSafeEqual(Buffer.from(mac, 'hex'), expected)) return { kind: 'refused' }
      if (asker === self || !isMember(asker) || used.has(nonce)) return { kind: 'refused' }
      used.add(nonce)
      return { kind: 'proven' }
    },
  }
}
