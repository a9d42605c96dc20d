/** MySQL mode as the API shows it: how far the database is, and what its columns cannot hold. */

import { afterEach, expect, test } from 'vitest'
import type { SharedStoreStatus } from '../../raft-driver/shared-store.ts'
import type { SinkExcess } from '../../storage/sink.ts'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

const path = '/nacos/v1/cs/configs?dataId=d&group=G&content=v'
const status: SharedStoreStatus = {
  kind: 'mysql',
  storeAppliedIndex: 7,
  queueLength: 3,
  health: 'available',
  sinceMs: 0,
  trouble: null,
  dataErrors: null,
  lastSync: null,
  knowsColumns: true,
}
let server: NodeHttpServer
let port: number
const call = createCaller(() => port)

const start = async (shown: SharedStoreStatus | null, excess: SinkExcess | null = null, known = true) => {
  const node = createFakeNode()
  const columnsKnown = (done: (known: boolean) => void) => done(known)
  const sharedStore = shown === null ? null : { status: () => shown, columnsKnown, tooBigFor: () => excess, tooBigForRecord: () => excess }
  server = createHttpServer({ ...node.parts, sharedStore })
  port = await server.listen('127.0.0.1', 0)
  return node
}
afterEach(() => server.close(0))
const storage = async () => JSON.parse((await call('GET', '/nacos/v1/ns/raft/state')).text).storage

test('SQLite mode says so', async () => {
  await start(null)
  expect(await storage()).toEqual({ kind: 'sqlite' })
})

test('how far the database is, and whether it can be had', async () => {
  await start(status)
  expect(await storage()).toEqual({
    kind: 'mysql',
    storeAppliedIndex: 7,
    queueLength: 3,
    available: true,
    state: 'available',
    trouble: null,
    dataErrors: null,
    lastSync: null,
  })
})

test('what it refuses of what is committed, where that is known', async () => {
  const error = { table: 'config_info', column: 'content', id: 4, namespace: 'n', group: 'g', dataId: 'd' } as const
  const newest = [{ ...error, errno: 1366, sqlState: '22007', message: 'Incorrect string value' }]
  await start({ ...status, dataErrors: { count: 30, newest } })
  expect(await storage()).toMatchObject({ dataErrors: { count: 30, newest } })
})

test('nothing is proposed for columns that are not known yet', async () => {
  const node = await start(status, null, false)
  const answer = await call('POST', path)
  expect([answer.status, answer.headers['nacos-trio-error']]).toEqual([503, 'storage_unavailable'])
  expect(node.sent).toEqual([])
})

test('a node that does not know its columns yet takes no write for it', async () => {
  await start({ ...status, knowsColumns: false })
  expect(await storage()).toMatchObject({ available: false, state: 'available' })
})

test('what is wrong with it, by its code', async () => {
  await start({ ...status, health: 'away', trouble: { code: 'access-denied', words: 'user u' } })
  expect(await storage()).toMatchObject({ available: false, state: 'away', trouble: 'access-denied' })
})

test.each([
  [{ column: 'data_id', limit: 255, unit: 'characters', charset: 'utf8mb4' } as const, 'data_id', '255 characters'],
  [{ column: 'content', limit: 1_048_576, unit: 'bytes', charset: 'utf8mb4' } as const, 'content', '1048576 bytes'],
  [{ column: 'content', limit: 0, unit: 'charset', charset: 'utf8mb3' } as const, 'content', 'utf8mb3'],
  [{ column: 'data_id', limit: 0, unit: 'name', charset: 'utf8_general_ci', taken: 'public/G/é' } as const, 'utf8_general_ci', 'public/G/é', '_bin'],
])('what a column cannot hold is refused before anything is proposed: %j', async (excess, ...words) => {
  const node = await start(status, excess)
  const answer = await call('POST', path)
  expect(answer.status).toBe(400)
  const { column, limit, unit, charset } = excess
  const taken = 'taken' in excess ? `; taken=${encodeURIComponent(excess.taken)}` : ''
  expect(answer.headers).toMatchObject({
    'nacos-trio-error': 'column_limit',
    'nacos-trio-column': `${column}; limit=${limit}; unit=${unit}; charset=${charset}${taken}`,
  })
  for (const word of words) expect(answer.text).toContain(word)
  expect(node.sent).toEqual([])
  expect((await call('DELETE', path)).text).toBe('true')
})

test.each([
  ['a namespace', 'POST', '/nacos/v1/console/namespaces?customNamespaceId=dev&namespaceName=n&namespaceDesc=d'],
  ['a user', 'POST', '/nacos/v1/auth/users?username=ann&password=ann'],
  ['a role', 'POST', '/nacos/v1/auth/roles?username=ann&role=dev'],
  ['a permission', 'POST', '/nacos/v1/auth/permissions?role=dev&resource=x&action=r'],
  ['a gray version', 'POST', `${path}&tag=east`],
  ['a capacity', 'POST', '/nacos/v1/cs/capacity?group=g&quota=1'],
])('%s that a column cannot hold is refused as well', async (_what, method, asked) => {
  await start(status, { column: 'some_column', limit: 5, unit: 'characters', charset: 'utf8mb4' })
  const answer = await call(method, asked)
  expect([answer.status, answer.headers['nacos-trio-error']]).toEqual([400, 'column_limit'])
  expect(answer.text).toContain('some_column')
})
