import { describe, expect, it } from 'vitest'
import { counterOf, envelopeBytes, isEnvelope, isOfLife, payloadOf, sealEnvelope, stampEnvelope, stampOf } from './envelope.ts'

const life = new Uint8Array([1, 2, 3, 4, 5, 255])
const seal = () => sealEnvelope({ origin: 300, life, counter: 2 ** 52 + 1 }, new Uint8Array([7, 8, 9]))

describe('envelope', () => {
  it('gives back what was put in', () => {
    const bytes = seal()
    stampEnvelope(bytes, 1_763_894_654_123)
    expect(isEnvelope(bytes)).toBe(true)
    expect(stampOf(bytes)).toBe(1_763_894_654_123)
    expect(counterOf(bytes)).toBe(2 ** 52 + 1)
    expect([...payloadOf(bytes)]).toEqual([7, 8, 9])
  })

  it('works inside a larger buffer', () => {
    const outer = new Uint8Array(100)
    outer.set(seal(), 31)
    expect(counterOf(outer.subarray(31, 31 + envelopeBytes + 3))).toBe(2 ** 52 + 1)
  })

  it('knows its own run of its own node', () => {
    expect(isOfLife(seal(), 300, life)).toBe(true)
    expect(isOfLife(seal(), 301, life)).toBe(false)
    expect(isOfLife(seal(), 300, new Uint8Array([1, 2, 3, 4, 5, 254]))).toBe(false)
  })

  it('does not take short bytes or another version for its own', () => {
    expect(isEnvelope(seal().subarray(0, envelopeBytes - 1))).toBe(false)
    expect(isEnvelope(new Uint8Array(envelopeBytes))).toBe(false)
  })
})
