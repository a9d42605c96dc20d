import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type QuestionGate, type QuestionSigner, questionChallengeHeader, questionHeader } from '../../auth/question-proof.ts'
import { peerPaths } from './peer-paths.ts'
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

const gate: QuestionGate = { judge: () => ({ kind: 'refused' }) }
/** Says what was to be signed. */
const signer: QuestionSigner = { sign: (to, challenge, target) => `for ${to} by ${challenge?.slice(0, 2)}: ${target}` }

const setUp = (members: { id: number; host: string; httpPort: number }[], asksCallers = true) => {
  const limits: (() => void)[] = []
  const questions = createPeerQuestions({
    ...{ self: 1, members: () => members, signer, gate, asksCallers: () => asksCallers },
    after: (_ms, task) => {
      limits.push(task)
      return { cancel: () => undefined }
    },
  })
  const ask = (fields = {}) =>
    new Promise<string[] | 'refused'>((resolve) => {
      if (!questions.ask(peerPaths.watchers, fields, (bodies) => resolve(bodies.map(String)))) resolve('refused')
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
      seen.push([request.url, request.headers])
      response.end('two')
    }),
    node(3, say('three')),
  ])
  const { ask } = setUp(members)
  expect(((await ask({ a: 'b c' })) as string[]).toSorted()).toEqual(['three', 'two'])
  const target = `${peerPaths.watchers}?a=b+c`
  const host = `127.0.0.1:${members[1]?.httpPort}`
  expect(seen).toEqual([[target, { host, connection: 'close', [questionHeader]: `for 2 by undefined: ${target}` }]])
})

const drawn = (pair: string): string => pair.repeat(32)
/** Wants this challenge now. */
const wanting = async (id: number, challenge: () => string) => {
  const heard: unknown[] = []
  const member = await node(id, (request, response) => {
    heard.push(request.headers[questionHeader])
    const isProven = String(request.headers[questionHeader]).startsWith(`for ${id} by ${challenge().slice(0, 2)}`)
    response.writeHead(isProven ? 200 : 403, { [questionChallengeHeader]: challenge() }).end(isProven ? 'told' : 'no')
  })
  return { member, heard }
}

test('a challenge is taken, kept, and taken anew when it is outdated', async () => {
  let challenge = drawn('aa')
  const { member, heard } = await wanting(2, () => challenge)
  const { ask } = setUp([member])
  for (const _time of [1, 2]) expect(await ask()).toEqual(['told'])
  challenge = drawn('bb')
  expect(await ask()).toEqual(['told'])
  const target = `${peerPaths.watchers}?`
  expect(heard).toEqual(['undefined', 'aa', 'aa', 'aa', 'bb'].map((by) => `for 2 by ${by}: ${target}`))
})

test('a node that wants another challenge each time, or none that is one, is left out', async () => {
  let count = 0
  const restless = await wanting(2, () => drawn(`a${count++ % 10}`))
  const odd = await wanting(3, () => 'x')
  expect(await setUp([restless.member, odd.member]).ask()).toEqual([])
  expect([restless.heard.length, odd.heard.length]).toEqual([3, 1])
})

test('where nobody is asked who they are, nothing is vouched for', async () => {
  const { member, heard } = await wanting(2, () => drawn('aa'))
  expect(await setUp([member], false).ask()).toEqual([])
  expect(heard).toEqual([undefined])
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
