import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { createPeerQuestions } from './peer-questions.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const node = async (id: number, listener: RequestListener) => {
  const server = createServer(listener)
  servers.push(server)
  const httpPort = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
  return { id, host: '127.0.0.1', httpPort }
}

const setUp = (members: { id: number; host: string; httpPort: number }[]) => {
  const limits: (() => void)[] = []
  const questions = createPeerQuestions({
    ...{ self: 1, members: () => members },
    after: (_ms, task) => {
      limits.push(task)
      return { cancel: () => undefined }
    },
  })
  const ask = (path = '/x', headers = {}) =>
    new Promise<string[] | 'refused'>((resolve) => {
      if (!questions.ask(path, headers, (bodies) => resolve(bodies.map(String)))) resolve('refused')
    })
  return { ask, endTime: () => limits.splice(0).forEach((end) => void end()) }
}

const say =
  (text: string, status = 200): RequestListener =>
  (_request, response) => {
    response.statusCode = status
    response.end(text)
  }

test('every other node is asked once, and what answers is given', async () => {
  const seen: unknown[] = []
  const members = await Promise.all([
    node(1, say('own')),
    node(2, (request, response) => {
      seen.push([request.url, request.headers.authorization])
      response.end('two')
    }),
    node(3, say('three')),
  ])
  const { ask } = setUp(members)
  expect(((await ask('/path?a=b', { authorization: 'me' })) as string[]).toSorted()).toEqual(['three', 'two'])
  expect(seen).toEqual([['/path?a=b', 'me']])
})

test('a node that refuses, that is not there, or that says too much is left out', async () => {
  const members = [await node(2, say('no', 403)), { id: 3, host: '127.0.0.1', httpPort: 1 }, await node(4, say('x'.repeat(1_100_000)))]
  expect(await setUp(members).ask()).toEqual([])
})

test('a node that says nothing is left out when its time is over', async () => {
  let arrived = false
  const silent = await node(2, () => {
    arrived = true
  })
  const { ask, endTime } = setUp([silent])
  const asked = ask()
  await expect.poll(() => arrived).toBe(true)
  endTime()
  expect(await asked).toEqual([])
})

test('a cluster of one answers at once; rounds are bounded', async () => {
  const { ask } = setUp([])
  const rounds = await Promise.all(Array.from({ length: 17 }, () => ask()))
  expect(rounds.filter((round) => round === 'refused')).toHaveLength(1)
  expect(await ask()).toEqual([])
})
