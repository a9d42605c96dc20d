import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { linesIn } from './metadata-lines.ts'
import { itemLines, type MetadataItem, metadataHead, readItems } from './metadata-v2.ts'
import { gathered, manyTurns } from './zip-on-disk.testing.ts'

const item = (change: Partial<MetadataItem> = {}): MetadataItem => ({
  ...{ group: 'DEFAULT_GROUP', dataId: 'app.yaml', type: 'yaml', appName: '', description: '', tags: null, encryptedDataKey: '' },
  ...change,
})
const read = (text: string): Promise<MetadataItem[]> => gathered(readItems(linesIn([Buffer.from(text)]), manyTurns()))

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((each) => each.isWellFormed()),
  fc.constantFrom(
    'null',
    '~',
    'yes',
    '123',
    '1e3',
    '- x',
    'a: b',
    'a #b',
    "it's",
    '"',
    '|',
    '>',
    '!x',
    '&a',
    '*a',
    '%',
    '@',
    '`',
    'x:',
    ' x ',
    '\t',
    'a\nb',
    '\u2028',
    '\u0085',
    '\ufeff',
    '😀',
  ),
)
const name = fc.stringMatching(/^[a-zA-Z0-9\-_:.]{1,40}$/)
const anyItem = fc.record({
  group: name,
  dataId: name,
  type: fc.constantFrom('yaml', 'unset'),
  appName: text,
  description: text,
  encryptedDataKey: text,
})

describe('metadata of the newer export', () => {
  it('is read back as it was written, and as YAML reads it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyItem, { minLength: 1, maxLength: 8 }),
        fc.array(fc.stringMatching(/^[^,]{1,9}$/), { maxLength: 5 }),
        async (items, tags) => {
          const given = items.map((each) => item({ ...each, tags: tags.length === 0 ? null : tags.join(',') }))
          const written = metadataHead + given.map(itemLines).join('')
          expect(await read(written)).toEqual(given)
          const asYaml = (parse(written) as { metadata: Record<string, string>[] }).metadata
          expect(asYaml.map(({ desc = '', dataId }) => [dataId, desc])).toEqual(given.map(({ description, dataId }) => [dataId, description]))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('looks as SnakeYAML writes it', () => {
    const full = item({ appName: 'shop', description: "it's 说明", tags: 'a,b' })
    expect(itemLines(full)).toBe(
      "- appName: shop\n  configTags: 'a,b'\n  dataId: app.yaml\n  desc: 'it''s 说明'\n  group: DEFAULT_GROUP\n  type: yaml\n",
    )
  })

  it('is read in every style that a YAML writer may choose', async () => {
    const styles = `# made by hand
---
metadata:
  - appName: null
    dataId: one.yaml
    desc: a long text that goes
      on in the next line
    group: DEFAULT_GROUP
    type: yaml

  - {dataId: two, group: 'G', type: text}
  - "dataId": "three\\u503c"
    group: G
    desc: |-
      first
      - second
    type: text
  - dataId: 123
    group: G # a comment
    type: text
    appName: !!binary aGk=
    other: kept out
`
    const items = await read(styles)
    expect(items.map(({ dataId, description, appName }) => [dataId, description, appName])).toEqual([
      ['one.yaml', 'a long text that goes on in the next line', ''],
      ['two', '', ''],
      ['three值', 'first\n- second', ''],
      ['123', '', 'hi'],
    ])
  })

  it('is read with line ends of Windows', async () => {
    expect(await read('metadata:\r\n- dataId: a\r\n  group: G\r\n  type: text\r\n')).toEqual([item({ dataId: 'a', group: 'G', type: 'text' })])
  })

  it.each([
    ['nothing', '', 'does not begin'],
    ['another name', 'other:\n- dataId: a\n', 'does not begin'],
    ['an empty list', 'metadata: []\n', 'does not begin'],
    ['an item without a type', 'metadata:\n- dataId: a\n  group: G\n', 'item 1 of .metadata.yml has no type'],
    ['an item without a group', 'metadata:\n- dataId: a\n  type: text\n', 'has no group'],
    ['a name given twice', 'metadata:\n- dataId: a\n  dataId: b\n  group: G\n  type: text\n', 'item 1'],
    ['a map in place of a text', 'metadata:\n- dataId: {a: b}\n  group: G\n  type: text\n', 'dataId in item 1 of .metadata.yml is no text'],
    ['an alias to something else', 'metadata:\n- dataId: &a x\n  group: *b\n  type: text\n', 'item 1'],
    ['a line that belongs to no item', 'metadata:\n- dataId: a\n  group: G\n  type: text\nmore: b\n', 'is no item'],
    ['a text nested deep', `metadata:\n- dataId: ${'['.repeat(8_000)}\n`, 'item 1'],
    ['a line without end', `metadata:\n- dataId: ${'x'.repeat(100_000)}\n`, 'a line of over 16384 bytes'],
    ['an item of many lines', `metadata:\n- dataId: a\n${'  x: y\n'.repeat(20_000)}`, 'item 1 of .metadata.yml has over'],
  ])('with %s is refused in words', async (_, given, words) => {
    await expect(read(given)).rejects.toThrow(words)
  })
})
