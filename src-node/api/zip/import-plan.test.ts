import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ImportPlan, planImport } from './import-plan.ts'
import { javaZip, type RawEntry } from './java-zip.testing.ts'
import { type ZipLimits, zipLimits } from './zip-limits.ts'
import { gathered, manyTurns, withZip } from './zip-on-disk.testing.ts'

const plan = (bytes: Buffer, limits: Partial<ZipLimits> = {}): Promise<ImportPlan> =>
  withZip(bytes, (zip) => planImport(zip, { ...zipLimits, ...limits }, manyTurns()))
const planned = async (entries: readonly RawEntry[]) => {
  const made = await plan(javaZip(entries))
  if (made.kind === 'refused') throw new Error(`refused: ${made.words}`)
  const { items, failed, unrecognized } = made
  expect(unrecognized.count).toBe(unrecognized.names.length)
  return {
    items: Array.from(items.numbers(), items.at),
    failed: failed.map(({ item, reason }) => ({ ...items.namesAt(item), reason })),
    unrecognized: unrecognized.names,
  }
}
const entry = (name: string, content = 'a: 1'): RawEntry => ({ name, content })
const metadata = (...items: readonly string[]): RawEntry => ({ name: '.metadata.yml', content: `metadata:\n${items.join('')}` })
const item = (dataId: string, more = ''): string => `- dataId: ${dataId}\n  group: DEFAULT_GROUP\n  type: yaml\n${more}`

describe('a zip of the first export', () => {
  it('gives each entry its application, and its type by the end of its name', async () => {
    const { items, unrecognized } = await planned([
      entry('DEFAULT_GROUP/app.yaml'),
      entry('DEFAULT_GROUP/plain'),
      entry('G/a.b.properties'),
      entry('G/page.htm'),
      entry('.meta.yml', 'DEFAULT_GROUP.app~yaml.app=shop\r\nG.a.b~properties.app=a=b\r\n'),
    ])
    expect(items.map(({ group, dataId, type, appName }) => [group, dataId, type, appName])).toEqual([
      ['DEFAULT_GROUP', 'app.yaml', 'yaml', 'shop'],
      ['DEFAULT_GROUP', 'plain', 'text', ''],
      ['G', 'a.b.properties', 'properties', 'a=b'],
      ['G', 'page.htm', 'html', ''],
    ])
    expect(unrecognized).toEqual([])
  })

  it('names what is no configuration, and leaves folders out', async () => {
    const { items, unrecognized } = await planned([
      entry('G/', ''),
      entry('G/a'),
      entry('a/b/c'),
      entry('alone'),
      entry('../escape'),
      entry('/etc/passwd'),
      entry('G/..'),
      entry('..\\..\\windows'),
      entry('C:\\x/y'),
      { name: Buffer.from([0x47, 0x2f, 0xff, 0xfe]), content: 'x' },
      entry(`G/${'x'.repeat(257)}`),
      entry('G/名'),
    ])
    expect(items.map(({ group, dataId }) => `${group}/${dataId}`)).toEqual(['G/a'])
    expect(unrecognized).toHaveLength(10)
    expect(unrecognized).toContain('../escape')
    expect(unrecognized.every((name) => name.length <= 201)).toBe(true)
  })

  it('with a broken line of metadata is refused as a whole', async () => {
    const made = await plan(javaZip([entry('G/a'), entry('.meta.yml', 'G.a.app\r\n')]))
    expect(made).toMatchObject({ kind: 'refused', code: 'metadata-illegal', words: expect.stringContaining('G.a.app') })
  })
})

describe('a zip of the newer export', () => {
  it('goes by its metadata, wherever that stands', async () => {
    const { items, failed } = await planned([
      metadata(item('a', '  desc: 说明\n  appName: shop\n  configTags: x,y\n'), item('b', `  desc: ${'x'.repeat(129)}\n`)),
      entry('DEFAULT_GROUP/b'),
      entry('DEFAULT_GROUP/a'),
    ])
    expect(items).toMatchObject([{ group: 'DEFAULT_GROUP', dataId: 'a', type: 'yaml', appName: 'shop', description: '说明', tags: ['x', 'y'] }])
    expect(failed).toEqual([{ dataId: 'b', group: 'DEFAULT_GROUP', reason: 'too long desc, over 128' }])
  })

  it('names entries without metadata and metadata without entries', async () => {
    const { items, unrecognized } = await planned([entry('DEFAULT_GROUP/a'), entry('DEFAULT_GROUP/extra'), metadata(item('a'), item('gone'))])
    expect(items).toHaveLength(1)
    expect(unrecognized).toEqual(['Item not found in file: DEFAULT_GROUP/gone', 'Item not found in metadata: DEFAULT_GROUP/extra'])
  })

  it.each([
    ['names one twice', [entry('DEFAULT_GROUP/a'), metadata(item('a'), item('a'))], 'metadata-illegal', 'twice'],
    ['has no type', [entry('DEFAULT_GROUP/a'), metadata('- dataId: a\n  group: G\n')], 'metadata-illegal', 'no type'],
    ['is empty', [entry('DEFAULT_GROUP/a'), metadata()], 'metadata-illegal', 'names no configuration'],
    ['is not UTF-8', [entry('DEFAULT_GROUP/a'), { name: '.metadata.yml', content: Buffer.from([0xff]) }], 'metadata-illegal', 'UTF-8'],
    ['names nothing that is there', [metadata(item('a'))], 'data-empty', 'no configuration'],
  ] as const)('whose metadata %s is refused as a whole', async (_, entries, code, words) => {
    expect(await plan(javaZip(entries))).toMatchObject({ kind: 'refused', code, words: expect.stringContaining(words) })
  })
})

describe('a hostile zip', () => {
  const many = (count: number, content = 'x'.repeat(1_000)) => javaZip(Array.from({ length: count }, (_, at) => entry(`G/${at}`, content)))

  it('of too many entries is refused by what it declares, and by what it has', async () => {
    expect(await plan(many(30), { entriesMax: 20 })).toMatchObject({
      kind: 'refused',
      code: 'parse-failed',
      words: expect.stringContaining('30 entries'),
    })
  })
  it('of too many bytes is refused before any is unpacked', async () => {
    const lying = javaZip([{ ...entry('G/a'), bytes: 2_000_000_000 }])
    expect(await plan(lying)).toMatchObject({ kind: 'refused', words: expect.stringContaining('bytes, which is what one import takes') })
  })
  it('that unpacks to a multiple of itself is refused, unless it is small', async () => {
    const zeros = many(30, '0'.repeat(100_000))
    expect(await plan(zeros)).toMatchObject({ kind: 'plan' })
    expect(await plan(zeros, { ratioFreeBytes: 1_000_000 })).toMatchObject({ kind: 'refused', words: expect.stringContaining('200 times') })
  })
  it('that names one configuration twice is refused, since nobody knows which is meant', async () => {
    const made = await plan(javaZip([entry('G/a', 'one'), entry('G/b'), entry('G/a', 'two')]))
    expect(made).toMatchObject({ kind: 'refused', code: 'parse-failed', failed: [{ dataId: 'a', group: 'G' }] })
  })
  it('with names of 64 KiB keeps no more of them than it shows', async () => {
    const made = await planned([entry('G/a'), entry('x'.repeat(65_000)), { name: Buffer.alloc(65_000, 0xff), content: '' }])
    expect(made.unrecognized.map(({ length }) => length)).toEqual([201, 201])
  })
  it('whose directory ends too soon is refused', async () => {
    expect(await plan(javaZip([entry('G/a')], 5))).toMatchObject({ kind: 'refused', code: 'parse-failed' })
  })
  it.each([
    ['no zip', Buffer.from('not a zip at all, but long enough to look for its end')],
    ['nothing', Buffer.alloc(0)],
    ['the first half of a zip', javaZip([entry('G/a', 'x'.repeat(5_000))]).subarray(0, 60)],
  ])('that is %s is refused in words', async (_, bytes) => {
    await expect(plan(bytes)).rejects.toMatchObject({ name: 'ZipProblem' })
  })
})

describe('an entry', () => {
  const content = (bytes: Buffer): Promise<Buffer> =>
    withZip(bytes, async (zip) => {
      for await (const first of zip.entries()) return zip.content(first)
      throw new Error('no entry')
    })
  it.each([
    ['with another checksum', { ...entry('G/a'), crc: 1 }, 'checksum'],
    ['longer than it says', { ...entry('G/a', 'x'.repeat(1_000)), bytes: 10 }, ''],
    ['shorter than it says', { ...entry('G/a'), bytes: 1_000 }, '4 bytes'],
    ['longer than it says, and large', { ...entry('G/a', 'x'.repeat(1_000_000)), bytes: 500_000 }, ''],
    ['encrypted', { ...entry('G/a'), flags: 0x0809 }, 'encrypted'],
    ['packed in an unknown way', { ...entry('G/a'), method: 12 }, 'method 12'],
    ['at a place that has none', { ...entry('G/a'), offset: 3 }, 'no entry'],
    ['beyond the end', { ...entry('G/a'), offset: 100_000 }, 'ends before'],
  ])('%s fails by itself', async (_, raw, words) => {
    await expect(content(javaZip([raw]))).rejects.toMatchObject({ name: 'ZipProblem', message: expect.stringContaining(words) })
    const others = ['first', 'second '.repeat(50)]
    const all = await withZip(javaZip([entry('G/b', others[0]), raw, entry('G/c', others[1]), { ...entry('G/d', 'x'), method: 0 }]), async (zip) =>
      zip.contents(await gathered(zip.entries())),
    )
    expect(all[1]).toMatchObject({ name: 'ZipProblem', message: expect.stringContaining(words) })
    expect([all[0], all[2]].map(String)).toEqual(others)
  })
})

it('whatever is done to its bytes, a zip is planned and read, or refused in words', async () => {
  const good = javaZip([entry('DEFAULT_GROUP/a', 'x'.repeat(300)), entry('DEFAULT_GROUP/b'), metadata(item('a', '  desc: 说明\n'), item('b'))])
  const change = fc.record({ at: fc.nat(good.length - 1), byte: fc.nat(255), cut: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let bytes = Buffer.from(good)
      for (const { at, byte, cut } of changes) {
        if (cut && at > good.length / 2) bytes = bytes.subarray(0, at)
        else if (at < bytes.length) bytes[at] = byte
      }
      try {
        await withZip(bytes, async (zip) => {
          const made = await planImport(zip, zipLimits, manyTurns())
          if (made.kind === 'plan') for (const item of made.items.numbers()) await zip.content(made.items.at(item).place)
        })
      } catch (error) {
        expect(error).toMatchObject({ name: 'ZipProblem' })
      }
    }),
    { numRuns: 600 },
  )
})
