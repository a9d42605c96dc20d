/**
 * Where configurations are kept, from one start to the next: `storage.json` in the data folder, read by the window and by headless mode alike, and
 * beside it the password of a shared database in a file of its own, as `cluster.json` keeps the cluster's secret (mode 0600). What the command
 * line names wins, and changes neither file. No password is ever part of what this file hands to a screen or a log.
 */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { MysqlStart } from '../../src-node/observe/channel.ts'
import type { StorageChoice, StorageSettingView } from '../contract/storage.ts'
import type { FolderProblem } from './data-folder.ts'
import { readJson, replaceFile } from './durable-file.ts'
import type { StorageGiven } from './storage-options.ts'

export const storageFormat = 1
const settingFile = 'storage.json'
export const passwordFile = 'mysql-password.json'

export interface StorageSetting {
  /** For screens and logs. */
  readonly shown: () => StorageSettingView
  /** For the workers' channel only; undefined: SQLite. */
  readonly mysql: () => MysqlStart | undefined
  /** Null: none is known for this user at these addresses. It is never handed to another server than the one it was entered for. */
  readonly passwordFor: (url: string) => string | null
  /** Takes effect when nodes start. Throws the system's error if it cannot be written; then nothing has changed. */
  readonly choose: (choice: StorageChoice) => void
}

export type StorageSettingResult =
  | { readonly kind: 'ok'; readonly setting: StorageSetting }
  | { readonly kind: 'problem'; readonly problem: FolderProblem }

interface Now {
  readonly origin: StorageSettingView['origin']
  readonly mysql: MysqlStart | undefined
  readonly passwordKept: boolean
}

/** With the port that is meant where none stands, so that two ways to write one place are equal. */
const placeOf = (url: string): string => {
  const at = url.lastIndexOf('@')
  const [place = '', ...more] = url.slice(at + 1).split(',')
  const [host = '', database = ''] = place.split('/')
  const withPort = (address: string): string => (/^(\[[^\]]*\]|[^:[\]]+)$/.test(address) ? `${address}:3306` : address)
  return JSON.stringify([url.slice(0, at).toLowerCase().startsWith('mysql://') ? url.slice(8, at) : url, [host, ...more].map(withPort), database])
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

/** Of another database, of a newer version or damaged: it counts as none, and the database says that the login lacks a password. */
const keptPassword = (dir: string, url: string): string | null => {
  const kept = fieldsOf(readJson(join(dir, passwordFile)))
  return kept.version === storageFormat && kept.url === url && typeof kept.password === 'string' ? kept.password : null
}

type Kept = { readonly kind: 'none' | 'sqlite' } | { readonly kind: 'mysql'; readonly url: string } | { readonly problem: FolderProblem }

const readKept = (dir: string): Kept => {
  const found = readJson(join(dir, settingFile))
  if (found === undefined) return { kind: 'none' }
  const { version, storage, mysqlUrl } = fieldsOf(found)
  if (typeof version === 'number' && version > storageFormat) return { problem: { kind: 'folder-newer', path: dir, version } }
  if (version === storageFormat && storage === 'sqlite') return { kind: 'sqlite' }
  if (version === storageFormat && storage === 'mysql' && typeof mysqlUrl === 'string') return { kind: 'mysql', url: mysqlUrl }
  return { problem: { kind: 'storage-damaged', path: dir, file: settingFile } }
}

const firstOf = (dir: string, given: StorageGiven): Now | { readonly problem: FolderProblem } => {
  if (given.kind === 'mysql') return { origin: 'command-line', mysql: given.mysql, passwordKept: false }
  if (given.kind === 'sqlite') return { origin: 'command-line', mysql: undefined, passwordKept: false }
  const kept = readKept(dir)
  if ('problem' in kept) return kept
  if (kept.kind !== 'mysql') return { origin: kept.kind === 'none' ? 'default' : 'kept', mysql: undefined, passwordKept: false }
  const ofFile = keptPassword(dir, kept.url)
  return { origin: 'kept', mysql: { url: kept.url, password: given.password ?? ofFile ?? '', adopt: false }, passwordKept: ofFile !== null }
}

/** The password first: a crash between the two leaves one that belongs to no database, and is used for none. */
const write = (dir: string, choice: StorageChoice, password: string): void => {
  const json = (value: object): string => `${JSON.stringify({ version: storageFormat, ...value }, null, 2)}\n`
  if (choice.kind === 'mysql' && choice.keepPassword) replaceFile(join(dir, passwordFile), json({ url: choice.url, password }))
  replaceFile(join(dir, settingFile), json(choice.kind === 'sqlite' ? { storage: 'sqlite' } : { storage: 'mysql', mysqlUrl: choice.url }))
  if (choice.kind === 'sqlite' || !choice.keepPassword) rmSync(join(dir, passwordFile), { force: true })
}

/** @param dir the data folder, which is ours. */
export const openStorageSetting = (dir: string, given: StorageGiven): StorageSettingResult => {
  const first = firstOf(dir, given)
  if ('problem' in first) return { kind: 'problem', problem: first.problem }
  let now: Now = first
  const passwordFor: StorageSetting['passwordFor'] = (url) =>
    now.mysql !== undefined && placeOf(now.mysql.url) === placeOf(url) ? now.mysql.password : null
  const setting: StorageSetting = {
    shown: () => {
      const shared = { origin: now.origin, commandLine: given.kind !== 'kept' }
      if (now.mysql === undefined) return { kind: 'sqlite', ...shared }
      return { kind: 'mysql', url: now.mysql.url, passwordKept: now.passwordKept, ...shared }
    },
    mysql: () => now.mysql,
    passwordFor,
    choose: (choice) => {
      const password = choice.kind === 'mysql' ? (choice.password ?? passwordFor(choice.url) ?? '') : ''
      write(dir, choice, password)
      if (choice.kind === 'sqlite') now = { origin: 'chosen', mysql: undefined, passwordKept: false }
      else now = { origin: 'chosen', mysql: { url: choice.url, password, adopt: choice.adopt }, passwordKept: choice.keepPassword }
    },
  }
  return { kind: 'ok', setting }
}
