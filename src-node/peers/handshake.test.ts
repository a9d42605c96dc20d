import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptorHandshake, dialerHandshake, type Handshake, type HandshakeOptions, type HandshakeStep } from './handshake.ts'

/** Unpredictable enough for a test, and the same at each run. */
const countingBytes = (seed: string) => {
  let calls = 0
  return (count: number): Uint8Array => new Uint8Array(createHash('sha512').update(`${seed}${calls++}`).digest()).subarray(0, count)
}
const options = (over: Partial<HandshakeOptions> = {}): HandshakeOptions => ({
  ...{ self: 1, clusterId: 'trio', clusterSecret: 'a'.repeat(64), randomBytes: countingBytes('x') },
  ...over,
})
const members = new Set([1, 3])
const acceptor = (over: Partial<HandshakeOptions> = {}): Handshake =>
  acceptorHandshake(options({ self: 2, randomBytes: countingBytes('y'), ...over }), members)

const replyOf = (step: HandshakeStep): Uint8Array => {
  if (step.kind === 'refused' || !step.reply) throw new Error(`no reply: ${step.kind}`)
  return step.reply
}

/** Runs both sides; what came of each. */
const meet = (dialer: Handshake, accepting: Handshake, after = new Uint8Array(0)): readonly [HandshakeStep, HandshakeStep] => {
  const answer = accepting.take(dialer.opening!)
  if (answer.kind === 'refused') return [{ kind: 'more', reply: null }, answer]
  const proof = dialer.take(replyOf(answer))
  if (proof.kind !== 'done') return [proof, answer]
  return [proof, accepting.take(Buffer.concat([proof.reply!, after]))]
}

describe('a handshake', () => {
  it('tells each side who the other is, and hands on what follows', () => {
    const [dialed, accepted] = meet(dialerHandshake(options(), 2), acceptor(), Uint8Array.of(9, 9))
    expect(dialed).toMatchObject({ kind: 'done', peer: 2 })
    expect(accepted).toMatchObject({ kind: 'done', peer: 1, rest: Buffer.of(9, 9) })
  })

  it('works byte by byte', () => {
    const [dialer, accepting] = [dialerHandshake(options(), 2), acceptor()]
    const feed = (to: Handshake, bytes: Uint8Array): HandshakeStep => {
      let step: HandshakeStep = { kind: 'more', reply: null }
      for (const byte of bytes) step = to.take(Uint8Array.of(byte))
      return step
    }
    const proof = feed(dialer, replyOf(feed(accepting, dialer.opening!)))
    expect(feed(accepting, replyOf(proof)).kind).toBe('done')
  })

  it('refuses another cluster, another node, a stranger', () => {
    const refusedBy = (dialer: Handshake): string => meet(dialer, acceptor())[1].kind
    expect(refusedBy(dialerHandshake(options({ clusterId: 'other' }), 2))).toBe('refused')
    expect(refusedBy(dialerHandshake(options(), 3))).toBe('refused')
    expect(refusedBy(dialerHandshake(options({ self: 4 }), 2))).toBe('refused')
  })

  it('fails on both sides when the secrets differ', () => {
    expect(meet(dialerHandshake(options({ clusterSecret: 'b'.repeat(64) }), 2), acceptor())[0].kind).toBe('refused')
    const accepting = acceptor()
    accepting.take(dialerHandshake(options(), 2).opening!)
    expect(accepting.take(new Uint8Array(32)).kind).toBe('refused')
  })

  it('cannot be replayed: each side chooses its own number', () => {
    const dialer = dialerHandshake(options(), 2)
    const first = acceptor()
    const proof = dialer.take(replyOf(first.take(dialer.opening!)))
    const second = acceptor({ randomBytes: countingBytes('z') })
    second.take(dialer.opening!)
    expect(second.take(replyOf(proof)).kind).toBe('refused')
  })

  it('cannot be mirrored: the proofs of the two sides differ', () => {
    const dialer = dialerHandshake(options(), 2)
    const accepting = acceptor()
    const answer = replyOf(accepting.take(dialer.opening!))
    expect(accepting.take(answer.subarray(32)).kind).toBe('refused')
  })

  it('ends at once on a browser, and never throws on junk', () => {
    expect(acceptor().take(Buffer.from('POST / HTTP/1.1')).kind).toBe('refused')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (junk, magic) => {
        acceptor().take(magic ? Buffer.concat([Buffer.from('NTRP'), junk]) : junk)
        const step = dialerHandshake(options(), 2).take(junk)
        expect(step.kind).not.toBe('done')
      }),
      { numRuns: 500 },
    )
  })
})
