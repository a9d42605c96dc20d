/** Nodes telling each other over HTTP what has changed: who may, what it does, and what it must never do. */

import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { encodeNotice, type Notice, type NoticeOutcome, noticeBytesMax, noticeKeysMax } from '../../../notify/notice.ts'
import { createNoticeClient } from '../../../notify/notice-client.ts'
import { createNoticeSigner } from '../../../notify/notice-proof.ts'
import { clusterSecret, createCaller, createFakeNode, md5 } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const path = '/nacos/v1/cs/communication/dataChange'
const json = { 'content-type': 'application/json' }
const after = (ms: number, task: () => void) => {
  const timer = setTimeout(task, ms)
  return { cancel: () => clearTimeout(timer) }
}

let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
let client: ReturnType<typeof createNoticeClient>
const call = createCaller(() => port)

const signer = createNoticeSigner({ self: 2, clusterSecret, randomBytes })
const notice = (index: number, ...names: string[]): Notice => ({
  index,
  keys: names.map((dataId) => ({ namespace: '', group: 'G', dataId, index })),
})
/** As another node of the cluster tells it. */
const tell = (given: Notice): Promise<NoticeOutcome> =>
  new Promise((resolve) => client.send({ id: 1, host: '127.0.0.1', httpPort: port }, given, resolve))
const challengeOf = async (): Promise<string> => String((await call('POST', path, '', json)).headers['nacos-trio-challenge'])
const post = (body: Buffer, proof: string) => call('POST', path, body, { ...json, 'nacos-trio-proof': proof })
const received = async () => JSON.parse((await call('GET', '/nacos/v1/cs/communication/notices')).text).received

beforeEach(async () => {
  node = createFakeNode()
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  client = createNoticeClient({ signer, answerMs: 5_000, after })
})
afterEach(async () => {
  client.close()
  await server.close(0)
})

it('takes what a node of the cluster tells, and looks at the files of its keys', async () => {
  expect(await tell(notice(10, 'a', 'b'))).toEqual({ kind: 'taken' })
  expect(await tell(notice(10, 'c'))).toEqual({ kind: 'taken' })
  await expect.poll(() => node.looked).toEqual(['/G/a', '/G/b', '/G/c'])
  expect(await received()).toMatchObject({ notices: 2, keys: 3, refused: 0 })
})

it('takes as many names as one notice may hold', async () => {
  const names = Array.from({ length: noticeKeysMax }, (_, at) => `a-name-of-forty-characters-or-nearly-${at}`)
  expect(encodeNotice(notice(10, ...names)).length).toBeGreaterThan(64 * 1024)
  expect(await tell(notice(10, ...names))).toEqual({ kind: 'taken' })
  expect(await received()).toMatchObject({ keys: noticeKeysMax })
})

it('answers a notice of an index once that is applied here', async () => {
  let outcome: NoticeOutcome | null = null
  const told = tell(notice(12, 'a')).then((is) => {
    outcome = is
  })
  await call('GET', '/nacos/v1/ns/raft/state')
  expect(outcome).toBeNull()
  node.applyUpTo(12)
  await told
  expect(outcome).toEqual({ kind: 'taken' })
})

it('lets nobody tell it anything who proves nothing, and says how a proof is made', async () => {
  for (const body of ['', encodeNotice(notice(10, 'a'))]) {
    const answer = await call('POST', path, body, json)
    expect(answer.status).toBe(401)
    expect(answer.headers['nacos-trio-challenge']).toMatch(/^[0-9a-f]{64}$/)
    expect(answer.text).not.toContain(clusterSecret)
  }
  expect([node.looked, await received()]).toEqual([[], expect.objectContaining({ notices: 0 })])
})

it('refuses a notice with another body, or made with another secret, and says so once in its log', async () => {
  const challenge = await challengeOf()
  const body = encodeNotice(notice(10, 'a'))
  const stranger = createNoticeSigner({ self: 2, clusterSecret: 'bb'.repeat(32), randomBytes })
  const wrong = [await post(body, stranger.sign(1, challenge, body)), await post(body, signer.sign(1, challenge, Buffer.from('{}')))]
  expect(wrong.map(({ status, text }) => [status, text])).toEqual([
    [403, 'caused: this notice was not made by a node of this cluster;'],
    [403, 'caused: this notice was not made by a node of this cluster;'],
  ])
  expect(node.looked).toEqual([])
  expect(await received()).toMatchObject({ refused: 2 })
  expect(node.notes).toEqual(['refused a notice of changes: it was not made by a node of this cluster; 1 refused so far'])
})

it('refuses a notice that was taken before, word for word', async () => {
  const body = encodeNotice(notice(10, 'a'))
  const proof = signer.sign(1, await challengeOf(), body)
  expect((await post(body, proof)).status).toBe(200)
  expect(await post(body, proof)).toMatchObject({ status: 403, text: 'caused: this notice was taken before;' })
  expect(await received()).toMatchObject({ notices: 1, refused: 1 })
})

it('refuses a form that it does not know, proven as it may be', async () => {
  const body = Buffer.from('{"version":2}')
  expect((await post(body, signer.sign(1, await challengeOf(), body))).status).toBe(400)
})

it('refuses a body beyond what a notice can have', async () => {
  expect((await call('POST', path, Buffer.alloc(noticeBytesMax + 1, 0x20), json)).status).toBe(400)
})

it('tells no listener anything: they hear from apply alone', async () => {
  const poll = call('POST', '/nacos/v1/cs/configs/listener', `Listening-Configs=a%02G%02${md5('x')}%01`, { 'long-pulling-timeout': '30000' })
  const other = await poll
  expect(other.status).toBe(200)
  const hanging = call('POST', '/nacos/v1/cs/configs/listener', 'Listening-Configs=a%02G%02%01', { 'long-pulling-timeout': '30000' })
  await expect.poll(() => node.parts.polls.size()).toBe(1)
  expect(await tell(notice(10, 'a'))).toEqual({ kind: 'taken' })
  expect((await call('GET', `${path}?dataId=a&group=G`)).text).toBe('true')
  await expect.poll(() => node.looked).toContain('/G/a')
  expect(node.parts.polls.size()).toBe(1)
  node.endPolls()
  expect((await hanging).text).toBe('')
})

it('takes the old form, one key at a time, from whoever may read', async () => {
  const answer = await call('GET', `${path}?dataId=d.yaml&group=G&tenant=dev&tag=gray`)
  expect([answer.status, answer.headers['content-type'], answer.text]).toEqual([200, 'application/json;charset=UTF-8', 'true'])
  expect((await call('GET', `${path}?dataId=d.yaml&group=G&tenant=public`)).text).toBe('true')
  await expect.poll(() => node.looked).toEqual(['dev/G/d.yaml', '/G/d.yaml'])
})

it.each([
  ['no group', '?dataId=d', 500],
  ['a name that climbs out of its folder', '?dataId=..%2F..%2Fetc&group=G', 400],
  ['a long tag', `?dataId=d&group=G&tag=${'t'.repeat(17)}`, 400],
])('refuses the old form with %s', async (_, query, status) => {
  expect((await call('GET', `${path}${query}`)).status).toBe(status)
  expect(node.looked).toEqual([])
})

it('tells a page of another origin nothing, and takes nothing from it', async () => {
  const origin = { origin: 'http://evil.example' }
  expect((await call('GET', `${path}?dataId=d&group=G`, undefined, origin)).status).toBe(403)
  expect((await call('POST', path, '', { ...json, ...origin })).headers['nacos-trio-challenge']).toBeUndefined()
})
