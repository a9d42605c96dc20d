import { expect, it } from 'vitest'
import { dialectOf, isDataError } from './dialect.ts'
import { dateTimeText, msOfDateTime } from './times.ts'
import { troubleCodeOf, troubleError, troubleOf } from './trouble.ts'

const target = { addresses: [{ host: 'h', port: 3306 }], user: 'u', password: 'hunter22', database: 'd' }
const sqlError = (errno: number, sqlState = 'HY000') => Object.assign(new Error('words'), { errno, sqlState })
const socketError = (code: string) => Object.assign(new Error(code), { code, errno: -111 })

it.each([
  [sqlError(1045, '28000'), 'access-denied'],
  [sqlError(1049, '42000'), 'database-missing'],
  [sqlError(1040, ''), 'too-many-connections'],
  [sqlError(1290), 'read-only'],
  [sqlError(1205), 'rows-held'],
  [sqlError(1142, '42000'), 'right-missing'],
  [socketError('ECONNREFUSED'), 'connection-refused'],
  [socketError('ENOTFOUND'), 'host-unknown'],
  [socketError('ETIMEDOUT'), 'no-answer'],
  [socketError('ECONNRESET'), 'connection-lost'],
  [new Error('Connection lost: The server closed the connection.'), 'connection-lost'],
  [new Error('Packets out of order. Got: 80 Expected: 0'), 'not-understood'],
  [troubleError('schema-newer', 'x'), 'schema-newer'],
  [new Error('anything'), 'other'],
  ['not even an error', 'other'],
])('%s means %s', (error, code) => {
  expect(troubleCodeOf(error)).toBe(code)
})

it('a host with two addresses that both refuse is refused, in words', () => {
  const error = Object.assign(new AggregateError([socketError('ECONNREFUSED')], ''), { code: 'ECONNREFUSED' })
  expect(troubleOf(target, 'h:3306', error)).toEqual({
    code: 'connection-refused',
    address: 'h:3306',
    user: 'u',
    database: 'd',
    detail: 'ECONNREFUSED',
  })
})

it('takes a password out of whatever a server says', () => {
  expect(troubleOf(target, 'h:3306', new Error('you said hunter22!')).detail).toBe('you said ***!')
})

it('knows rows that a table refuses, also by MySQL 8’s other numbers', () => {
  expect(isDataError(1406, '22001')).toBe(true)
  expect(isDataError(1062, '23000')).toBe(true)
  expect(isDataError(1366, 'HY000')).toBe(true)
  expect(isDataError(3988, 'HY000')).toBe(true)
  expect(isDataError(1205, 'HY000')).toBe(false)
  expect(isDataError(1213, '40001')).toBe(false)
})

it.each([
  ['8.0.36', 'mysql', false],
  ['5.7.44-log', 'mysql', false],
  ['5.6.51', 'mysql', true],
  ['10.11.6-MariaDB-0+deb12u1', 'mariadb', false],
  ['5.5.5-10.4.1-MariaDB', 'mariadb', false],
  ['10.2.44-MariaDB', 'mariadb', true],
])('reads version %s', (version, name, tooOld) => {
  expect(dialectOf(version)).toEqual({ name, version, tooOld })
})

it('cuts times to what a column keeps, and reads them back', () => {
  const ms = Date.UTC(2026, 1, 3, 4, 5, 6, 789)
  expect(dateTimeText(ms, 0)).toBe('2026-02-03 04:05:06')
  expect(dateTimeText(ms, 3)).toBe('2026-02-03 04:05:06.789')
  expect(dateTimeText(ms, 6)).toBe('2026-02-03 04:05:06.789')
  expect(msOfDateTime('2026-02-03 04:05:06.789000')).toBe(ms)
  expect(msOfDateTime('0000-00-00 00:00:00')).toBe(0)
  expect(msOfDateTime(null)).toBe(0)
})
