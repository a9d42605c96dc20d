import { crc32, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PackedContent, unpackTogether } from './unpack-many.ts'

const packed = (content: Uint8Array): PackedContent => ({
  packed: deflateRawSync(content),
  bytes: content.length,
  crc: crc32(content),
})

it('gives each content back', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 2_000 }), { minLength: 1, maxLength: 20 }), (contents) => {
      expect(unpackTogether(contents.map(packed))?.map((content) => new Uint8Array(content))).toEqual(contents)
    }),
    { numRuns: 200 },
  )
})

describe('one that is not what it is said to be', () => {
  const good = packed(Buffer.from('good content '.repeat(20)))
  it.each([
    ['another checksum', { ...good, crc: 1 }],
    ['another length', { ...good, bytes: good.bytes + 1 }],
    ['no deflate', { ...good, packed: Buffer.alloc(30, 0x55) }],
    ['more behind it', { ...good, packed: Buffer.concat([good.packed, Buffer.from([1, 2, 3])]) }],
    ['zeros behind it', { ...good, packed: Buffer.concat([good.packed, Buffer.alloc(30)]) }],
    ['too little', { ...good, packed: good.packed.subarray(0, -3) }],
    ['nothing', { ...good, packed: Buffer.alloc(0) }],
  ])('(%s) is found, first, last or alone', (_, bad) => {
    for (const contents of [[bad], [bad, good], [good, bad], [good, bad, good]]) expect(unpackTogether(contents)).toBeNull()
    expect(unpackTogether([good, good])).toHaveLength(2)
  })
})
