import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openAuthSetting } from './auth-setting.ts'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'nacos-trio-auth-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))
const file = () => join(dir, 'auth.json')

it('is off in a new folder, and writes nothing for that', () => {
  openAuthSetting(dir).choose(false)
  expect(openAuthSetting(dir).isOn()).toBe(false)
  expect(() => readFileSync(file())).toThrow('ENOENT')
})

it('is kept, both ways, for this user alone', () => {
  openAuthSetting(dir).choose(true)
  expect(openAuthSetting(dir).isOn()).toBe(true)
  if (process.platform !== 'win32') expect(statSync(file()).mode & 0o777).toBe(0o600)
  openAuthSetting(dir).choose(false)
  expect(openAuthSetting(dir).isOn()).toBe(false)
})

it.each(['{ torn', '[]', '{"version":2,"auth":"off"}', '{"version":1,"auth":"of"}'])('counts as on when nobody can say: %s', (text) => {
  writeFileSync(file(), text)
  expect(openAuthSetting(dir).isOn()).toBe(true)
})

it('stays as it is when it cannot be written', () => {
  const setting = openAuthSetting(join(dir, 'gone'))
  expect(() => setting.choose(true)).toThrow('ENOENT')
  expect(setting.isOn()).toBe(false)
})
