import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, logIndex, type Message, nodeId, term } from '../raft/types.ts'
import type { WireFrame } from '../raft-driver/ports.ts'
import { createFrameReader, encodeFrames, frameBytesMax } from './frame-codec.ts'

const ends = { from: nodeId(1), to: nodeId(2) }

const whole = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }))
const at = whole.map(term)
const place = whole.map(logIndex)
const base = { from: fc.constant(ends.from), to: fc.constant(ends.to), term: at }
const data = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.integer({ min: 10_000, max: 40_000 }).map((size) => new Uint8Array(size).fill(size)),
)
const is = <T extends string>(type: T) => fc.constant(type)

const append = fc
  .record({ ...base, prevIndex: fc.nat(), prevTerm: at, commit: place, data: fc.array(fc.record({ term: at, data }), { maxLength: 6 }) })
  .map(({ data: items, prevIndex, ...rest }): Message => {
    const entries = items.map((item, n): Entry => ({ ...item, index: logIndex(prevIndex + n + 1), kind: n % 2 ? 'noop' : 'command' }))
    return { type: 'append', ...rest, prevIndex: logIndex(prevIndex), entries }
  })
const anyFrame: fc.Arbitrary<WireFrame> = fc.oneof(
  fc.record({ type: is('pre-vote'), ...base, lastIndex: place, lastTerm: at }),
  fc.record({ type: is('vote'), ...base, lastIndex: place, lastTerm: at, transfer: fc.boolean() }),
  fc.record({ type: is('pre-vote-reply'), ...base, granted: fc.boolean(), refusal: fc.constantFrom(null, 'contact' as const, 'log' as const) }),
  fc.record({ type: is('vote-reply'), ...base, granted: fc.boolean() }),
  append,
  fc.record({ type: is('append-reply'), ...base, ok: fc.boolean(), index: place, hintIndex: place, hintTerm: at }),
  fc.record({ type: is('heartbeat'), ...base, commit: place, match: place, round: whole }),
  fc.record({ type: is('heartbeat-reply'), ...base, round: whole }),
  fc.record({ type: is('read-index'), ...base, context: whole }),
  fc.record({ type: is('read-index-reply'), ...base, context: whole, index: place }),
  fc.record({ type: is('timeout-now'), ...base }),
  fc.record({ type: is('transfer-request'), term: at, target: fc.constantFrom(nodeId(1), nodeId(3)) }),
  fc.record({
    ...{ type: is('snapshot-chunk'), term: at, offset: whole, data },
    membership: fc.option(fc.record({ index: place, data: fc.uint8Array({ maxLength: 40 }) })),
    info: fc.record({ index: whole, term: whole, bytes: whole, sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }) }),
  }),
  fc.record({
    ...{ type: is('snapshot-reply'), term: at, index: place, received: whole },
    outcome: fc.constantFrom('more' as const, 'done' as const, 'refused' as const),
  }),
  fc.record({ type: is('store-applied'), term: at, index: place, available: fc.boolean() }),
  fc.record({ type: is('beats'), term: at, data }),
  fc.record({ type: is('forward'), term: at, proposals: fc.array(data, { minLength: 1, maxLength: 5 }) }),
  fc.record({
    type: is('forward-refused'),
    life: fc.uint8Array({ minLength: 6, maxLength: 6 }),
    counters: fc.array(whole),
    reason: fc.constantFrom('not_leader' as const, 'disk_full' as const, 'storage_unavailable' as const),
  }),
)

const bytesOf = (frames: readonly WireFrame[]): Uint8Array => new Uint8Array(Buffer.concat(encodeFrames(frames)))

/** Feeds `bytes` cut at `cuts`; null if the reader refused them. */
const readAll = (bytes: Uint8Array, cuts: readonly number[] = []): WireFrame[] | null => {
  const found: WireFrame[] = []
  const reader = createFrameReader(ends, (frame) => found.push(frame))
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b)
  for (let n = 1; n < edges.length; n++) if (!reader.take(bytes.subarray(edges[n - 1], edges[n]))) return null
  return found
}

describe('frames', () => {
  it('arrive as they were sent, however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 6 }), fc.array(fc.nat(200_000), { maxLength: 12 }), (frames, cuts) => {
        expect(readAll(bytesOf(frames), cuts)).toEqual(frames)
      }),
      { numRuns: 300 },
    )
  })

  it('arrive byte by byte', () => {
    const frames = fc.sample(anyFrame, { numRuns: 10, seed: 7 })
    const bytes = bytesOf(frames)
    const found: WireFrame[] = []
    const reader = createFrameReader(ends, (frame) => found.push(frame))
    for (let n = 0; n < bytes.length; n++) reader.take(bytes.subarray(n, n + 1))
    expect(found).toEqual(frames)
  })

  it('never crash when bits flip, and stay well formed', () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { minLength: 1, maxLength: 3 }), fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (frames, flips) => {
        const bytes = bytesOf(frames)
        for (const flip of flips) bytes[(flip >> 3) % bytes.length] = (bytes[(flip >> 3) % bytes.length] ?? 0) ^ (1 << (flip & 7))
        for (const frame of readAll(bytes) ?? []) expect(readAll(bytesOf([frame]))).toEqual([frame])
      }),
      { numRuns: 1000 },
    )
  })

  it('never crash on junk', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(12), (junk, kind) => {
        readAll(junk)
        readAll(new Uint8Array([junk.length + 1, 0, 0, 0, kind, ...junk]))
      }),
      { numRuns: 2000 },
    )
  })

  it('too large or empty close the connection before anything is allocated', () => {
    expect(readAll(new Uint8Array(new Uint32Array([frameBytesMax + 1]).buffer))).toBeNull()
    expect(readAll(new Uint8Array(5))).toBeNull()
  })
})

describe('contents', () => {
  it('do not keep the buffer of the socket', () => {
    const entry: Entry = { term: term(1), index: logIndex(1), kind: 'command', data: Uint8Array.of(1, 2, 3) }
    const message: Message = {
      type: 'append',
      ...ends,
      term: term(1),
      prevIndex: logIndex(0),
      prevTerm: term(0),
      commit: logIndex(0),
      entries: [entry],
    }
    const chunk = bytesOf([message, message])
    for (const frame of readAll(chunk) ?? []) {
      const kept = frame.type === 'append' ? frame.entries[0]?.data : undefined
      expect(kept).toEqual(entry.data)
      expect(kept?.buffer.byteLength).toBeLessThan(chunk.length)
    }
  })

  it('that are large are sent from where they lie', () => {
    const proposal = new Uint8Array(1_000_000)
    expect(encodeFrames([{ type: 'forward', term: term(1), proposals: [proposal] }])).toContain(proposal)
  })

  it('that were handed out do not change when others are written: they may still wait to be sent', () => {
    const beat = (round: number): Message => ({ type: 'heartbeat-reply', ...ends, term: term(1), round })
    const all = Array.from({ length: 10_000 }, (_, round) => encodeFrames([beat(round)]))
    expect(all.map((chunks) => readAll(new Uint8Array(Buffer.concat(chunks))))).toEqual(all.map((_, round) => [beat(round)]))
  })

  it('of many forwarded writes are split into frames that a peer takes', () => {
    const proposals = Array.from({ length: 6 }, () => new Uint8Array(10 * 1024 * 1024))
    const found = readAll(bytesOf([{ type: 'forward', term: term(3), proposals }]))
    expect(found?.map((frame) => frame.type === 'forward' && frame.proposals.length)).toEqual([1, 1, 1, 1, 1, 1])
  })

  it('above the limit are left out, the rest goes', () => {
    const entry: Entry = { term: term(1), index: logIndex(1), kind: 'command', data: new Uint8Array(frameBytesMax) }
    const huge: Message = { type: 'append', ...ends, term: term(1), prevIndex: logIndex(0), prevTerm: term(0), commit: logIndex(0), entries: [entry] }
    const beat: Message = { type: 'heartbeat-reply', ...ends, term: term(1), round: 5 }
    expect(readAll(bytesOf([beat, huge, beat]))).toEqual([beat, beat])
  })
})
