/** `nacos-trio node` on machines of their own: the command of the built package as a pod runs it, asked with curl from inside, as `kubectl exec` does. */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../support/headless.ts'
import type { RaftState } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'
import { createNetwork } from './network.ts'

const command = join(repository, 'out/main/cli.js')
const run = promisify(execFile)
const curlLimitS = '3'

interface Running {
  readonly child: ChildProcess
  readonly exit: Promise<number | string | null>
  readonly said: () => string
}

export interface PeerState {
  readonly id: number
  readonly connected: boolean
}
export type StateSeen = Omit<RaftState, 'peers'> & { readonly peers: readonly PeerState[] }

export const createNodes = (machines: number) => {
  const network = createNetwork(machines)
  const folder = mkdtempSync(join(tmpdir(), 'nacos-trio-namespaces-'))
  const secretFile = join(folder, 'secret')
  writeFileSync(secretFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  const running = new Map<number, Running>()

  /** @param among the ids that it is told of */
  const start = (id: number, listen: string, among: readonly number[], more: readonly string[] = []): void => {
    const peers = among.map((each) => `${each}=node-${each}.trio:8848`).join(',')
    const [program = '', ...before] = network.inside(id)
    const args = [
      '--id',
      String(id),
      '--peers',
      peers,
      '--listen',
      listen,
      '--data',
      join(folder, `node-${id}`),
      '--secret-file',
      secretFile,
      ...more,
    ]
    const child = spawn(program, [...before, process.execPath, command, 'node', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
    const exit = new Promise<number | string | null>((done) => child.once('close', (code, name) => done(code ?? name)))
    running.set(id, { child, exit, said: () => said })
  }
  const nodeOf = (id: number): Running => {
    const node = running.get(id)
    if (node === undefined) throw new Error(`node ${id} was not started`)
    return node
  }
  const end = (id: number, signal: NodeJS.Signals): Promise<number | string | null> => {
    const { child, exit } = nodeOf(id)
    child.kill(signal)
    return exit
  }
  /** What curl prints, run on machine `from`; its failure is an error. */
  const curl = async (from: number, ...args: string[]): Promise<string> => {
    const [program = '', ...before] = network.inside(from)
    const { stdout } = await run(program, [...before, 'curl', '-sS', '--max-time', curlLimitS, ...args])
    return stdout
  }
  const state = async (id: number): Promise<StateSeen> =>
    JSON.parse(await curl(id, `http://node-${id}.trio:8848/nacos/v1/ns/raft/state`)) as StateSeen

  return {
    network,
    start,
    end,
    curl,
    state,
    said: (id: number): string => nodeOf(id).said(),
    /** Who leads, once all of these say the same; each is asked on its own machine. */
    agreedLeader: (ids: readonly number[], limitMs = 20_000): Promise<number> =>
      waitUntil(
        `nodes ${ids} to name one leader`,
        async () => {
          const states = await Promise.all(ids.map(state))
          const [first] = states
          return states.every(({ leaderId, term }) => leaderId === first?.leaderId && term === first?.term) ? first?.leaderId : null
        },
        limitMs,
      ),
    /** The same rows on all of these, byte for byte by their hash, with everything applied. */
    agreedState: (ids: readonly number[], limitMs = 20_000): Promise<number> =>
      waitUntil(
        `nodes ${ids} to hold the same state`,
        async () => {
          const states = await Promise.all(ids.map(state))
          const [first] = states
          const same = states.every((each) => each.appliedIndex === first?.commitIndex && each.stateHash === first?.stateHash)
          return same ? first?.appliedIndex : null
        },
        limitMs,
      ),
    /** A write through node `id`, asked on its own machine; again until it is taken. */
    publish: (id: number, dataId: string, content: string, limitMs = 20_000): Promise<boolean> => {
      const requestId = `Nacos-Trio-Request-Id: ${randomBytes(16).toString('hex')}`
      const form = `dataId=${dataId}&group=DEFAULT_GROUP&content=${content}`
      const url = `http://node-${id}.trio:8848/nacos/v1/cs/configs`
      return waitUntil(`node ${id} to take ${dataId}`, async () => (await curl(id, '-H', requestId, '-d', form, url)) === 'true', limitMs)
    },
    /** Asks node `at` to do this with node `id`; its message, null: done. */
    order: async (at: number, command: 'transferLeader' | 'addPeer', id: number): Promise<string | null> => {
      const json = ['-H', 'Content-Type: application/json', '-d', JSON.stringify({ command, value: `node-${id}.trio:7848` })]
      return (JSON.parse(await curl(at, ...json, `http://node-${at}.trio:8848/nacos/v1/core/ops/raft`)) as { message: string | null }).message
    },
    read: (id: number, dataId: string): Promise<string> =>
      curl(id, `http://node-${id}.trio:8848/nacos/v1/cs/configs?dataId=${dataId}&group=DEFAULT_GROUP`),
    close: async (): Promise<void> => {
      for (const { child, exit } of running.values()) {
        child.kill('SIGKILL')
        await exit
      }
      network.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
