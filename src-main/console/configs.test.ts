import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { ClusterView } from '../contract/index.ts'
import { md5Of } from './config-wire.ts'
import { createConfigs } from './configs.ts'
import { createNodeHttp } from './node-http.ts'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly form: URLSearchParams
}
type Reply = (seen: Seen, response: ServerResponse) => void

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A node that answers as told and remembers what it was asked. */
async function node(reply: Reply) {
  const seen: Seen[] = []
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const url = new URL(request.url ?? '', 'http://node')
    const form = new URLSearchParams(Buffer.concat(chunks).toString('latin1'))
    const one = { method: request.method ?? '', path: url.pathname, query: url.searchParams, headers: request.headers, form }
    seen.push(one)
    reply(one, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, port: (server.address() as AddressInfo).port }
}

/** A port where nobody listens. */
async function nowhere(): Promise<number> {
  const { port } = await node(() => {})
  ends.pop()?.()
  return port
}

function cluster(ports: readonly number[], leaderId: number | null = 1) {
  const http = createNodeHttp()
  ends.push(() => http.close())
  const places = ports.map((port, index) => ({ id: index + 1, host: '127.0.0.1', httpPort: port, grpcPort: 1, raftPort: 1, dir: '' }))
  const nodes = places.map(({ id }) => ({ id, process: 'running', report: null }))
  const view = () => ({ leaderId, nodes }) as unknown as ClusterView
  return createConfigs({ cluster: { places, view }, http })
}

const key = { namespace: '', group: 'G', dataId: 'd', node: null }
const say =
  (status: number, body: string, headers: Record<string, string> = {}): Reply =>
  (_seen, response) =>
    response.writeHead(status, headers).end(body)
const publish = { ...key, content: 'a=1', type: 'properties', expectedMd5: null }

describe('publish', () => {
  test('is a form to the leader, and the answer names node, md5 and index', async () => {
    const first = await node(say(200, 'true'))
    const second = await node(say(200, 'true', { 'Nacos-Trio-Index': '42' }))
    const result = await cluster([first.port, second.port], 2).publish({ ...publish, namespace: 'dev', content: 'k=中 😀\r\n', tags: ['a', 'b'] })
    expect(result).toMatchObject({ ok: true, value: { nodeId: 2, index: 42, md5: md5Of('k=中 😀\r\n') } })
    expect(first.seen).toHaveLength(0)
    const { form, headers, path } = second.seen[0]!
    expect(path).toBe('/nacos/v1/cs/configs')
    expect(Object.fromEntries(form)).toEqual({
      dataId: 'd',
      group: 'G',
      tenant: 'dev',
      content: 'k=中 😀\r\n',
      type: 'properties',
      config_tags: 'a,b',
    })
    expect(headers.casmd5).toBeUndefined()
  })

  test.each([
    ['', { 'nacos-trio-expect': 'absent' }],
    ['0123', { casmd5: '0123' }],
  ])('expects %j', async (expectedMd5, headers) => {
    const one = await node(say(200, 'true'))
    await cluster([one.port]).publish({ ...publish, expectedMd5 })
    expect(one.seen[0]!.headers).toMatchObject(headers)
  })

  test.each([
    [503, 'caused: x;', { 'Nacos-Trio-Error': 'no_quorum' }, 'no_quorum'],
    [504, 'caused: x;', { 'Nacos-Trio-Error': 'outcome_unknown' }, 'outcome_unknown'],
    [503, 'caused: x;', { 'Nacos-Trio-Error': 'disk_full' }, 'disk_full'],
    [503, 'caused: x;', { 'Nacos-Trio-Error': 'not_member' }, 'unreachable'],
    [400, 'caused: x;', { 'Nacos-Trio-Error': 'request_id_reused' }, 'invalid'],
    [500, 'caused: Cas publish fail, server md5 may have changed.;', {}, 'cas_conflict'],
    [400, 'caused: invalid content, over 10485760;', {}, 'too_large'],
    [413, '', {}, 'too_large'],
    [400, 'caused: content is blank : ;', {}, 'invalid'],
    [500, 'caused: other;', {}, 'internal'],
    [503, '', { 'Nacos-Trio-Error': 'made up' }, 'overloaded'],
    [302, '', { location: 'http://evil.example/' }, 'internal'],
  ])('%i %s is refused as its code', async (status, body, headers, code) => {
    const one = await node(say(status, body, headers as Record<string, string>))
    const result = await cluster([one.port]).publish(publish)
    expect(result).toMatchObject({ ok: false, refusal: { code, nodeId: 1, httpStatus: status } })
  })

  test('goes on to the next node when the first surely never saw it', async () => {
    const second = await node(say(200, 'true'))
    expect(await cluster([await nowhere(), second.port]).publish(publish)).toMatchObject({ ok: true, value: { nodeId: 2 } })
  })

  const hangUp: Reply = (_seen, response) => response.destroy()
  const idsOf = (...nodes: { seen: readonly Seen[] }[]) => nodes.flatMap(({ seen }) => seen.map(({ headers }) => headers['nacos-trio-request-id']))

  test('is sent again under the same id when its fate is not known, and only then', async () => {
    const first = await node(hangUp)
    const second = await node(say(504, 'caused: x;', { 'Nacos-Trio-Error': 'outcome_unknown' }))
    const third = await node(say(200, 'true', { 'Nacos-Trio-Index': '42' }))
    const fourth = await node(say(200, 'true'))
    const result = await cluster([first.port, second.port, third.port, fourth.port]).publish(publish)
    expect(result).toMatchObject({ ok: true, value: { nodeId: 3, index: 42 } })
    const ids = idsOf(first, second, third, fourth)
    expect([ids.length, new Set(ids).size, ids[0]]).toEqual([3, 1, expect.stringMatching(/^[A-Za-z0-9_-]{16,64}$/)])
  })

  test('has an id of its own, or the one that it was given', async () => {
    const one = await node(say(200, 'true'))
    const configs = cluster([one.port])
    await configs.publish(publish)
    await configs.publish(publish)
    await configs.publish({ ...publish, requestId: 'given-by-the-user' })
    await configs.remove({ ...key, expectedMd5: null })
    const ids = idsOf(one)
    expect([new Set(ids).size, ids[2]]).toEqual([4, 'given-by-the-user'])
  })

  test.each([
    ['no_quorum', 503, 'outcome_unknown'],
    ['overloaded', 503, 'outcome_unknown'],
    ['outcome_unknown', 504, 'outcome_unknown'],
    ['', 500, 'outcome_unknown'],
    ['cas_conflict', 500, 'cas_conflict'],
    ['invalid', 400, 'invalid'],
  ])('after an unknown fate the refusal "%s" makes it %s', async (code, status, outcome) => {
    const second = await node(say(status, 'caused: x;', { 'Nacos-Trio-Error': code }))
    const result = await cluster([(await node(hangUp)).port, second.port]).publish(publish)
    expect(result).toMatchObject({ ok: false, refusal: { code: outcome, nodeId: outcome === 'outcome_unknown' ? 1 : 2 } })
    expect(second.seen).toHaveLength(1)
  })

  test('asks a chosen node, or the only one, once more when its fate is not known', async () => {
    const one = await node(hangUp)
    const two = await node(say(200, 'true'))
    expect(await cluster([one.port, two.port]).publish({ ...publish, node: 1 })).toMatchObject({ ok: false, refusal: { code: 'outcome_unknown' } })
    expect([one.seen.length, two.seen.length]).toEqual([2, 0])
  })

  test('to a chosen node goes nowhere else', async () => {
    const second = await node(say(200, 'true'))
    expect(await cluster([await nowhere(), second.port]).publish({ ...publish, node: 1 })).toMatchObject({
      ok: false,
      refusal: { code: 'unreachable', nodeId: 1 },
    })
    expect(second.seen).toHaveLength(0)
  })

  test.each([
    ['\ud83d', 'invalid'],
    ['a'.repeat(10 * 1024 * 1024 + 1), 'too_large'],
  ])('content that could only be stored changed or cut is not sent (%#)', async (content, code) => {
    const one = await node(say(200, 'true'))
    expect(await cluster([one.port]).publish({ ...publish, content })).toMatchObject({ ok: false, refusal: { code } })
    expect(one.seen).toHaveLength(0)
  })

  test('without a running node says so', async () => {
    expect(await cluster([]).publish(publish)).toMatchObject({ ok: false, refusal: { code: 'unreachable', nodeId: null } })
  })
})

describe('get', () => {
  test('reads every field', async () => {
    const row = { id: '7', dataId: 'd', group: 'G', tenant: '', content: 'x: 1', md5: md5Of('x: 1'), type: 'yaml', createTime: 1, modifyTime: 2 }
    const one = await node(say(200, JSON.stringify({ ...row, desc: 'why', appName: null, configTags: 'a,b' })))
    expect(await cluster([one.port]).get(key)).toEqual({
      ok: true,
      value: {
        namespace: '',
        group: 'G',
        dataId: 'd',
        content: 'x: 1',
        type: 'yaml',
        md5: md5Of('x: 1'),
        description: 'why',
        appName: '',
        tags: ['a', 'b'],
        createdMs: 1,
        modifiedMs: 2,
        nodeId: 1,
      },
    })
    expect(one.seen[0]!.query.get('show')).toBe('all')
  })

  test.each(['', 'null'])('body %j means: there is none', async (body) => {
    expect(await cluster([(await node(say(200, body))).port]).get(key)).toMatchObject({ ok: false, refusal: { code: 'not_found' } })
  })

  test.each(['{', '[]', '"x"', '{"id":1}'])('a strange answer %j breaks nothing', async (body) => {
    expect(await cluster([(await node(say(200, body))).port]).get(key)).toMatchObject({ ok: false, refusal: { code: 'internal' } })
  })

  test('goes on past nodes that are down, closing or failing', async () => {
    const closing = await node((_seen, response) => response.destroy())
    const failing = await node(say(503, ''))
    const good = await node(say(200, ''))
    const result = await cluster([await nowhere(), closing.port, failing.port, good.port]).get(key)
    expect(result).toMatchObject({ ok: false, refusal: { code: 'not_found', nodeId: 4 } })
  })
})

test('list reads a page; md5, size and time are made up from the content only where the node left them out', async () => {
  const rows = [
    { id: '1', dataId: 'a', group: 'G', tenant: '', content: '中', md5: null, type: null },
    { id: 2, dataId: 'b', group: 'G', tenant: 'dev', content: null, md5: 'm', type: 'json', contentBytes: 9, modifyTime: 5 },
  ]
  const one = await node(say(200, JSON.stringify({ totalCount: 2, pageNumber: 1, pagesAvailable: 1, pageItems: rows })))
  const result = await cluster([one.port]).list({ node: null, namespace: 'n', dataId: '*a*', group: '', page: 3, pageSize: 20 })
  expect(result).toEqual({
    ok: true,
    value: {
      total: 2,
      nodeId: 1,
      items: [
        { id: '1', namespace: '', group: 'G', dataId: 'a', type: 'text', md5: md5Of('中'), contentBytes: 3, modifiedMs: null },
        { id: '2', namespace: 'dev', group: 'G', dataId: 'b', type: 'json', md5: 'm', contentBytes: 9, modifiedMs: 5 },
      ],
    },
  })
  expect(Object.fromEntries(one.seen[0]!.query)).toEqual({
    search: 'blur',
    dataId: '*a*',
    group: '',
    tenant: 'n',
    pageNo: '3',
    pageSize: '20',
    omitContent: 'true',
  })
})

test('remove is a DELETE that may expect an md5', async () => {
  const one = await node(say(200, 'true'))
  expect(await cluster([one.port]).remove({ ...key, expectedMd5: 'abc' })).toMatchObject({ ok: true, value: { nodeId: 1 } })
  expect(one.seen[0]).toMatchObject({ method: 'DELETE', headers: { casmd5: 'abc' } })
  expect(Object.fromEntries(one.seen[0]!.query)).toEqual({ dataId: 'd', group: 'G', tenant: '' })
})
