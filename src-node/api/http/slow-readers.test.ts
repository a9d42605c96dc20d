import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

const mib = 1 << 20
const configs = '/nacos/v1/cs/configs'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port: number
const sockets: Socket[] = []
const call = createCaller(() => port)

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close(0)
})

const publish = (dataId: string, content: string) => call('POST', configs, new URLSearchParams({ dataId, group: 'G', content }).toString())
const getOf = (query: string) => `GET ${configs}?${query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const one = 'dataId=big&group=G'
const searched = 'search=blur&dataId=big*&group=&pageNo=1&pageSize=10'
const detailed = `show=all&${one}`

/** Sends and never reads. */
const sendOnly = (text: string): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, () => resolve(socket)))
    socket.pause()
    sockets.push(socket)
  })

test.each([
  ['a content', one],
  ['a search', searched],
  ['a detail', detailed],
])('sixty pipelined requests for %s load no more than one answer ahead', async (_what, query) => {
  await publish('big', 'x'.repeat(10 * mib))
  await sendOnly(getOf(query).repeat(60))
  await expect.poll(() => node.loads()).toBe(1)
  expect((await call('GET', `${configs}?dataId=none&group=G`)).status).toBe(404)
  expect(node.loads()).toBe(1)
})

test('pipelined requests are all answered, in order', async () => {
  for (let at = 0; at < 5; at++) await publish(`d${at}`, `content ${at};`)
  const socket = await sendOnly(Array.from({ length: 200 }, (_, at) => getOf(`dataId=d${at % 5}&group=G`)).join(''))
  let text = ''
  socket.on('data', (part) => {
    text += part
  })
  socket.resume()
  await expect.poll(() => text.match(/content \d;/g)?.length).toBe(200)
  expect(text.match(/content \d;/g)).toEqual(Array.from({ length: 200 }, (_, at) => `content ${at % 5};`))
})

test('a client that sends without end and reads nothing is cut off', async () => {
  await publish('big', 'x'.repeat(10 * mib))
  const socket = await sendOnly(getOf(one).repeat(600))
  await expect.poll(() => node.loads()).toBe(1)
  await new Promise((resolve) =>
    socket
      .on('error', () => {})
      .once('close', resolve)
      .resume(),
  )
})

test.each([
  ['a content', one, /large answers/],
  ['a search', searched, /omitContent=true or a smaller pageSize/],
  ['a detail', detailed, /large answers/],
])('beyond the room for all, %s is refused before it is loaded, and taken again once there is room', async (_what, query, words) => {
  await publish('big', 'x'.repeat(10 * mib))
  for (let at = 1; at <= 3; at++) {
    await sendOnly(getOf(one))
    await expect.poll(() => node.loads()).toBe(at)
  }
  const refused = await call('GET', `${configs}?${query}`)
  expect([refused.status, refused.headers['nacos-trio-error'], node.loads()]).toEqual([503, 'overloaded', 3])
  expect(refused.text).toMatch(words)
  expect((await publish('small', 'still works')).text).toBe('true')
  expect((await call('GET', `${configs}?dataId=small&group=G`)).text).toBe('still works')
  for (const socket of sockets.splice(0)) socket.destroy()
  await expect.poll(async () => (await call('GET', `${configs}?${query}`)).status).toBe(200)
})
