/** Users, roles, permissions and namespaces over real HTTP servers that answer as nodes do: what is asked, in which order, and what of it is believed. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import type { ClusterView } from '../contract/index.ts'
import { createAccounts } from './accounts.ts'
import { createNamespaces } from './namespaces.ts'
import { createNodeHttp } from './node-http.ts'
import { createResultCalls } from './result-calls.ts'

const http = createNodeHttp()
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

interface Said {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}
type Answers = Readonly<Record<string, Said>>
const success = (data: unknown): Said => ({ body: { code: 0, message: 'success', data } })
const failure = (status: number, data: string, headers: Readonly<Record<string, string>> = {}): Said => ({
  ...{ status, headers },
  body: { code: 30_000, message: 'server error', data },
})

/** One that answers by method and path, and remembers what it was asked; null: one where nobody listens. */
const node = async (answers: Answers | null) => {
  const seen: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const [path = '', query = ''] = (request.url ?? '').split('?')
    seen.push(`${request.method} ${path.replace(/^\/nacos\/v3\//, '')} ${query}${Buffer.concat(chunks)}`)
    const said = answers?.[`${request.method} ${path.replace(/^\/nacos\/v3\//, '')}`] ?? failure(404, 'no such endpoint')
    response.writeHead(said.status ?? 200, said.headers).end(JSON.stringify(said.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  if (answers === null) await new Promise((resolve) => server.close(resolve))
  else servers.push(server)
  return { seen, port }
}

const callsTo = async (...answers: readonly (Answers | null)[]) => {
  const nodes = await Promise.all(answers.map(node))
  const places = nodes.map(({ port }, at) => ({ id: at + 1, host: '127.0.0.1', httpPort: port, grpcPort: 1, raftPort: 1, dir: '' }))
  const view = () => ({ leaderId: 1, nodes: places.map(({ id }) => ({ id, process: 'running', report: null })) }) as unknown as ClusterView
  return { calls: createResultCalls({ cluster: { places, view }, http }), seen: nodes.map(({ seen }) => seen) }
}

const row = { namespace: 'public', namespaceShowName: 'public', namespaceDesc: null, quota: 200, configCount: 3, type: 0 }
const namespacePath = 'console/core/namespace'

it('lists namespaces from the next node when one does not answer; the default one has no ID', async () => {
  const { calls } = await callsTo(null, { [`GET ${namespacePath}/list`]: success([row, { ...row, namespace: 'dev', namespaceDesc: 'd' }]) })
  expect(await createNamespaces(calls).list()).toMatchObject({
    ok: true,
    value: {
      nodeId: 2,
      namespaces: [
        { id: '', configs: 3, description: '' },
        { id: 'dev', description: 'd' },
      ],
    },
  })
})

it('makes a namespace with the ID that was wanted, or with one of its own, which it tells', async () => {
  const { calls, seen } = await callsTo({ [`POST ${namespacePath}`]: success(true) })
  const namespaces = createNamespaces(calls)
  expect(await namespaces.create({ id: ' dev ', name: 'D & 中', description: '' })).toMatchObject({ ok: true, value: { id: 'dev' } })
  expect(seen[0]?.[0]).toBe(`POST ${namespacePath} customNamespaceId=dev&namespaceName=D%20%26%20%E4%B8%AD&namespaceDesc=`)
  const made = await namespaces.create({ id: '', name: 'x', description: '' })
  expect(made.ok && made.value.id).toMatch(/^[0-9a-f-]{36}$/)
})

it('counts what a namespace holds: configurations and services', async () => {
  const { calls } = await callsTo({
    [`GET ${namespacePath}`]: success({ ...row, configCount: 2 }),
    'GET console/ns/service/list': success({ totalCount: 5, pageItems: [] }),
  })
  expect(await createNamespaces(calls).contents('dev')).toMatchObject({ ok: true, value: { configs: 2, services: 5 } })
})

it.each([
  [failure(409, 'namespace [dev] still holds configurations; remove them first, nothing was deleted'), 'wrong_state'],
  [failure(400, "user 'ann' already exist!"), 'wrong_state'],
  [failure(400, 'namespaceId [a b] mismatch the pattern'), 'invalid'],
  [failure(503, 'no majority', { 'Nacos-Trio-Error': 'no_quorum' }), 'no_quorum'],
  [failure(504, 'unknown', { 'Nacos-Trio-Error': 'outcome_unknown' }), 'outcome_unknown'],
  [{ body: { code: 1, data: true } }, 'internal'],
  [{ body: 'true' }, 'internal'],
] as const)('an answer %j is %s, and no other node is asked', async (said, code) => {
  const { calls, seen } = await callsTo({ [`DELETE ${namespacePath}`]: said }, { [`DELETE ${namespacePath}`]: success(true) })
  const outcome = await createNamespaces(calls).remove('dev')
  expect(outcome.ok ? 'done' : outcome.refusal.code).toBe(code)
  expect(seen[1]).toEqual([])
})

it('gives an order to the next node only if it surely never reached the one before', async () => {
  const taken = success('create user ok!')
  const { calls, seen } = await callsTo(null, { 'POST auth/user': taken })
  expect(await createAccounts(calls).createUser('ann', 'p&w')).toMatchObject({ ok: true, nodeId: 2 })
  expect(seen[1]).toEqual(['POST auth/user username=ann&password=p%26w'])
  const noMember = await callsTo({ 'POST auth/user': failure(503, 'x', { 'Nacos-Trio-Error': 'not_member' }) }, { 'POST auth/user': taken })
  expect(await createAccounts(noMember.calls).createUser('ann', 'p')).toMatchObject({ ok: true, nodeId: 2 })
})

const page = (pageItems: readonly object[], totalCount = pageItems.length): Said => success({ totalCount, pageItems })
const bindings = [
  { role: 'ROLE_ADMIN', username: 'nacos' },
  { role: 'dev', username: 'ann' },
  { role: 'dev', username: 'bob' },
]
const accountsOf = (more: Answers = {}): Answers => ({
  'GET auth/user/list': page([{ username: 'ann', password: '******' }, { username: 'nacos' }]),
  'GET auth/role/list': page(bindings),
  'GET auth/permission/list': page([{ role: 'dev', resource: 'dev:*:*', action: 'r' }]),
  ...more,
})

it('puts users, roles and permissions together', async () => {
  const { calls } = await callsTo(accountsOf())
  expect(await createAccounts(calls).list('')).toMatchObject({
    ok: true,
    value: {
      hasAdministrator: true,
      complete: true,
      users: {
        total: 2,
        items: [
          { name: 'ann', roles: ['dev'] },
          { name: 'nacos', roles: ['ROLE_ADMIN'] },
        ],
      },
      roles: {
        total: 2,
        items: [
          { name: 'ROLE_ADMIN', users: ['nacos'], permissions: [] },
          { name: 'dev', users: ['ann', 'bob'], permissions: [{ resource: 'dev:*:*', action: 'r' }] },
        ],
      },
    },
  })
})

it('says when there is more than it has seen, and looks for a part of a name', async () => {
  const { calls, seen } = await callsTo(accountsOf({ 'GET auth/role/list': page(bindings, 20_000) }))
  const found = await createAccounts(calls).list('ev')
  expect(found).toMatchObject({ ok: true, value: { complete: false, roles: { items: [{ name: 'dev' }] } } })
  expect(seen[0]).toContain('GET auth/user/list pageNo=1&pageSize=200&search=blur&username=*ev*')
})

it('tells the password of the administrator whom it made', async () => {
  const { calls, seen } = await callsTo({ 'POST auth/user/admin': success({ username: 'nacos', password: 'made up' }) })
  expect(await createAccounts(calls).makeAdministrator(null)).toMatchObject({ ok: true, value: { name: 'nacos', password: 'made up' } })
  expect(seen[0]).toEqual(['POST auth/user/admin password='])
})
