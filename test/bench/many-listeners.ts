/** Changes told to many gRPC listeners and many long polls over three nodes at once; and what ten thousand connections cost the nodes. */

import { createHash } from 'node:crypto'
import type { HeadlessCluster } from '../support/headless.ts'
import { residentBytes } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'
import { joinMany } from './grpc-clients.ts'
import { connectRaw, exchange, type RawConnection } from './raw-http.ts'
import { contentOf, pollRequest, publishRequest, readRequest } from './requests.ts'
import { ms, type Sheet } from './sheet.ts'
import { rounded, spreadOf } from './stats.ts'

const dataId = 'bench-listened'
const listeners = 1_000
const rounds = 10
const toldLimitMs = 20_000
const connections = 10_000
const mixedRounds = 3
const settleMs = 5_000
const megabyte = 1024 * 1024

const md5 = (content: string): string => createHash('md5').update(content).digest('hex')
const grpcAddresses = (cluster: HeadlessCluster): readonly string[] => cluster.ready.nodes.map(({ grpc }) => grpc)
const nodesBytes = (cluster: HeadlessCluster): number => cluster.ready.nodes.reduce((sum, { id }) => sum + residentBytes(cluster.pidOf(id)), 0)
const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time))

const ok = async (connection: RawConnection, request: string): Promise<string> => {
  const answer = await exchange(connection, request)
  if (answer?.status !== 200) throw new Error(`listeners: answered ${answer?.status ?? 'nothing'}`)
  return answer.body
}

/** Some at a time: a node takes so many that are not accepted yet. */
const connectMany = async (bases: readonly string[], count: number): Promise<readonly RawConnection[]> => {
  const connected: RawConnection[] = []
  const atOnce = 200
  while (connected.length < count) {
    const next = Array.from({ length: Math.min(atOnce, count - connected.length) }, (_, at) => bases[(connected.length + at) % bases.length] ?? '')
    connected.push(...(await Promise.all(next.map(connectRaw))))
  }
  return connected
}

/** Everybody listens to one configuration: half of them over gRPC, half with long polls, over all nodes in turn. */
interface Crowd {
  readonly samples: { readonly grpc: number[]; readonly polls: number[] }
  /** The next content is published; done once all of them are told. Each poll is sent anew before it, and `armed` runs when all wait. */
  round(armed: () => Promise<void>): Promise<void>
  close(): void
}

/** On a connection of its own: one that was idle for long may be closed. `connected` runs before anything is sent. */
const publishAt = async (base: string, content: string, connected: () => void = () => undefined): Promise<void> => {
  const writer = await connectRaw(base)
  connected()
  await ok(writer, publishRequest(dataId, content))
  writer.close()
}

const haveFirst = async (bases: readonly string[], content: string): Promise<void> => {
  await publishAt(bases[0] ?? '', content)
  const readers = await Promise.all(bases.map(connectRaw))
  await waitUntil('every node to have the first content', async () => {
    const read = await Promise.all(readers.map((reader) => ok(reader, readRequest(dataId))))
    return read.every((found) => found === content)
  })
  for (const reader of readers) reader.close()
}

/** All of them know the first content when this is done. */
const gather = async (cluster: HeadlessCluster, eachKind: number): Promise<Crowd> => {
  const { bases } = cluster
  let sentMs = 0
  let turn = 0
  let content = contentOf('listened', turn)
  const samples = { grpc: [] as number[], polls: [] as number[] }
  /** Told again, because an acknowledgement was late, counts once. */
  const waiting = new Set<number>()
  const clients = await joinMany(grpcAddresses(cluster), eachKind, (type, client) => {
    if (type === 'ConfigChangeNotifyRequest' && waiting.delete(client)) samples.grpc.push(performance.now() - sentMs)
  })
  await haveFirst(bases, content)
  const context = [{ dataId, group: 'bench', tenant: '', md5: md5(content) }]
  await Promise.all(clients.map((client) => client.call('ConfigBatchListenRequest', { listen: true, configListenContexts: context })))
  const polls = await connectMany(bases, eachKind)
  return {
    samples,
    round: async (armed) => {
      turn++
      const known = md5(content)
      const told = polls.map(async (poll) => {
        const body = await ok(poll, pollRequest(dataId, known))
        if (!body.includes(dataId)) throw new Error('listeners: a poll ended without the change')
        samples.polls.push(performance.now() - sentMs)
      })
      await armed()
      for (const client of clients.keys()) waiting.add(client)
      content = contentOf('listened', turn)
      await publishAt(bases[turn % bases.length] ?? '', content, () => {
        sentMs = performance.now()
      })
      await Promise.all(told)
      await waitUntil('every gRPC listener to be told', () => waiting.size === 0, toldLimitMs)
    },
    close: () => {
      for (const client of clients) client.close()
      for (const poll of polls) poll.close()
    },
  }
}

/** From the publish being sent until each of them is told. */
export const toldMany = async (sheet: Sheet, cluster: HeadlessCluster): Promise<void> => {
  const crowd = await gather(cluster, listeners)
  for (let round = 1; round <= rounds; round++) await crowd.round(() => pause(300))
  crowd.close()
  const { samples } = crowd
  const all = spreadOf([...samples.grpc, ...samples.polls])
  const [grpc, http] = [spreadOf(samples.grpc), spreadOf(samples.polls)]
  sheet.keys.told_many_p99_ms = rounded(all.p99, 1)
  sheet.conditions.told_many_grpc_p99_ms = rounded(grpc.p99, 1)
  sheet.conditions.told_many_polls_p99_ms = rounded(http.p99, 1)
  sheet.rows.push({
    name: 'told_many_p99_ms',
    value: ms(all.p99),
    note: `publish sent to told, ${listeners} gRPC listeners and ${listeners} long polls over three nodes, clients in one process; p50 ${ms(all.p50)}, worst ${ms(all.worst)}; gRPC p99 ${ms(grpc.p99)}, polls p99 ${ms(http.p99)}; aim < 150 ms`,
  })
}

/** Half of them gRPC, half long polls; all of them listen, and each change reaches all of them. */
export const heldMixed = async (sheet: Sheet, cluster: HeadlessCluster): Promise<void> => {
  const before = nodesBytes(cluster)
  const crowd = await gather(cluster, connections / 2)
  let [held, most] = [0, 0]
  for (let round = 1; round <= mixedRounds; round++) {
    await crowd.round(async () => {
      await pause(settleMs)
      held = Math.max(held, nodesBytes(cluster))
    })
    most = Math.max(most, nodesBytes(cluster))
  }
  const { grpc, polls } = crowd.samples
  crowd.close()
  const told = spreadOf([...grpc, ...polls])
  sheet.keys.rss_mb_10000_mixed = rounded(held / megabyte, 0)
  sheet.keys.told_10000_worst_ms = rounded(told.worst, 0)
  sheet.conditions.rss_mb_10000_mixed_told = rounded(most / megabyte, 0)
  sheet.rows.push(
    {
      name: 'rss_mb_10000_mixed',
      value: `${Math.round(held / megabyte)} MB`,
      note: `three nodes with ${connections / 2} gRPC connections and as many long polls, all listening; ${Math.round((held - before) / connections / 1024)} KB each; ${Math.round(most / megabyte)} MB right after all were told; aim < 1,024 MB`,
    },
    {
      name: 'told_10000_worst_ms',
      value: ms(told.worst),
      note: `publish sent to the last of them told, ${mixedRounds} changes, every one told to all; p50 ${ms(told.p50)}, p99 ${ms(told.p99)}; clients in one process on the same cores`,
    },
  )
}

/** Registered, and silent but for what they are asked. */
export const heldConnections = async (sheet: Sheet, cluster: HeadlessCluster): Promise<void> => {
  const before = nodesBytes(cluster)
  const clients = await joinMany(grpcAddresses(cluster), connections, () => undefined)
  await pause(settleMs)
  const after = nodesBytes(cluster)
  for (const client of clients) client.close()
  sheet.keys.rss_mb_10000_grpc = rounded(after / megabyte, 0)
  sheet.rows.push({
    name: 'rss_mb_10000_grpc',
    value: `${Math.round(after / megabyte)} MB`,
    note: `three nodes with ${connections} gRPC connections; ${Math.round((after - before) / connections / 1024)} KB each; aim < 1,024 MB`,
  })
}
