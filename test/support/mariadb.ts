/**
 * A MariaDB of the test's own: a data folder of its own, a free port on loopback, ended with the test. Knows nothing of the product but the
 * shape of its URL.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { findMariadb, findMariadbInstall } from '../runner/tools.ts'
import { isAlive, signal } from './processes.ts'
import { waitUntil } from './wait-until.ts'

export interface Mariadb {
  readonly port: number
  pid(): number
  /** As root, over the socket: also when every other connection is taken. */
  sql(text: string, database?: string): Promise<RowDataPacket[]>
  /** A new database with a user `trio`, password `secret`, who has all rights on it; gives its name. */
  database(): Promise<string>
  stop(how: NodeJS.Signals): Promise<void>
  /** Again, on the same data and port. */
  start(): Promise<void>
  /** And removes all of it. */
  remove(): Promise<void>
}

const startLimitMs = 60_000

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
    })
  })

/** Small and still synced: a commit is on the disk when it is answered. */
const innodb = ['--innodb-buffer-pool-size=64M', '--innodb-log-file-size=32M']
/** One connection above them is kept for root. */
const settings = [...innodb, '--max-connections=12', '--skip-name-resolve', '--skip-log-bin']

const asRoot = process.getuid?.() === 0 ? ['--user=root'] : []

/** What `mariadb-install-db` makes is the same each time: it is made once for a version of the server, and copied. */
const preparedRoot = resolve(import.meta.dirname, '../../node_modules/.cache/nacos-trio-mariadb')

const preparedData = (command: string, install: string): string => {
  const version = execFileSync(command, ['--no-defaults', '--version'], { timeout: startLimitMs }).toString()
  const args = ['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db', ...innodb, ...asRoot]
  const name = createHash('sha256')
    .update([version, ...args].join('\0'))
    .digest('hex')
    .slice(0, 16)
  const prepared = join(preparedRoot, name)
  if (existsSync(prepared)) return prepared
  mkdirSync(preparedRoot, { recursive: true })
  const making = mkdtempSync(join(preparedRoot, 'making-'))
  try {
    execFileSync(install, [...args, `--datadir=${making}`], { stdio: 'pipe', timeout: startLimitMs })
    renameSync(making, prepared)
  } catch (error) {
    rmSync(making, { recursive: true, force: true })
    // Another file of tests may have been quicker.
    if (!existsSync(prepared)) throw error
  }
  return prepared
}

interface Place {
  readonly dir: string
  readonly data: string
  readonly socketPath: string
  readonly log: string
  readonly port: number
  /** The server's executable. */
  readonly command: string
}

const makePlace = async (): Promise<Place> => {
  const tool = findMariadb()
  const install = findMariadbInstall()
  if ('missing' in tool || install === undefined) throw new Error('missing' in tool ? tool.missing : 'no mariadb-install-db')
  const dir = mkdtempSync(join(tmpdir(), 'nacos-trio-mariadb-'))
  const data = join(dir, 'data')
  cpSync(preparedData(tool.found, install), data, { recursive: true })
  return { dir, data, socketPath: join(dir, 'sock'), log: join(dir, 'log'), port: await freePort(), command: tool.found }
}

const askRoot = async (socketPath: string, text: string, database?: string): Promise<RowDataPacket[]> => {
  const root = await createConnection({ socketPath, user: 'root', multipleStatements: true, ...(database === undefined ? {} : { database }) })
  try {
    return (await root.query<RowDataPacket[]>(text))[0]
  } finally {
    await root.end()
  }
}

/** The process; ended with ours at the latest. */
const createServerProcess = ({ data, socketPath, log, port, command }: Place, more: readonly string[], answers: () => Promise<unknown>) => {
  const fixed = ['--no-defaults', `--datadir=${data}`, `--socket=${socketPath}`, `--port=${port}`, '--bind-address=127.0.0.1', `--log-error=${log}`]
  let child: ChildProcess | null = null
  const pid = (): number => child?.pid ?? 0
  const endAtExit = (): void => signal(pid(), 'SIGKILL')
  const start = async (): Promise<void> => {
    child = spawn(command, [...fixed, ...settings, ...asRoot, ...more], { stdio: 'ignore' })
    process.once('exit', endAtExit)
    const look = () => (isAlive(pid()) ? answers() : Promise.reject(new Error(readFileSync(log, 'utf8'))))
    await waitUntil(`MariaDB on port ${port}`, look, startLimitMs)
  }
  const stop = async (how: NodeJS.Signals): Promise<void> => {
    const ending = child
    if (ending === null) return
    // Its exit, not its zombie: until the last thread is gone the port is taken.
    const exited = new Promise((resolve) => ending.once('exit', resolve))
    if (ending.exitCode === null && ending.signalCode === null) {
      signal(pid(), 'SIGCONT')
      signal(pid(), how)
      await exited
    }
    process.off('exit', endAtExit)
    child = null
  }
  return { pid, start, stop }
}

/** @param more further options of the server. */
export const startMariadb = async (more: readonly string[] = []): Promise<Mariadb> => {
  const place = await makePlace()
  const sql = (text: string, database?: string): Promise<RowDataPacket[]> => askRoot(place.socketPath, text, database)
  const { pid, start, stop } = createServerProcess(place, more, () => sql('SELECT 1'))
  let databases = 0
  await start()
  return {
    port: place.port,
    ...{ pid, sql, start, stop },
    database: async () => {
      const name = `trio${++databases}`
      await sql(
        `CREATE DATABASE ${name} CHARACTER SET utf8mb4; CREATE USER IF NOT EXISTS trio@'%' IDENTIFIED BY 'secret'; GRANT ALL ON ${name}.* TO trio@'%'`,
      )
      return name
    },
    remove: async () => {
      await stop('SIGKILL')
      rmSync(place.dir, { recursive: true, force: true })
    },
  }
}
