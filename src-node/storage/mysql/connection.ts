/**
 * One connection to the database with a time limit on everything: connecting with its handshake, and each statement. A connection that
 * was late once is destroyed and never used again, since nobody can tell which answer would come next. Owns the session's settings;
 * knows no table.
 */

import { connect, type Socket } from 'node:net'
import { type Connection, createConnection } from 'mysql2'
import type { DriverClock } from '../../raft-driver/ports.ts'
import { type Dialect, dialectOf } from './dialect.ts'
import { type MysqlAddress, type MysqlTarget, shownAddress } from './target.ts'
import { noAnswer, troubleError } from './trouble.ts'

export type Cell = string | number | Uint8Array | null
export type Row = Readonly<Record<string, string | number | Uint8Array | null>>

export interface SqlConnection {
  /** `host:port`. */
  readonly address: string
  /** CONNECTION_ID(), as the process list and the fence name it. */
  readonly id: number
  readonly dialect: Dialect
  /** Without values, as text; the only way for what cannot be prepared. */
  text(sql: string): Promise<readonly Row[]>
  /** Several statements that read nothing, in one trip; gives for each the rows that it found. The first that fails ends it: those before are done. */
  texts(sqls: readonly string[]): Promise<readonly number[]>
  /** Prepared once, then sent with its values. Gives the rows that it found; an update that changes nothing counts. */
  run(sql: string, values: readonly Cell[]): Promise<number>
  rows(sql: string, values: readonly Cell[]): Promise<readonly Row[]>
  /** Ends it at once; statements under way fail. */
  destroy(): void
  /** Of an idle one: says goodbye first, so that no server counts it as aborted. */
  leave(): void
}

export interface ConnectionTimes {
  readonly after: DriverClock['after']
  /** TCP, handshake and login together. */
  readonly connectLimitMs: number
  readonly statementLimitMs: number
  /** Something listens there; what it is shows later. */
  readonly connected?: () => void
}

/** Added to a statement's limit for each MiB of its values: a slow disk takes some 10 MiB a second. */
const limitMsPerMib = 100
const mib = 1024 * 1024

/** Shapes of statements that one connection keeps prepared; all writers together have fewer than half of it. */
const preparedMax = 128

/**
 * Strict, so that nothing is cut to size in silence. UTC, since that is what Nacos's own shipped URL asks for (`serverTimezone=UTC`) and
 * a DATETIME holds no zone. One second is the shortest wait for a row that InnoDB knows.
 */
const sessionSql =
  "SET SESSION innodb_lock_wait_timeout = 1, SESSION time_zone = '+00:00', SESSION autocommit = 1, " +
  "SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION wait_timeout = 28800"

/** Of a library's answer: rows of a query, or what an update says of itself. */
const isRows = (result: unknown): result is readonly Row[] => Array.isArray(result)
const foundIn = (result: unknown): number => {
  if (typeof result !== 'object' || result === null || !('affectedRows' in result)) return 0
  return Number(result.affectedRows)
}

type Done = (error: Error | null, result?: unknown) => void

/** Runs one step after another's answer, each within its time; the first late or fatal one ends the connection. */
const createLimiter = (times: ConnectionTimes, socket: Socket) => {
  const waiting = new Set<(error: Error) => void>()
  const end = (error: Error): void => {
    socket.destroy()
    for (const fail of [...waiting]) fail(error)
  }
  const within = (what: string, limitMs: number, start: (done: Done) => void): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timer = times.after(limitMs, () => end(noAnswer(what, limitMs)))
      const settle = (error: Error | null, result?: unknown): void => {
        if (!waiting.delete(fail)) return
        timer.cancel()
        if (error === null) resolve(result)
        else reject(error)
      }
      const fail = (error: Error): void => settle(error)
      waiting.add(fail)
      start((error, result) => settle(error, result))
    })
  return { within, end }
}

const optionsOf = ({ user, password, database }: MysqlTarget, socket: Socket, withDatabase: boolean) => ({
  user,
  password,
  ...(withDatabase ? { database } : {}),
  charset: 'utf8mb4_bin',
  stream: () => socket,
  // Its own timer ends neither a stalled handshake nor the socket.
  connectTimeout: 0,
  // A server may ask for any local file otherwise.
  flags: ['-LOCAL_FILES'],
  multipleStatements: true,
  supportBigNumbers: true,
  dateStrings: true,
  maxPreparedStatements: preparedMax,
  connectAttributes: { program_name: 'nacos-trio' },
})

/** A goodbye is a courtesy. */
const leaveLimitMs = 200

/** The first words of a statement, for errors; values are never part of it. */
const nameOf = (sql: string): string => sql.trimStart().split(/\s+/, 4).join(' ')

const bytesOf = (values: readonly Cell[]): number => {
  let bytes = 0
  for (const value of values) if (value !== null && typeof value !== 'number') bytes += value.length
  return bytes
}

/** The library takes a plain Uint8Array for text; this is the same memory. */
const bound = (value: Cell): string | number | Buffer | null =>
  value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value

const statementsOn = (connection: Connection, times: ConnectionTimes, { within, end }: ReturnType<typeof createLimiter>) => {
  const text = (sql: string): Promise<unknown> =>
    within(nameOf(sql), times.statementLimitMs, (done) => {
      connection.query(sql, (error, result) => done(error, result))
    })
  const prepared = (sql: string, values: readonly Cell[]): Promise<unknown> => {
    const limitMs = times.statementLimitMs + Math.ceil(bytesOf(values) / mib) * limitMsPerMib
    return within(nameOf(sql), limitMs, (done) => {
      connection.execute(sql, values.map(bound), (error, result) => done(error, result))
    })
  }
  const rowsIn = (result: unknown): readonly Row[] => (isRows(result) ? result : [])
  return {
    text: async (sql: string) => rowsIn(await text(sql)),
    texts: async (sqls: readonly string[]) => {
      const results = await text(sqls.join(';\n'))
      return Array.isArray(results) ? results.map(foundIn) : [foundIn(results)]
    },
    run: async (sql: string, values: readonly Cell[]) => foundIn(await prepared(sql, values)),
    rows: async (sql: string, values: readonly Cell[]) => rowsIn(await prepared(sql, values)),
    destroy: () => end(troubleError('connection-lost', 'ended by us')),
    leave: () => {
      const gone = () => end(troubleError('connection-lost', 'ended by us'))
      within('quitting', leaveLimitMs, (done) => connection.end((error) => done(error))).then(gone, gone)
    },
  }
}

/** A greeting is packet 0 and begins with protocol 10, or is an error; the library would wait for the rest of a packet that is none. */
const greets = (first: Uint8Array): boolean => first.length < 5 || (first[3] === 0 && (first[4] === 10 || first[4] === 255))

/** @param withDatabase false: to ask whether the database exists at all. */
export const openConnection = async (
  target: MysqlTarget,
  address: MysqlAddress,
  times: ConnectionTimes,
  withDatabase = true,
): Promise<SqlConnection> => {
  const socket = connect({ host: address.host, port: address.port, noDelay: true, keepAlive: true })
  const limiter = createLimiter(times, socket)
  socket.once('connect', () => times.connected?.())
  socket.once('data', (first) => {
    if (!greets(first)) limiter.end(troubleError('not-understood', `greets with ${JSON.stringify(first.toString('latin1', 0, 40))}`))
  })
  const connection = createConnection(optionsOf(target, socket, withDatabase))
  // Said to the statement under way too, if there is one; without a listener it would end the process.
  connection.on('error', (error) => limiter.end(error))
  try {
    await limiter.within('connecting', times.connectLimitMs, (done) => connection.connect((error) => done(error)))
    const statements = statementsOn(connection, times, limiter)
    await statements.text(sessionSql)
    const [first] = await statements.text('SELECT CONNECTION_ID() AS id, VERSION() AS version')
    return {
      ...statements,
      address: shownAddress(address),
      id: Number(first?.id),
      dialect: dialectOf(String(first?.version)),
    }
  } catch (error) {
    socket.destroy()
    throw error
  }
}
