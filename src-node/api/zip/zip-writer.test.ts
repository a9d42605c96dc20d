import fc from 'fast-check'
import { expect, it } from 'vitest'
import { gathered, withZip } from './zip-on-disk.testing.ts'
import { createZipWriter } from './zip-writer.ts'

const wallMs = Date.UTC(2026, 4, 17, 12, 30, 8)

const zipOf = async (entries: readonly (readonly [string, Buffer])[]): Promise<Buffer> => {
  const writer = createZipWriter(wallMs)
  const pieces: Buffer[] = []
  for (let at = 0; at < entries.length; at += 10) {
    const together = entries.slice(at, at + 10).map(([name, content]) => ({ name, content }))
    pieces.push(...(await writer.entries(together)))
  }
  pieces.push(...writer.end())
  return Buffer.concat(pieces)
}

const readBack = (bytes: Buffer): Promise<(readonly [string, Buffer])[]> =>
  withZip(bytes, async (zip) => {
    const entries = await gathered(zip.entries())
    expect(entries).toHaveLength(zip.entryCount)
    const read: (readonly [string, Buffer])[] = []
    for (const entry of entries) read.push([entry.name.toString(), await zip.content(entry)])
    return read
  })

it('gives back what was put in, whatever the names and contents', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  const content = fc
    .oneof(fc.uint8Array({ maxLength: 500 }), fc.uint8Array({ minLength: 100, maxLength: 300, max: 3 }))
    .map((bytes) => Buffer.from(bytes))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, content), { maxLength: 20 }), async (entries) => {
      expect(await readBack(await zipOf(entries))).toEqual(entries)
    }),
    { numRuns: 100 },
  )
})

it('packs large contents in a thread and gives them back', async () => {
  const large = Buffer.from('k: value 值\n'.repeat(100_000))
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 24))
  const bytes = await zipOf([
    ['large', large],
    ['noise', noise],
  ])
  expect(bytes.length).toBeLessThan(large.length)
  expect(await readBack(bytes)).toEqual([
    ['large', large],
    ['noise', noise],
  ])
})

it('gathers an entry while others are written', async () => {
  const pieces = [Buffer.from('a'.repeat(100_000)), Buffer.from('值'), Buffer.from('b')]
  const writer = createZipWriter(wallMs)
  const written: Buffer[] = []
  const gathered = writer.gathered('last')
  for (const piece of pieces) {
    await gathered.add(piece)
    written.push(...(await writer.entries([{ name: `beside ${piece.length}`, content: piece }])))
  }
  written.push(...(await gathered.end()), ...writer.end())
  const read = await readBack(Buffer.concat(written))
  expect(read).toEqual([...pieces.map((piece) => [`beside ${piece.length}`, piece] as const), ['last', Buffer.concat(pieces)]])
})

it('holds no entry at all', async () => {
  expect(await readBack(await zipOf([]))).toEqual([])
})

it('counts beyond what 16 bits hold', async () => {
  const entries = Array.from({ length: 66_000 }, (_, at) => [`g/${at}`, Buffer.from(String(at))] as const)
  const read = await readBack(await zipOf(entries))
  expect(read).toHaveLength(66_000)
  expect(read[65_999]).toEqual(['g/65999', Buffer.from('65999')])
})
