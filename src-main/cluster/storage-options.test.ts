/** Where configurations are kept, from the command line; and the password, from where it belongs. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { givenStorage, mysqlStartOf, passwordVariable, readStorage, type StorageValues } from './storage-options.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'storage-options-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const read = (given: Partial<StorageValues>) =>
  readStorage({ storage: undefined, url: undefined, passwordFile: undefined, adopt: false, ...given }, '/home/a')
const mysql = (given: Partial<StorageValues>) => {
  const line = read({ storage: 'mysql', ...given })
  return line.ok && line.storage.kind === 'mysql' ? line.storage : expect.unreachable(JSON.stringify(line))
}

it('without a word it is what the data folder has kept', () => {
  expect(read({})).toEqual({ ok: true, storage: { kind: 'kept' } })
  expect(read({ storage: 'sqlite' })).toEqual({ ok: true, storage: { kind: 'sqlite' } })
})

it('what a start says of storage: the password of a kept database may come from the environment', () => {
  const env = { [passwordVariable]: 'p' }
  expect(givenStorage({ kind: 'kept' }, env)).toEqual({ ok: true, given: { kind: 'kept', password: 'p' }, warning: null })
  expect(givenStorage({ kind: 'kept' }, {})).toMatchObject({ given: { kind: 'kept', password: null } })
  expect(givenStorage({ kind: 'sqlite' }, env)).toMatchObject({ given: { kind: 'sqlite' } })
  const named = mysql({ url: 'mysql://u:q@h/d' })
  expect(givenStorage(named, {})).toMatchObject({ given: { kind: 'mysql', mysql: { password: 'q' } }, warning: { en: expect.anything() } })
})

it('reads all of MySQL, a relative file from where the user stands', () => {
  expect(mysql({ url: 'mysql://u@h:3306/d,h2:3307', passwordFile: 'secret', adopt: true })).toEqual({
    ...{ kind: 'mysql', url: 'mysql://u@h:3306/d,h2:3307', urlPassword: null, passwordFile: '/home/a/secret', adopt: true },
  })
})

it.each([
  ['mysql://u:p@h/d', 'mysql://u@h/d', 'p'],
  ['mysql://u:a%40b%2Fc@h:1/d,h2', 'mysql://u@h:1/d,h2', 'a@b/c'],
  ['mysql://u:@h/d', 'mysql://u@h/d', ''],
])('takes the password out of %s', (url, bare, password) => {
  expect(mysql({ url })).toMatchObject({ url: bare, urlPassword: password })
})

it.each([
  { storage: 'oracle' },
  { storage: 'mysql' },
  { storage: 'mysql', url: 'mysql://u:%zz@h/d' },
  { storage: 'mysql', url: 'mysql://u@h/d', passwordFile: '' },
  { url: 'mysql://u@h/d' },
  { adopt: true },
])('refuses %j in one sentence of each language', (given) => {
  const line = read(given)
  if (line.ok) expect.unreachable('taken')
  else for (const sentence of Object.values(line.sentence)) expect([sentence.split('\n').length, sentence.includes('%zz')]).toEqual([1, false])
})

it('the file goes before the variable, and both before the URL; only the last is warned of', () => {
  const file = join(dir, 'password')
  writeFileSync(file, 'from file\n')
  const withUrl = mysql({ url: 'mysql://u:from%20url@h/d' })
  const env = { [passwordVariable]: 'from variable' }
  const passwordOf = (...args: Parameters<typeof mysqlStartOf>) => {
    const result = mysqlStartOf(...args)
    return result.ok ? [result.mysql.password, result.warning === null] : result.sentence.en
  }
  expect(passwordOf({ ...withUrl, passwordFile: file }, env)).toEqual(['from file', false])
  expect(passwordOf(withUrl, env)).toEqual(['from variable', false])
  expect(passwordOf(withUrl, {})).toEqual(['from url', false])
  expect(passwordOf(mysql({ url: 'mysql://u@h/d' }), env)).toEqual(['from variable', true])
  expect(passwordOf(mysql({ url: 'mysql://u@h/d' }), {})).toEqual(['', true])
})

it('a password file that cannot be read, or is none, is named', () => {
  const storage = mysql({ url: 'mysql://u@h/d', passwordFile: join(dir, 'nowhere') })
  expect(mysqlStartOf(storage, {})).toMatchObject({ ok: false, sentence: { en: expect.stringContaining('nowhere') } })
  const large = join(dir, 'large')
  writeFileSync(large, 'x'.repeat(5_000))
  expect(mysqlStartOf({ ...storage, passwordFile: large }, {})).toMatchObject({ ok: false })
})
