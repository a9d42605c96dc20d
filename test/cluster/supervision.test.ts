/** The supervisor with real processes and a worker that only speaks the parent channel. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Booted, type BootResult, bootCluster } from '../../src-main/cluster/boot.ts'
import { createForkLauncher } from '../../src-main/cluster/fork-launcher.ts'
import type { ClusterEvent } from '../../src-main/cluster/types.ts'
import { findFreePortSet } from '../support/ports.ts'
import { isAlive, signal } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'

const workerPath = join(import.meta.dirname, 'fake-worker.ts')
const readyLimitMs = 10_000

let dataDir: string
let opened: Booted[]
let mains: ChildProcess[]

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nacos-trio-supervision-'))
  opened = []
  mains = []
})

afterEach(async () => {
  for (const main of mains) main.kill('SIGKILL')
  await Promise.all(opened.map((booted) => booted.shutdown()))
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
})

type Overrides = Readonly<Record<string, number | boolean | string>>

const boot = async (overrides: Overrides = {}): Promise<BootResult> => {
  const port = await findFreePortSet()
  return bootCluster({ dataDir, port, nodes: null, launcher: createForkLauncher(), workerPath, version: '0.0.0', overrides })
}

const start = async (overrides: Overrides = {}) => {
  const result = await boot(overrides)
  if (result.kind === 'problem') throw new Error(result.problem.kind)
  opened.push(result.booted)
  const { cluster } = result.booted
  const events: ClusterEvent[] = []
  cluster.onEvent((event) => events.push(event))
  cluster.start()
  const node = (id: number) => cluster.view().nodes.find((each) => each.id === id)!
  return { cluster, events, node, booted: result.booted, pids: () => cluster.view().nodes.flatMap(({ pid }) => pid ?? []) }
}

it('starts three workers and is ready when all serve', async () => {
  const { cluster, events } = await start()
  expect(await cluster.waitReady(readyLimitMs)).toEqual({ leaderId: 1, degraded: [] })
  expect(cluster.view().health).toEqual({ kind: 'all-serve' })
  expect(events.map(({ kind }) => kind).sort()).toEqual(['leader', 'node-ready', 'node-ready', 'node-ready'])
})

it('starts a killed worker again and says by which signal it went', async () => {
  const { cluster, events, node } = await start()
  await cluster.waitReady(readyLimitMs)
  const { pid } = node(2)
  signal(pid!, 'SIGKILL')
  const back = await waitUntil('node 2 to serve again', () => (node(2).pid !== pid && node(2).report?.serving === true ? node(2) : null), 5_000)
  expect(events.find(({ kind }) => kind === 'node-exit')).toMatchObject({ id: 2, pid, code: null, signal: 'SIGKILL' })
  expect(back).toMatchObject({ process: 'running', restarts: 1, lastExit: { kind: 'signal', signal: 'SIGKILL' } })
})

it('knows its own kill fault from a foreign one', async () => {
  const { cluster, node } = await start()
  await cluster.waitReady(readyLimitMs)
  expect(cluster.killNode(3)).toEqual({ ok: true })
  await waitUntil('node 3 to serve again', () => node(3).restarts === 1 && node(3).report?.serving === true, 5_000)
  expect(node(3).lastExit).toMatchObject({ kind: 'killed-by-user', signal: 'SIGKILL' })
})

it('leaves a worker with damaged data down, and the rest is ready without it', async () => {
  const { cluster, node } = await start({ 'fake.node': 2, 'fake.exitCode': 12 })
  expect(await cluster.waitReady(1_000)).toEqual({ leaderId: 1, degraded: [2] })
  expect(node(2)).toMatchObject({ process: 'crashed', restarts: 0, lastExit: { kind: 'data-damaged' } })
  expect(node(2).lastExit!.reason).toContain('the fake was told to fail')
})

it('does not try settings again that a worker refused', async () => {
  const { node } = await start({ 'fake.node': 2, 'fake.exitCode': 10 })
  await waitUntil('node 2 to be given up', () => node(2).process === 'crashed', 5_000)
  expect(node(2)).toMatchObject({ restarts: 0, lastExit: { kind: 'bad-options' } })
  expect(node(2).lastExit!.reason).toMatch(/its settings are refused$/)
})

it('gives up on a crash loop after five failures', async () => {
  const { node, events } = await start({ 'fake.node': 3, 'fake.exitCode': 14 })
  await waitUntil('node 3 to be given up', () => node(3).process === 'crashed', 15_000)
  expect(node(3)).toMatchObject({ restarts: 4, lastExit: { kind: 'invariant', code: 14 } })
  const reasons = events.flatMap((event) => (event.kind === 'node-exit' ? event.reason : []))
  expect(reasons).toHaveLength(5)
  expect(reasons.filter((reason) => reason.includes('the fake was told to fail'))).toHaveLength(5)
  expect(reasons.findIndex((reason) => reason.endsWith('not started again: it failed five times within a minute'))).toBe(4)
})

it('adds the holder of a port that a worker found taken', async () => {
  const port = await findFreePortSet()
  const result = await bootCluster({
    dataDir,
    port,
    nodes: null,
    launcher: createForkLauncher(),
    workerPath,
    version: '0',
    overrides: { 'fake.taken': true },
  })
  if (result.kind === 'problem') throw new Error(result.problem.kind)
  opened.push(result.booted)
  const holder = createServer().listen(port, '127.0.0.1')
  await once(holder, 'listening')
  try {
    result.booted.cluster.start()
    const first = () => result.booted.cluster.view().nodes[0]?.lastExit
    const exit = await waitUntil('the first exit', () => first() ?? null, 5_000)
    expect(exit).toMatchObject({ kind: 'port-taken', reason: expect.stringContaining(`the port is taken; port ${port} is held by node`) })
    expect(exit.reason).toContain(`pid ${process.pid}`)
  } finally {
    holder.close()
  }
})

it('stops and starts one worker by hand, and refuses what makes no sense', async () => {
  const { cluster, node } = await start()
  await cluster.waitReady(readyLimitMs)
  expect(cluster.stopNode(2)).toEqual({ ok: true })
  await waitUntil('node 2 to be down', () => node(2).process === 'stopped', 5_000)
  expect(node(2).lastExit).toMatchObject({ kind: 'asked', code: 0, reason: 'asked to stop' })
  expect(cluster.stopNode(2)).toMatchObject({ ok: false, refusal: { code: 'wrong_state' } })
  expect(cluster.killNode(9)).toMatchObject({ ok: false, refusal: { code: 'not_found' } })
  expect(cluster.startNode(2)).toEqual({ ok: true })
  await waitUntil('node 2 to serve', () => node(2).report?.serving === true, 5_000)
})

it('ends a worker that will not stop, and one that is stopped by a signal, within the budget of 2 s', async () => {
  const { cluster, booted, pids } = await start({ 'fake.node': 3, 'fake.deaf': true })
  await cluster.waitReady(readyLimitMs)
  const workers = pids()
  signal(workers[1]!, 'SIGSTOP')
  const beganMs = performance.now()
  await booted.shutdown()
  expect(performance.now() - beganMs).toBeLessThan(3_500)
  expect(workers.filter(isAlive)).toEqual([])
})

it('hurries a stop when asked to', async () => {
  const { cluster, booted, pids } = await start({ 'fake.deaf': true })
  await cluster.waitReady(readyLimitMs)
  const workers = pids()
  const beganMs = performance.now()
  const ended = booted.shutdown()
  cluster.hurry()
  await ended
  expect(performance.now() - beganMs).toBeLessThan(2_000)
  expect(workers.filter(isAlive)).toEqual([])
})

it('refuses a folder in use, and takes it after a clean end', async () => {
  const first = await start()
  expect(await boot()).toMatchObject({ kind: 'problem', problem: { kind: 'folder-in-use', pid: process.pid } })
  await first.booted.shutdown()
  const second = await start()
  expect(await second.cluster.waitReady(readyLimitMs)).toMatchObject({ degraded: [] })
})

it('after kill -9 of its main: an idle worker ends by itself, a stopped one is swept by the next start', async () => {
  const main = spawn(process.execPath, [join(import.meta.dirname, 'fake-main.ts'), dataDir, String(await findFreePortSet())])
  mains.push(main)
  const line = await new Promise<string>((resolve) => main.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())))
  const [first, , third] = JSON.parse(line) as number[]
  signal(third!, 'SIGSTOP')
  main.kill('SIGKILL')
  await waitUntil('the idle worker to end', () => !isAlive(first!), 2_000)
  expect(isAlive(third!)).toBe(true)
  const { cluster } = await start()
  await cluster.waitReady(readyLimitMs)
  expect(isAlive(third!)).toBe(false)
  expect(await readFile(join(dataDir, 'logs', 'app.log'), 'utf8')).toContain(`Ended workers of an earlier run that were still there: pid ${third}`)
})

it('gives workers no environment of the shell beyond a list', async () => {
  process.env.NACOS_TRIO_TEST_SECRET = 'must not be passed on'
  try {
    const { cluster, pids } = await start()
    await cluster.waitReady(readyLimitMs)
    const environment = await readFile(`/proc/${pids()[0]}/environ`, 'utf8').catch(() => '')
    expect(environment).not.toContain('NACOS_TRIO_TEST_SECRET')
    expect(environment).not.toContain('NODE_OPTIONS')
  } finally {
    delete process.env.NACOS_TRIO_TEST_SECRET
  }
})

it('a second cluster of another size on the same folder is refused', async () => {
  const { booted } = await start()
  await booted.shutdown()
  const port = await findFreePortSet()
  const other = await bootCluster({ dataDir, port, nodes: 5, launcher: createForkLauncher(), workerPath, version: '0.0.0' })
  expect(other).toMatchObject({ kind: 'problem', problem: { kind: 'folder-other-size', has: 3, wanted: 5 } })
})
