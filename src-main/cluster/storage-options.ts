/**
 * Where configurations are kept, as the command line says it: SQLite, or a shared MySQL. The password is taken out of the URL at once and
 * travels on its own, over the workers' channel; no sentence made here holds it.
 */

import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { MysqlStart } from '../../src-node/observe/channel.ts'
import type { Language } from './problem-words.ts'

export type StorageOptions =
  /** Nothing is named: as it is kept in the data folder. */
  | { readonly kind: 'kept' }
  | { readonly kind: 'sqlite' }
  /** `url` without a password. */
  | {
      readonly kind: 'mysql'
      readonly url: string
      readonly urlPassword: string | null
      readonly passwordFile: string | null
      readonly adopt: boolean
    }

type Sentence = Readonly<Record<Language, string>>
export type StorageLine = { readonly ok: true; readonly storage: StorageOptions } | { readonly ok: false; readonly sentence: Sentence }

export interface StorageValues {
  readonly storage: string | undefined
  readonly url: string | undefined
  readonly passwordFile: string | undefined
  readonly adopt: boolean
}

const bad = (en: string, zh: string): StorageLine => ({ ok: false, sentence: { en, zh } })

/** The last `@` before the first `/` ends the login: a password may hold one. Any other fault of the URL is for the nodes to find. */
const splitUrl = (url: string): { readonly url: string; readonly password: string | null } | 'encoding' => {
  const [, head = '', user = '', password, rest = ''] = /^(mysql:\/\/)([^:/@]*)(?::([^/]*))?(@[^@]*)$/i.exec(url) ?? []
  if (password === undefined) return { url, password: null }
  try {
    return { url: `${head}${user}${rest}`, password: decodeURIComponent(password) }
  } catch {
    return 'encoding'
  }
}

export const readStorage = ({ storage, url, passwordFile, adopt }: StorageValues, cwd: string): StorageLine => {
  if (storage !== undefined && storage !== 'sqlite' && storage !== 'mysql')
    return bad('--storage is sqlite or mysql', '--storage 应为 sqlite 或 mysql')
  if (storage !== 'mysql') {
    if (url === undefined && passwordFile === undefined && !adopt) return { ok: true, storage: { kind: storage ?? 'kept' } }
    return bad('the --mysql options go with --storage mysql', '--mysql 各选项须与 --storage mysql 一起使用')
  }
  if (url === undefined || url === '')
    return bad('--storage mysql needs --mysql-url mysql://user@host:port/database', '--storage mysql 需要 --mysql-url mysql://用户@主机:端口/数据库')
  if (passwordFile === '') return bad('--mysql-password-file takes a file', '--mysql-password-file 需要一个文件')
  const split = splitUrl(url)
  if (split === 'encoding')
    return bad('the password in --mysql-url is not percent-encoded as it should be', '--mysql-url 中的密码没有正确地进行百分号编码')
  const file = passwordFile === undefined ? null : isAbsolute(passwordFile) ? passwordFile : resolve(cwd, passwordFile)
  return { ok: true, storage: { kind: 'mysql', url: split.url, urlPassword: split.password, passwordFile: file, adopt } }
}

/** Of more use than this no password is; bounds what a wrong file name can make us read. */
const passwordBytesMax = 4_096
export const passwordVariable = 'NACOS_TRIO_MYSQL_PASSWORD'

/** What a start says of storage. `password`: for the database that is kept, from the environment; null: none was given. */
export type StorageGiven =
  | { readonly kind: 'kept'; readonly password: string | null }
  | { readonly kind: 'sqlite' }
  | { readonly kind: 'mysql'; readonly mysql: MysqlStart }

type Refused = { readonly ok: false; readonly sentence: Sentence }
/** `warning`: the password stood where process lists show it. */
export type MysqlStartResult = { readonly ok: true; readonly mysql: MysqlStart; readonly warning: Sentence | null } | Refused
export type GivenResult = { readonly ok: true; readonly given: StorageGiven; readonly warning: Sentence | null } | Refused

export const givenStorage = (storage: StorageOptions, env: Readonly<Record<string, string | undefined>>): GivenResult => {
  if (storage.kind === 'kept') return { ok: true, given: { kind: 'kept', password: env[passwordVariable] ?? null }, warning: null }
  if (storage.kind === 'sqlite') return { ok: true, given: storage, warning: null }
  const result = mysqlStartOf(storage, env)
  return result.ok ? { ok: true, given: { kind: 'mysql', mysql: result.mysql }, warning: result.warning } : result
}

/** The file goes before the variable, and both before the URL. One newline at the end of the file is none of the password. */
export const mysqlStartOf = (
  storage: Extract<StorageOptions, { kind: 'mysql' }>,
  env: Readonly<Record<string, string | undefined>>,
): MysqlStartResult => {
  const { url, urlPassword, passwordFile, adopt } = storage
  let password = env[passwordVariable] ?? urlPassword
  if (passwordFile !== null) {
    try {
      password = readFileSync(passwordFile, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'error'
      return {
        ok: false,
        sentence: {
          en: `The password file ${passwordFile} cannot be read (${code}): check --mysql-password-file.`,
          zh: `密码文件 ${passwordFile} 无法读取（${code}）：请检查 --mysql-password-file。`,
        },
      }
    }
  }
  if (password !== null && Buffer.byteLength(password) > passwordBytesMax) {
    return {
      ok: false,
      sentence: {
        en: `The MySQL password has over ${passwordBytesMax} bytes: is --mysql-password-file the right file?`,
        zh: `MySQL 密码超过 ${passwordBytesMax} 字节：--mysql-password-file 指定的文件是否正确？`,
      },
    }
  }
  const warning =
    urlPassword === null
      ? null
      : {
          en: `The password in --mysql-url can be seen by other users of this machine: use --mysql-password-file or ${passwordVariable} instead.`,
          zh: `--mysql-url 中的密码可能被本机其他用户看到：请改用 --mysql-password-file 或 ${passwordVariable}。`,
        }
  return { ok: true, mysql: { url, password: password ?? '', adopt }, warning }
}
