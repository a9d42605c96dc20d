/**
 * What nodes ask each other once callers are asked who they are: real servers, each with users of its own, so that nothing of a caller could open another.
 * And what a proven question opens: the few routes that are meant, and nothing else.
 */

import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createQuestionSigner, questionChallengeHeader, questionHeader } from '../../auth/question-proof.ts'
import { clusterSecret, createCaller, createFakeNode } from './fake-node.testing.ts'
import { peerPaths } from './peer-paths.ts'
import { peerQuestionsOf } from './peer-world.testing.ts'
import type { MemberAddress } from './ports.ts'
import { contextPath } from './router.ts'
import { routesOf } from './routes.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

interface Peer {
  readonly node: ReturnType<typeof createFakeNode>
  readonly server: NodeHttpServer
  readonly port: number
}
let peers: readonly [Peer, Peer]
let members: MemberAddress[] = []
let token = ''

const startPeer = async (id: number): Promise<Peer> => {
  const node = createFakeNode()
  const server = createHttpServer({
    ...{ ...node.parts, nodeId: id },
    get members() {
      return members
    },
    peers: peerQuestionsOf(node, { self: id, nodes: 2, members: () => members }),
  })
  return { node, server, port: await server.listen('127.0.0.1', 0) }
}
const callAt = (id: 1 | 2) => createCaller(() => peers[id - 1]?.port ?? 0)
const onAt = (...ids: number[]): void => peers.forEach(({ node }, at) => void node.parts.auth.switchTo(ids.includes(at + 1)))

beforeEach(async () => {
  peers = [await startPeer(1), await startPeer(2)]
  members = peers.map(({ port }, at) => ({ id: at + 1, host: '127.0.0.1', httpPort: port, raftPort: 1 }))
  await callAt(1)('POST', '/nacos/v1/auth/users/admin', 'password=root')
  token = JSON.parse((await callAt(1)('POST', '/nacos/v1/auth/login', 'username=nacos&password=root')).text).accessToken
  onAt(1, 2)
})
afterEach(async () => {
  for (const { node, server } of peers) {
    node.parts.polls.closeAll()
    await server.close(0)
  }
})

const heardAt1 = async (): Promise<number> => {
  const { text } = await callAt(1)('GET', '/nacos/v2/core/loader/cluster', undefined, { authorization: `Bearer ${token}` })
  return JSON.parse(text).metricsCount
}

it('a node asks another that does not know the caller, again and again', async () => {
  for (const _time of [1, 2, 3]) expect(await heardAt1()).toBe(2)
  const direct = await callAt(2)('GET', peerPaths.ownLoad, undefined, { authorization: `Bearer ${token}` })
  expect(direct.status).toBe(403)
})

it('who listens at the other is told to whoever may ask here', async () => {
  const listening = 'Listening-Configs=a%02G%02%01'
  onAt(1)
  const poll = callAt(2)('POST', '/nacos/v1/cs/configs/listener', listening, { 'long-pulling-timeout': '30000', 'x-real-ip': '10.0.0.7' })
  await expect.poll(() => peers[1].node.parts.polls.size()).toBe(1)
  onAt(1, 2)
  const asked = (query: string, headers = {}) => callAt(1)('GET', `/nacos/v1/cs/configs/listener?dataId=a&group=G${query}`, undefined, headers)
  expect((await asked('')).status).toBe(403)
  for (const answer of [await asked('', { authorization: `Bearer ${token}` }), await asked('&username=nacos&password=root')])
    expect(Object.keys(JSON.parse(answer.text).lisentersGroupkeyStatus)).toEqual(['10.0.0.7'])
  peers[1].node.endPolls()
  await poll
})

it('a node that asks nobody who they are vouches for nobody, and hears nothing of one that does', async () => {
  onAt(2)
  expect(await heardAt1()).toBe(1)
  onAt(1)
  expect(await heardAt1()).toBe(2)
})

const proofFor = async (target: string): Promise<string> => {
  const asked = await callAt(2)('GET', peerPaths.ownLoad, undefined, { [questionHeader]: '1' })
  expect([asked.status, asked.text.includes('prove that they are')]).toEqual([403, true])
  return createQuestionSigner({ self: 1, clusterSecret, randomBytes }).sign(2, String(asked.headers[questionChallengeHeader]), target)
}

it('a proof opens what nodes ask each other, by GET, and nothing else of all routes', async () => {
  const opened = new Set<string>()
  for (const [path, route] of Object.entries(routesOf(peers[1].node.parts)))
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      if (route[method === 'HEAD' ? 'GET' : method] === undefined) continue
      if ((route.accessTo?.[method === 'HEAD' ? 'GET' : method] ?? route.access) === 'open') continue
      const target = `${contextPath}${path}?dataId=a&group=G&serviceName=s&aggregation=false&ip=10.0.0.1&count=1`
      const body = method === 'GET' || method === 'HEAD' || method === 'DELETE' ? undefined : ''
      const { status } = await callAt(2)(method, target, body, { [questionHeader]: await proofFor(target) })
      if (status !== 403) opened.add(`${method} ${contextPath}${path}`)
    }
  expect([...opened].toSorted()).toEqual(
    Object.values(peerPaths)
      .map((path) => `GET ${path}`)
      .toSorted(),
  )
})

it('a proof is good for its own question, once, and a broken one is no way around a login', async () => {
  const target = `${peerPaths.watchers}?dataId=a&group=G`
  const proof = await proofFor(target)
  const ask = (at: string, headers: Record<string, string>) => callAt(2)('GET', at, undefined, headers)
  expect((await ask(`${target}&tenant=dev`, { [questionHeader]: proof })).status).toBe(403)
  expect((await ask(target, { [questionHeader]: proof })).status).toBe(200)
  expect((await ask(target, { [questionHeader]: proof })).status).toBe(403)
  expect((await ask(target, { [questionHeader]: `${proof.slice(0, -4)}0000` })).status).toBe(403)
})
