/**
 * Each fault switch once, on three real nodes and driven by the same commands as by hand: what must go on goes on, what must be refused is
 * refused, and after the heal all is as if nothing had been. One cluster for all, healed in between.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { configsPath, publish, type RaftState, raftState, read, readLinearizable, refusalOf } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

/** The promise is 0.5 s; a busy machine may add its own. */
const newLeaderLimitMs = 10_000
/** The promise is 2 s. */
const refusalLimitMs = 4_000
const quorumCodes = ['no_quorum', 'outcome_unknown']

let cluster: HeadlessCluster
let turn = 0

beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
})
afterAll(() => cluster[Symbol.asyncDispose]())
afterEach(async () => {
  await cluster.command('fault heal')
  await agreedLeader(cluster.bases, 30_000)
  await agreedState(cluster.bases, 30_000)
})

const ids = (): readonly number[] => cluster.ready.nodes.map(({ id }) => id)
const others = (id: number): readonly number[] => ids().filter((each) => each !== id)
const stateOf = (id: number): Promise<RaftState> => raftState(cluster.baseOf(id))
const leaderNow = async (): Promise<{ id: number; term: number }> => agreedLeader(cluster.bases)

/** The other two agree on one of them, in a newer term. */
const replaced = (old: { readonly id: number; readonly term: number }): Promise<{ id: number; term: number }> =>
  waitUntil(
    `a leader after node ${old.id}`,
    async () => {
      const states = await Promise.all(others(old.id).map(stateOf))
      const [first] = states
      if (first === undefined || first.leaderId === null || first.leaderId === old.id || first.term <= old.term) return null
      return states.every(({ leaderId, term }) => leaderId === first.leaderId && term === first.term)
        ? { id: first.leaderId, term: first.term }
        : null
    },
    newLeaderLimitMs,
  )

const write = async (id: number): Promise<{ status: number; code: string | undefined; tookMs: number; dataId: string }> => {
  const dataId = `switched-${++turn}`
  const begunMs = performance.now()
  const answer = await publish(cluster.baseOf(id), { dataId }, `content ${turn}`)
  return { status: answer.status, code: refusalOf(answer), tookMs: performance.now() - begunMs, dataId }
}
const writesAt = (id: number, limitMs = newLeaderLimitMs): Promise<boolean> =>
  waitUntil(`a write at node ${id}`, async () => (await write(id)).status === 200, limitMs)
const countWrites = async (at: readonly number[], count: number): Promise<number> => {
  let good = 0
  for (let each = 0; each < count; each++) good += (await write(at[each % at.length] ?? 0)).status === 200 ? 1 : 0
  return good
}
const logOf = (id: number): string => readFileSync(join(cluster.ready.nodes.find((node) => node.id === id)?.dir ?? '', 'logs', 'nacos.log'), 'utf8')
const exitsSince = (seen: number): number =>
  cluster
    .events()
    .slice(seen)
    .filter(({ event }) => event === 'node-exit').length

describe('a cut', () => {
  it('leader alone: the others go on, it steps down and refuses, no socket closes, and its term does not run away', async () => {
    const old = await leaderNow()
    const lost = logOf(old.id).split('lost its connection').length
    await cluster.command(`fault isolate ${old.id}`)
    const next = await replaced(old)
    await writesAt(next.id)
    await waitUntil('the old leader to step down', async () => (await stateOf(old.id)).state !== 'LEADER')
    const refused = await write(old.id)
    expect(quorumCodes).toContain(refused.code)
    expect(refused.tookMs).toBeLessThan(refusalLimitMs)
    const asked = await readLinearizable(cluster.baseOf(old.id), refused)
    expect([asked.status, refusalOf(asked)]).toEqual([503, 'no_quorum'])
    expect((await stateOf(old.id)).term).toBe(old.term)
    expect(logOf(old.id).split('lost its connection')).toHaveLength(lost)
    expect(logOf(old.id)).toContain(`WARN  [fault] as asked: frames to node-${next.id} are dropped`)

    await cluster.command('fault heal')
    const healed = await agreedLeader(cluster.bases)
    expect(healed.term - next.term).toBeLessThanOrEqual(1)
    await agreedState(cluster.bases)
    if (refused.code === 'no_quorum') expect((await read(cluster.baseOf(next.id), refused)).status).toBe(404)
  })

  it('one way, from the leader to a follower: writes go on, and the deaf follower disturbs nobody', async () => {
    const leader = await leaderNow()
    const [deaf = 0, other = 0] = others(leader.id)
    await cluster.command(`fault cut-from ${leader.id} ${deaf}`)
    await waitUntil('the deaf follower to miss its leader', async () => (await stateOf(deaf)).leaderId === null)
    expect(await countWrites([leader.id, other], 100)).toBe(100)
    await cluster.command('fault heal')
    expect((await agreedLeader(cluster.bases)).term - leader.term).toBeLessThanOrEqual(1)
  })

  it('one way, to a leader that hears nobody: it steps down, others lead', async () => {
    const old = await leaderNow()
    for (const id of others(old.id)) await cluster.command(`fault cut-from ${id} ${old.id}`)
    const next = await replaced(old)
    await writesAt(next.id)
    await cluster.command('fault heal')
    expect((await agreedLeader(cluster.bases)).term - next.term).toBeLessThanOrEqual(1)
  })

  it('stays when its node starts again, and ends with the heal', async () => {
    const leader = await leaderNow()
    const [id = 0] = others(leader.id)
    await cluster.command(`fault isolate ${id}`)
    const seen = cluster.events().length
    await cluster.command(`kill ${id}`)
    await cluster.nextEvent('the killed node to be down', ({ event, id: gone }) => event === 'node-exit' && gone === id, 10_000, seen)
    await waitUntil('it to answer again', async () => (await stateOf(id)).leaderId === null, 20_000)
    expect(await countWrites(others(id), 50)).toBe(50)
    expect((await stateOf(id)).leaderId).toBeNull()
    await cluster.command('fault heal')
    await writesAt(id)
  })
})

describe('one follower', () => {
  it('with a slow and lossy line does not slow the cluster', async () => {
    const leader = await leaderNow()
    const [slow = 0, other = 0] = others(leader.id)
    for (const id of others(slow)) {
      await cluster.command(`fault delay ${slow} ${id} 200 100`)
      await cluster.command(`fault loss ${slow} ${id} 20`)
    }
    const begunMs = performance.now()
    expect(await countWrites([leader.id, other], 100)).toBe(100)
    expect((performance.now() - begunMs) / 100).toBeLessThan(200)
  })

  it('with a slow log disk does not slow the cluster, and its own loop goes on', async () => {
    const leader = await leaderNow()
    const [slow = 0, other = 0] = others(leader.id)
    await cluster.command(`fault disk-slow ${slow} log 1000`)
    const begunMs = performance.now()
    expect(await countWrites([leader.id, other], 100)).toBe(100)
    expect((performance.now() - begunMs) / 100).toBeLessThan(200)
    const reads: number[] = []
    for (let at = 0; at < 20; at++) {
      const askedMs = performance.now()
      await stateOf(slow)
      reads.push(performance.now() - askedMs)
    }
    expect(reads.toSorted((a, b) => a - b)[10]).toBeLessThan(300)
  })

  it('with a full log disk refuses, the others go on, and it comes back by itself', async () => {
    const leader = await leaderNow()
    const [full = 0, other = 0] = others(leader.id)
    await cluster.command(`fault disk-full ${full} log on`)
    expect(await countWrites([leader.id, other], 50)).toBe(50)
    expect(await write(full)).toMatchObject({ status: 503, code: 'disk_full' })
    expect((await read(cluster.baseOf(full), { dataId: 'nothing' })).status).toBe(404)
    await cluster.command(`fault disk-full ${full} log off`)
    await writesAt(full)
  })

  it('with a slow state store answers late, and nothing is lost', async () => {
    const [slow = 0] = others((await leaderNow()).id)
    await cluster.command(`fault disk-slow ${slow} state 300`)
    const late = await write(slow)
    expect(late.status).toBe(200)
    expect(late.tookMs).toBeGreaterThan(250)
    expect((await read(cluster.baseOf(slow), late)).status).toBe(200)
  })
})

describe('the leader', () => {
  it.each(['log', 'state'])('with a full disk for its %s gives its place away, refuses, and comes back by itself', async (disk) => {
    const old = await leaderNow()
    await cluster.command(`fault disk-full ${old.id} ${disk} on`)
    await waitUntil('another to take writes', async () => (await write(others(old.id)[0] ?? 0)).status === 200)
    await replaced(old)
    expect(await write(old.id)).toMatchObject({ status: 503, code: 'disk_full' })
    await cluster.command(`fault disk-full ${old.id} ${disk} off`)
    await writesAt(old.id)
  })

  it('that is paused is replaced, and steps down when it goes on', async () => {
    const old = await leaderNow()
    const pid = cluster.pidOf(old.id)
    const seen = cluster.events().length
    const key = { dataId: 'paused' }
    expect((await publish(cluster.baseOf(old.id), key, 'old')).status).toBe(200)
    await cluster.command(`pause ${old.id} 2000`)
    const next = await replaced(old)
    expect((await publish(cluster.baseOf(next.id), key, 'new')).status).toBe(200)
    // They wait in its sockets: the first things that it sees when it wakes and still believes that it leads.
    const woken = await Promise.all(Array.from({ length: 16 }, () => readLinearizable(cluster.baseOf(old.id), key)))
    expect(woken.filter(({ status, text }) => status === 200 && text !== 'new')).toEqual([])
    await waitUntil('the old leader to follow', async () => (await stateOf(old.id)).leaderId === next.id)
    expect([cluster.pidOf(old.id), exitsSince(seen)]).toEqual([pid, 0])
    await writesAt(old.id)
  })
})

describe('a node', () => {
  it('that is paused for longer than its supervisor believes a report is neither ended nor started again', async () => {
    const [id = 0] = others((await leaderNow()).id)
    const pid = cluster.pidOf(id)
    const seen = cluster.events().length
    const begunMs = performance.now()
    await cluster.command(`pause ${id} 4500`)
    expect(await countWrites(others(id), 50)).toBe(50)
    await writesAt(id, 20_000)
    expect(performance.now() - begunMs).toBeGreaterThan(4_400)
    expect([cluster.pidOf(id), exitsSince(seen)]).toEqual([pid, 0])
  })

  it('that is paused goes on when asked', async () => {
    const [id = 0] = others((await leaderNow()).id)
    const begunMs = performance.now()
    await cluster.command(`pause ${id} 60000`)
    await cluster.command(`resume ${id}`)
    await writesAt(id)
    expect(performance.now() - begunMs).toBeLessThan(30_000)
  })

  it('with a wrong clock keeps its role, and times in the history of a key never fall', async () => {
    const leader = await leaderNow()
    const key = { dataId: 'timed' }
    const timeOf = async (content: string): Promise<number> => {
      expect((await publish(cluster.baseOf(leader.id), key, content)).status).toBe(200)
      const shown = await send(cluster.baseOf(leader.id), { path: `${configsPath}?dataId=timed&group=DEFAULT_GROUP&show=all` })
      return (JSON.parse(shown.text) as { modifyTime: number }).modifyTime
    }
    const year = 366 * 24 * 3_600_000
    const times = [await timeOf('true time')]
    for (const offsetMs of [year, -year, 0]) {
      await cluster.command(`fault clock ${leader.id} ${offsetMs}`)
      times.push(await timeOf(`offset ${offsetMs}`))
    }
    const [first = 0, ahead = 0] = times
    expect(ahead - first).toBeGreaterThan(year - 60_000)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(await leaderNow()).toEqual(leader)
  })

  it('refuses a fault that makes no sense, in words', async () => {
    expect(await cluster.ask('fault cut 1 9')).toMatchObject({ ok: false, code: 'not_found', detail: 'there is no node 9' })
    expect(await cluster.ask('pause 1 99999999')).toMatchObject({ ok: false, code: 'invalid' })
    expect(await cluster.ask('fault')).toMatchObject({ ok: false, code: 'invalid' })
  })
})
