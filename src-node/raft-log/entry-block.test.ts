import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, type EntryKind, logIndex, term } from '../raft/types.ts'
import { blockBytesMax, createBlockPacker, cutBlock, type EntryBlock, unpackBlock } from './entry-block.ts'
import { checksumOf } from './row-checksum.ts'

const all = { from: 0, to: Number.MAX_SAFE_INTEGER }
const entry = (index: number, size: number, at = 1, kind: EntryKind = 'command'): Entry => ({
  ...{ index: logIndex(index), term: term(at), kind },
  data: Uint8Array.from({ length: size }, (_, n) => (index * 31 + n) & 255),
})
const plain = (entries: readonly Entry[]) => entries.map((each) => ({ ...each, data: Buffer.from(each.data).toString('hex') }))

/** As the rows of a table: with memory of their own. */
const packed = (entries: readonly Entry[], pack = createBlockPacker()): EntryBlock[] => {
  const blocks: EntryBlock[] = []
  pack(entries, (first, last, checksum, data) => blocks.push({ first, last, checksum, data: Buffer.from(data) }))
  return blocks
}
/** Null: damaged. */
const unpacked = (block: EntryBlock, range = all): Entry[] | null => {
  const found: Entry[] = []
  return unpackBlock(block, range, (each) => found.push(each) > 0) ? found : null
}
const only = (entries: readonly Entry[]): EntryBlock => packed(entries)[0]!
/** One with a checksum that fits. */
const forged = (first: number, last: number, data: Buffer): EntryBlock => ({ first, last, checksum: checksumOf([first, last, -3], data), data })

const small = [entry(7, 3, 4), entry(8, 0, 4, 'noop'), entry(9, 5, 2 ** 52 + 1, 'config')]

describe('entries in blocks', () => {
  it('come back as they were, whatever their sizes, terms and kinds, in blocks that are as full as they may be', () => {
    const pack = createBlockPacker()
    const part = fc.record({
      size: fc.oneof(fc.nat(400), fc.nat(90_000), fc.constantFrom(blockBytesMax - 13, blockBytesMax - 12)),
      at: fc.maxSafeNat(),
      kind: fc.constantFrom<EntryKind>('noop', 'command', 'config'),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), fc.array(part, { minLength: 1, maxLength: 20 }), (from, parts) => {
        const entries = parts.map(({ size, at, kind }, n) => entry(from + n, size, at, kind))
        const blocks = packed(entries, pack)
        expect(plain(blocks.flatMap((block) => unpacked(block)!))).toEqual(plain(entries))
        for (const [at, { first, last, data }] of blocks.entries()) {
          expect(first).toBe(at === 0 ? from : blocks[at - 1]!.last + 1)
          expect(first === last || data.length <= blockBytesMax).toBe(true)
          const next = entries[last + 1 - from]
          expect(next === undefined || data.length + 13 + next.data.length > blockBytesMax).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('are none for none, and a large one stands alone between small ones', () => {
    expect(packed([])).toEqual([])
    const entries = [entry(1, 10), entry(2, 10), entry(3, 200_000), entry(4, 10), entry(5, 10)]
    expect(packed(entries).map(({ first, last }) => [first, last])).toEqual([
      [1, 2],
      [3, 3],
      [4, 5],
    ])
  })

  it('share a block up to its last byte', () => {
    const fits = blockBytesMax - 2 * 13 - 100
    expect(packed([entry(1, 100), entry(2, fits)]).map(({ data }) => data.length)).toEqual([blockBytesMax])
    expect(packed([entry(1, 100), entry(2, fits + 1)]).map(({ last }) => last)).toEqual([1, 2])
    expect(packed([entry(1, 101), entry(2, fits), entry(3, 0)]).map(({ last }) => last)).toEqual([1, 3])
  })

  it('are handed out from one to another, until it is enough', () => {
    const block = only(small)
    expect(unpacked(block, { from: 8, to: 8 })?.map(({ index }) => index)).toEqual([8])
    expect(unpacked(block, { from: 1, to: 7 })?.map(({ index }) => index)).toEqual([7])
    expect(unpacked(block, { from: 10, to: 20 })).toEqual([])
    const seen: number[] = []
    expect(unpackBlock(block, all, ({ index }) => seen.push(index) < 2)).toBe(true)
    expect(seen).toEqual([7, 8])
  })
})

describe('a block that is not what was written', () => {
  it('is damaged, whichever bit of it changed, however little of it is read', () => {
    const block = only(small)
    for (let bit = 0; bit < block.data.length * 8; bit++) {
      const data = Buffer.from(block.data)
      data[bit >> 3]! ^= 1 << (bit & 7)
      expect(unpacked({ ...block, data })).toBeNull()
      expect(unpacked({ ...block, data }, { from: 7, to: 7 })).toBeNull()
      expect(cutBlock({ ...block, data }, 8)).toBeNull()
    }
  })

  it('is damaged if it was cut short or is too long', () => {
    const block = only(small)
    for (let length = 0; length < block.data.length; length++) expect(unpacked({ ...block, data: block.data.subarray(0, length) })).toBeNull()
    expect(unpacked({ ...block, data: Buffer.concat([block.data, Buffer.alloc(1)]) })).toBeNull()
  })

  it('is damaged at another place, under another checksum, or with the bytes of another', () => {
    const block = only(small)
    const other = only(small.map((each) => ({ ...each, index: logIndex(each.index + 3) })))
    expect(other.data.equals(block.data)).toBe(true)
    const wrong = [
      { first: 8 },
      { first: 6 },
      { first: 8, last: 10 },
      { last: 8 },
      { last: 10 },
      { first: 9, last: 7 },
      { checksum: block.checksum + 1 },
    ]
    for (const part of [...wrong, { checksum: other.checksum }, { first: other.first, last: other.last }])
      expect(unpacked({ ...block, ...part })).toBeNull()
    // The same bytes in all, with another border between the first two.
    const moved = only([entry(7, 2, 4), entry(8, 1, 4, 'noop'), small[2]!])
    expect(moved.data.length).toBe(block.data.length)
    expect(unpacked({ ...block, data: moved.data })).toBeNull()
  })

  it('is damaged under a checksum that fits, if its parts do not', () => {
    const { data } = only(small)
    const changed = (at: number, value: number): Buffer => {
      const copy = Buffer.from(data)
      copy[at] = value
      return copy
    }
    expect(unpacked(forged(7, 9, data))).toHaveLength(3)
    const shapes = [forged(7, 10, data), forged(7, 8, data), forged(7, 9, changed(0, 3)), forged(7, 9, changed(4, 1)), forged(7, 9, changed(1, 2))]
    for (const shape of shapes) expect(unpacked(shape)).toBeNull()
    expect(unpacked(forged(7, 7, Buffer.alloc(0)))).toBeNull()
  })
})

describe('a block without its end', () => {
  it('is what packing the rest gives', () => {
    for (const from of [8, 9]) expect(cutBlock(only(small), from)).toEqual(only(small.filter(({ index }) => index < from)))
  })
})
