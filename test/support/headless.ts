/**
 * A headless cluster as a user starts it: the real launcher, real processes, a folder and ports of its own. Owns the process that it
 * started and everything below it; `stop` and disposal leave none.
 */

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { findFreePortSet } from './ports.ts'
import { descendants, isAlive, signal } from './processes.ts'
import { waitUntil } from './wait-until.ts'

export interface ReadyNode {
  readonly id: number
  readonly pid: number
  readonly http: string
  readonly grpc: string
  readonly raft: string
  readonly dir: string
}
export interface ReadyEvent {
  readonly event: 'ready'
  readonly pid: number
  readonly leader: number
  readonly nodes: readonly ReadyNode[]
  readonly degraded: readonly number[]
  readonly console?: string
  readonly consoleCode?: string
}
export interface ClusterEvent {
  readonly event: string
  readonly id?: number
  readonly pid?: number
  readonly term?: number
  readonly code?: number | string | null
  readonly signal?: string | null
  readonly reason?: string
  readonly url?: string
  /** Of an answer: the line as it was typed, and what came of it. */
  readonly command?: string
  readonly ok?: boolean
  readonly detail?: string
  /** Words of something that goes on. */
  readonly en?: string
  readonly facts?: Readonly<Record<string, unknown>>
}
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}
export interface HeadlessOptions {
  readonly nodes?: number
  /** First HTTP port; a free set is found if absent; null leaves `--port` out. */
  readonly port?: number | null
  /** Data folder; a fresh one, removed in the end, if absent. */
  readonly data?: string
  readonly args?: readonly string[]
  /** Without: `--json` is given. */
  readonly human?: boolean
  readonly env?: Readonly<Record<string, string>>
}

export const repository = resolve(import.meta.dirname, '../..')
export const readyLimitMs = 60_000
const stopLimitMs = 15_000

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'nacos-trio-test-'))

/** The process alone, ready or not: for starts that are meant to fail. */
export interface Launched {
  readonly pid: number
  readonly exit: Promise<Exit>
  stdout(): string
  stderr(): string
  lines(): readonly string[]
  /** Milliseconds from the start of the process to its first line on stdout; NaN before it. */
  firstLineMs(): number
  write(text: string): void
  closeStdin(): void
}

/** Starts the launcher with exactly these arguments. */
export const launch = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Launched => {
  const startedMs = performance.now()
  const child = spawn(process.execPath, ['src-main/launch.ts', 'headless', ...args], { cwd: repository, env: { ...process.env, ...env } })
  const lines: string[] = []
  let firstLineMs = Number.NaN
  const errors: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (lines.length === 0) firstLineMs = performance.now() - startedMs
    lines.push(line)
  })
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString('utf8')))
  child.stdin.on('error', () => undefined)
  const exit = new Promise<Exit>((done, fail) => {
    child.once('error', fail)
    child.once('close', (code, name) => done({ code, signal: name }))
  })
  return {
    pid: child.pid ?? -1,
    exit,
    stdout: () => lines.join('\n'),
    stderr: () => errors.join(''),
    lines: () => lines,
    firstLineMs: () => firstLineMs,
    write: (text) => void child.stdin.write(text),
    closeStdin: () => child.stdin.end(),
  }
}

/** Each line is parsed once: a long run has thousands, and looks at them often. */
const createEventLog = (lines: () => readonly string[]) => {
  const parsed: ClusterEvent[] = []
  return (): readonly ClusterEvent[] => {
    for (const line of lines().slice(parsed.length)) parsed.push(JSON.parse(line) as ClusterEvent)
    return parsed
  }
}

/** Waits for the exit, or fails with what the process said. */
export const exitWithin = async (launched: Launched, limitMs: number): Promise<Exit> => {
  let done: Exit | null = null
  void launched.exit.then((exit) => {
    done = exit
  })
  return waitUntil(`process ${launched.pid} to end`, () => done, limitMs)
}

const createCluster = (launched: Launched, ready: ReadyEvent, dataDir: string, ownsData: boolean) => {
  const pids = new Map(ready.nodes.map((node) => [node.id, node.pid]))
  const events = createEventLog(launched.lines)
  const pidOf = (id: number): number => {
    const newest = events().findLast((event) => event.event === 'node-ready' && event.id === id)
    const pid = newest?.pid ?? pids.get(id)
    if (pid === undefined) throw new Error(`no node ${id}`)
    return pid
  }
  const cleanUp = async (): Promise<void> => {
    if (ownsData) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  const stop = async (): Promise<Exit> => {
    const below = descendants(launched.pid)
    signal(launched.pid, 'SIGTERM')
    try {
      const exit = await exitWithin(launched, stopLimitMs)
      await waitUntil('every worker to be gone', () => !below.some(isAlive), 2_000)
      return exit
    } finally {
      for (const pid of [launched.pid, ...below]) if (isAlive(pid)) signal(pid, 'SIGKILL')
      await cleanUp()
    }
  }
  let stopping: Promise<Exit> | null = null
  const stopOnce = (): Promise<Exit> => {
    stopping ??= stop()
    return stopping
  }
  const answers = (): readonly ClusterEvent[] => events().filter(({ event }) => event === 'answer')
  let asked = 0
  /** Types one line, gives its answer, refusals too. Answers come in the order of the lines. */
  const ask = async (line: string, limitMs = 10_000): Promise<ClusterEvent> => {
    const place = asked++
    launched.write(`${line}\n`)
    return waitUntil(`an answer to "${line}"`, () => answers()[place], limitMs)
  }
  return {
    launched,
    ready,
    ask,
    /** As `ask`; a refusal is an error. */
    command: async (line: string): Promise<ClusterEvent> => {
      const answer = await ask(line)
      if (answer.ok !== true) throw new Error(`"${line}" was refused: ${answer.code} ${answer.detail}`)
      return answer
    },
    dataDir,
    /** HTTP bases, by node id order. */
    bases: ready.nodes.map((node) => node.http),
    baseOf: (id: number): string => {
      const node = ready.nodes.find((each) => each.id === id)
      if (node === undefined) throw new Error(`no node ${id}`)
      return node.http
    },
    pidOf,
    events,
    /** The first event from position `from` on (default: seen or not) that fits. */
    nextEvent: (what: string, fits: (event: ClusterEvent) => boolean, limitMs = 10_000, from = 0): Promise<ClusterEvent> =>
      waitUntil(what, () => events().slice(from).find(fits), limitMs),
    killNode: (id: number): number => {
      const pid = pidOf(id)
      signal(pid, 'SIGKILL')
      return pid
    },
    stop: stopOnce,
    /** kill -9 of the supervising process; workers are expected to end by themselves. */
    killMain: (): void => signal(launched.pid, 'SIGKILL'),
    [Symbol.asyncDispose]: async (): Promise<void> => {
      if (isAlive(launched.pid)) await stopOnce()
      else await cleanUp()
    },
  }
}
export type HeadlessCluster = ReturnType<typeof createCluster>

/** Starts a cluster and waits for its `ready` line; fails with the program's own words if it ends before. */
export const startHeadless = async (options: HeadlessOptions = {}): Promise<HeadlessCluster> => {
  const { nodes = 3, args = [], env = {} } = options
  const port = options.port === undefined ? await findFreePortSet(nodes) : options.port
  const dataDir = options.data ?? (await newFolder())
  const portArgs = port === null ? [] : ['--port', String(port)]
  const launched = launch(['--json', '--data', dataDir, '--nodes', String(nodes), ...portArgs, ...args], env)
  let ended: Exit | null = null
  void launched.exit.then((exit) => {
    ended = exit
  })
  try {
    const ready = await waitUntil(
      'the ready line',
      () => {
        const first = launched.lines()[0]
        return first !== undefined ? first : ended === null ? null : 'ended'
      },
      readyLimitMs,
    )
    if (ready === 'ended') throw new Error('it ended before it was ready')
    return createCluster(launched, JSON.parse(ready) as ReadyEvent, dataDir, options.data === undefined)
  } catch (error) {
    for (const pid of [...descendants(launched.pid), launched.pid]) signal(pid, 'SIGKILL')
    if (options.data === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
    throw new Error(`the cluster did not start: ${String(error)}\nstdout: ${launched.stdout()}\nstderr: ${launched.stderr().slice(-4000)}`)
  }
}
