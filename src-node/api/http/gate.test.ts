/**
 * Once auth is on (reliability 12, nacos-http 4): every route, with every kind of caller, generated from the list of routes itself, so that none can
 * be forgotten; and the ways around a gate that others have found.
 */

import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { consoleIdentity, createCaller, createFakeNode } from './fake-node.testing.ts'
import { contextPath } from './router.ts'
import { routesOf } from './routes.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

/** Whoever adds an open route says here that it is meant. */
const meantToBeOpen = [
  ['the page at the root, and its links', /^\/?$/],
  ['how somebody becomes known', /^\/v1\/auth\/(login|users\/login|users\/admin)$|^\/v3\/auth\/user\/(login|admin)$/],
  ['what a console must know before a login', /\/server\/(state|announcement|guide)$/],
  ['whether the node lives', /\/(liveness|readiness)$|\/health$|\/actuator\//],
  ['from node to node, with a proof of its own', /^\/v1\/cs\/communication\/dataChange$/],
  ['what is the same everywhere', /\/(health\/checkers|selector\/types|api\/hello)$|\/health\/server$/],
  ['figures for whoever watches the machine', /prometheus|\/metrics$/],
] as const

const node = createFakeNode()
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
const tokens: Record<string, string> = {}

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  call('POST', `${contextPath}${path}`, new URLSearchParams(fields).toString(), headers)

beforeAll(async () => {
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  await post('/v1/auth/users/admin', { password: 'root' })
  for (const [name, resource, action] of [
    ['reader', 'dev:*:*', 'r'],
    ['writer', 'dev:*:*', 'w'],
    ['stranger', 'test:*:*', 'rw'],
  ] as const) {
    await post('/v1/auth/users', { username: name, password: name })
    await post('/v1/auth/roles', { role: name, username: name })
    await post('/v1/auth/permissions', { role: name, resource, action })
    tokens[name] = JSON.parse((await post('/v1/auth/login', { username: name, password: name })).text).accessToken
  }
  tokens.nacos = JSON.parse((await post('/v1/auth/login', { username: 'nacos', password: 'root' })).text).accessToken
  node.parts.auth.switchTo(true)
})
afterAll(async () => {
  node.parts.polls.closeAll()
  await server.close(0)
  rmSync(node.parts.uploadDir, { recursive: true, force: true })
})

const bearer = (name: string): Record<string, string> => ({ authorization: `Bearer ${tokens[name]}` })
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

const doors = Object.entries(routesOf(node.parts)).flatMap(([path, route]) =>
  methods.flatMap((method) => {
    if (route[method] === undefined) return []
    const access = route.accessTo?.[method] ?? route.access
    return [{ path, method, access, reads: (route.action ?? (method === 'GET' ? 'r' : 'w')) === 'r', named: !path.includes('/statuses') }]
  }),
)
const about = 'tenant=dev&namespaceId=dev&dataId=a&group=G&groupName=G&serviceName=s&namespace=dev'
const knock = (door: { path: string; method: string }, headers: Record<string, string> = {}) =>
  call(door.method, `${contextPath}${door.path}?${about}`, door.method === 'GET' ? undefined : '', headers)
const isShut = ({ status, text }: { status: number; text: string }) => status === 403 && text.includes('"error":"Forbidden"')

describe('every route', () => {
  it('is open because somebody meant it', () => {
    const open = doors.filter(({ access }) => access === 'open').map(({ path }) => path)
    expect(open.filter((path) => !meantToBeOpen.some(([, pattern]) => pattern.test(path)))).toEqual([])
  })

  it('asks who it is, and believes no agent', async () => {
    const wrong: string[] = []
    for (const door of doors) {
      const answers = [await knock(door), await knock(door, { 'user-agent': 'Nacos-Server:v2.5.1', 'nacos-trio-identity': 'x' })]
      for (const answer of answers) if (isShut(answer) === (door.access === 'open')) wrong.push(`${door.method} ${door.path}: ${answer.status}`)
    }
    expect(wrong).toEqual([])
  })

  it.each([
    ['reader', { open: true, 'signed-in': true, admin: false }, { r: true, w: false }],
    ['writer', { open: true, 'signed-in': true, admin: false }, { r: false, w: true }],
    ['stranger', { open: true, 'signed-in': true, admin: false }, { r: false, w: false }],
    ['nacos', { open: true, 'signed-in': true, admin: true }, { r: true, w: true }],
  ] as const)('lets %s through where it should, and nowhere else', async (name, plain, ofDev) => {
    const wrong: string[] = []
    for (const door of doors) {
      const { access } = door
      // A statuses key is for those who may see any service; one's own password is one's own.
      if ((!door.named || (door.method === 'PUT' && access === 'signed-in')) && name !== 'nacos') continue
      const expected = access === 'config' || access === 'naming' ? ofDev[door.reads ? 'r' : 'w'] : plain[access]
      const answer = await knock(door, bearer(name))
      if (isShut(answer) === expected) wrong.push(`${door.method} ${door.path}: ${answer.status}`)
    }
    expect(wrong).toEqual([])
  })

  it('lets the console of this cluster through', async () => {
    const shut: string[] = []
    for (const door of doors) if (isShut(await knock(door, { 'nacos-trio-identity': consoleIdentity }))) shut.push(door.path)
    expect(shut).toEqual([])
  })

  it.each([
    ['a slash behind it', (path: string) => `${path}/`],
    ['a parameter of the path', (path: string) => `${path};jsessionid=1`],
    ['an escaped letter', (path: string) => path.replace('/v', '/%76')],
    ['a doubled slash', (path: string) => path.replace('/', '//')],
    ['a dot', (path: string) => `/.${path}`],
    ['a way up', (path: string) => `/v1/console/health/..${path}`],
    ['capitals', (path: string) => path.toUpperCase()],
    ['an escaped blank', (path: string) => `${path}%20`],
    ['an ending', (path: string) => `${path}.json`],
  ])('is not reached by another spelling: %s', async (_what, spelled) => {
    const reached: string[] = []
    for (const door of doors) {
      if (door.access === 'open') continue
      const { status } = await knock({ ...door, path: spelled(door.path) })
      if (status < 400) reached.push(spelled(door.path))
    }
    expect(reached).toEqual([])
  })
})

const configs = '/nacos/v1/cs/configs'
const read = (query: string, headers: Record<string, string> = {}) => call('GET', `${configs}?${query}`, undefined, headers)
const own = 'tenant=dev&dataId=a&group=G'

describe('a caller shows who it is', () => {
  it.each<[string, string, Record<string, string>]>([
    ['a parameter', '&accessToken=TOKEN', {}],
    ['a header', '', { accessToken: 'TOKEN' }],
    ['a bearer token', '', { authorization: 'Bearer TOKEN' }],
    ['a token beside a login that the console sends as it is', '', { authorization: '{"accessToken":"x"}', accesstoken: 'TOKEN' }],
    ['name and password on the request itself', '&username=reader&password=reader', {}],
  ])('by %s', async (_what, query, headers) => {
    const withToken = (text: string) => text.replace('TOKEN', tokens.reader ?? '')
    const shown = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, withToken(value)]))
    expect((await read(`${own}${withToken(query)}`, shown)).status).toBe(404)
  })

  it('by parameters of a form as well', async () => {
    const fields = { tenant: 'dev', dataId: 'a', group: 'G', content: 'x', accessToken: tokens.writer ?? '' }
    expect((await call('POST', configs, new URLSearchParams(fields).toString())).text).toBe('true')
    expect(node.sent.at(-1)).toMatchObject({ sourceUser: 'writer' })
  })

  it.each([
    ['nothing', '', 'user not found!'],
    ['a wrong password', '&username=reader&password=x', 'user not found!'],
    ['a user that is not there', '&username=nobody&password=x', 'user not found!'],
    ['a name alone', '&username=nacos', 'user not found!'],
    ['a token that is none', '&accessToken=x.y.z', 'token invalid!'],
  ])('and with %s it is refused as Nacos refuses', async (_what, query, words) => {
    const answer = await read(`${own}${query}`)
    expect([answer.status, JSON.parse(answer.text)]).toMatchObject([403, { status: 403, error: 'Forbidden', message: words, path: configs }])
  })
})

describe('what a request is about', () => {
  const may = async (query: string, name = 'reader') => !isShut(await read(query, bearer(name)))

  it('is every namespace that it names, under any name', async () => {
    expect(await may(own)).toBe(true)
    for (const more of ['&namespaceId=test', '&namespace=test', '&namespaceId=', '&namespaceId=public'])
      expect(await may(`${own}${more}`)).toBe(false)
    expect(await may('tenant=&dataId=a&group=G')).toBe(false)
    expect(await may('dataId=a&group=G')).toBe(false)
  })

  it('is every service, for a search of names that names no namespace', async () => {
    const names = (query: string, name: string) => call('GET', `/nacos/v1/ns/service/names?expr=x${query}`, undefined, bearer(name))
    expect((await names('&namespaceId=dev', 'reader')).status).toBe(200)
    for (const query of ['', '&namespaceId=', '&namespaceId=test']) expect(isShut(await names(query, 'reader'))).toBe(true)
    expect((await names('', 'nacos')).status).toBe(200)
  })

  it('is each row, where rows are named by their ids', async () => {
    await post('/v1/console/namespaces', { customNamespaceId: 'dev', namespaceName: 'dev' }, bearer('nacos'))
    for (const tenant of ['dev', 'test']) await post('/v1/cs/configs', { tenant, dataId: 'row', group: 'G', content: 'x' }, bearer('nacos'))
    const idOf = (namespace: string) => node.parts.configs.find({ namespace, group: 'G', dataId: 'row' })?.id
    const [own, other] = [idOf('dev'), idOf('test')]
    const exported = (ids: string) => read(`export=true&tenant=dev&group=&dataId=&ids=${ids}`, bearer('reader'))
    expect([(await exported(`${own}`)).status, (await exported(`${own},${other}`)).status]).toEqual([200, 403])
    const clone = (id: number | undefined, name: string) =>
      call('POST', `${configs}?clone=true&tenant=dev&policy=OVERWRITE`, JSON.stringify([{ cfgId: id, dataId: 'copy', group: 'G' }]), {
        ...{ 'content-type': 'application/json' },
        ...bearer(name),
      })
    expect([(await clone(own, 'writer')).status, (await clone(own, 'reader')).status, (await clone(other, 'nacos')).status]).toEqual([403, 403, 200])
    const removed = (ids: string, name: string) => call('DELETE', `${configs}?delType=ids&tenant=dev&ids=${ids}`, undefined, bearer(name))
    expect((await removed(`${own},${other}`, 'writer')).status).toBe(403)
    expect([idOf('dev'), idOf('test')]).toEqual([own, other])
    expect((await removed(`${own}`, 'reader')).status).toBe(403)
    expect((await removed(`${own}`, 'writer')).status).toBe(200)
    expect([idOf('dev'), idOf('test')]).toEqual([undefined, other])
  })

  it('of a question about listeners is what it asks about, whatever list it carries', async () => {
    const asked = (query: string) => call('GET', `${configs}/listener?${query}`, undefined, bearer('reader'))
    const list = `&Listening-Configs=${encodeURIComponent('a\x02G\x02\x02dev\x01')}`
    expect((await asked(own)).status).toBe(200)
    expect((await asked(`${own}${list}`)).status).toBe(200)
    expect(isShut(await asked(`tenant=test&dataId=a&group=G${list}`))).toBe(true)
    expect(isShut(await asked(`${own}${list.replace('dev', 'test')}`))).toBe(true)
  })

  it('is each configuration of a long poll, in the namespace of its entry', async () => {
    const listen = async (...entries: string[]) => {
      const body = `tenant=dev&Listening-Configs=${entries.map((entry) => encodeURIComponent(entry)).join('')}`
      return call('POST', `${configs}/listener`, body, bearer('reader'))
    }
    const ofDev = 'a\x02G\x02\x02dev\x01'
    expect((await listen(ofDev)).status).toBe(200)
    expect(isShut(await listen(ofDev, 'a\x02G\x02\x02test\x01'))).toBe(true)
    expect(isShut(await listen('a\x02G\x02\x01'))).toBe(true)
    expect((await listen('broken')).status).toBe(400)
  })

  it('is one namespace as a whole, for a file that is sent', async () => {
    const body = '--b\r\nContent-Disposition: form-data; name="file"; filename="f.zip"\r\n\r\nPK\r\n--b--\r\n'
    const type = { 'content-type': 'multipart/form-data; boundary=b' }
    const upload = (namespace: string, headers: Record<string, string>) =>
      call('POST', `${configs}?import=true&namespace=${namespace}`, body, { ...type, ...headers })
    expect(isShut(await upload('dev', {}))).toBe(true)
    expect(isShut(await upload('dev', bearer('reader')))).toBe(true)
    expect(isShut(await upload('test', bearer('writer')))).toBe(true)
    expect(isShut(await upload('dev', bearer('writer')))).toBe(false)
  })
})

describe('a password', () => {
  const change = (username: string, headers: Record<string, string>) =>
    call('PUT', '/nacos/v1/auth/users', new URLSearchParams({ username, newPassword: username }).toString(), headers)

  it('is changed by its user and by an administrator', async () => {
    expect((await change('stranger', bearer('stranger'))).status).toBe(200)
    expect((await change('stranger', bearer('nacos'))).status).toBe(200)
    expect(isShut(await change('nacos', bearer('stranger')))).toBe(true)
    expect(isShut(await change('stranger', {}))).toBe(true)
  })
})

it('is off by default, and asks nobody', async () => {
  const plain = createFakeNode()
  const other = createHttpServer(plain.parts)
  const ask = createCaller(() => port2)
  const port2 = await other.listen('127.0.0.1', 0)
  expect((await ask('GET', `${configs}?dataId=a&group=G&accessToken=nonsense`)).status).toBe(404)
  await other.close(0)
})
