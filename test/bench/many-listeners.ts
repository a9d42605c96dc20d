/** One change, told to a thousand gRPC listeners and a thousand long polls over three nodes; and what ten thousand connections cost the nodes. */

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

/** From the publish being sent until each of them is told; all of them know the content before it. */
export const toldMany = async (sheet: Sheet, cluster: HeadlessCluster): Promise<void> => {
  let sentMs = 0
  const samples = { grpc: [] as number[], polls: [] as number[] }
  const writers = await Promise.all(cluster.bases.map(connectRaw))
  const polls = await Promise.all(Array.from({ length: listeners }, (_, at) => connectRaw(cluster.bases[at % cluster.bases.length] ?? '')))
  const clients = await joinMany(grpcAddresses(cluster), listeners, (type) => {
    if (type === 'ConfigChangeNotifyRequest') samples.grpc.push(performance.now() - sentMs)
  })
  let content = contentOf('listened', 0)
  await ok(writers[0] as RawConnection, publishRequest(dataId, content))
  await waitUntil('every node to have the first content', async () => {
    const read = await Promise.all(writers.map((writer) => ok(writer, readRequest(dataId))))
    return read.every((found) => found === content)
  })
  const context = [{ dataId, group: 'bench', tenant: '', md5: md5(content) }]
  await Promise.all(clients.map((client) => client.call('ConfigBatchListenRequest', { listen: true, configListenContexts: context })))
  for (let round = 1; round <= rounds; round++) {
    const known = md5(content)
    const told = polls.map((poll) => ok(poll, pollRequest(dataId, known)).then(() => samples.polls.push(performance.now() - sentMs)))
    await pause(300)
    content = contentOf('listened', round)
    sentMs = performance.now()
    await ok(writers[round % writers.length] as RawConnection, publishRequest(dataId, content))
    await Promise.all(told)
    await waitUntil('every gRPC listener to be told', () => samples.grpc.length >= listeners * round, toldLimitMs)
  }
  for (const client of clients) client.close()
  for (const connection of [...polls, ...writers]) connection.close()
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
