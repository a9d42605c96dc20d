/** Namespaces over v1, v2 and v3 (nacos-http 12.1, 14): one node, three ways to ask. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const send = createCaller(() => port)

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close(0))

const v1 = '/nacos/v1/console/namespaces'
const places = ['/nacos/v2/console/namespace', '/nacos/v3/admin/core/namespace', '/nacos/v3/console/core/namespace'] as const

const call = async (method: string, path: string, fields: Record<string, string> = {}) => {
  const text = new URLSearchParams(fields).toString()
  const answer = method === 'POST' || method === 'PUT' ? await send(method, path, text) : await send(method, `${path}?${text}`)
  return {
    status: answer.status,
    text: answer.text,
    json: answer.text.startsWith('{') || answer.text.startsWith('t') ? JSON.parse(answer.text) : null,
  }
}
const create = (id: string, name = id) => call('POST', v1, { customNamespaceId: id, namespaceName: name, namespaceDesc: `about ${id}` })
const ids = async () => (await call('GET', v1)).json.data.map(({ namespace }: { namespace: string }) => namespace)
const publish = (tenant: string, dataId: string) =>
  send('POST', '/nacos/v1/cs/configs', new URLSearchParams({ tenant, dataId, group: 'G', content: 'x' }).toString())

describe('v1', () => {
  it('lists the default one first, then the others as they were made, with their counts', async () => {
    await create('zoo')
    await create('dev', '开发')
    for (const [tenant, dataId] of [
      ['', 'a'],
      ['public', 'b'],
      ['dev', 'a'],
    ] as const)
      await publish(tenant, dataId)
    expect((await call('GET', v1)).json).toEqual({
      ...{ code: 200, message: null },
      data: [
        { namespace: '', namespaceShowName: 'public', namespaceDesc: 'Default Namespace', quota: 200, configCount: 2, type: 0 },
        { namespace: 'zoo', namespaceShowName: 'zoo', namespaceDesc: 'about zoo', quota: 200, configCount: 0, type: 2 },
        { namespace: 'dev', namespaceShowName: '开发', namespaceDesc: 'about dev', quota: 200, configCount: 1, type: 2 },
      ],
    })
  })

  it('shows one, bare; and says 500 of one that is not there, escaped', async () => {
    await create('dev')
    expect((await call('GET', v1, { show: 'all', namespaceId: 'dev' })).json).toMatchObject({ namespace: 'dev', namespaceDesc: 'about dev', type: 2 })
    expect((await call('GET', v1, { show: 'all', namespaceId: '' })).json).toMatchObject({ namespace: '', namespaceShowName: 'public', type: 0 })
    const unknown = await call('GET', v1, { show: 'all', namespaceId: '<x>' })
    expect([unknown.status, unknown.text]).toEqual([500, 'caused: namespaceId [ &#60;x&#62; ] not exist;'])
  })

  it('tells whether an id is taken', async () => {
    await create('dev')
    const taken = async (id: string) => (await call('GET', v1, { checkNamespaceIdExist: 'true', customNamespaceId: id })).text
    expect([await taken('dev'), await taken('test'), await taken('public'), await taken('')]).toEqual(['true', 'false', 'true', 'false'])
  })

  it('makes one with an id of its own where none is named', async () => {
    const answer = await call('POST', v1, { customNamespaceId: '', namespaceName: 'n', namespaceDesc: '' })
    expect(answer.text).toBe('true')
    expect((await ids())[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
  })

  it.each([
    ['an id with other signs', { customNamespaceId: 'a b' }],
    ['an id that is too long', { customNamespaceId: 'x'.repeat(129) }],
    ['the default id', { customNamespaceId: 'public' }],
    ['a name with other signs', { customNamespaceId: 'ok', namespaceName: 'a@b' }],
    ['a blank name', { customNamespaceId: 'ok', namespaceName: ' ' }],
  ])('says false for %s', async (_what, fields) => {
    expect((await call('POST', v1, { namespaceName: 'n', namespaceDesc: '', ...fields })).text).toBe('false')
    expect(await ids()).toEqual([''])
  })

  it('says false for an id that is there, and for a change of what is not', async () => {
    await create('dev')
    expect((await create('dev')).text).toBe('false')
    const change = (namespace: string, namespaceShowName = 'new') => call('PUT', v1, { namespace, namespaceShowName, namespaceDesc: 'd' })
    expect([(await change('dev')).text, (await change('test')).text, (await change('')).text, (await change('dev', 'a#')).text]).toEqual([
      ...['true', 'false', 'false', 'false'],
    ])
    expect((await call('GET', v1, { show: 'all', namespaceId: 'dev' })).json).toMatchObject({ namespaceShowName: 'new', namespaceDesc: 'd' })
  })

  it('deletes an empty one, and one that is not there; never the default one', async () => {
    await create('dev')
    const remove = async (namespaceId: string) => (await call('DELETE', v1, { namespaceId })).text
    expect([await remove('dev'), await remove('dev'), await remove('public')]).toEqual(['true', 'true', 'false'])
    expect(await ids()).toEqual([''])
  })

  it('keeps one that holds configurations, and says why', async () => {
    await create('dev')
    await publish('dev', 'a')
    const answer = await call('DELETE', v1, { namespaceId: 'dev' })
    expect([answer.status, answer.text]).toEqual([
      ...[409, 'caused: namespace [dev] still holds configurations; remove them first, nothing was deleted;'],
    ])
    expect(await ids()).toEqual(['', 'dev'])
  })

  it('asks for what it needs', async () => {
    for (const [method, fields] of [
      ['POST', { customNamespaceId: 'a' }],
      ['PUT', { namespace: 'a' }],
      ['DELETE', {}],
    ] as const)
      expect([(await call(method, v1, fields)).status, (await call(method, v1, fields)).text]).toEqual([
        500,
        expect.stringContaining('is not present'),
      ])
  })

  it('says what no leader took', async () => {
    node.refuseNext({ kind: 'refused', code: 'no_quorum' })
    expect((await create('dev')).status).toBe(503)
    node.refuseNext({ kind: 'unknown' })
    expect((await create('test')).status).toBe(504)
  })
})

describe.each(places)('%s', (path) => {
  const newId = path.includes('/v3/console/') ? 'customNamespaceId' : 'namespaceId'
  const make = (id: string, name = 'name') => call('POST', path, { [newId]: id, namespaceName: name, namespaceDesc: 'about' })
  const failed = (answer: Awaited<ReturnType<typeof call>>) => [answer.status, answer.json.code, answer.json.message]

  it('makes, lists, shows, changes and deletes', async () => {
    expect((await make('dev')).json).toEqual({ code: 0, message: 'success', data: true })
    const defaultId = path.includes('/v3/') ? 'public' : ''
    expect((await call('GET', `${path}/list`)).json).toMatchObject({
      ...{
        code: 0,
        data: [
          { namespace: defaultId, namespaceShowName: 'public', configCount: 0 },
          { namespace: 'dev', configCount: 0, type: 2 },
        ],
      },
    })
    expect((await call('PUT', path, { namespaceId: 'dev', namespaceName: 'other', namespaceDesc: '' })).json.data).toBe(true)
    expect((await call('GET', path, { namespaceId: 'dev' })).json.data).toMatchObject({ namespaceShowName: 'other', namespaceDesc: '' })
    expect((await call('DELETE', path, { namespaceId: 'dev' })).json.data).toBe(true)
    expect(await ids()).toEqual([''])
  })

  it('fails with the codes of Nacos', async () => {
    await make('dev')
    expect(failed(await make('dev'))).toEqual([500, 22_002, 'namespace already exist'])
    expect(failed(await make('a b'))).toEqual([400, 22_000, 'illegal namespace'])
    expect(failed(await make('ok', 'a^b'))).toEqual([400, 22_000, 'illegal namespace'])
    expect(failed(await call('GET', path, { namespaceId: 'none' }))).toEqual([404, 22_001, 'namespace not exist'])
    expect(failed(await call('PUT', path, { namespaceId: 'none', namespaceName: 'n' }))).toEqual([404, 22_001, 'namespace not exist'])
    expect(failed(await call('DELETE', path, { namespaceId: 'public' }))).toEqual([400, 22_000, 'illegal namespace'])
    expect(failed(await call('DELETE', path, {}))).toEqual([400, 10_000, 'parameter missing'])
    await publish('dev', 'a')
    expect(failed(await call('DELETE', path, { namespaceId: 'dev' }))).toEqual([409, 20_005, 'resource conflict'])
  })
})

it('v3 tells whether an id is taken, as a number and as a word', async () => {
  await create('dev')
  const asked = async (path: string, fields: Record<string, string>) => (await call('GET', path, fields)).json.data
  expect(await asked(`${places[1]}/check`, { namespaceId: 'dev' })).toBe(1)
  expect(await asked(`${places[1]}/check`, { namespaceId: 'test' })).toBe(0)
  expect(await asked(`${places[2]}/exist`, { customNamespaceId: 'dev' })).toBe(true)
  expect(await asked(`${places[2]}/exist`, { customNamespaceId: '' })).toBe(false)
})
