/**
 * Three `nacos-trio node` on three machines, as three pods are: by name, with nobody above them. What a StatefulSet does to them is done to them:
 * a node is killed and comes back, a cable is pulled, a pod is made anew at another address, all end by SIGTERM.
 */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { waitUntil } from '../support/wait-until.ts'
import { createNodes } from './nodes.ts'

const all = [1, 2, 3]
const without = (id: number) => all.filter((each) => each !== id)
/** Node 1 listens on its own address alone, the others on every one. */
const listenOf = (id: number) => (id === 1 ? nodes.network.addressOf(1) : '0.0.0.0')

let nodes: ReturnType<typeof createNodes>
const start = (id: number) => nodes.start(id, listenOf(id), all)
beforeAll(async () => {
  nodes = createNodes(4)
  for (const id of all) start(id)
  await nodes.agreedLeader(all)
})
afterAll(() => nodes?.close())

it('each of them says who leads, by an address that the others know', async () => {
  const leader = await nodes.agreedLeader(all)
  const states = await Promise.all(all.map(nodes.state))
  expect(states.map((state) => state.leader)).toEqual(all.map(() => `node-${leader}.trio:8848`))
  expect(states.filter((state) => state.state === 'LEADER')).toHaveLength(1)
})

it('a write at any of them is read at the others, from another machine by name', async () => {
  await nodes.publish(1, 'first', 'one')
  await nodes.agreedState(all)
  const url = (id: number) => `http://node-${id}.trio:8848/nacos/v1/cs/configs?dataId=first&group=DEFAULT_GROUP`
  expect([await nodes.curl(1, url(2)), await nodes.curl(2, url(3)), await nodes.curl(3, url(1))]).toEqual(['one', 'one', 'one'])
})

it('a host is checked by its name: a port-forward passes, a stranger does not', async () => {
  const status = (id: number, host: string) =>
    nodes.curl(id, '-o', '/dev/null', '-w', '%{http_code}', '-H', `Host: ${host}`, `http://node-${id}.trio:8848/nacos/v1/console/health/liveness`)
  expect([await status(2, 'localhost:18848'), await status(2, 'node-2.trio'), await status(2, 'node-1.trio:8848')]).toEqual(['200', '200', '200'])
  expect(await status(2, 'evil.example:8848')).toBe('403')
})

it('it listens where it is told, and nowhere else', async () => {
  const port = (port: number) => nodes.curl(1, '-o', '/dev/null', `http://127.0.0.1:${port}/`)
  for (const closed of [8848, 7848]) await expect(port(closed)).rejects.toThrow(/Failed to connect|Could not connect/)
  expect(await nodes.curl(2, 'http://127.0.0.1:8848/nacos/v1/console/health/liveness')).toBe('OK')
})

it('the leader is killed: the others go on, and it comes back', async () => {
  const leader = await nodes.agreedLeader(all)
  const [left = 0] = without(leader)
  expect(await nodes.end(leader, 'SIGKILL')).toBe('SIGKILL')
  await nodes.publish(left, 'second', 'two')
  expect(await nodes.agreedLeader(without(leader))).not.toBe(leader)
  start(leader)
  await nodes.agreedState(all)
  expect(await nodes.read(leader, 'second')).toBe('two')
})

it('the cable between the leader and a follower is pulled: writes go on by the third, which holds the leader', async () => {
  const leader = await nodes.agreedLeader(all)
  const [third = 0, cut = 0] = without(leader)
  const { term } = await nodes.state(leader)
  nodes.network.cut(leader, cut)
  await nodes.publish(third, 'third', 'three')
  await nodes.publish(leader, 'fourth', 'four')
  expect((await nodes.state(cut)).appliedIndex).toBeLessThan((await nodes.state(leader)).appliedIndex)
  // No socket closes by itself: the leader has to find out.
  await waitUntil('the leader to miss it', async () => (await nodes.state(leader)).peers.some(({ id, connected }) => id === cut && !connected))
  nodes.network.mend(leader, cut)
  await nodes.agreedState(all)
  expect(await nodes.read(cut, 'fourth')).toBe('four')
  // It asked for votes meanwhile, and the third, which hears the leader, refused them.
  expect((await nodes.state(leader)).term - term).toBeLessThanOrEqual(1)
})

it('a machine that vanished without a word comes back at another address, and is found by its name', async () => {
  const leader = await nodes.agreedLeader(all)
  const moved = without(leader).find((id) => id !== 1) ?? 0
  // No socket of the others hears of its end: what they have leads to where it was.
  for (const id of without(moved)) nodes.network.cut(moved, id)
  await nodes.end(moved, 'SIGKILL')
  nodes.network.move(moved)
  for (const id of without(moved)) nodes.network.mend(moved, id)
  start(moved)
  await nodes.publish(leader, 'fifth', 'five')
  await nodes.agreedState(all)
  expect(await nodes.read(moved, 'fifth')).toBe('five')
  // Each way between it and each other: whoever leads, it is heard and hears.
  for (const id of all) {
    await waitUntil(`node ${id} to lead`, async () => {
      await nodes.order(id, 'transferLeader', id)
      return (await nodes.state(id)).state === 'LEADER'
    })
    await nodes.publish(moved, `led-by-${id}`, 'x')
  }
  await nodes.agreedState(all)
})

it('a fourth one joins: all hear of it by a rolling restart, then the leader lets it in', async () => {
  const four = [...all, 4]
  for (const id of all) {
    await nodes.end(id, 'SIGTERM')
    nodes.start(id, listenOf(id), four)
    await nodes.agreedLeader(all)
  }
  nodes.start(4, '0.0.0.0', four, ['--founders', '1,2,3'])
  // Outside: nobody tells it who leads.
  await waitUntil('node 4 to answer', async () => (await nodes.state(4)).leaderId === null && 'outside')
  const leader = await nodes.agreedLeader(all)
  const [other = 0] = without(leader)
  expect(await nodes.order(other, 'addPeer', 4)).toBe(`only the leader adds a member: ask node-${leader}.trio:8848`)
  expect(await nodes.order(leader, 'addPeer', 4)).toBeNull()
  await nodes.publish(4, 'sixth', 'six')
  await nodes.agreedState(four)
  expect(await nodes.read(4, 'first')).toBe('one')
  expect(await nodes.end(4, 'SIGTERM')).toBe(0)
})

it('SIGTERM ends each of them cleanly, and its log, on stdout too, says so', async () => {
  expect(await Promise.all(all.map((id) => nodes.end(id, 'SIGTERM')))).toEqual([0, 0, 0])
  for (const id of all) expect(nodes.said(id)).toContain('ends with code 0')
})
