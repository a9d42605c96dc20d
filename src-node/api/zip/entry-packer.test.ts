import { inflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createEntryPacker } from './entry-packer.ts'

it('packs contents that wait together, and each unpacks by itself', async () => {
  const content = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 400 }), fc.uint8Array({ minLength: 1, maxLength: 4_000, max: 3 }))
  await fc.assert(
    fc.asyncProperty(fc.array(content, { maxLength: 20 }), async (contents) => {
      const packer = createEntryPacker()
      const packed = await Promise.all(contents.map(packer.pack))
      expect(packed.map((bytes) => new Uint8Array(inflateRawSync(bytes)))).toEqual(contents)
      packer.close()
    }),
    { numRuns: 50 },
  )
})

it('packs what needs many pieces, before and behind small ones', async () => {
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 24))
  const contents = [Buffer.from('before'), noise, Buffer.from('behind '.repeat(50_000)), Buffer.from('end')]
  const packer = createEntryPacker()
  const packed = await Promise.all(contents.map(packer.pack))
  packer.close()
  expect(packed.map((bytes) => inflateRawSync(bytes))).toEqual(contents)
  expect(packed[2]?.length).toBeLessThan(5_000)
})

it('tells what waits that it is closed', async () => {
  const packer = createEntryPacker()
  const waiting = [packer.pack(Buffer.alloc(1_000_000)), packer.pack(Buffer.alloc(1))]
  packer.close()
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
