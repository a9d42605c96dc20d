/**
 * How a notice proves that a node of this cluster made it, for this receiver, once. No secret on the wire, and no clock: nodes whose clocks
 * are wrong, or set wrong to practise, still understand each other.
 *
 *   header  from "." challenge tag "." life "." counter "." hmac(secret, "notice", challenge, from, to, life, counter, body)
 *
 * The receiver draws a challenge for its own run and gives it to whoever asks; it covers every proof, so nothing that was said to another
 * run, or to another node, counts. Within the run each life of a sender counts upwards, so nothing counts twice.
 */

import { createHmac, timingSafeEqual } from 'node:crypto'

export const proofHeader = 'nacos-trio-proof'
export const challengeHeader = 'nacos-trio-challenge'

const challengeBytes = 32
const lifeBytes = 16
/** Says which challenge is meant, so that an outdated one is told apart from a forgery. */
const tagCharacters = 16
const form = /^([1-9]\d{0,8})\.([0-9a-f]{16})\.([0-9a-f]{32})\.([1-9]\d{0,14})\.([0-9a-f]{64})$/
const challengeForm = /^[0-9a-f]{64}$/

/** A sender's lives that are remembered; one more, and a new challenge makes everything older worthless. */
const livesMax = 64

interface Statement {
  readonly challenge: string
  readonly from: number
  readonly to: number
  readonly life: string
  readonly counter: number
}

const macOf = (secret: string, { challenge, from, to, life, counter }: Statement, body: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`notice ${challenge} ${from} ${to} ${life} ${counter}\n`).update(body).digest()

export interface NoticeSigner {
  /** A header value that is good once. `challenge` is what the receiver gave. */
  sign(to: number, challenge: string, body: Uint8Array): string
}

interface Random {
  /** Unpredictable bytes. */
  randomBytes(count: number): Uint8Array
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** One per run of a node: its counter never goes back. */
export const createNoticeSigner = (options: Random & { readonly self: number; readonly clusterSecret: string }): NoticeSigner => {
  const life = hex(options.randomBytes(lifeBytes))
  let counter = 0
  return {
    sign: (to, challenge, body) => {
      counter++
      const mac = macOf(options.clusterSecret, { challenge, from: options.self, to, life, counter }, body)
      return `${options.self}.${challenge.slice(0, tagCharacters)}.${life}.${counter}.${mac.toString('hex')}`
    },
  }
}

export const isChallenge = (value: unknown): value is string => typeof value === 'string' && challengeForm.test(value)

export type NoticeVerdict =
  | { readonly kind: 'proven'; readonly from: number }
  /** Nothing was claimed for this run yet: prove it with this challenge. */
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'refused'; readonly why: 'forged' | 'replayed' | 'stranger' }

export interface NoticeGate {
  judge(proof: string | undefined, body: Uint8Array): NoticeVerdict
}

export interface NoticeGateOptions extends Random {
  readonly self: number
  readonly clusterSecret: string
  isMember(id: number): boolean
}

/** One per run of a node. */
export const createNoticeGate = (options: NoticeGateOptions): NoticeGate => {
  const { self, clusterSecret } = options
  let challenge = hex(options.randomBytes(challengeBytes))
  /** Highest counter of each life that proved itself. */
  const counters = new Map<string, number>()

  const accept = (life: string, counter: number): boolean => {
    const last = counters.get(life)
    if (last === undefined && counters.size >= livesMax) {
      challenge = hex(options.randomBytes(challengeBytes))
      counters.clear()
      return false
    }
    counters.set(life, counter)
    return true
  }

  return {
    judge: (proof, body) => {
      const [, from, tag, life, counter, mac] = form.exec(proof ?? '') ?? []
      if (from === undefined || tag === undefined || life === undefined || counter === undefined || mac === undefined)
        return { kind: 'challenge', challenge }
      if (tag !== challenge.slice(0, tagCharacters)) return { kind: 'challenge', challenge }
      const statement = { challenge, from: Number(from), to: self, life, counter: Number(counter) }
      const proven = timingSafeEqual(Buffer.from(mac, 'hex'), macOf(clusterSecret, statement, body))
      if (!proven) return { kind: 'refused', why: 'forged' }
      if (statement.from === self || !options.isMember(statement.from)) return { kind: 'refused', why: 'stranger' }
      if (statement.counter <= (counters.get(life) ?? 0)) return { kind: 'refused', why: 'replayed' }
      return accept(life, statement.counter) ? { kind: 'proven', from: statement.from } : { kind: 'challenge', challenge }
    },
  }
}
