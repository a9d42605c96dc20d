import { afterEach, beforeEach, expect, it } from 'vitest'
import { logIndex, nodeId } from '../../raft/types.ts'
import { createCaller, createFakeNode } from './fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from './server.ts'

let node: ReturnType<typeof createFakeNode>
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
beforeEach(async () => {
  node = createFakeNode()
  const peers = [{ id: nodeId(2), voter: true, connected: true, matchIndex: logIndex(7), rttMs: 2 }]
  server = createHttpServer({ ...node.parts, status: () => ({ ...node.parts.status(), role: 'leader', leaderId: nodeId(1), peers }) })
  port = await server.listen('127.0.0.1', 0)
})
afterEach(() => server.close(0))

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms))
const scrape = () => call('GET', '/nacos/actuator/prometheus')
/** As a scraper reads it: each series with its value; what is no line of the format is an error. */
const series = async (): Promise<ReadonlyMap<string, number>> => {
  const { text } = await scrape()
  const found = new Map<string, number>()
  for (const line of text
    .trimEnd()
    .split('\n')
    .filter((each) => !/^# (HELP [a-z_]+ .+|TYPE [a-z_]+ (counter|gauge|summary))$/.test(each))) {
    const [, name = '', value] = /^([a-z_]+(?:\{[a-zA-Z_]+="[^"\\]*"(?:,[a-zA-Z_]+="[^"\\]*")*\})?) (-?\d+(?:\.\d+)?(?:e-?\d+)?)$/.exec(line) ?? []
    if (value === undefined) throw new Error(`no line of the format: ${line}`)
    if (found.has(name)) throw new Error(`${name} twice`)
    found.set(name, Number(value))
  }
  return found
}

it('is the text that scrapers take, each series once', async () => {
  const { status, headers } = await scrape()
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect((await series()).size).toBeGreaterThan(40)
})

it('has the names that dashboards for Nacos look for, with what happened here', async () => {
  await call('POST', '/nacos/v1/cs/configs', 'dataId=a&group=G&content=1')
  await call('GET', '/nacos/v1/cs/configs?dataId=a&group=G')
  const found = await series()
  const monitor = (module: string, name: string) => found.get(`nacos_monitor{module="${module}",name="${name}"}`)
  expect([monitor('config', 'publish'), monitor('config', 'getConfig'), monitor('config', 'configCount'), monitor('config', 'longPolling')]).toEqual([
    1, 1, 1, 0,
  ])
  expect(monitor('naming', 'leaderStatus')).toBe(1)
})

it('counts services as each generation of dashboards calls them', async () => {
  const found = await series()
  const naming = (name: string) => found.get(`nacos_monitor{module="naming",name="${name}"}`)
  expect(['serviceCount', 'domCount', 'ipCount', 'subscriberCount'].map(naming)).toEqual([0, 0, 0, 0])
  expect(['totalPush', 'failedPush', 'maxPushCost', 'avgPushCost'].map(naming)).toEqual([4, 1, 9, 4])
})

it('tells where Raft stands, and each peer of a leader', async () => {
  const found = await series()
  expect([found.get('nacos_trio_raft_role{role="leader"}'), found.get('nacos_trio_raft_role{role="follower"}')]).toEqual([1, 0])
  expect([found.get('nacos_trio_raft_term'), found.get('nacos_trio_raft_last_index')]).toEqual([7, 10])
  expect([found.get('nacos_trio_raft_peer_lag_entries{peer="2"}'), found.get('nacos_trio_raft_peer_round_trip_seconds{peer="2"}')]).toEqual([
    3, 0.002,
  ])
})

it('leaves out what it does not know', async () => {
  const found = await series()
  expect([...found.keys()].filter((name) => name.startsWith('nacos_trio_store') || name.startsWith('nodejs_eventloop_lag'))).toEqual([])
})

it('measures the loop once it was asked for', async () => {
  await series()
  await pause(60)
  const startMs = performance.now()
  // The loop stands still: what it measures next is that.
  while (performance.now() - startMs < 100);
  await pause(60)
  expect((await series()).get('nodejs_eventloop_lag_seconds{at="max"}')).toBeGreaterThan(0.05)
})

it('tells the memory and the time of the process', async () => {
  const found = await series()
  expect(found.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  expect(Math.abs((found.get('process_start_time_seconds') ?? 0) - (1_714_532_645 - process.uptime()))).toBeLessThan(5)
})
