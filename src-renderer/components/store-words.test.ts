/** Every trouble of a shared database has a cause and a next step in both languages, with nothing left unfilled. */

import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import { startI18n } from '../i18n/i18n.ts'
import { rowCause, troubleWords } from './store-words.ts'

beforeAll(() => startI18n('en'))

const place = { addresses: ['db:3306'], user: 'trio', database: 'nacos' }
const say = (language: string, code: string | null, facts: Record<string, string> = {}) =>
  troubleWords(i18next.getFixedT(language, 'storage'), code === null ? null : { code, facts }, place)

/** What `src-node` can name: sink and system troubles, findings of the test, refusals of a claim or of an attachment. */
const codes = [
  ...['host-unknown', 'connection-refused', 'no-answer', 'connection-lost', 'access-denied', 'database-missing', 'right-missing'],
  ...['too-many-connections', 'read-only', 'rows-held', 'disk-full', 'schema-unknown', 'schema-newer', 'not-understood', 'not-open', 'other'],
  ...['version-old', 'case-ignored', 'charset-narrow', 'not-durable', 'foreign', 'ahead', 'ids-taken', 'disk_full', 'no_quorum', 'outcome_unknown'],
  ...['filling', 'row-unreadable'],
]

test.each(codes)('%s is a cause and a next step in both languages', (code) => {
  for (const language of ['en', 'zh-CN']) {
    const { cause, next } = say(language, code)
    for (const sentence of [cause, next]) {
      expect(sentence).not.toMatch(/\{\{|^cause\.|^next\./)
      expect(sentence.length).toBeGreaterThan(3)
    }
  }
})

test.each(codes.filter((code) => code !== 'not-open' && code !== 'other'))('%s is not told as an unknown error', (code) => {
  expect(say('en', code).cause).not.toBe(say('en', 'other').cause)
})

test('a sentence names what is wrong', () => {
  expect(say('en', 'connection-refused').cause).toBe('Nothing listens at db:3306.')
  expect(say('en', 'connection-refused', { host: 'x', port: '1' }).cause).toBe('Nothing listens at x:1.')
  expect(say('en', 'access-denied', { user: 'other' }).cause).toContain('other')
  expect(say('en', 'right-missing', { rights: 'UPDATE, DELETE' }).cause).toContain('UPDATE, DELETE')
  expect(say('en', 'right-missing').cause).not.toContain('?')
  expect(say('en', 'not-durable', { sync_binlog: '0', innodb_flush_log_at_trx_commit: '2' }).cause).toContain(
    'innodb_flush_log_at_trx_commit=2, sync_binlog=0',
  )
  expect(say('zh-CN', 'ahead', { index: '9', last: '3' }).cause).toContain('第 9 条')
})

test('away without a known cause says so', () => {
  expect(say('en', null).cause).toBe('The leader cannot use MySQL.')
})

test.each([
  ['22001', "Data too long for column 'data_id' at row 1", 'too-long'],
  ['22007', "Incorrect string value: '\\xF0\\x9F' for column content", 'characters'],
  ['HY000', "Incorrect string value: '\\xF0\\x9F' for column content", 'characters'],
  ['23000', "Duplicate entry 'a' for key", 'duplicate'],
  ['23000', "Column 'md5' cannot be null", 'missing'],
  ['08S01', "Got a packet bigger than 'max_allowed_packet' bytes", 'packet'],
  ['22003', 'Out of range value', 'refused'],
])('SQLSTATE %s, "%s" means %s', (sqlState, message, cause) => expect(rowCause({ sqlState, message })).toBe(cause))
