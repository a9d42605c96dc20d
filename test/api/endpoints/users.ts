/** Users, roles and permissions, v1 and v3 (nacos-http 13, 14.4). */

import { flag, is, list, number, object, page, text } from '../shape.ts'
import { DELETE, type Endpoint, f, GET, json, POST, PUT, q, rest, rows, wrapped } from './row.ts'

const token = json(object({ accessToken: text, tokenTtl: number, globalAdmin: flag, username: is('nacos') }))
const first = { username: 'nacos', password: '{password}' }
const user = object({ username: text })
const role = object({ role: text, username: text })
const permission = object({ role: text, resource: text, action: text })
const given = { role: 'ENDPOINT', resource: 'public:*:*', action: 'rw' }
const paged = { search: 'accurate', pageNo: '1', pageSize: '10' }

const v1 = rows({ area: 'users', versions: '1.x 2.x 3.x', section: '13' }, [
  POST('/v1/auth/users/admin', f({ password: '{password}' }), json(object({ username: is('nacos'), password: text })), { versions: '2.x 3.x' }),
  POST('/v1/auth/users/login', f(first), token),
  POST('/v1/auth/login', q(first), token),
  POST('/v1/auth/users', f({ username: 'endpoint', password: '{password}' }), rest(is('create user ok!'))),
  PUT('/v1/auth/users', f({ username: 'endpoint', newPassword: '{password}2' }), rest(is('update user ok!'))),
  GET('/v1/auth/users?search=', q({ ...paged, username: '' }), json(page(user, 1))),
  GET('/v1/auth/users/search', q({ username: 'endp' }), json(list(text, 1))),
  POST('/v1/auth/roles', f({ role: 'ENDPOINT', username: 'endpoint' }), rest(is('add role ok!'))),
  GET('/v1/auth/roles?search=', q({ ...paged, username: '', role: '' }), json(page(role, 1))),
  GET('/v1/auth/roles/search', q({ role: 'END' }), json(list(text, 1))),
  POST('/v1/auth/permissions', f(given), rest(is('add permission ok!'))),
  GET('/v1/auth/permissions?search=', q({ ...paged, role: 'ENDPOINT' }), json(page(permission, 1))),
  GET('/v1/auth/permissions', q(given), wrapped(is(true)), { versions: '2.x 3.x' }),
  DELETE('/v1/auth/permissions', q(given), rest(is('delete permission ok!'))),
  DELETE('/v1/auth/roles', q({ role: 'ENDPOINT', username: 'endpoint' }), rest(is('delete role of user endpoint ok!'))),
  DELETE('/v1/auth/users', q({ username: 'endpoint' }), rest(is('delete user ok!'))),
])

const auth = '/v3/auth'
const again = { ...given, role: 'ENDPOINT3' }

const v3 = rows({ area: 'users', versions: '3.x', section: '14.4' }, [
  // There is an administrator by now.
  POST(`${auth}/user/admin`, f({ password: '{password}' }), json(object({ code: number, message: text }), 409)),
  POST(`${auth}/user/login`, { query: { username: 'nacos' }, form: { password: '{password}' } }, token),
  POST(`${auth}/user`, f({ username: 'endpoint3', password: '{password}' }), wrapped(text)),
  PUT(`${auth}/user`, f({ username: 'endpoint3', newPassword: '{password}2' }), wrapped(text)),
  GET(`${auth}/user/list`, q({ ...paged, username: '' }), wrapped(page(user, 1))),
  GET(`${auth}/user/search`, q({ username: 'endp' }), wrapped(list(text, 1))),
  POST(`${auth}/role`, f({ role: 'ENDPOINT3', username: 'endpoint3' }), wrapped(text)),
  GET(`${auth}/role/list`, q({ ...paged, username: '', role: '' }), wrapped(page(role, 1))),
  GET(`${auth}/role/search`, q({ role: 'END' }), wrapped(list(text, 1))),
  POST(`${auth}/permission`, f(again), wrapped(text)),
  GET(`${auth}/permission`, q(again), wrapped(is(true))),
  GET(`${auth}/permission/list`, q({ ...paged, role: 'ENDPOINT3' }), wrapped(page(permission, 1))),
  DELETE(`${auth}/permission`, q(again), wrapped(text)),
  DELETE(`${auth}/role`, q({ role: 'ENDPOINT3', username: 'endpoint3' }), wrapped(text)),
  DELETE(`${auth}/user`, q({ username: 'endpoint3' }), wrapped(text)),
])

export const users: readonly Endpoint[] = [...v1, ...v3]
