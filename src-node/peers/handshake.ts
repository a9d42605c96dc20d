/**
 * The first three messages of a connection: both ends prove that they hold the cluster's secret and say which node they
 * are. Fixed sizes, no secret on the wire, nothing changes before it is over.
 *
 *   dialer   -> hello      magic 4, version 1, from u32, to u32, sha256(cluster id) 32, nonce 32
 *   acceptor -> challenge  nonce 32, hmac("acceptor", hello, nonce) 32
 *   dialer   -> proof      hmac("dialer", hello, nonce) 32, frames may follow at once
 */

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export interface HandshakeOptions {
  readonly self: number
  readonly clusterId: string
  readonly clusterSecret: string
  /** Unpredictable bytes. */
  randomBytes(count: number): Uint8Array
}

export type HandshakeStep =
  | { readonly kind: 'more'; readonly reply: Uint8Array | null }
  /** `rest` belongs to what follows. */
  | { readonly kind: 'done'; readonly peer: number; readonly reply: Uint8Array | null; readonly rest: Uint8Array }
  | { readonly kind: 'refused' }

export interface Handshake {
  /** What to send before anything is heard. */
  readonly opening: Uint8Array | null
  take(chunk: Uint8Array): HandshakeStep
}

const magic = Buffer.from('NTRP')
const version = 1
const nonceBytes = 32
const macBytes = 32
const idAt = magic.length + 1
const clusterAt = idAt + 8
const nonceAt = clusterAt + 32
const helloBytes = nonceAt + nonceBytes
const challengeBytes = nonceBytes + macBytes

const clusterDigest = (clusterId: string): Buffer => createHash('sha256').update(clusterId).digest()

const macOf = (secret: string, side: 'dialer' | 'acceptor', transcript: { hello: Uint8Array; nonce: Uint8Array }): Buffer =>
  createHmac('sha256', secret).update(side).update(transcript.hello).update(transcript.nonce).digest()

const helloOf = ({ self, clusterId, randomBytes }: HandshakeOptions, peer: number): Buffer => {
  const hello = Buffer.alloc(helloBytes)
  magic.copy(hello)
  hello[magic.length] = version
  hello.writeUInt32LE(self, idAt)
  hello.writeUInt32LE(peer, idAt + 4)
  hello.set(clusterDigest(clusterId), clusterAt)
  hello.set(randomBytes(nonceBytes), nonceAt)
  return hello
}

/** The node that says hello, or null if it is not for us. */
const callerOf = (hello: Buffer, options: HandshakeOptions): number | null => {
  const head = hello.subarray(0, magic.length).equals(magic) && hello[magic.length] === version
  const ours = hello.readUInt32LE(idAt + 4) === options.self && hello.subarray(clusterAt, nonceAt).equals(clusterDigest(options.clusterId))
  return head && ours ? hello.readUInt32LE(idAt) : null
}

const refused: HandshakeStep = { kind: 'refused' }

/** The side that connects; `peer` is the node it means to reach. */
export const dialerHandshake = (options: HandshakeOptions, peer: number): Handshake => {
  const hello = helloOf(options, peer)
  let heard: Buffer = Buffer.alloc(0)
  return {
    opening: hello,
    take: (chunk) => {
      heard = Buffer.concat([heard, chunk])
      if (heard.length < challengeBytes) return { kind: 'more', reply: null }
      const transcript = { hello, nonce: heard.subarray(0, nonceBytes) }
      const proven = timingSafeEqual(heard.subarray(nonceBytes, challengeBytes), macOf(options.clusterSecret, 'acceptor', transcript))
      // An acceptor says nothing more on this connection.
      if (!proven || heard.length > challengeBytes) return refused
      return { kind: 'done', peer, reply: macOf(options.clusterSecret, 'dialer', transcript), rest: new Uint8Array(0) }
    },
  }
}

/** The side that listens; only `members` may come in. */
export const acceptorHandshake = (options: HandshakeOptions, members: ReadonlySet<number>): Handshake => {
  const nonce = options.randomBytes(nonceBytes)
  let heard: Buffer = Buffer.alloc(0)
  let answered = false

  const challenge = (): Uint8Array | null => {
    const hello = heard.subarray(0, helloBytes)
    const caller = callerOf(hello, options)
    if (caller === null || !members.has(caller)) return null
    answered = true
    return Buffer.concat([nonce, macOf(options.clusterSecret, 'acceptor', { hello, nonce })])
  }

  return {
    opening: null,
    take: (chunk) => {
      heard = Buffer.concat([heard, chunk])
      const startsRight = heard.subarray(0, magic.length).equals(magic.subarray(0, heard.length))
      if (!startsRight) return refused
      if (heard.length < helloBytes) return { kind: 'more', reply: null }
      if (!answered) {
        const reply = challenge()
        // A proof before the challenge cannot be honest.
        return reply && heard.length === helloBytes ? { kind: 'more', reply } : refused
      }
      const end = helloBytes + macBytes
      if (heard.length < end) return { kind: 'more', reply: null }
      const hello = heard.subarray(0, helloBytes)
      const proven = timingSafeEqual(heard.subarray(helloBytes, end), macOf(options.clusterSecret, 'dialer', { hello, nonce }))
      return proven ? { kind: 'done', peer: hello.readUInt32LE(idAt), reply: null, rest: heard.subarray(end) } : refused
    },
  }
}
