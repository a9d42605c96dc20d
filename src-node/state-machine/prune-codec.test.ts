import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeCommand, encodeCommand } from './command-codec.ts'
import { decodePrune, encodePrune, isPrune, prunedRowsMax } from './prune-codec.ts'
import type { PruneHistory } from './types.ts'

const prune = (nids: readonly number[], cutoffMs = 1_700_000_000_000): PruneHistory => ({ kind: 'prune-history', cutoffMs, nids })

describe('the command that takes history away', () => {
  it('comes back as it was given, from the middle of other bytes too', () => {
    const rows = fc.uniqueArray(
      fc.maxSafeNat().filter((nid) => nid > 0),
      { minLength: 1, maxLength: 50 },
    )
    fc.assert(
      fc.property(rows, fc.maxSafeNat(), (nids, cutoffMs) => {
        const command = prune(
          nids.toSorted((a, b) => a - b),
          cutoffMs,
        )
        const payload = encodePrune(command)
        expect(decodePrune(payload)).toEqual(command)
        const around = new Uint8Array(payload.length + 3)
        around.set(payload, 3)
        expect([isPrune(around, 3), isPrune(around)]).toEqual([true, false])
        expect(decodePrune(around.subarray(3))).toEqual(command)
      }),
    )
  })

  it('is written as it always was', () => {
    expect(Buffer.from(encodePrune(prune([1, 258], 1))).toString('hex')).toBe('01033ff000000000000000023ff00000000000004070200000000000')
  })

  it('is no command of a client, and none of theirs is one', () => {
    expect(decodeCommand(encodePrune(prune([1])))).toBeNull()
    const drop = { kind: 'delete-config', namespace: '', group: 'g', dataId: 'd', expectedMd5: null, sourceIp: '', sourceUser: '' } as const
    expect(decodePrune(encodeCommand(drop))).toBeNull()
  })

  it('names at least one row, at most a thousand, each once and in order', () => {
    const many = Array.from({ length: prunedRowsMax }, (_, at) => at + 1)
    expect(decodePrune(encodePrune(prune(many)))?.nids).toEqual(many)
    for (const wrong of [[], [...many, prunedRowsMax + 1], [2, 1], [1, 1], [0], [1.5], [Number.NaN]])
      expect(() => encodePrune(prune(wrong)), `${wrong.slice(0, 3)}`).toThrow('no rows to take away')
    expect(() => encodePrune(prune([1], Number.NaN))).toThrow('no rows to take away')
  })

  it('reads nothing that is cut short, goes on, or says another version', () => {
    const payload = encodePrune(prune([1, 2]))
    for (let length = 0; length < payload.length; length++) expect(decodePrune(payload.subarray(0, length))).toBeNull()
    expect(decodePrune(new Uint8Array([...payload, 0]))).toBeNull()
    for (const at of [0, 1]) expect(decodePrune(payload.with(at, 99))).toBeNull()
  })

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (junk) => {
        decodePrune(junk)
        decodePrune(new Uint8Array([1, 5, ...junk]))
      }),
    )
  })
})
