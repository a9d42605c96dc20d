import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { form, servedNode } from '../served-node.testing.ts'
import { createPlainLane, type PlainLaneParts } from './plain-lane.ts'

const configs = '/nacos/v1/cs/configs'
const served = servedNode()
const sockets: Socket[] = []

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** A connection, and what came back on it so far. */
const open = async (to = served.port()) => {
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

const postOf = (body: string, more = '') =>
  `POST ${configs} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const publish = (content: string, more = '') => postOf(form({ dataId: 'd', group: 'G', content }), more)
const remove = `DELETE ${configs}?dataId=d&group=G HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const read = `GET ${configs}?dataId=d&group=G HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`
const contents = () =>
  served.node().sent.map((command) => (command.kind === 'publish-config' ? Buffer.from(command.content).toString() : command.kind))

test('after a refusal the connection goes on', async () => {
  const one = await open()
  one.send(publish(' '))
  await expect.poll(one.bodies).toEqual(['caused: content is blank : ;'])
  one.send(publish('x'))
  await expect.poll(one.bodies).toEqual(['caused: content is blank : ;', 'true'])
})

test('words beyond Latin-1 in a refusal arrive as UTF-8', async () => {
  const one = await open()
  one.send(postOf(form({ dataId: 'd', group: 'G', content: 'x', tag: '值 值' })))
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

/** The next write of the node waits for its answer. */
const holdWrite = () => {
  let answer = () => {}
  const { write } = served.node().parts
  const held: typeof write = (command, done) =>
    write(command, (outcome) => {
      answer = () => done(outcome)
    })
  Object.assign(served.node().parts, { write: held })
  return () => answer()
}

test('a server that closes ends what is idle at once, and what has begun after its answer', async () => {
  const [idle, silent, busy, half] = [await open(), await open(), await open(), await open()]
  idle.send(publish('before'))
  await expect.poll(idle.bodies).toEqual(['true'])
  half.send(publish('in two').slice(0, -1))
  const answer = holdWrite()
  busy.send(publish('under way'))
  await expect.poll(contents).toContain('under way')
  await new Promise(setImmediate)
  const closed = served.server().close(60_000)
  for (const one of [idle, silent]) await expect.poll(one.isOver).toBe(true)
  answer()
  await expect.poll(busy.text).toMatch(/\r\nConnection: close\r\n.*true$/s)
  half.send('o')
  await expect.poll(contents).toContain('in two')
  await new Promise(setImmediate)
  answer()
  await expect.poll(half.text).toMatch(/\r\nConnection: close\r\n.*true$/s)
  // Nobody who was answered has to go by himself.
  await closed
})

test('nothing is done for who is let go', async () => {
  const one = await open()
  one.send(publish('before'))
  await expect.poll(one.bodies).toEqual(['true'])
  const other = await open()
  const answer = holdWrite()
  other.send(publish('under way'))
  await expect.poll(contents).toContain('under way')
  await new Promise(setImmediate)
  const closed = served.server().close(60_000)
  one.send(publish('after'))
  await expect.poll(one.isOver).toBe(true)
  answer()
  await closed
  expect(contents()).toEqual(['before', 'under way'])
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
    ...{ keepAliveMs: 75_000, requestMs: 10_000, answerMs: 330_000, untakenMs: 330_000, tooLate: 'too late' },
    limits: { headBytesMax: 65_536, bodyBytesMax: 65_536 },
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
  const connections = () => new Promise<number>((counted) => listening.getConnections((_error, count) => counted(count)))
  return { open: () => open(at), pass, connections, [Symbol.asyncDispose]: stop }
}

test('who sends nothing is told that it is too late, and nothing is done for it any more', async () => {
  let served = 0
  await using lane = await timedLane({
    serve: () => {
      served++
      return true
    },
  })
  const silent = await lane.open()
  lane.pass(2)
  expect(silent.isOver()).toBe(false)
  lane.pass(1)
  await expect.poll(silent.text).toBe('too late')
  await expect.poll(silent.isOver).toBe(true)
  silent.send(publish('x'))
  await expect.poll(lane.connections).toBe(1)
  lane.pass(3)
  await expect.poll(lane.connections).toBe(0)
  expect(served).toBe(0)
})

test('half a request goes to node:http after its time, which has its own', async () => {
  const given: string[] = []
  await using lane = await timedLane({
    handOver: (socket, bytes) => {
      given.push(bytes.toString())
      socket.destroy()
    },
  })
  const half = await lane.open()
  half.send(publish('x').slice(0, -1))
  const known = await lane.open()
  known.send(publish('x'))
  await expect.poll(known.bodies).toEqual(['ok'])
  lane.pass(2)
  expect(given).toEqual([])
  lane.pass(1)
  expect(given).toEqual([publish('x').slice(0, -1)])
  expect(known.isOver()).toBe(false)
})

test('who ends within a request gets no answer to it, and its connection ends', async () => {
  const one = await open()
  one.send(publish('x').slice(0, -1))
  one.end()
  await expect.poll(one.isOver).toBe(true)
  expect([one.text(), contents()]).toEqual(['', []])
})

test('a handler that fails within its answer costs an answer and nothing else', async () => {
  const failures: string[] = []
  Object.assign(served.node().parts, {
    readIndex: () => {
      throw new Error('on purpose')
    },
    failed: (what: string) => void failures.push(what),
  })
  const one = await open()
  one.send(read.replace('group=G', 'group=G&consistency=linearizable'))
  await expect.poll(one.text).toMatch(/^HTTP\/1\.1 500 /)
  expect(failures).toEqual([`answering ${configs}`])
  one.send(publish('x'))
  await expect.poll(one.bodies).toHaveLength(2)
})

test('a handler that fails after its head costs its connection', async () => {
  await using lane = await timedLane({
    serve: (_request, response) => {
      response.writeHead(200, ['Content-Length', '2'])
      if (response.headersSent) response.destroy()
      return true
    },
  })
  const one = await lane.open()
  one.send(publish('x'))
  await expect.poll(one.isOver).toBe(true)
  expect(one.text()).toBe('')
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
      const body = 'x'.repeat(1 << 21)
      response.writeHead(200, ['Content-Length', String(body.length)])
      response.end(body, 'latin1')
      return true
    },
  })
  const one = await lane.open()
  one.socket.pause()
  one.send(publish('x').repeat(17))
  await expect.poll(() => served).toBeGreaterThan(0)
  await expect
    .poll(
      grows(() => served),
      { interval: 50 },
    )
    .toBe(false)
  expect(served).toBeLessThan(17)
  one.socket.resume()
  await expect.poll(() => served, { timeout: 10_000 }).toBe(17)
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
