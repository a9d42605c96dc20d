/**
 * The cluster without a window: command line, JSON lines or words on stdout, and the console for a browser.
 * stdout carries nothing but what the options promise; whatever else there is to say goes to stderr. Ends with exit code 0 after a clean stop,
 * 1 for bad options or an unusable folder, 2 for a taken port, 3 for a shared database that is not this cluster's, 4 for a folder in use.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exitCodes } from '../src-node/observe/channel.ts'
import { type Booted, bootCluster } from './cluster/boot.ts'
import { createForkLauncher, profileVariable } from './cluster/fork-launcher.ts'
import { describeMove, describeProblem, exitCodeOf, type Language, languageOf } from './cluster/problem-words.ts'
import { givenStorage, type StorageGiven } from './cluster/storage-options.ts'
import type { ClusterEvent, Readiness } from './cluster/types.ts'
import type { ConsoleServer } from './console/server.ts'
import { type HeadlessOptions, parseCommandLine } from './headless/command-line.ts'
import { runCommand, type Tell, takesLong } from './headless/commands.ts'
import { followInput } from './headless/input.ts'
import { withoutPassword } from './headless/storage-commands.ts'
import {
  answerText,
  badSettingText,
  consoleText,
  exitText,
  help,
  keptStorageText,
  leaderText,
  memberText,
  nodeReadyText,
  readyText,
  say,
  storeRefusedText,
  waitingText,
} from './headless/words.ts'

/** After this long a quorum is enough to call the cluster ready. */
const allServeWithinMs = 10_000
/** And this much later it is said that not even a quorum does. */
const lateAfterMs = 500
const badOptionsCode = 1
const storeRefusedCode = 3
const aliveMs = 60_000
/** The console waits no longer than this for nodes that do not come up. */
const nodesFirstMs = 1_500
/** The console stands beside the first HTTP port: 18848 for 8848. Another is taken if it is in use. */
const consolePortOffset = 10_000
/** One Ctrl-C can arrive twice: from the terminal and passed on by npm. */
const sameWishMs = 400
/** A reader that stands still gets no further lines beyond so many bytes: it must not make this process grow. */
const waitingOutputBytes = 4 * 1024 * 1024

export interface HeadlessStart {
  /** Arguments after the mode. */
  readonly args: readonly string[]
  /** Folder that holds package.json and out/. */
  readonly root: string
  /** Where relative folders on the command line start. */
  readonly cwd: string
}

interface Session {
  readonly options: HeadlessOptions
  readonly language: Language
  readonly booted: Booted
  readonly root: string
  readonly version: string
}

const print = (text: string): void => {
  if (process.stdout.writableLength < waitingOutputBytes) process.stdout.write(`${text}\n`)
}
const warn = (text: string): void => {
  process.stderr.write(`${text}\n`)
}
const printJson = (value: object): void => print(JSON.stringify(value))

const versionOf = (root: string): string => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return version
}

/**
 * Loaded only here, once the nodes have their start message: schemas and contract take a tenth of a second of this process's only thread, and
 * an election leaves just that time.
 */
const openConsole = async ({ booted, root, version, language }: Session): Promise<ConsoleServer | null> => {
  const { cluster, log, firstPort } = booted
  try {
    await cluster.waitBegun(nodesFirstMs)
    const { startConsoleServer } = await import('./console/server.ts')
    const port = firstPort + consolePortOffset
    const server = await startConsoleServer({
      cluster,
      rendererDir: join(root, 'out', 'renderer'),
      port: port <= 65_535 ? port : 0,
      info: {
        version,
        shell: 'browser',
        dataDir: cluster.dataDir,
        platform: process.platform,
        versions: { node: process.versions.node, electron: null },
        locale: language === 'zh' ? 'zh-CN' : Intl.DateTimeFormat().resolvedOptions().locale,
      },
      report: (text) => log.write('error', 'console', text),
    })
    cluster.setConsole(server.url)
    log.write('info', 'main', `Console at ${server.url}`)
    return server
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    log.write('error', 'main', `The console could not be started: ${detail}`)
    warn(`${say('noConsole', language)}: ${detail}`)
    return null
  }
}

const announceReady = (session: Session, readiness: Readiness, console: ConsoleServer | null): void => {
  const { cluster, log } = session.booted
  const tookMs = performance.now()
  log.write('info', 'main', `Ready ${Math.round(tookMs)} ms after the start of this process`)
  const code = console?.newCode() ?? null
  if (!session.options.json) {
    print(readyText({ places: cluster.places, readiness, dataDir: cluster.dataDir, tookMs, consoleUrl: code?.url ?? null }, session.language))
    return
  }
  const nodes = cluster.view().nodes.map(({ id, pid, http, grpc, raft, dir }) => ({ id, pid, http, grpc, raft, dir }))
  printJson({
    event: 'ready',
    pid: process.pid,
    leader: readiness.leaderId,
    nodes,
    degraded: readiness.degraded,
    console: console?.url ?? null,
    consoleCode: code?.code ?? null,
  })
}

const announceEvent = ({ options, language }: Session, event: ClusterEvent): void => {
  if (options.json) {
    const { kind, ...facts } = event
    printJson({ event: kind, ...facts })
    return
  }
  if (event.kind === 'leader') print(leaderText(event.id, event.term, language))
  else if (event.kind === 'node-ready') print(nodeReadyText(event.id, event.pid, language))
  else if (event.kind === 'member') print(memberText(event.id, event.change, language))
  else print(exitText(event, language))
}

/** Commands, and a fresh console address on an empty line; from the start on, since a node that does not come up may need one. */
const listenToStdin = ({ options, language, booted }: Session, console: Promise<ConsoleServer | null>): void => {
  const answer = async (line: string): Promise<void> => {
    if (line === 'console' || (line === '' && !options.json)) {
      const server = await console
      if (server !== null) {
        if (options.json) printJson({ event: 'console', url: server.url, code: server.newCode().code })
        else print(consoleText(server.newCode().url, language))
        return
      }
    }
    if (line === '') return
    const shown = withoutPassword(line)
    const tell: Tell = (words, event) => (options.json ? printJson({ event: event ?? 'quorum', command: shown, ...words }) : print(words[language]))
    const result = await runCommand(line, booted.cluster, tell)
    if (options.json) printJson({ event: 'answer', command: shown, ...result })
    else print(answerText(shown, result, language))
  }
  followInput(process.stdin, { answer, isSlow: takesLong })
}

interface Ending {
  /** Asks for a clean stop, with this exit code in the end; a second call hurries it. */
  readonly request: (exitCode?: number) => void
  readonly isAsked: () => boolean
  readonly attach: (parts: { readonly session: Session; readonly console: Promise<ConsoleServer | null> }) => void
}

/** One way out for every signal, whatever has been reached by then. */
const createEnding = (): Ending => {
  let askedAtMs: number | null = null
  let exitCode = 0
  let parts: Parameters<Ending['attach']>[0] | null = null
  const end = async ({ session, console }: NonNullable<typeof parts>): Promise<void> => {
    const { options, language, booted } = session
    const says = !options.json && exitCode === 0
    if (says) print(say('stopping', language))
    await Promise.all([booted.shutdown(), console.then((server) => server?.close())])
    if (says) print(say('stopped', language))
    process.exit(exitCode)
  }
  const request: Ending['request'] = (code = 0) => {
    if (askedAtMs === null) {
      exitCode = code
      askedAtMs = performance.now()
      if (parts !== null) void end(parts)
    } else if (performance.now() - askedAtMs > sameWishMs) parts?.session.booted.cluster.hurry()
  }
  const attach: Ending['attach'] = (given) => {
    parts = given
    if (askedAtMs !== null) void end(given)
  }
  return { request, isAsked: () => askedAtMs !== null, attach }
}

const serve = async (session: Session, ending: Ending): Promise<void> => {
  const { cluster } = session.booted
  let ready = false
  cluster.onEvent((event) => {
    if (event.kind === 'node-exit' && event.code === exitCodes.badOptions && !ending.isAsked()) {
      warn(badSettingText(event.reason, session.language))
      ending.request(badOptionsCode)
      return
    }
    // One that was chosen in the console is put right there, and a move that is refused goes back by itself.
    const { origin } = cluster.view().storage.setting
    const isMendedElsewhere = origin === 'chosen' || cluster.storageMove.state().kind === 'running'
    if (event.kind === 'node-exit' && event.code === exitCodes.storeRefused && !ending.isAsked() && !isMendedElsewhere) {
      warn(storeRefusedText(event.reason, origin === 'kept', session.language))
      ending.request(storeRefusedCode)
      return
    }
    if (ready && (session.options.json || !ending.isAsked())) announceEvent(session, event)
    else if (event.kind === 'node-exit' && !ending.isAsked()) warn(exitText(event, session.language))
  })
  const startedMs = performance.now()
  cluster.start()
  const console = session.options.console ? openConsole(session) : Promise.resolve(null)
  ending.attach({ session, console })
  // Until a signal ends it, even if every node is down and nothing is left to wait for.
  setInterval(() => undefined, aliveMs)
  listenToStdin(session, console)
  const late = setTimeout(() => warn(waitingText(cluster.dataDir, session.language)), allServeWithinMs + lateAfterMs)
  // The console first: what the ready line says of leader and nodes is then of this very moment, and every later change is told.
  const server = await console
  const readiness = await cluster.waitReady(Math.max(0, allServeWithinMs - (performance.now() - startedMs)))
  clearTimeout(late)
  if (readiness === null) return
  announceReady(session, readiness, server)
  ready = true
}

/** The password goes on to the workers, and nowhere else. */
const storageOf = ({ storage }: HeadlessOptions, language: Language): StorageGiven => {
  const result = givenStorage(storage, process.env)
  if (!result.ok) {
    warn(result.sentence[language])
    process.exit(badOptionsCode)
  }
  if (result.warning !== null) {
    warn(result.warning[language])
    // What process lists show from now on.
    process.title = 'nacos-trio headless'
  }
  return result.given
}

const open = async (start: HeadlessStart, options: HeadlessOptions, language: Language): Promise<Session> => {
  const storage = storageOf(options, language)
  const version = versionOf(start.root)
  const launcher = createForkLauncher({ profileDir: process.env[profileVariable] })
  const opened = await bootCluster({ ...options, storage, launcher, workerPath: join(start.root, 'out', 'main', 'node.js'), version })
  if (opened.kind === 'problem') {
    warn(describeProblem(opened.problem, language))
    process.exit(exitCodeOf(opened.problem))
  }
  const { booted } = opened
  if (booted.movedFrom !== null) warn(describeMove(booted.movedFrom, booted.firstPort)[language])
  const { setting } = booted.cluster.view().storage
  if (setting.kind === 'mysql' && setting.origin === 'kept') warn(keptStorageText(setting.url, language))
  if (booted.cluster.places.length % 2 === 0) warn(say('evenNodes', language))
  return { options, language, booted, root: start.root, version }
}

/** Runs until a signal ends it; the promise resolves when the cluster is ready. Ends the process itself in every other case. */
export const runHeadless = async (start: HeadlessStart): Promise<void> => {
  const language = languageOf(process.env)
  const line = parseCommandLine(start.args, start.cwd)
  if (line.kind === 'help') {
    print(help(language).trimEnd())
    process.exit(0)
  }
  if (line.kind === 'bad') {
    warn(line.sentence[language])
    process.exit(1)
  }
  // A reader that goes away must not take the cluster with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const ending = createEnding()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.request())
  const session = await open(start, line.options, language)
  await serve(session, ending)
}
