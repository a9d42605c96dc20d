import { connect } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

const configs = '/nacos/v1/cs/configs'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port: number
const call = createCaller(() => port)

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  node.parts.polls.closeAll()
  await server.close(0)
})

/** All that comes back for these bytes until the server closes, or until `isEnough`. */
const raw = (text: string, isEnough: (answer: string) => boolean = () => false): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (part) => {
      answer += part
      if (isEnough(answer)) socket.destroy()
    })
    socket.on('close', () => resolve(answer)).on('error', reject)
  })
/** The line that decides; what follows a refusal waits for a body that never comes. */
const firstLine = async (text: string): Promise<string> => (await raw(text, (answer) => answer.includes('\r\n'))).split('\r\n')[0] ?? ''
const lines = (...all: string[]) => `${all.join('\r\n')}\r\n\r\n`
const publish = () => call('POST', `${configs}?dataId=d&group=G&content=v`)

test.each(['http://127.0.0.1:28848', 'http://LOCALHOST', 'HTTP://[::1]:1'])('a target in absolute form at %s is served', async (origin) => {
  await publish()
  expect((await call('GET', `${origin}${configs}?dataId=d&group=G`)).text).toBe('v')
})

test.each([
  ['http://evil.example', 403],
  ['http://user@127.0.0.1', 403],
  ['https://127.0.0.1', 404],
  ['ftp://127.0.0.1', 404],
])('a target in absolute form at %s is %d, whatever its Host', async (origin, status) => {
  expect((await call('GET', `${origin}${configs}?dataId=d&group=G`)).status).toBe(status)
})

test('a foreign host is refused before it is told to send its body', async () => {
  const head = ['Host: evil.example', 'Content-Length: 3', 'Content-Type: application/x-www-form-urlencoded', 'Expect: 100-continue']
  expect(await firstLine(lines(`POST ${configs} HTTP/1.1`, ...head))).toMatch(/^HTTP\/1\.1 403 /)
})

test('a path that takes no body is not told to go on either', async () => {
  const head = ['Host: localhost', 'Content-Length: 3', 'Expect: 100-continue']
  expect(await firstLine(lines('POST /nacos/none HTTP/1.1', ...head))).toMatch(/^HTTP\/1\.1 404 /)
})

test('who may send is told to go on, and answered', async () => {
  const body = 'dataId=d&group=G&content=v'
  const type = 'Content-Type: application/x-www-form-urlencoded'
  const head = ['Host: localhost', `Content-Length: ${body.length}`, type, 'Expect: 100-continue', 'Connection: close']
  expect(await raw(lines(`POST ${configs} HTTP/1.1`, ...head) + body)).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK[\s\S]*true$/)
})

test.each(['-1', '0', '+5', '-9223372036854775808', '9223372036854775807'])('a poll of %s ms is held, as any integer is', async (timeout) => {
  const body = new URLSearchParams({ 'Listening-Configs': 'none\x02G\x02\x01' }).toString()
  const waiting = call('POST', `${configs}/listener`, body, { 'Long-Pulling-Timeout': timeout })
  await expect.poll(() => node.parts.polls.size()).toBe(1)
  node.endPolls()
  expect((await waiting).status).toBe(200)
})

test.each(['', 'x', '1.5', '1e3'])('a poll of "%s" ms is refused', async (timeout) => {
  const body = new URLSearchParams({ 'Listening-Configs': 'none\x02G\x02\x01' }).toString()
  expect((await call('POST', `${configs}/listener`, body, { 'Long-Pulling-Timeout': timeout })).status).toBe(400)
})

test.each([
  ['what is there', 'dataId=d&group=G', 200],
  ['what is not there', 'dataId=none&group=G', 404],
  ['nothing, as GET has it', 'group=G', 400],
])('HEAD of %s is answered without a body', async (_what, query, status) => {
  await publish()
  const head = await call('HEAD', `${configs}?${query}`)
  expect([head.status, head.text]).toEqual([status, ''])
})

test('HEAD tells the headers of GET', async () => {
  await publish()
  const [head, get] = [await call('HEAD', `${configs}?dataId=d&group=G`), await call('GET', `${configs}?dataId=d&group=G`)]
  expect({ ...head.headers, date: '' }).toEqual({ ...get.headers, date: '' })
})
