import { request } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { logIndex } from '../../raft/types.ts'
import type { Reply } from '../../state-machine/types.ts'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

const path = '/nacos/v1/cs/configs?dataId=d&group=G&content=v'
const id = 'a-request-id_0123'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port: number
const call = createCaller(() => port)
const write = (method: string, requestId: string) => call(method, path, undefined, { 'Nacos-Trio-Request-Id': requestId })

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close(0))

test.each(['POST', 'DELETE'])('%s hands the request id on with its command, or none', async (method) => {
  expect((await write(method, id)).text).toBe('true')
  expect((await call(method, path)).text).toBe('true')
  expect(node.sent.map(({ requestId }) => requestId)).toEqual([id, undefined])
  expect(node.sent[1]).not.toHaveProperty('requestId')
})

test.each(['', 'fifteen-letters', 'x'.repeat(65), 'with a space 0123', 'with,a,comma,0123'])(
  'an id of "%s" is refused in words',
  async (requestId) => {
    for (const method of ['POST', 'DELETE']) {
      const answer = await write(method, requestId)
      expect([answer.status, answer.text]).toEqual([
        400,
        'caused: Nacos-Trio-Request-Id must be 16 to 64 letters, digits, underscores or dashes, and be given once;',
      ])
    }
    expect(node.sent).toEqual([])
  },
)

test('two ids are none', async () => {
  const status = await new Promise((resolve, reject) => {
    const headers = ['Host', `127.0.0.1:${port}`, 'Nacos-Trio-Request-Id', id, 'Nacos-Trio-Request-Id', id]
    const sending = request({ host: '127.0.0.1', port, method: 'POST', path, headers }, (response) => resolve(response.resume().statusCode))
    sending.on('error', reject).end()
  })
  expect([status, node.sent]).toEqual([400, []])
})

const applied = (reply: Reply) => ({ kind: 'applied', reply, index: logIndex(90) }) as const

test.each([
  { kind: 'published', md5: 'm', index: 7, created: true },
  { kind: 'deleted', existed: false, index: 7 },
] as const)('a repeat is answered as the first attempt was ($kind), with its index', async (reply) => {
  node.refuseNext(applied(reply))
  const answer = await write(reply.kind === 'published' ? 'POST' : 'DELETE', id)
  expect([answer.status, answer.text, answer.headers['nacos-trio-index']]).toEqual([200, 'true', '7'])
})

test('an id that another write has used is refused in words', async () => {
  node.refuseNext(applied({ kind: 'request-id-taken', index: 7 }))
  const answer = await write('POST', id)
  expect([answer.status, answer.text]).toEqual([400, 'caused: this Nacos-Trio-Request-Id was used for another write (index 7); nothing was changed;'])
  expect(answer.headers['nacos-trio-error']).toBe('request_id_reused')
})

test('what no node could read is said to have changed nothing', async () => {
  node.refuseNext(applied({ kind: 'invalid-command' }))
  expect((await write('POST', id)).text).toBe('caused: the nodes could not read this write; nothing was changed;')
})
