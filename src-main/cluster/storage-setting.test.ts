/** Which storage the next start uses, and where its password is: in a file of its own, for one database, for its owner's eyes. */

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StorageChoice } from '../contract/storage.ts'
import type { StorageGiven } from './storage-options.ts'
import { openStorageSetting } from './storage-setting.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nacos-trio-setting-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const url = 'mysql://trio@127.0.0.1:3306/nacos'
const mysql: StorageChoice = { kind: 'mysql', url, password: 'geheim', keepPassword: true, adopt: false }
const kept: StorageGiven = { kind: 'kept', password: null }
const file = (name: string): string => join(dir, name)
const open = (given: StorageGiven = kept) => {
  const result = openStorageSetting(dir, given)
  return result.kind === 'ok' ? result.setting : expect.unreachable(JSON.stringify(result.problem))
}

it('a new folder keeps configurations in SQLite, and no file says so', () => {
  expect(open().shown()).toEqual({ kind: 'sqlite', origin: 'default', commandLine: false })
  expect([existsSync(file('storage.json')), open().mysql()]).toEqual([false, undefined])
})

it('what was chosen is there at the next start, its password in a file of its own', () => {
  const setting = open()
  setting.choose({ ...mysql, adopt: true })
  expect(setting.shown()).toMatchObject({ kind: 'mysql', url, origin: 'chosen', passwordKept: true })
  expect(setting.mysql()).toEqual({ url, password: 'geheim', adopt: true })
  // Taking over was meant once.
  expect(open().mysql()).toEqual({ url, password: 'geheim', adopt: false })
  expect(open().shown()).toMatchObject({ origin: 'kept', passwordKept: true })
  expect(readFileSync(file('storage.json'), 'utf8')).not.toContain('geheim')
  expect(JSON.stringify(open().shown())).not.toContain('geheim')
  if (process.platform !== 'win32') expect(statSync(file('mysql-password.json')).mode & 0o777).toBe(0o600)
})

it('a password that is not to be kept is gone from the disk, and comes from the environment at the next start', () => {
  open().choose(mysql)
  const setting = open()
  setting.choose({ ...mysql, password: null, keepPassword: false })
  expect(setting.mysql()?.password).toBe('geheim')
  expect(existsSync(file('mysql-password.json'))).toBe(false)
  expect(open().mysql()?.password).toBe('')
  expect(open({ kind: 'kept', password: 'of the environment' }).mysql()?.password).toBe('of the environment')
})

it('back to SQLite, and the password is forgotten', () => {
  const setting = open()
  setting.choose(mysql)
  setting.choose({ kind: 'sqlite' })
  expect([setting.mysql(), existsSync(file('mysql-password.json'))]).toEqual([undefined, false])
  expect(open().shown()).toEqual({ kind: 'sqlite', origin: 'kept', commandLine: false })
})

it('a known password goes to the database that it was entered for, and to no other', () => {
  const setting = open()
  setting.choose({ ...mysql, url: 'mysql://trio@db/nacos' })
  expect(setting.passwordFor('mysql://trio@db:3306/nacos')).toBe('geheim')
  expect(['mysql://trio@elsewhere:3306/nacos', 'mysql://other@db/nacos', 'mysql://trio@db,elsewhere/nacos'].map(setting.passwordFor)).toEqual([
    ...[null, null, null],
  ])
  writeFileSync(file('storage.json'), JSON.stringify({ version: 1, storage: 'mysql', mysqlUrl: 'mysql://trio@elsewhere/nacos' }))
  expect(open().mysql()).toEqual({ url: 'mysql://trio@elsewhere/nacos', password: '', adopt: false })
})

it('the command line wins and changes no file', () => {
  open().choose(mysql)
  const before = readFileSync(file('storage.json'), 'utf8')
  expect(open({ kind: 'sqlite' }).shown()).toEqual({ kind: 'sqlite', origin: 'command-line', commandLine: true })
  const named = { url: 'mysql://u@h/d', password: 'p', adopt: false }
  expect(open({ kind: 'mysql', mysql: named }).mysql()).toEqual(named)
  expect(readFileSync(file('storage.json'), 'utf8')).toBe(before)
})

it.each([
  ['{ torn', { kind: 'storage-damaged', file: 'storage.json' }],
  [JSON.stringify({ version: 1, storage: 'oracle' }), { kind: 'storage-damaged' }],
  [JSON.stringify({ version: 2, storage: 'sqlite' }), { kind: 'folder-newer', version: 2 }],
])('%s is refused, not guessed; the command line is the way round it', (text, problem) => {
  writeFileSync(file('storage.json'), text)
  expect(openStorageSetting(dir, kept)).toMatchObject({ kind: 'problem', problem })
  expect(open({ kind: 'sqlite' }).shown().kind).toBe('sqlite')
})

it('what cannot be written down has not changed', () => {
  const setting = open()
  rmSync(dir, { recursive: true })
  expect(() => setting.choose(mysql)).toThrow(/ENOENT/)
  expect(setting.shown().kind).toBe('sqlite')
})
