/** Export and import over HTTP, between two nodes whose state is a map. */

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { javaZip, type RawEntry } from '../zip/java-zip.testing.ts'
import { gathered, withZip } from '../zip/zip-on-disk.testing.ts'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import type { HttpParts } from './ports.ts'
import { createHttpServer } from './server.ts'

const configs = '/nacos/v1/cs/configs'
const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

const startNode = async (change: Partial<HttpParts> = {}) => {
  const node = createFakeNode()
  const failures: string[] = []
  const server = createHttpServer({ ...node.parts, failed: (what, cause) => failures.push(`${what}: ${cause}`), ...change })
  const port = await server.listen('127.0.0.1', 0)
  open.push(async () => {
    await server.close(100)
    rmSync(node.parts.uploadDir, { recursive: true, force: true })
  })
  const call = createCaller(() => port)
  const publish = (fields: Record<string, string>) =>
    call('POST', configs, new URLSearchParams({ group: 'DEFAULT_GROUP', ...fields }).toString(), {
      'content-type': 'application/x-www-form-urlencoded',
    })
  const held = () =>
    [...node.parts.configs.all()]
      .map((row) => node.parts.configs.readConfig(row))
      .map((row) => ({
        ...{ namespace: row?.namespace, group: row?.group, dataId: row?.dataId, content: Buffer.from(row?.content ?? []).toString('base64') },
        ...{ type: row?.type, appName: row?.appName, description: row?.description, tags: row?.tags, md5: row?.md5 },
      }))
  const createNamespace = (id: string) => call('POST', '/nacos/v1/console/namespaces', `customNamespaceId=${id}&namespaceName=${id}`)
  return { ...node, call, publish, held, failures, createNamespace }
}
type Node = Awaited<ReturnType<typeof startNode>>

const form = (file: Buffer | null, fields: Record<string, string> = {}, fileField = 'file'): Buffer => {
  const parts: Buffer[] = Object.entries(fields).map(([name, value]) =>
    Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`),
  )
  if (file !== null)
    parts.push(
      Buffer.from(`--edge\r\nContent-Disposition: form-data; name="${fileField}"; filename="../../a.zip"\r\nContent-Type: application/zip\r\n\r\n`),
      file,
      Buffer.from('\r\n'),
    )
  return Buffer.concat([...parts, Buffer.from('--edge--\r\n')])
}
const multipart = { 'content-type': 'multipart/form-data; boundary=edge' }
const importZip = async (node: Node, body: Buffer, query = '&namespace=', path = `${configs}?import=true`) => {
  const answer = await node.call('POST', `${path}${query}`, body, multipart)
  return { ...answer, json: answer.text.startsWith('{') ? JSON.parse(answer.text) : null }
}
const exportZip = (node: Node, query: string) => node.call('GET', `${configs}?${query}&ids=`)
const entriesOf = (bytes: Buffer): Promise<Record<string, string>> =>
  withZip(bytes, async (zip) => {
    const entries = await gathered(zip.entries())
    const read: Record<string, string> = {}
    for (const entry of entries) read[entry.name.toString()] = (await zip.content(entry)).toString()
    return read
  })
const entry = (name: string, content = 'a: 1'): RawEntry => ({ name, content })

describe('an export', () => {
  it('of the first format has each configuration, and the applications', async () => {
    const node = await startNode()
    await node.publish({ dataId: 'app.yaml', content: 'a: 值', appName: 'shop' })
    await node.publish({ dataId: 'plain', content: 'text', tenant: 'public' })
    await node.publish({ dataId: 'elsewhere', content: 'x', tenant: 'dev' })
    const answer = await exportZip(node, 'export=true&tenant=&dataId=&group=&appName=')
    expect(answer.headers['content-disposition']).toBe('attachment;filename=nacos_config_export_20240501030405.zip')
    expect(await entriesOf(answer.body)).toEqual({
      ...{ 'DEFAULT_GROUP/app.yaml': 'a: 值', 'DEFAULT_GROUP/plain': 'text', '.meta.yml': 'DEFAULT_GROUP.app~yaml.app=shop\r\n' },
    })
  })

  it('of the newer format says what else there is to know', async () => {
    const node = await startNode()
    await node.publish({ dataId: 'app.yaml', content: 'a: 1', type: 'yaml', appName: 'shop', desc: '说明', config_tags: 'x,y' })
    expect(await entriesOf((await exportZip(node, 'exportV2=true&tenant=')).body)).toEqual({
      'DEFAULT_GROUP/app.yaml': 'a: 1',
      '.metadata.yml': "metadata:\n- appName: shop\n  configTags: 'x,y'\n  dataId: app.yaml\n  desc: '说明'\n  group: DEFAULT_GROUP\n  type: yaml\n",
    })
  })

  it('has what the filter names: a group, a part of a name, an application, or ids', async () => {
    const node = await startNode()
    await node.publish({ dataId: 'a.one', content: '1', group: 'G' })
    await node.publish({ dataId: 'a.two', content: '2', appName: 'shop' })
    await node.publish({ dataId: 'b', content: '3' })
    const names = async (query: string) => Object.keys(await entriesOf((await node.call('GET', `${configs}?export=true&tenant=&${query}`)).body))
    const [first] = [...node.parts.configs.all()]
    expect(await names('group=G&ids=')).toEqual(['G/a.one'])
    expect(await names('dataId=a.*')).toEqual(['G/a.one', 'DEFAULT_GROUP/a.two', '.meta.yml'])
    expect(await names('appName=shop')).toEqual(['DEFAULT_GROUP/a.two', '.meta.yml'])
    expect(await names(`ids=${first?.id},999`)).toEqual(['G/a.one'])
    expect(await names('group=none')).toEqual([])
    expect((await node.call('GET', `${configs}?export=true&ids=1,x`)).status).toBe(400)
  })

  it('has the names of the third generation too', async () => {
    const node = await startNode()
    await node.publish({ dataId: 'a', content: '1', group: 'G', tenant: 'dev' })
    for (const path of ['/nacos/v3/admin/cs/config/export', '/nacos/v3/console/cs/config/export2'])
      expect(Object.keys(await entriesOf((await node.call('GET', `${path}?namespaceId=dev&groupName=G`)).body))).toEqual(['G/a', '.metadata.yml'])
  })

  it('runs twice at a time on a node, and no more', async () => {
    const node = await startNode()
    await node.publish({ dataId: 'a', content: '1' })
    const answers = await Promise.all(Array.from({ length: 6 }, () => exportZip(node, 'export=true')))
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2)
    for (const { headers } of refused) expect(headers['nacos-trio-error']).toBe('overloaded')
    expect((await exportZip(node, 'export=true')).status).toBe(200)
  })
})

describe('an import', () => {
  it('takes what the official server exported, and answers as it does', async () => {
    const node = await startNode()
    await node.createNamespace('dev')
    const file = javaZip([entry('DEFAULT_GROUP/app.yaml', 'a: 值'), entry('alone'), entry('.meta.yml', 'DEFAULT_GROUP.app~yaml.app=shop\r\n')])
    const { status, json } = await importZip(node, form(file), '&namespace=dev&src_user=me&policy=SKIP')
    expect(status).toBe(200)
    expect(json).toEqual({
      ...{ code: 200, message: 'import success' },
      data: { succCount: 1, unrecognizedCount: 1, unrecognizedData: [{ itemName: 'alone' }] },
    })
    expect(node.held()).toMatchObject([{ namespace: 'dev', dataId: 'app.yaml', type: 'yaml', appName: 'shop' }])
    expect(node.sent[0]).toMatchObject({ sourceUser: 'me', sourceIp: '127.0.0.1', expectedMd5: '' })
  })

  it.each([
    [
      'ABORT',
      { succCount: 0, skipCount: 1, failData: [{ dataId: 'b', group: 'G', reason: 'it is there already' }], skipData: [{ dataId: 'a', group: 'G' }] },
      'before',
    ],
    ['SKIP', { succCount: 1, skipCount: 1, skipData: [{ dataId: 'b', group: 'G' }] }, 'before'],
    ['OVERWRITE', { succCount: 2 }, 'new'],
  ])('of policy %s meets what is there', async (policy, data, content) => {
    const node = await startNode()
    await node.publish({ dataId: 'b', group: 'G', content: 'before' })
    const file = javaZip([entry('G/a', 'new'), entry('G/b', 'new')])
    expect((await importZip(node, form(file, { policy }))).json.data).toEqual(data)
    expect(node.held().find(({ dataId }) => dataId === 'b')?.content).toBe(Buffer.from(content).toString('base64'))
  })

  it('without a policy is of policy ABORT; of an unknown one it is refused', async () => {
    const node = await startNode()
    await node.publish({ dataId: 'a', group: 'G', content: 'before' })
    const file = javaZip([entry('G/a')])
    expect((await importZip(node, form(file))).json.data).toMatchObject({ succCount: 0 })
    expect((await importZip(node, form(file), '&policy=REPLACE')).status).toBe(400)
    expect((await importZip(node, form(file, { policy: 'REPLACE' }))).status).toBe(400)
    expect(node.sent).toHaveLength(1)
  })

  it('of the third generation is wrapped as that one is', async () => {
    const node = await startNode()
    await node.createNamespace('dev')
    for (const path of ['/nacos/v3/admin/cs/config/import', '/nacos/v3/console/cs/config/import'])
      expect((await importZip(node, form(javaZip([entry('G/a')])), '?namespaceId=dev&policy=OVERWRITE', path)).json).toEqual({
        ...{ code: 0, message: 'success', data: { succCount: 1 } },
      })
  })

  it.each([
    [`${configs}?import=true`, '&namespace=none', { code: 100_001, data: { succCount: 0 } }],
    ['/nacos/v3/console/cs/config/import', '?namespaceId=none', { code: 22_001, message: 'namespace not exist', data: { succCount: 0 } }],
  ])('into a namespace that is not there is refused: %s', async (path, query, told) => {
    const node = await startNode()
    expect((await importZip(node, form(javaZip([entry('G/a')])), query, path)).json).toMatchObject(told)
    expect(node.sent).toEqual([])
  })

  it.each([
    ['no file', form(null, { policy: 'SKIP' }), 100_005],
    ['a file of another name', form(javaZip([entry('G/a')]), {}, 'other'), 100_005],
    ['no zip', form(Buffer.from('hello, this is no zip')), 100_004],
    ['an empty zip', form(javaZip([])), 100_005],
    ['broken metadata', form(javaZip([entry('G/a'), entry('.metadata.yml', 'metadata:\n- dataId: a\n')])), 100_002],
    ['an entry twice', form(javaZip([entry('G/a'), entry('G/a')])), 100_004],
  ])('with %s is refused as Nacos refuses it, and nothing is written', async (_, body, code) => {
    const node = await startNode()
    const { status, json } = await importZip(node, body)
    expect(status).toBe(200)
    expect(json).toMatchObject({ code, data: { succCount: 0 } })
    expect(json.message).toContain('nothing was written')
    expect(node.sent).toEqual([])
  })

  it('without multipart says what it needs', async () => {
    const node = await startNode()
    const answer = await node.call('POST', `${configs}?import=true&namespace=`, 'policy=SKIP')
    expect(JSON.parse(answer.text)).toMatchObject({ code: 100_005, message: expect.stringContaining('multipart') })
  })

  it('larger than the limit is refused with the limit, said before or not', async () => {
    const node = await startNode()
    const large = form(Buffer.alloc(1_200_000, 1))
    const said = await importZip(node, large)
    const unsaid = await node.call('POST', `${configs}?import=true`, large, { ...multipart, 'transfer-encoding': 'chunked' })
    for (const { status, text } of [said, unsaid]) {
      expect(status).toBe(413)
      expect(text).toContain('1048576 bytes')
      expect(text).toContain('httpZipBytesMax')
    }
    expect((await importZip(node, form(javaZip([entry('G/a')])))).json.data).toEqual({ succCount: 1 })
  })

  it('without a majority is refused before anything is written', async () => {
    const node = await startNode()
    node.setReads({ kind: 'refused', code: 'no_quorum' })
    const { status, headers } = await importZip(node, form(javaZip([entry('G/a')])))
    expect([status, headers['nacos-trio-error']]).toEqual([503, 'no_quorum'])
    expect(node.sent).toEqual([])
  })

  it.each([
    ['without a boundary', Buffer.from('x'), { 'content-type': 'multipart/form-data; x=y' }],
    ['cut short', form(javaZip([entry('G/a')])).subarray(0, 200), multipart],
    ['of many parts', form(null, Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 'x']))), multipart],
  ])('whose multipart body is %s is refused', async (_, body, headers) => {
    const node = await startNode()
    const answer = await node.call('POST', `${configs}?import=true`, body, headers)
    expect(answer.status).toBe(400)
    expect(answer.text).toContain('multipart')
  })

  it('that cannot be put on the disk is an error of the node, told in its log', async () => {
    const node = await startNode({ uploadDir: join(import.meta.dirname, 'server.ts', 'below-a-file') })
    const { status, text } = await importZip(node, form(javaZip([entry('G/a')])))
    expect(status).toBe(500)
    expect(text).toContain('its log says why')
    expect(node.failures[0]).toContain('taking an import: Error: ENOTDIR')
    // The place is free again.
    expect((await importZip(node, form(javaZip([entry('G/a')])))).status).toBe(500)
  })

  it('leaves no file behind, and its log says what was done', async () => {
    const node = await startNode()
    await node.createNamespace('dev')
    await importZip(node, form(javaZip([entry('G/a')])), '&namespace=dev')
    await importZip(node, form(Buffer.from('no zip')))
    expect(existsSync(node.parts.uploadDir) ? readdirSync(node.parts.uploadDir) : []).toEqual([])
    expect(node.notes).toEqual([
      expect.stringMatching(/^import into namespace dev, policy ABORT, asked from 127\.0\.0\.1:\d+: 1 written, 0 skipped, 0 failed$/),
    ])
    const progress = JSON.parse((await node.call('GET', '/nacos/v1/core/ops/import')).text)
    expect(progress.data).toEqual({ running: null, last: { total: 1, written: 1, skipped: 0, failed: 0, stopped: null } })
  })
})

it('whatever is exported is imported elsewhere as it was: odd names and contents, in the newer format', async () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9\-_:.]{1,30}$/).filter((each) => each !== '.' && each !== '..')
  const content = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 400 })
    .filter((each) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(each) && each.isWellFormed())
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((each) => each.length <= 128)
  const config = fc.record({
    ...{ dataId: name, group: name, content, type: fc.constantFrom('text', 'json', 'yaml', 'unset', 'toml'), appName: text, desc: text },
    config_tags: fc.array(fc.stringMatching(/^[^,]{1,9}$/), { maxLength: 3 }).map((tags) => tags.join(',')),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(config, { maxLength: 12 }), async (all) => {
      const from = await startNode()
      const to = await startNode()
      for (const each of all) expect((await from.publish(each)).status).toBe(200)
      const zip = (await exportZip(from, 'exportV2=true')).body
      if (all.length > 0) expect((await importZip(to, form(zip))).json.data).toEqual({ succCount: from.held().length })
      expect(to.held()).toEqual(from.held())
      for (const close of open.splice(0)) await close()
    }),
    { numRuns: 40 },
  )
})
