/** A node that was away while the log was cut: it comes back by snapshot, under writers, also when it is killed on the way. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { listen, md5, publish, raftState, read } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startWriters } from '../support/writers.ts'

const small = ['--no-console', ...['compactEntries=300', 'compactKeptEntries=30', 'logWindowEntries=50'].flatMap((setting) => ['--set', setting])]

const logOf = (cluster: HeadlessCluster, id: number): string => readFileSync(join(cluster.dataDir, `node-${id}`, 'logs', 'nacos.log'), 'utf8')

/** Any node but the leader. */
const someFollower = async (cluster: HeadlessCluster): Promise<number> => {
  const { id } = await agreedLeader(cluster.bases)
  return cluster.ready.nodes.find((node) => node.id !== id)?.id ?? 0
}

/** Until the others have cut their logs beyond what node `id` has. */
const leaveBehind = async (cluster: HeadlessCluster, id: number): Promise<void> => {
  const seen = cluster.events().length
  await cluster.command(`stop ${id}`)
  await cluster.nextEvent('the end of the node', ({ event, id: of }) => event === 'node-exit' && of === id, 10_000, seen)
  const others = cluster.ready.nodes.filter((node) => node.id !== id)
  const states = () => Promise.all(others.map(({ http }) => raftState(http)))
  const lastOfAll = Math.max(...(await states()).map(({ lastIndex }) => lastIndex))
  await waitUntil(
    'the others to have cut their logs',
    // Also from the window that is kept in memory: it may be half as long again as its limit.
    async () => (await states()).every(({ firstIndex, lastIndex }) => firstIndex > lastOfAll && lastIndex > lastOfAll + 100),
    60_000,
  )
}

const startAgain = async (cluster: HeadlessCluster, id: number): Promise<void> => {
  const seen = cluster.events().length
  await cluster.command(`start ${id}`)
  await cluster.nextEvent('the node to serve again', ({ event, id: of }) => event === 'node-ready' && of === id, 60_000, seen)
}

/** True as soon as the file of a snapshot is there; false if it was installed before that was seen. */
const comesIn = async (cluster: HeadlessCluster, id: number): Promise<boolean> => {
  const incoming = join(cluster.dataDir, `node-${id}`, 'data', 'state.db.incoming')
  const before = logOf(cluster, id).split('from a snapshot').length
  const endMs = performance.now() + 60_000
  for (let looks = 0; performance.now() < endMs; looks++) {
    if (existsSync(incoming)) return true
    if (looks % 100 === 99 && logOf(cluster, id).split('from a snapshot').length > before) return false
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  throw new Error(`node ${id} was sent no snapshot`)
}

const caughtUp = (cluster: HeadlessCluster, id: number) =>
  waitUntil(
    'the node to be where the leader is',
    async () => {
      const states = await Promise.all(cluster.bases.map(raftState))
      return (states[id - 1]?.appliedIndex ?? 0) >= Math.max(...states.map(({ commitIndex }) => commitIndex)) - 200
    },
    60_000,
  )

it('a node that lacks what is compacted comes back by snapshot while writes go on, and nothing is lost', { timeout: 180_000 }, async () => {
  await using cluster = await startHeadless({ args: small })
  const writers = startWriters(cluster.bases, 8)
  const id = await someFollower(cluster)
  await leaveBehind(cluster, id)
  await startAgain(cluster, id)
  await caughtUp(cluster, id)
  await waitUntil('its log to tell of it', () => /took over the state at entry \d+ of term \d+ from a snapshot/.test(logOf(cluster, id)))
  await writers.stop()
  await agreedState(cluster.bases)
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])

  // What a snapshot brought is whole on its own: restarted, it stands by its log and state.
  await cluster.command(`restart ${id}`)
  await waitUntil('the node to be back with a compacted log', async () => (await raftState(cluster.baseOf(id))).firstIndex > 1, 30_000)
  await agreedState(cluster.bases)
  console.log(`${writers.acknowledged()} writes acknowledged; met on the way: ${JSON.stringify(writers.troubles())}`)
})

it('a node killed again and again while it takes a snapshot ends with the state of the others', { timeout: 180_000 }, async () => {
  await using cluster = await startHeadless({ args: small })
  const writers = startWriters(cluster.bases, 4)
  const id = await someFollower(cluster)
  await leaveBehind(cluster, id)
  await cluster.command(`start ${id}`)
  let midway = 0
  for (let kill = 0; kill < 4; kill++) {
    const seen = cluster.events().length
    if (await comesIn(cluster, id)) midway++
    cluster.killNode(id)
    await cluster.nextEvent('the killed node to serve again', ({ event, id: of }) => event === 'node-ready' && of === id, 60_000, seen)
    if (kill < 3) await leaveBehind(cluster, id)
    if (kill < 3) await cluster.command(`start ${id}`)
  }
  await writers.stop()
  await agreedState(cluster.bases, 60_000)
  for (const base of cluster.bases) expect(await writers.audit(base)).toEqual([])
  console.log(`killed 4 times, ${midway} of them while a snapshot came in`)
})

it('a listener at a node that a snapshot brings up to date hears what changed meanwhile', { timeout: 180_000 }, async () => {
  await using cluster = await startHeadless({ args: small })
  const key = { dataId: 'listened' }
  const id = await someFollower(cluster)
  await publish(cluster.baseOf(id), key, 'before')
  await leaveBehindCut(cluster, id)
  const heard = listen(cluster.baseOf(id), key, md5('before'))
  await cluster.command('fault heal')
  expect((await heard).text).toContain('listened')
  await waitUntil('the new content', async () => (await read(cluster.baseOf(id), key)).text === 'after' || null)
  await waitUntil('its log to tell of it', () => logOf(cluster, id).includes('from a snapshot'))
})

/** The node lives on, cut off from the others, while they write and cut their logs. */
const leaveBehindCut = async (cluster: HeadlessCluster, id: number): Promise<void> => {
  const others = cluster.ready.nodes.filter((node) => node.id !== id)
  for (const other of others) await cluster.command(`fault cut ${id} ${other.id}`)
  const bases = others.map(({ http }) => http)
  await publish(bases[0] ?? '', { dataId: 'listened' }, 'after')
  const writers = startWriters(bases, 4, 'meanwhile')
  await waitUntil('many entries', async () => (await raftState(bases[0] ?? '')).appliedIndex > 1_000, 60_000)
  await writers.stop()
  for (const base of bases) {
    const body = JSON.stringify({ command: 'doSnapshot', value: '' })
    const answer = await send(base, { method: 'POST', path: '/nacos/v1/core/ops/raft', headers: { 'content-type': 'application/json' }, body })
    expect(JSON.parse(answer.text)).toMatchObject({ code: 200 })
  }
}
