/** What the errors of the database, of its library and of the system's sockets mean for us. No texts for people: codes and parameters. */

import type { SinkTrouble, SinkTroubleCode } from '../sink.ts'
import { type MysqlAddress, type MysqlTarget, shownAddress } from './target.ts'

/** What a mysql2 or socket error carries; everything may lack. */
export interface SqlErrorParts {
  readonly code: string
  /** 0: not from the database. */
  readonly errno: number
  readonly sqlState: string
  readonly message: string
}

/** A statement or a connection that had no answer in its time; it is unknown what the database made of it. */
const noAnswerCode = 'NACOS_TRIO_NO_ANSWER'

export const noAnswer = (what: string, limitMs: number): Error =>
  Object.assign(new Error(`no answer to ${what} in ${limitMs} ms`), { code: noAnswerCode })

const textIn = (error: object, name: string): string => {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'string' ? value : ''
}

const numberIn = (error: object, name: string): number => {
  const value: unknown = Reflect.get(error, name)
  return typeof value === 'number' ? value : 0
}

export const partsOf = (error: unknown): SqlErrorParts => {
  if (!(error instanceof Error)) return { code: '', errno: 0, sqlState: '', message: String(error) }
  // A name with two addresses of which neither answers comes as several errors in one, and without words of its own.
  const inner = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const sqlState = textIn(error, 'sqlState')
  return {
    code: textIn(error, 'code'),
    // Sockets have negative numbers of the system here.
    errno: sqlState === '' && numberIn(error, 'errno') < 0 ? 0 : numberIn(error, 'errno'),
    sqlState,
    message: error.message === '' ? inner.message : error.message,
  }
}

const bySystemCode: Readonly<Record<string, SinkTroubleCode>> = {
  ENOTFOUND: 'host-unknown',
  EAI_AGAIN: 'host-unknown',
  EAI_NODATA: 'host-unknown',
  EAI_NONAME: 'host-unknown',
  ECONNREFUSED: 'connection-refused',
  ETIMEDOUT: 'no-answer',
  EHOSTUNREACH: 'no-answer',
  ENETUNREACH: 'no-answer',
  EHOSTDOWN: 'no-answer',
  PROTOCOL_SEQUENCE_TIMEOUT: 'no-answer',
  [noAnswerCode]: 'no-answer',
  ECONNRESET: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  EPIPE: 'connection-lost',
  PROTOCOL_CONNECTION_LOST: 'connection-lost',
  PROTOCOL_ENQUEUE_AFTER_QUIT: 'connection-lost',
  PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: 'connection-lost',
  PROTOCOL_UNEXPECTED_PACKET: 'not-understood',
  AUTH_SWITCH_PLUGIN_ERROR: 'not-understood',
  HANDSHAKE_NO_SSL_SUPPORT: 'not-understood',
  HANDSHAKE_UNKNOWN_ERROR: 'not-understood',
}

/** Server error numbers (MySQL error reference; the same in MariaDB but where `dialect.ts` says so). */
const byErrno: Readonly<Record<number, SinkTroubleCode>> = {
  1044: 'right-missing',
  1142: 'right-missing',
  1143: 'right-missing',
  1227: 'right-missing',
  1370: 'right-missing',
  1045: 'access-denied',
  1130: 'access-denied',
  1698: 'access-denied',
  1820: 'access-denied',
  1862: 'access-denied',
  3118: 'access-denied',
  4151: 'access-denied',
  1049: 'database-missing',
  1040: 'too-many-connections',
  1203: 'too-many-connections',
  1226: 'too-many-connections',
  1290: 'read-only',
  1792: 'read-only',
  1836: 'read-only',
  3100: 'read-only',
  1205: 'rows-held',
  1213: 'rows-held',
  3058: 'rows-held',
  1021: 'disk-full',
  1114: 'disk-full',
  1041: 'disk-full',
  1053: 'connection-lost',
  1077: 'connection-lost',
  1317: 'connection-lost',
  1927: 'connection-lost',
  2006: 'connection-lost',
  2013: 'connection-lost',
  3169: 'connection-lost',
  1054: 'schema-unknown',
  1146: 'schema-unknown',
  1251: 'not-understood',
  1043: 'not-understood',
  3159: 'not-understood',
}

/** A handshake that stops half-way and a server that goes away are told by words alone in some of the library's paths. */
const byWords = (message: string): SinkTroubleCode => {
  if (/closed state|connection lost|server closed/i.test(message)) return 'connection-lost'
  if (/packets? out of order|unexpected packet|auth.*plugin|authentication method|handshake/i.test(message)) return 'not-understood'
  return 'other'
}

/** Trouble that no server or socket says: thrown through the layers of one operation. */
interface TroubleError extends Error {
  readonly troubleCode: SinkTroubleCode
}

export const troubleError = (troubleCode: SinkTroubleCode, detail: string): TroubleError => Object.assign(new Error(detail), { troubleCode })

const isTroubleError = (error: unknown): error is TroubleError => error instanceof Error && 'troubleCode' in error

export const troubleCodeOf = (error: unknown): SinkTroubleCode => {
  if (isTroubleError(error)) return error.troubleCode
  const { code, errno, message } = partsOf(error)
  return byErrno[errno] ?? bySystemCode[code] ?? byWords(message)
}

export const troubleAt = (target: MysqlTarget, address: string, code: SinkTroubleCode, detail: string): SinkTrouble => {
  const { user, database, password } = target
  // No server repeats a password; a proxy's words are not ours to trust.
  const clean = password.length >= 4 ? detail.replaceAll(password, '***') : detail
  return { code, address, user, database, detail: clean }
}

export const troubleOf = (target: MysqlTarget, address: MysqlAddress | string, error: unknown): SinkTrouble =>
  troubleAt(target, typeof address === 'string' ? address : shownAddress(address), troubleCodeOf(error), partsOf(error).message)
