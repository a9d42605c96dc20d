/**
 * A real cluster whose nodes ask who a caller is: users made at one node are users of all, tokens of one node are good at every other, and what the
 * program around the nodes does goes on without a login. One cluster for the whole file.
 */

import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { configsPath } from '../support/nacos.ts'
import { findFreePortSet } from '../support/ports.ts'
import { waitUntil } from '../support/wait-until.ts'

const nodes = [1, 2, 3] as const
let cluster: HeadlessCluster
let port = 0
let root = ''

const base = (id: number): string => cluster.baseOf(id)
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const bearer = (token: string): Record<string, string> => (token === '' ? {} : { authorization: `Bearer ${token}` })

const call = (id: number, method: string, path: string, fields: Record<string, string>, token = '') => {
  const text = new URLSearchParams(fields).toString()
  return method === 'GET' || method === 'DELETE'
    ? send(base(id), { method, path: `${path}?${text}`, headers: bearer(token) })
    : send(base(id), { method, path, headers: { ...form, ...bearer(token) }, body: text })
}
const auth = (id: number, method: string, path: string, fields: Record<string, string>, token = root) =>
  call(id, method, `/nacos/v1/auth/${path}`, fields, token)
const login = (id: number, username: string, password: string) => auth(id, 'POST', 'login', { username, password }, '')
const tokenOf = async (id: number, name: string, password = name): Promise<string> => {
  const answer = await login(id, name, password)
  expect([name, answer.status]).toEqual([name, 200])
  return JSON.parse(answer.text).accessToken
}
const key = (tenant: string) => ({ tenant, dataId: 'a', group: 'G' })
const publish = async (id: number, tenant: string, token: string) =>
  (await call(id, 'POST', configsPath, { ...key(tenant), content: 'x' }, token)).status
const read = async (id: number, tenant: string, token: string) => (await call(id, 'GET', configsPath, key(tenant), token)).status

/** Another program at a node's port: what every request says, line and headers. */
const strangerAt = async ({ hostname, port }: URL) => {
  const heard: string[] = []
  const server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`)
    response.writeHead(503).end()
  })
  await new Promise<void>((resolve) => server.listen(Number(port), hostname, resolve))
  const close = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { heard, [Symbol.asyncDispose]: close }
}

beforeAll(async () => {
  port = await findFreePortSet(3)
  cluster = await startHeadless({ port, args: ['--no-console', '--auth', 'on'] })
  const answer = await auth(1, 'POST', 'users/admin', { password: 'root' }, '')
  expect([answer.status, answer.text]).toEqual([200, '{"username":"nacos","password":"root"}'])
  root = await tokenOf(2, 'nacos', 'root')
})
afterAll(() => cluster[Symbol.asyncDispose]())

it('asks at every node, and takes the token of one node at each', async () => {
  for (const id of nodes) {
    expect(await publish(id, '', '')).toBe(403)
    expect(await publish(id, '', root)).toBe(200)
    expect(await read(id, '', root)).toBe(200)
    expect((await auth(id, 'POST', 'users/admin', { password: 'mallory' }, '')).text).toContain('"code":409')
  }
})

it('knows a user at once at every node, with what it may', async () => {
  await auth(1, 'POST', 'users', { username: 'ann', password: 'ann' })
  const token = await tokenOf(3, 'ann')
  expect(await read(2, 'dev', token)).toBe(403)
  await auth(2, 'POST', 'roles', { role: 'dev', username: 'ann' })
  expect((await auth(3, 'POST', 'permissions', { role: 'dev', resource: 'dev:*:*', action: 'r' })).status).toBe(200)
  for (const id of nodes) {
    await waitUntil(`node ${id} to let ann read`, async () => (await read(id, 'dev', token)) === 404)
    expect(await publish(id, 'dev', token)).toBe(403)
    expect(await read(id, '', token)).toBe(403)
  }
})

it('ends tokens with the password, everywhere', async () => {
  const token = await tokenOf(1, 'ann')
  expect((await auth(2, 'PUT', 'users', { username: 'ann', newPassword: 'other' }, token)).status).toBe(200)
  for (const id of nodes) await waitUntil(`node ${id} to refuse the old token`, async () => (await read(id, 'dev', token)) === 403)
  await tokenOf(3, 'ann', 'other')
})

it('makes a namespace at one node, shows it at each, and deletes it once it is empty', async () => {
  const path = '/nacos/v1/console/namespaces'
  expect((await call(1, 'POST', path, { customNamespaceId: 'dev', namespaceName: 'Dev', namespaceDesc: '' }, root)).text).toBe('true')
  expect((await call(1, 'POST', path, { customNamespaceId: 'dev', namespaceName: 'Dev', namespaceDesc: '' }, root)).text).toBe('false')
  expect(await publish(2, 'dev', root)).toBe(200)
  for (const id of nodes)
    await waitUntil(`node ${id} to count one configuration`, async () =>
      (await call(id, 'GET', path, {}, root)).text.includes('"namespaceShowName":"Dev","namespaceDesc":"","quota":200,"configCount":1'),
    )
  expect((await call(3, 'DELETE', path, { namespaceId: 'dev' }, root)).status).toBe(409)
  await call(3, 'DELETE', configsPath, key('dev'), root)
  expect((await call(3, 'DELETE', path, { namespaceId: 'dev' }, root)).text).toBe('true')
})

it('lets the program around the nodes do its work, and the nodes theirs', async () => {
  expect(await cluster.ask('snapshot before', 60_000)).toMatchObject({ ok: true })
  expect(await cluster.ask('compare 1 2', 60_000)).toMatchObject({ ok: true, facts: { comparison: expect.objectContaining({ differing: 0 }) } })
})

it('goes on over the death of the leader: same users, same tokens', async () => {
  const leader = cluster.ready.leader
  cluster.killNode(leader)
  const others = nodes.filter((id) => id !== leader)
  await waitUntil('a write to be taken again', async () => (await publish(others[0] ?? 1, '', root)) === 200)
  expect(await publish(others[1] ?? 2, '', '')).toBe(403)
  await cluster.nextEvent('the killed node to be back', (event) => event.event === 'node-ready' && event.id === leader, 30_000)
  await waitUntil('the killed node to know the user', async () => (await login(leader, 'ann', 'other').catch(() => null))?.status === 200)
})

it('lets the program in at the process that came after the killed one', async () => {
  for (const id of [2, 3]) expect(await cluster.ask(`compare 1 ${id}`, 60_000)).toMatchObject({ ok: true })
})

it('shows nothing that opens a node to somebody else at the port of one that is down', async () => {
  const before = cluster.events().length
  const node2 = (event: string, from = before) =>
    cluster.nextEvent(`${event} of node 2`, (each) => each.event === event && each.id === 2, 30_000, from)
  await cluster.command('stop 2')
  await node2('node-exit')
  {
    await using stranger = await strangerAt(new URL(base(2)))
    await cluster.ask('compare 1 2', 60_000)
    const listened = '/nacos/v1/cs/configs/listener'
    expect((await call(1, 'GET', listened, key(''), root)).status).toBe(200)
    expect((await call(1, 'GET', listened, { ...key(''), username: 'nacos', password: 'root', accessToken: root })).status).toBe(200)
    const stopped = cluster.events().length
    await cluster.command('start 2')
    await node2('node-exit', stopped)
    await cluster.ask('compare 1 2', 60_000)
    expect(stranger.heard.length).toBeGreaterThanOrEqual(4)
    for (const words of stranger.heard) expect(words).not.toMatch(/identity|authorization|accesstoken|password|username/i)
  }
  const ended = cluster.events().length
  await cluster.ask('start 2')
  await node2('node-ready', ended)
  expect(await cluster.ask('compare 1 2', 60_000)).toMatchObject({ ok: true })
})

it('has nodes ask each other for a caller whom one of them knows, and for nobody else', async () => {
  const path = '/nacos/v2/core/loader/cluster'
  for (const id of nodes) {
    const answer = await call(id, 'GET', path, {}, root)
    expect(JSON.parse(answer.text)).toMatchObject({ memberCount: 3, metricsCount: 3, completed: true })
    expect((await call(id, 'GET', path, {})).status).toBe(403)
  }
})

it('is switched off and on while it works', async () => {
  await cluster.command('auth off')
  for (const id of nodes) expect(await publish(id, '', '')).toBe(200)
  await cluster.command('auth on')
  for (const id of nodes) expect(await publish(id, '', '')).toBe(403)
})

it('is on at a node as well that was starting when it was switched', async () => {
  await cluster.command('auth off')
  const before = cluster.events().length
  await cluster.command('restart 2')
  await cluster.command('auth on')
  await cluster.nextEvent('node 2 to be back', (event) => event.event === 'node-ready' && event.id === 2, 30_000, before)
  expect(await publish(2, '', '')).toBe(403)
})
