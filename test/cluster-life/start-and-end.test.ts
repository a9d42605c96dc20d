/** Starting and ending: what is said when it cannot start, and that nothing is left behind however it ends. */

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { agreedState } from '../support/agreement.ts'
import { openConsole } from '../support/console-client.ts'
import { exitWithin, type HeadlessCluster, type Launched, launch, startHeadless } from '../support/headless.ts'
import { publish, raftState, read } from '../support/nacos.ts'
import { findFreePortSet } from '../support/ports.ts'
import { descendants, isAlive, signal } from '../support/processes.ts'
import { waitUntil } from '../support/wait-until.ts'

const exitLimitMs = 15_000
/** The promise is 2 s; a busy machine may add its own. */
const leftoverLimitMs = 4_000
const blockMs = 60_000
const english = { LC_ALL: 'C' }

const workersOf = (cluster: HeadlessCluster): readonly number[] => cluster.ready.nodes.map(({ id }) => cluster.pidOf(id))
const noneLeft = (pids: readonly number[]): Promise<boolean> => waitUntil('every worker to be gone', () => !pids.some(isAlive), leftoverLimitMs)

const blockOneNode = async (cluster: HeadlessCluster): Promise<void> => {
  await using line = await openConsole(cluster.ready.console ?? '', cluster.ready.consoleCode ?? '')
  await line.client.cluster.blockNode({ id: 2, ms: blockMs })
  const state = (): Promise<unknown> => raftState(cluster.baseOf(2)).catch(() => null)
  await waitUntil('node 2 to stand still', async () => (await state()) === null)
}

describe('the end', () => {
  it('by SIGTERM: exit code 0, no worker left, and the next start finds everything', async () => {
    const data = await startHeadless({ args: ['--no-console'] })
    await using first = data
    expect((await publish(first.bases[2]!, { dataId: 'kept' }, 'over a restart')).status).toBe(200)
    const before = await agreedState(first.bases)
    const workers = workersOf(first)
    signal(first.ready.pid, 'SIGTERM')
    expect(await exitWithin(first.launched, exitLimitMs)).toEqual({ code: 0, signal: null })
    await noneLeft(workers)

    await using second = await startHeadless({ data: first.dataDir, args: ['--no-console'] })
    for (const base of second.bases) expect((await read(base, { dataId: 'kept' })).text).toBe('over a restart')
    expect((await agreedState(second.bases)).stateHash).toBe(before.stateHash)
    await second.stop()
  })

  it('by SIGINT: exit code 0, no worker left', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const workers = workersOf(cluster)
    signal(cluster.ready.pid, 'SIGINT')
    expect(await exitWithin(cluster.launched, exitLimitMs)).toEqual({ code: 0, signal: null })
    await noneLeft(workers)
  })

  it('by SIGTERM while a worker is stuck in a loop: no worker left', async () => {
    await using cluster = await startHeadless()
    const workers = workersOf(cluster)
    await blockOneNode(cluster)
    signal(cluster.ready.pid, 'SIGTERM')
    // Counted from the signal, not from the end of the supervising process: a stuck worker may not hold that up either.
    await noneLeft(workers)
    await exitWithin(cluster.launched, exitLimitMs)
  })

  it('by kill -9 of the supervising process: no worker left', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const workers = workersOf(cluster)
    cluster.killMain()
    await noneLeft(workers)
  })

  it('by kill -9 of the supervising process while a worker is stuck in a loop: no worker left', async () => {
    await using cluster = await startHeadless()
    const workers = workersOf(cluster)
    await blockOneNode(cluster)
    cluster.killMain()
    await noneLeft(workers)
  })

  it('by kill -9 with a worker stopped by a signal: the next start on the folder ends the orphan and serves', async () => {
    await using first = await startHeadless({ args: ['--no-console'] })
    const stopped = first.pidOf(3)
    const port = Number(new URL(first.bases[0]!).port)
    signal(stopped, 'SIGSTOP')
    try {
      first.killMain()
      const stranger = launch(['--json', '--port', String(port + 2), '--no-console', '--data', `${first.dataDir}/other`], english)
      expect(await exitWithin(stranger, exitLimitMs)).toEqual({ code: 2, signal: null })
      expect(stranger.stderr()).toContain(`Port ${port + 2} is taken by a node that an earlier Nacos Trio left behind (pid ${stopped})`)
      await using second = await startHeadless({ data: first.dataDir, port, args: ['--no-console'] })
      expect(second.ready.degraded).toEqual([])
      expect(isAlive(stopped)).toBe(false)
      await second.stop()
    } finally {
      signal(stopped, 'SIGKILL')
    }
  })

  it('is not brought about by SIGTERM or SIGINT to a worker alone', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    for (const pid of workersOf(cluster)) {
      signal(pid, 'SIGTERM')
      signal(pid, 'SIGINT')
    }
    for (const base of cluster.bases) expect((await publish(base, { dataId: 'deaf' }, base)).status).toBe(200)
    expect(cluster.events().filter(({ event }) => event === 'node-exit')).toEqual([])
  })
})

describe('the start', () => {
  let holders: Server[] = []
  let launches: Launched[] = []
  afterEach(async () => {
    for (const holder of holders) holder.close()
    for (const { pid } of launches) for (const each of [pid, ...descendants(pid)]) signal(each, 'SIGKILL')
    await Promise.all(launches.map(({ exit }) => exit))
    holders = []
    launches = []
  })
  const hold = (port: number): Promise<boolean> =>
    new Promise((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => {
        holders.push(server)
        resolve(true)
      })
    })
  const attempt = (args: readonly string[]): Launched => {
    const launched = launch(args, english)
    launches.push(launched)
    return launched
  }

  it('on a folder in use is refused in one sentence that names the folder and who uses it', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const second = attempt(['--json', '--data', cluster.dataDir, '--port', String(await findFreePortSet())])
    const exit = await exitWithin(second, exitLimitMs)
    expect(exit.code).toBeGreaterThan(0)
    expect(second.stderr()).toContain(cluster.dataDir)
    expect(second.stderr()).toContain(String(cluster.ready.pid))
    expect(second.stderr().trim().split('\n')).toHaveLength(1)
    expect((await publish(cluster.bases[0]!, { dataId: 'first' }, 'undisturbed')).status).toBe(200)
  })

  it.each([
    ['HTTP of node 1', 0],
    ['HTTP of node 3', 2],
    ['gRPC of node 2', 1001],
    ['Raft of node 1', -1000],
  ])('with an explicit port taken (%s) ends with code 2 and names port and holder', async (_, offset) => {
    const port = await findFreePortSet()
    expect(await hold(port + offset)).toBe(true)
    const launched = attempt(['--json', '--port', String(port), '--no-console'])
    expect(await exitWithin(launched, exitLimitMs)).toEqual({ code: 2, signal: null })
    expect(launched.stderr()).toContain(String(port + offset))
    expect(launched.stderr()).toContain(String(process.pid))
    expect(launched.stderr().trim().split('\n')).toHaveLength(1)
    expect(launched.stdout()).toBe('')
  })

  it('with an explicit port taken by another cluster names the process to stop, not a node that would come back', async () => {
    await using cluster = await startHeadless({ args: ['--no-console'] })
    const { port } = new URL(cluster.bases[2]!)
    const launched = attempt(['--json', '--port', port, '--no-console', '--data', `${cluster.dataDir}/other`])
    expect(await exitWithin(launched, exitLimitMs)).toEqual({ code: 2, signal: null })
    expect(launched.stderr()).toContain(`Port ${port} is taken by another Nacos Trio (pid ${cluster.ready.pid})`)
  })

  it('with the default port taken moves by 10 and says so', async () => {
    await hold(8848)
    await using cluster = await startHeadless({ port: null, args: ['--no-console'], env: english })
    const port = Number(new URL(cluster.bases[0]!).port)
    expect(port).toBeGreaterThan(8848)
    expect((port - 8848) % 10).toBe(0)
    expect(cluster.launched.stderr()).toContain('8848')
    expect(cluster.launched.stderr()).toContain(String(port))
  })

  it.each([
    ['an option that does not exist', ['--nonsense']],
    ['a port that is none', ['--port', 'abc']],
    ['a port out of range', ['--port', '70000']],
    ['no nodes at all', ['--nodes', '0']],
  ])('with %s ends with words, not with a trace', async (_, args) => {
    const launched = attempt(args)
    const exit = await exitWithin(launched, exitLimitMs)
    expect(exit.code).toBeGreaterThan(0)
    expect(launched.stderr()).not.toMatch(/\bat \S+ \(|node:internal/)
    expect(launched.stderr().trim()).not.toBe('')
  })
})

/** Each with a cluster of its own, side by side: one of them waits for ten seconds. */
describe.concurrent('a start', () => {
  it('with a node whose data are damaged is ready without it after 10 s, says why, and names it', async () => {
    await using first = await startHeadless({ args: ['--no-console'] })
    expect((await publish(first.bases[2]!, { dataId: 'kept' }, 'by the others')).status).toBe(200)
    signal(first.ready.pid, 'SIGTERM')
    expect(await exitWithin(first.launched, exitLimitMs)).toEqual({ code: 0, signal: null })
    const [damaged] = first.ready.nodes.filter(({ id }) => id === 3)
    await writeFile(join(damaged!.dir, 'data', 'state.db'), 'no database at all'.repeat(1_000))

    await using second = await startHeadless({ data: first.dataDir, args: ['--no-console'], env: english })
    expect(second.ready.degraded).toEqual([3])
    expect([1, 2]).toContain(second.ready.leader)
    expect(second.launched.firstLineMs()).toBeGreaterThanOrEqual(10_000)
    expect(second.launched.stderr()).toMatch(
      /^Node 3 \(pid \d+\) is down: .*state\.db.*; not started again: its data is damaged; while a majority of the others serves, "rebuild 3" brings it back from them and keeps its folder aside$/m,
    )
    for (const base of second.bases.slice(0, 2)) expect((await read(base, { dataId: 'kept' })).text).toBe('by the others')
    expect((await publish(second.bases[0]!, { dataId: 'after' }, 'two are enough')).status).toBe(200)
    await second.stop()
  })

  it('with a setting that no node knows says so once, leaves nothing behind, and ends with exit code 1', async () => {
    const port = await findFreePortSet()
    const data = await mkdtemp(join(tmpdir(), 'nacos-trio-test-'))
    try {
      const launched = launch(['--json', '--data', data, '--port', String(port), '--set', 'foo=1'], english)
      expect(await exitWithin(launched, 30_000)).toEqual({ code: 1, signal: null })
      expect(launched.stderr().trim().split('\n')).toEqual([expect.stringMatching(/refuse a setting \(.*foo.*--set/)])
      expect(await readdir(data)).not.toContain('lock.json')
    } finally {
      await rm(data, { recursive: true, force: true })
    }
  })

  it('a command is heard before it is ready', async () => {
    const port = await findFreePortSet()
    const data = await mkdtemp(join(tmpdir(), 'nacos-trio-test-'))
    const launched = launch(['--json', '--data', data, '--port', String(port), '--no-console'], english)
    try {
      launched.write('console\nkill all now')
      launched.closeStdin()
      const answers = () => launched.lines().filter((line) => line.includes('"answer"'))
      await waitUntil('both answers', () => answers().length === 2, 30_000)
      expect(answers()[0]).toContain('there is no console')
      expect(answers()[1]).toContain('is too much')
    } finally {
      signal(launched.pid, 'SIGTERM')
      await exitWithin(launched, exitLimitMs)
      await rm(data, { recursive: true, force: true })
    }
  })

  it('with one node serves alone', async () => {
    await using cluster = await startHeadless({ nodes: 1, args: ['--no-console'] })
    expect(cluster.ready.nodes).toHaveLength(1)
    expect((await publish(cluster.bases[0]!, { dataId: 'alone' }, 'one')).status).toBe(200)
    expect((await read(cluster.bases[0]!, { dataId: 'alone' })).text).toBe('one')
  })
})

describe('stdin and stdout', () => {
  it('a closed stdin stops nothing, and stdout is JSON line by line', async () => {
    await using cluster = await startHeadless()
    cluster.launched.closeStdin()
    const leader = await waitUntil('a leader', async () => (await raftState(cluster.bases[0]!)).leaderId)
    cluster.killNode(leader)
    await cluster.nextEvent('the exit', ({ event, id }) => event === 'node-exit' && id === leader)
    await cluster.nextEvent('a new leader', ({ event, id }) => event === 'leader' && id !== leader)
    await cluster.nextEvent('the node back', ({ event, id }) => event === 'node-ready' && id === leader)
    expect(isAlive(cluster.ready.pid)).toBe(true)
    expect((await publish(cluster.bases[0]!, { dataId: 'without-stdin' }, 'fine')).status).toBe(200)
  })

  it('the ready line tells all that a script needs', async () => {
    await using cluster = await startHeadless()
    const { ready } = cluster
    expect(ready).toMatchObject({ event: 'ready', pid: cluster.launched.pid, degraded: [] })
    expect(ready.nodes.map(({ id }) => id)).toEqual([1, 2, 3])
    expect([1, 2, 3]).toContain(ready.leader)
    expect(ready.console).toMatch(/^http:\/\/127\.0\.0\.1:\d+/)
    expect(ready.consoleCode).toMatch(/^[A-Za-z0-9_-]{6,}$/)
    for (const node of ready.nodes) {
      const port = Number(new URL(node.http).port)
      expect(node.grpc).toBe(`127.0.0.1:${port + 1000}`)
      expect(node.raft).toBe(`127.0.0.1:${port - 1000}`)
      expect(node.dir.startsWith(cluster.dataDir)).toBe(true)
      expect(isAlive(node.pid)).toBe(true)
    }
  })

  it('a line "console" is answered by a fresh code that works once', async () => {
    await using cluster = await startHeadless()
    const seen = cluster.events().length
    cluster.launched.write('console\n')
    const fresh = await cluster.nextEvent('a console line', ({ event }) => event === 'console', 5_000, seen)
    expect(fresh.code).not.toBe(cluster.ready.consoleCode)
    await using line = await openConsole(cluster.ready.console ?? '', String(fresh.code))
    expect((await line.client.app.info()).shell).toBe('browser')
    await expect(openConsole(cluster.ready.console ?? '', String(fresh.code))).rejects.toThrow('refused')
  })
})
