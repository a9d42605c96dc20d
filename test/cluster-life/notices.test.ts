/** A leader tells the others over HTTP what has changed, after the fact: who is away costs nothing, who is a stranger says nothing. */

import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeNotice, type Notice } from '../../src-node/notify/notice.ts'
import { createNoticeSigner } from '../../src-node/notify/notice-proof.ts'
import type { NoticesView } from '../../src-node/notify/notices.ts'
import { agreedLeader } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { type Answer, send } from '../support/http.ts'
import { publish, raftState, refusalOf } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const path = '/nacos/v1/cs/communication/dataChange'
const dumpPath = '/nacos/v1/cs/ops/localCache'
const json = { 'content-type': 'application/json' }
const pauseMs = 30_000

const viewOf = async (base: string): Promise<NoticesView> =>
  JSON.parse((await send(base, { path: '/nacos/v1/cs/communication/notices' })).text) as NoticesView

const rolesOf = async (cluster: HeadlessCluster) => {
  const { id } = await agreedLeader(cluster.bases)
  const [first, second] = cluster.ready.nodes.filter((node) => node.id !== id).map((node) => node.id)
  return { leader: id, first: first!, second: second! }
}

const publishAll = async (base: string, names: readonly string[]): Promise<void> => {
  for (const dataId of names) expect((await publish(base, { dataId }, `content of ${dataId}`)).status).toBe(200)
}
const named = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${prefix}-${at}`)

/** The leader knows that this follower took everything. */
const hasTold = (base: string, follower: number) =>
  waitUntil(`nothing to wait for node ${follower}`, async () => {
    const view = (await viewOf(base)).followers.find(({ id }) => id === follower)
    return view?.lagMs === 0 && view.waitingKeys === 0 && view.reachable
  })

/** Has the node taken notice of so many keys more than before? */
const heard = (base: string, before: NoticesView, keys: number) =>
  waitUntil(`notices of ${keys} keys at ${base}`, async () => (await viewOf(base)).received.keys >= before.received.keys + keys)

const logOf = (cluster: HeadlessCluster, id: number): string =>
  readFileSync(join(cluster.ready.nodes.find((node) => node.id === id)!.dir, 'logs', 'nacos.log'), 'utf8')

describe('a cluster under writes', () => {
  it('hears of what a follower took, from the leader alone, and from the next leader when that one is killed', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const { leader, first, second } = await rolesOf(cluster)
    const before = await Promise.all(cluster.bases.map(viewOf))
    await publishAll(cluster.baseOf(first), named('one', 50))
    for (const id of [first, second]) await heard(cluster.baseOf(id), before[id - 1]!, 50)
    for (const id of [first, second]) await hasTold(cluster.baseOf(leader), id)
    const { sent, followers, received } = await viewOf(cluster.baseOf(leader))
    expect(sent).toMatchObject({ keys: 100, failures: 0, everything: 0 })
    expect(sent.notices).toBeLessThanOrEqual(100)
    expect(followers.map(({ id }) => id)).toEqual([first, second])
    expect(received.notices).toBe(0)
    expect((await viewOf(cluster.baseOf(second))).followers).toEqual([])

    const seen = cluster.events().length
    cluster.killNode(leader)
    await cluster.nextEvent('the killed node to be back', ({ event, id }) => event === 'node-ready' && id === leader, 20_000, seen)
    const { leader: next } = await rolesOf(cluster)
    const others = cluster.ready.nodes.map(({ id }) => id).filter((id) => id !== next)
    const again = await Promise.all(cluster.bases.map(viewOf))
    await publishAll(cluster.baseOf(leader), named('two', 20))
    for (const id of others) await heard(cluster.baseOf(id), again[id - 1]!, 20)
    expect((await viewOf(cluster.baseOf(next))).followers.map(({ id }) => id)).toEqual(others)
  })

  it('is not held up by a stopped follower, which hears of everything once it goes on', async () => {
    await using cluster = await startHeadless({ args: ['--no-console', '--set', 'noticeKeysMax=100'] })
    const { leader, first, second } = await rolesOf(cluster)
    const before = await viewOf(cluster.baseOf(second))
    await cluster.command(`pause ${first} ${pauseMs}`)
    await publishAll(cluster.baseOf(leader), named('stopped', 300))
    await heard(cluster.baseOf(second), before, 300)
    await hasTold(cluster.baseOf(leader), second)
    const { followers } = await viewOf(cluster.baseOf(leader))
    const stopped = followers.find(({ id }) => id === first)!
    expect(stopped).toMatchObject({ everythingDue: true, waitingKeys: expect.any(Number) })
    expect(stopped.waitingKeys).toBeLessThanOrEqual(100)
    await waitUntil('the leader to say that it is away', () => logOf(cluster, leader).includes(`node-${first} does not take notices of changes`))
    await cluster.command(`resume ${first}`)
    await waitUntil('everything to be told to it', async () => (await viewOf(cluster.baseOf(first))).received.everything >= 1, 30_000)
    await hasTold(cluster.baseOf(leader), first)
    const told = (): string[] =>
      logOf(cluster, leader)
        .split('\n')
        .filter((line) => line.includes(`[notify] node-${first}`))
    await waitUntil('the line that it is back', () => told().length >= 2)
    expect(told()).toEqual([expect.stringContaining('does not take'), expect.stringMatching(/takes notices of changes again, after \d+\.\d s$/)])
  })
})

describe('a node', () => {
  const secretOf = (cluster: HeadlessCluster): string => {
    const { clusterSecret } = JSON.parse(readFileSync(join(cluster.dataDir, 'cluster.json'), 'utf8')) as { clusterSecret: string }
    return clusterSecret
  }
  const noticeOf = (index: number): Notice => ({ index, keys: [{ namespace: '', group: 'DEFAULT_GROUP', dataId: 'd', index }] })
  const post = (base: string, body: Buffer, proof: string): Promise<Answer> =>
    send(base, { method: 'POST', path, headers: { ...json, 'nacos-trio-proof': proof }, body })
  const challengeOf = async (base: string): Promise<string> => {
    const answer = await send(base, { method: 'POST', path, headers: json })
    expect(answer.status).toBe(401)
    return String(answer.headers['nacos-trio-challenge'])
  }

  it('is told nothing by strangers, nor twice the same; and the secret shows nowhere', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const { leader, first } = await rolesOf(cluster)
    const base = cluster.baseOf(first)
    const secret = secretOf(cluster)
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    const challenge = await challengeOf(base)
    const body = encodeNotice(noticeOf(1))
    const signer = createNoticeSigner({ self: leader, clusterSecret: secret, randomBytes })
    const stranger = createNoticeSigner({ self: leader, clusterSecret: 'ab'.repeat(32), randomBytes })
    expect((await post(base, body, stranger.sign(first, challenge, body))).status).toBe(403)
    const proof = signer.sign(first, challenge, body)
    expect((await post(base, body, proof)).status).toBe(200)
    expect((await post(base, body, proof)).status).toBe(403)
    expect((await post(cluster.baseOf(leader), body, proof)).status).toBe(401)
    expect((await viewOf(base)).received).toMatchObject({ refused: 2 })
    for (const { id } of cluster.ready.nodes) expect(logOf(cluster, id)).not.toContain(secret.slice(0, 16))
    await waitUntil('a line that says so', () => logOf(cluster, first).includes('refused a notice of changes'))

    cluster.killNode(first)
    await waitUntil('another run of that node', async () => (await challengeOf(base)) !== challenge, 20_000)
    expect((await post(base, body, signer.sign(first, challenge, body))).status).toBe(401)
  })

  it('answers a notice once it has applied that far, and puts it off after two seconds', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const { leader, first } = await rolesOf(cluster)
    const base = cluster.baseOf(first)
    const signer = createNoticeSigner({ self: leader, clusterSecret: secretOf(cluster), randomBytes })
    const challenge = await challengeOf(base)
    const tell = (index: number): Promise<Answer> => {
      const body = encodeNotice(noticeOf(index))
      return post(base, body, signer.sign(first, challenge, body))
    }
    const { appliedIndex } = await raftState(base)
    let answer: Answer | null = null
    const told = tell(appliedIndex + 3).then((is) => {
      answer = is
    })
    await publishAll(cluster.baseOf(leader), ['a', 'b'])
    await waitUntil('two of three to be applied', async () => (await raftState(base)).appliedIndex === appliedIndex + 2)
    expect(answer).toBeNull()
    await publishAll(cluster.baseOf(leader), ['c'])
    await told
    expect(answer).toMatchObject({ status: 200 })
    expect(JSON.parse(answer!.text).appliedIndex).toBeGreaterThanOrEqual(appliedIndex + 3)

    const early = await tell(appliedIndex + 1_000_000)
    expect([early.status, refusalOf(early)]).toEqual([503, 'overloaded'])
    expect((await viewOf(base)).received.putOff).toBe(1)
  })

  it('puts its file of one key right when anybody asks for it in the old form', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    // The leader is told nothing by others, and once its start-up dump is over, nobody but the question looks at its files.
    const { leader } = await rolesOf(cluster)
    const { dir, http: base } = cluster.ready.nodes.find(({ id }) => id === leader)!
    await waitUntil('the start-up dump', async () => JSON.parse((await send(base, { path: dumpPath })).text).last !== null)
    const file = join(dir, 'data', 'config-data', 'DEFAULT_GROUP', 'd')
    const holds = (content: string) => waitUntil(`the file to hold "${content}"`, () => readFileSync(file, 'utf8') === content)
    await publishAll(base, ['d'])
    await holds('content of d')
    writeFileSync(file, 'changed by hand')
    const answer = await send(base, { path: `${path}?dataId=d&group=DEFAULT_GROUP` })
    expect([answer.status, answer.text]).toEqual([200, 'true'])
    await holds('content of d')
    await waitUntil('the count', async () => (await viewOf(base)).received.different === 1)
    expect((await viewOf(base)).received).toMatchObject({ asked: 1, failures: 0 })
  })
})
