import { connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'
import { createPlainLane, type PlainLaneParts } from './plain-lane.ts'

const configs = '/nacos/v1/cs/configs'
let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const sockets: Socket[] = []

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await server.close(0)
})

/** A connection, and what came back on it so far. */
const open = async (to = port) => {
  const socket = connect({ port: to, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  sockets.push(socket)
  let text = ''
  let isOver = false
  socket
    .on('error', () => {})
    .on('close', () => {
      isOver = true
    })
    .on('end', () => {
      isOver = true
    })
    .on('data', (part) => {
      text += part.toString()
    })
  await new Promise((ready) => socket.once('connect', ready))
  const heads = () => text.split(/(?=HTTP\/1\.1 )/)
  const bodies = () => heads().map((one) => one.slice(one.indexOf('\r\n\r\n') + 4))
  return {
    socket,
    send: (bytes: string | Buffer) => socket.write(bytes),
    end: () => socket.end(),
    text: () => text,
    heads,
    bodies,
    isOver: () => isOver,
  }
}

const formOf = (fields: Record<string, string>) => new URLSearchParams(fields).toString()
const postOf = (body: string, more = '') =>
  `POST ${configs} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const publish = (content: string, more = '') => postOf(formOf({ dataId: 'd', group: 'G', content }), more)
const remove = `DELETE ${configs}?dataId=d&group=G HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const read = `GET ${configs}?dataId=d&group=G HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const contents = () => node.sent.map((command) => (command.kind === 'publish-config' ? Buffer.from(command.content).toString() : command.kind))

/** As node:http answers it: a length is not what it is told. */
const inPieces = (content: string): string => {
  const body = formOf({ dataId: 'd', group: 'G', content })
  return `POST ${configs} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
}

/** But for what changes from answer to answer. */
const linesOf = (text = '') =>
  text
    .replace(/Date: .*/, 'Date')
    .replace(/Nacos-Trio-Index: .*/, 'Index')
    .split('\r\n')
    .sort()

test('an answer of the lane is that of node:http, to the byte', async () => {
  const [plain, streamed] = [await open(), await open()]
  plain.send(publish('one'))
  await expect.poll(plain.bodies).toEqual(['true'])
  streamed.send(inPieces('one'))
  await expect.poll(streamed.bodies).toEqual(['true'])
  const withoutDates = (text: string) =>
    text
      .replace(/Date: .*/, 'Date')
      .replace(/Nacos-Trio-Index: .*/, 'Index')
      .split('\r\n')
      .sort()
  expect(withoutDates(plain.text())).toEqual(withoutDates(streamed.text()))
  expect(plain.text()).toMatch(/\r\nDate: Wed, 01 May 2024 03:04:05 GMT\r\n/)
})

test('a content that is read on the lane is that of node:http, to the byte', async () => {
  const [plain, streamed] = [await open(), await open()]
  plain.send(publish('值'))
  await expect.poll(plain.bodies).toEqual(['true'])
  plain.send(read)
  // Given twice, a header is not for the lane.
  streamed.send(read.replace('Host', 'X: 1\r\nX: 2\r\nHost'))
  await expect.poll(streamed.bodies).toEqual(['值'])
  await expect.poll(plain.bodies).toEqual(['true', '值'])
  expect(linesOf(plain.heads()[1])).toEqual(linesOf(streamed.text()))
})

test('a refusal of the lane is that of node:http, and the connection goes on', async () => {
  const [plain, streamed] = [await open(), await open()]
  plain.send(publish(' '))
  streamed.send(inPieces(' '))
  for (const one of [plain, streamed]) await expect.poll(one.bodies).toEqual(['caused: content is blank : ;'])
  plain.send(publish('x'))
  await expect.poll(plain.bodies).toEqual(['caused: content is blank : ;', 'true'])
})

test('words beyond Latin-1 in a refusal arrive as UTF-8', async () => {
  const one = await open()
  one.send(postOf(formOf({ dataId: 'd', group: 'G', content: 'x', tag: '值 值' })))
  await expect.poll(one.bodies).toEqual(['caused: invalid tag : 值 值;'])
})

test('reads and writes on one connection are answered in their order, one after another and all at once', async () => {
  const one = await open()
  for (const [request, answers] of [
    [publish('1'), ['true']],
    [read, ['true', '1']],
    [publish('2'), ['true', '1', 'true']],
  ] as const) {
    one.send(request)
    await expect.poll(one.bodies).toEqual(answers)
  }
  const two = await open()
  two.send(publish('3') + publish('4') + read + remove + read + publish('5') + read)
  await expect.poll(two.bodies).toEqual(['true', 'true', '4', 'true', 'config data not exist\n', 'true', '5'])
})

test('head and body may come one after the other, or byte by byte', async () => {
  const one = await open()
  const text = publish('in two')
  const at = text.indexOf('\r\n\r\n') + 4
  one.send(text.slice(0, at))
  one.send(text.slice(at))
  await expect.poll(one.bodies).toEqual(['true'])
  const two = await open()
  for (const byte of publish('by bytes')) two.send(byte)
  await expect.poll(two.bodies).toEqual(['true'])
  expect(contents()).toEqual(['in two', 'by bytes'])
})

test('what is too long for the lane arrives whole, at once or behind another', async () => {
  const long = 'long'.repeat(250_000)
  const one = await open()
  one.send(publish('first') + publish(long))
  await expect.poll(one.bodies).toEqual(['true', 'true'])
  one.send(publish('last'))
  await expect.poll(one.bodies).toEqual(['true', 'true', 'true'])
  expect(contents()).toEqual(['first', long, 'last'])
})

test('many requests sent ahead are all answered, in order', async () => {
  const one = await open()
  one.send(Array.from({ length: 300 }, (_, at) => publish(String(at))).join(''))
  await expect.poll(() => one.bodies().length, { timeout: 10_000 }).toBe(300)
  expect(contents()).toEqual(Array.from({ length: 300 }, (_, at) => String(at)))
})

test('who is done sending still gets the answer', async () => {
  const one = await open()
  one.send(publish('x'))
  one.end()
  await expect.poll(one.bodies).toEqual(['true'])
  await expect.poll(one.isOver).toBe(true)
})

test('who goes away under its own write hurts nobody', async () => {
  const one = await open()
  one.send(publish('left'))
  await expect.poll(contents).toEqual(['left'])
  one.socket.resetAndDestroy()
  const two = await open()
  two.send(publish('stays'))
  await expect.poll(two.bodies).toEqual(['true'])
})

test('a foreign host is refused on the lane as anywhere', async () => {
  const one = await open()
  one.send(publish('x').replace('127.0.0.1', 'evil.example'))
  await expect.poll(one.text).toMatch(/^HTTP\/1\.1 403 /)
  expect(contents()).toEqual([])
})

test('what is no HTTP behind a plain request is refused after its answer', async () => {
  const one = await open()
  one.send(`${publish('x')}\x16\x03\x01 what is this\r\n\r\n`)
  await expect.poll(one.text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*true.*HTTP\/1\.1 400 Bad Request\r\n/s)
})

test('a server that closes ends what is idle at once, and what is busy after its answer', async () => {
  const [idle, busy] = [await open(), await open()]
  idle.send(publish('before'))
  await expect.poll(idle.bodies).toEqual(['true'])
  let answer = () => {}
  const { write } = node.parts
  Object.assign(node.parts, { write: ((command, done) => write(command, (outcome) => (answer = () => done(outcome)))) satisfies typeof write })
  busy.send(publish('under way'))
  await expect.poll(contents).toContain('under way')
  await new Promise(setImmediate)
  const closed = server.close(60_000)
  await expect.poll(idle.isOver).toBe(true)
  expect(busy.isOver()).toBe(false)
  idle.end()
  answer()
  await expect.poll(busy.text).toMatch(/\r\nConnection: close\r\n.*true$/s)
  busy.end()
  await closed
  server = createHttpServer(node.parts)
})

/** Whether the number has grown since it was last looked at. */
const grows = (read: () => number) => {
  let before = 0
  return () => {
    const grown = read() > before
    before = read()
    return grown
  }
}

/** A lane whose time goes when the test says so. */
const timedLane = async (parts: Partial<PlainLaneParts> = {}) => {
  let beat = () => {}
  const lane = createPlainLane({
    ...{ keepAliveMs: 75_000, requestMs: 10_000, answerMs: 330_000, tooLate: 'too late' },
    clock: {
      wallMs: () => 0,
      after: (_ms, task) => {
        beat = task
        return { cancel: () => {} }
      },
    },
    serve: (_request, response) => {
      response.writeHead(200, ['Content-Length', '2'])
      response.end('ok', 'latin1')
      return true
    },
    handOver: (socket) => void socket.destroy(),
    ...parts,
  })
  const listening = createServer({ allowHalfOpen: true }, lane.take)
  const at = await new Promise<number>((up) => listening.listen(0, '127.0.0.1', () => up((listening.address() as { port: number }).port)))
  const pass = (beats: number) => {
    for (let count = 0; count < beats; count++) beat()
  }
  const stop = async () => {
    lane.destroyAll()
    await new Promise((gone) => listening.close(gone))
  }
  return { open: () => open(at), pass, [Symbol.asyncDispose]: stop }
}

test('who sends nothing, or half a request, is told that it is too late', async () => {
  await using lane = await timedLane()
  const [silent, half] = [await lane.open(), await lane.open()]
  const answered = await lane.open()
  answered.send(publish('x'))
  half.send(publish('x').slice(0, -1))
  await expect.poll(answered.bodies).toEqual(['ok'])
  lane.pass(2)
  expect([silent.isOver(), half.isOver()]).toEqual([false, false])
  lane.pass(1)
  for (const one of [silent, half]) await expect.poll(one.text).toBe('too late')
  for (const one of [silent, half]) await expect.poll(one.isOver).toBe(true)
  expect(answered.isOver()).toBe(false)
})

test('a connection lives on between requests, for its time', async () => {
  await using lane = await timedLane()
  const one = await lane.open()
  one.send(publish('x'))
  await expect.poll(one.bodies).toEqual(['ok'])
  lane.pass(15)
  one.send(publish('y'))
  await expect.poll(one.bodies).toEqual(['ok', 'ok'])
  lane.pass(15)
  expect(one.isOver()).toBe(false)
  lane.pass(1)
  await expect.poll(one.isOver).toBe(true)
})

test('an answer that is never made ends its connection in the end', async () => {
  let isServed = false
  await using lane = await timedLane({
    serve: () => {
      isServed = true
      return true
    },
  })
  const one = await lane.open()
  one.send(publish('x'))
  await expect.poll(() => isServed).toBe(true)
  lane.pass(66)
  expect(one.isOver()).toBe(false)
  lane.pass(1)
  await expect.poll(one.isOver).toBe(true)
})

test('a large content is an answer of the lane too, and its room is given back when it has left', async () => {
  const long = 'long'.repeat(2_500_000)
  const one = await open()
  one.send(publish(long))
  await expect.poll(one.bodies).toEqual(['true'])
  const reader = await open()
  for (let turn = 1; turn <= 6; turn++) {
    reader.send(read)
    await expect.poll(() => reader.text().length, { timeout: 10_000 }).toBeGreaterThan(turn * long.length)
  }
  expect(reader.heads().every((head) => head.startsWith('HTTP/1.1 200 OK'))).toBe(true)
  expect(reader.bodies().at(-1)).toBe(long)
})

test('who takes no answers gets no further ones made', async () => {
  let served = 0
  await using lane = await timedLane({
    serve: (_request, response) => {
      served++
      const body = 'x'.repeat(1 << 18)
      response.writeHead(200, ['Content-Length', String(body.length)])
      response.end(body, 'latin1')
      return true
    },
  })
  const one = await lane.open()
  one.socket.pause()
  one.send(publish('x').repeat(100))
  await expect.poll(() => served).toBeGreaterThan(0)
  await expect
    .poll(
      grows(() => served),
      { interval: 50 },
    )
    .toBe(false)
  expect(served).toBeLessThan(60)
  one.socket.resume()
  await expect.poll(() => served, { timeout: 10_000 }).toBe(100)
})

test('a header of an answer never ends its line', async () => {
  let failure: unknown
  await using lane = await timedLane({
    serve: (_request, response) => {
      try {
        response.writeHead(200, ['X', 'a\r\nY: b'])
      } catch (error) {
        failure = error
      }
      response.writeHead(200, ['Content-Length', '0'])
      response.end('')
      return true
    },
  })
  const one = await lane.open()
  one.send(publish('x'))
  await expect.poll(one.text).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 0\r\n/)
  expect(String(failure)).toContain('the header X of an answer')
})
