/** Users, roles and permissions over v1 and v3 (nacos-http 13, 14.4), with nobody asked who they are. */

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

const call = async (method: string, path: string, fields: Record<string, string> = {}) => {
  const text = new URLSearchParams(fields).toString()
  const answer = method === 'POST' || method === 'PUT' ? await send(method, `/nacos${path}`, text) : await send(method, `/nacos${path}?${text}`)
  const isJson = answer.text.startsWith('{') || answer.text.startsWith('[')
  return { ...answer, json: isJson ? JSON.parse(answer.text) : null }
}
const v1 = { users: '/v1/auth/users', roles: '/v1/auth/roles', permissions: '/v1/auth/permissions' }
const page = { pageNo: '1', pageSize: '10' }
const user = (username: string, password = 'secret') => call('POST', v1.users, { username, password })
const bind = (role: string, username: string) => call('POST', v1.roles, { role, username })
const permit = (role: string, resource = 'dev:*:*', action = 'rw') => call('POST', v1.permissions, { role, resource, action })
const login = (username: string, password: string, path = '/v1/auth/login') => call('POST', path, { username, password })
const done = (words: string) => ({ code: 200, message: null, data: words })

describe('users', () => {
  it('are made, listed without a hash, and gone', async () => {
    expect((await user('bob')).json).toEqual(done('create user ok!'))
    expect((await user('ann')).json).toEqual(done('create user ok!'))
    const list = (await call('GET', v1.users, { ...page, search: 'accurate' })).json
    expect(list).toEqual({
      ...{ totalCount: 2, pageNumber: 1, pagesAvailable: 1 },
      pageItems: [
        { username: 'ann', password: '******' },
        { username: 'bob', password: '******' },
      ],
    })
    expect((await call('DELETE', v1.users, { username: 'bob' })).json).toEqual(done('delete user ok!'))
    expect((await call('GET', '/v1/auth/users/search', { username: 'n' })).json).toEqual(['ann'])
  })

  it('come page by page, by an exact name or a blurred one', async () => {
    for (const name of ['app-1', 'app-2', 'app-3', 'web']) await user(name)
    const list = async (fields: Record<string, string>) => {
      const { totalCount, pagesAvailable, pageItems } = (await call('GET', v1.users, { ...page, ...fields })).json
      return [totalCount, pagesAvailable, pageItems.map(({ username }: { username: string }) => username)]
    }
    expect(await list({ pageSize: '3', pageNo: '2' })).toEqual([4, 2, ['web']])
    expect(await list({ pageSize: '3', pageNo: '9' })).toEqual([4, 2, []])
    expect(await list({ search: 'blur', username: 'app*' })).toEqual([3, 1, ['app-1', 'app-2', 'app-3']])
    expect(await list({ search: 'accurate', username: 'app*' })).toEqual([0, 0, []])
    expect((await call('GET', v1.users, { ...page, search: 'other' })).status).toBe(400)
  })

  it('are refused in the words of Nacos', async () => {
    await user('ann')
    const text = async (answer: ReturnType<typeof call>) => [(await answer).status, (await answer).text]
    expect(await text(user('ann'))).toEqual([400, "caused: user 'ann' already exist!;"])
    expect(await text(call('PUT', v1.users, { username: 'eve', newPassword: 'x' }))).toEqual([400, 'caused: user eve not exist!;'])
    expect(await text(user(''))).toEqual([400, 'caused: username is blank;'])
    expect(await text(user('x', ''))).toEqual([400, 'caused: password is blank;'])
    expect(await text(user('a\nb'))).toEqual([400, 'caused: invalid username;'])
    expect(await text(user('x'.repeat(51)))).toEqual([400, 'caused: too long username, over 50;'])
    expect((await call('POST', v1.users, { username: 'x' })).text).toContain('&#39;password&#39;')
    expect((await user('nacos')).json).toMatchObject({ code: 409, data: null })
  })

  it('get another password, and the old one is none any more', async () => {
    await user('ann')
    expect((await call('PUT', v1.users, { username: 'ann', newPassword: 'other' })).json).toEqual(done('update user ok!'))
    expect([(await login('ann', 'secret')).status, (await login('ann', 'other')).status]).toEqual([403, 200])
  })
})

describe('the first administrator', () => {
  it('has the password that was named, once', async () => {
    const init = (path: string, password: string) => call('POST', path, { password })
    expect((await init('/v1/auth/users/admin', 'root')).json).toEqual({ username: 'nacos', password: 'root' })
    expect((await init('/v1/auth/users/admin', 'mallory')).json).toEqual({ code: 409, message: 'have admin user cannot use it', data: null })
    expect(await init('/v3/auth/user/admin', 'mallory')).toMatchObject({ status: 409, json: { code: 20_005, data: 'have admin user cannot use it' } })
    expect((await login('nacos', 'root')).json.globalAdmin).toBe(true)
    expect((await call('DELETE', v1.users, { username: 'nacos' })).text).toBe('caused: cannot delete admin: nacos;')
  })

  it('gets a password that nobody guesses where none was named', async () => {
    const { username, password } = (await call('POST', '/v3/auth/user/admin')).json.data
    expect([username, password]).toEqual(['nacos', expect.stringMatching(/^[A-Za-z0-9_-]{20}$/)])
    expect((await login('nacos', password)).status).toBe(200)
  })
})

describe.each(['/v1/auth/login', '/v1/auth/users/login', '/v3/auth/user/login'])('a login at %s', (path) => {
  it('gives a token, in the body and in a header, with parameters in the form or in the query', async () => {
    await user('ann')
    const answer = await login('ann', 'secret', path)
    expect(answer.json).toEqual({ accessToken: expect.stringMatching(/^ey/), tokenTtl: 18_000, globalAdmin: false, username: 'ann' })
    expect(answer.headers.authorization).toBe(`Bearer ${answer.json.accessToken}`)
    expect((await send('POST', `/nacos${path}?username=ann&password=secret`, '')).status).toBe(200)
  })

  it('says the same of a wrong password and of nobody', async () => {
    await user('ann')
    for (const [name, password] of [
      ['ann', 'wrong'],
      ['nobody', 'secret'],
      ['ann', ''],
    ] as const) {
      const { status, text } = await login(name, password, path)
      expect([status, text]).toEqual([403, 'user not found!'])
    }
  })
})

describe('roles and permissions', () => {
  it('are given, listed, and taken', async () => {
    await user('ann')
    await user('bob')
    expect((await bind('dev', 'ann')).json).toEqual(done('add role ok!'))
    await bind('dev', 'bob')
    await bind('test', 'ann')
    expect((await call('GET', v1.roles, { ...page, search: 'accurate', username: 'ann', role: '' })).json).toMatchObject({
      ...{
        totalCount: 2,
        pageItems: [
          { role: 'dev', username: 'ann' },
          { role: 'test', username: 'ann' },
        ],
      },
    })
    expect((await call('GET', '/v1/auth/roles/search', { role: 'E' })).json).toEqual(['dev', 'test'])
    expect((await permit('dev')).json).toEqual(done('add permission ok!'))
    const row = { role: 'dev', resource: 'dev:*:*', action: 'rw' }
    expect((await call('GET', v1.permissions, { ...page, search: 'blur', role: 'd*' })).json).toMatchObject({ totalCount: 1, pageItems: [row] })
    expect((await call('GET', v1.permissions, row)).json).toEqual({ code: 0, message: 'success', data: true })
    expect((await call('DELETE', v1.permissions, row)).json).toEqual(done('delete permission ok!'))
    expect((await call('GET', v1.permissions, row)).json.data).toBe(false)
    expect((await call('DELETE', v1.roles, { role: 'dev', username: 'ann' })).json).toEqual(done('delete role of user ann ok!'))
    expect((await call('DELETE', v1.roles, { role: 'test' })).json).toEqual(done('delete role of user  ok!'))
    expect((await call('GET', v1.roles, page)).json.pageItems).toEqual([{ role: 'dev', username: 'bob' }])
  })

  it('are refused in the words of Nacos', async () => {
    await user('ann')
    await bind('dev', 'ann')
    const words = async (answer: ReturnType<typeof call>) => (await answer).text
    expect(await words(bind('ROLE_ADMIN', 'ann'))).toBe("caused: role 'ROLE_ADMIN' is not permitted to create!;")
    expect(await words(call('DELETE', v1.roles, { role: 'ROLE_ADMIN' }))).toBe("caused: role 'ROLE_ADMIN' is not permitted to delete!;")
    expect(await words(bind('dev', 'eve'))).toBe("caused: user 'eve' not found!;")
    expect(await words(bind('dev', 'ann'))).toBe("caused: user 'ann' already bound to the role 'dev'!;")
    expect(await words(permit('none'))).toBe('caused: role none not found!;')
    expect(await words(permit('dev', 'dev:*:*', 'x'))).toBe('caused: invalid action : x;')
  })
})

it('v3 has the same in its envelope', async () => {
  const ok = async (method: string, path: string, fields: Record<string, string>) => {
    const { json } = await call(method, `/v3/auth${path}`, fields)
    expect([json.code, json.message]).toEqual([0, 'success'])
    return json.data
  }
  const permission = { role: 'dev', resource: 'dev:*:*', action: 'r' }
  expect(await ok('POST', '/user', { username: 'ann', password: 'x' })).toBe('create user ok!')
  expect(await ok('PUT', '/user', { username: 'ann', newPassword: 'y' })).toBe('update user ok!')
  expect(await ok('GET', '/user/list', page)).toMatchObject({ totalCount: 1, pageItems: [{ username: 'ann', password: '******' }] })
  expect(await ok('GET', '/user/search', { username: 'a' })).toEqual(['ann'])
  expect(await ok('POST', '/role', { role: 'dev', username: 'ann' })).toBe('add role ok!')
  expect(await ok('GET', '/role/list', page)).toMatchObject({ pageItems: [{ role: 'dev', username: 'ann' }] })
  expect(await ok('GET', '/role/search', { role: '' })).toEqual(['dev'])
  expect(await ok('POST', '/permission', permission)).toBe('add permission ok!')
  expect(await ok('GET', '/permission', permission)).toBe(true)
  expect(await ok('GET', '/permission/list', page)).toMatchObject({ pageItems: [permission] })
  expect(await ok('DELETE', '/permission', permission)).toBe('delete permission ok!')
  expect(await ok('DELETE', '/role', { role: 'dev', username: 'ann' })).toBe('delete role of user ann ok!')
  expect(await ok('DELETE', '/user', { username: 'ann' })).toBe('delete user ok!')
  expect((await call('POST', '/v3/auth/user', { username: 'ann' })).json).toMatchObject({ code: 10_000, message: 'parameter missing' })
})

it('no password and no hash stands in any log line', async () => {
  await user('ann', 'very-secret')
  await call('PUT', v1.users, { username: 'ann', newPassword: 'more-secret' })
  await call('POST', '/v1/auth/users/admin', { password: 'root-secret' })
  expect(node.notes.some((line) => line.startsWith('create-user ann, asked by nobody by name from 127.0.0.1: done'))).toBe(true)
  expect(node.notes.filter((line) => /secret|hash of/.test(line))).toEqual([])
})

it('says what no leader took', async () => {
  node.refuseNext({ kind: 'refused', code: 'no_quorum' })
  expect((await user('ann')).status).toBe(503)
  node.refuseNext({ kind: 'unknown' })
  expect((await user('bob')).status).toBe(504)
})
