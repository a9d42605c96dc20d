/**
 * One node without a supervisor, in this process: `nacos-trio node`. Reads the command line, takes the folder, and hands the rest to the node,
 * which ends the process by itself: 0 after a clean stop, else one of the exit codes of observe/channel.ts (10 for what stands here).
 */

import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type AloneNode, exitCodes, type MysqlStart, type NodeStart } from '../src-node/observe/channel.ts'
import { type LockResult, lockFolder } from './cluster/folder-lock.ts'
import { type Language, languageOf } from './cluster/problem-words.ts'
import { mysqlStartOf } from './cluster/storage-options.ts'
import { isLoopback, parseStandaloneLine, type StandaloneOptions } from './standalone/command-line.ts'
import { type Identity, settleIdentity } from './standalone/identity.ts'
import { type Sentence, sentenceOf } from './standalone/sentences.ts'
import { folderInUse, folderUnusable, help, openToOthers } from './standalone/words.ts'

export interface StandaloneStart {
  /** Arguments after `node`. */
  readonly args: readonly string[]
  /** Folder that holds package.json and out/. */
  readonly root: string
  /** Where relative paths on the command line start. */
  readonly cwd: string
}

/** A reader that stands still gets no further lines beyond so many bytes: it must not make this process grow. */
const waitingOutputBytes = 4 * 1024 * 1024

const warn = (sentence: Sentence, language: Language): void => {
  process.stderr.write(`${sentence[language]}\n`)
}

const end = (sentence: Sentence, language: Language): never => {
  warn(sentence, language)
  process.exit(exitCodes.badOptions)
}

const versionOf = (root: string): string => (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }).version

/** The password leaves the command line here. */
const mysqlOf = ({ storage }: StandaloneOptions, language: Language): MysqlStart | null => {
  if (storage.kind !== 'mysql') return null
  const result = mysqlStartOf(storage, process.env)
  if (!result.ok) return end(result.sentence, language)
  if (result.warning !== null) {
    warn(result.warning, language)
    // What process lists show from now on.
    process.title = 'nacos-trio node'
  }
  return result.mysql
}

const lockOf = (dataDir: string, language: Language): LockResult => {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return lockFolder(dataDir)
  } catch (error) {
    return end(folderUnusable(dataDir, (error as NodeJS.ErrnoException).code ?? 'error'), language)
  }
}

/** Ours until the process ends. */
const takeFolder = (dataDir: string, language: Language): void => {
  const result = lockOf(dataDir, language)
  if (result.kind === 'in-use') end(folderInUse(dataDir, result.pid), language)
  else process.on('exit', result.lock.release)
}

const identityOf = (options: StandaloneOptions, language: Language): Identity => {
  try {
    return settleIdentity(options, () => randomBytes(32).toString('hex'))
  } catch (error) {
    return end(sentenceOf(error) ?? folderUnusable(options.dataDir, (error as NodeJS.ErrnoException).code ?? 'error'), language)
  }
}

const startOf = (
  options: StandaloneOptions,
  identity: Identity,
  rest: { readonly version: string; readonly mysql: MysqlStart | null },
): NodeStart => {
  const { id, peers, dataDir, listenHost, allowedHosts, authOn, overrides, expectsData } = options
  return {
    ...{ id, version: rest.version, dir: dataDir, members: peers, ...identity },
    ...{ listenHost, allowedHosts, allowedOrigins: [], consoleUrl: null, overrides },
    // No program stands above it that could show an identity of its own.
    auth: { on: authOn, identity: null },
    // One that joined later began empty, and has no voice before it is let in.
    hasRunBefore: expectsData && identity.founders.includes(id),
    ...(rest.mysql === null ? {} : { mysql: rest.mysql }),
  }
}

const echo = (line: string): void => {
  if (process.stdout.writableLength < waitingOutputBytes) process.stdout.write(line)
}

/** Returns once the node has its start; the process goes on until the node ends it. */
export const runStandalone = async ({ args, root, cwd }: StandaloneStart): Promise<void> => {
  const language = languageOf(process.env)
  const line = parseStandaloneLine(args, { cwd, machine: hostname() })
  if (line.kind === 'help') {
    process.stdout.write(`${help(language)}\n`)
    return
  }
  if (line.kind === 'bad') return end(line.sentence, language)
  // A reader that goes away must not take the node with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const { options } = line
  const mysql = mysqlOf(options, language)
  takeFolder(options.dataDir, language)
  const start = startOf(options, identityOf(options, language), { version: versionOf(root), mysql })
  if (!isLoopback(options.listenHost) && !options.authOn) warn(openToOthers(options.listenHost), language)
  // Built, and by its place: src-main knows of a node no more than the line between them.
  const node = (await import(pathToFileURL(join(root, 'out', 'main', 'alone.js')).href)) as AloneNode
  node.runAlone(start, echo)
}
