/** The command line of headless mode: words in, options or one sentence out. Pure; the names are fixed, other programs use them. */

import { isAbsolute, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { defaultNodes } from '../cluster/data-folder.ts'
import { mostNodes } from '../cluster/member-book.ts'
import { portLimits } from '../cluster/ports.ts'
import type { Language } from '../cluster/problem-words.ts'
import { readStorage, type StorageOptions } from '../cluster/storage-options.ts'

export interface HeadlessOptions {
  /** Absolute, or null for the default folder. */
  readonly dataDir: string | null
  readonly port: number | null
  readonly nodes: number | null
  readonly json: boolean
  readonly console: boolean
  readonly storage: StorageOptions
  /** Whether the nodes ask callers who they are; null: as it is kept. */
  readonly auth: boolean | null
  /** Settings of the nodes by name; the nodes know which there are, and refuse others. */
  readonly overrides: Readonly<Record<string, number>>
}

export type CommandLine =
  | { readonly kind: 'run'; readonly options: HeadlessOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'bad'; readonly sentence: Readonly<Record<Language, string>> }

const bad = (en: string, zh: string): CommandLine => ({ kind: 'bad', sentence: { en: `${en}; see --help.`, zh: `${zh}；请看 --help。` } })

/** A whole number without sign, or null. */
const wholeNumber = (text: string): number | null => (/^\d{1,6}$/.test(text) ? Number(text) : null)

const parse = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      nodes: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      'no-console': { type: 'boolean', default: false },
      auth: { type: 'string' },
      storage: { type: 'string' },
      'mysql-url': { type: 'string' },
      'mysql-password-file': { type: 'string' },
      'mysql-adopt': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
    allowPositionals: false,
  })

type Values = ReturnType<typeof parse>['values']

const check = (values: Values, cwd: string): CommandLine => {
  const nodes = values.nodes === undefined ? null : wholeNumber(values.nodes)
  if (values.nodes !== undefined && (nodes === null || nodes < 1 || nodes > mostNodes)) {
    return bad(
      `--nodes takes a number from 1 to ${mostNodes}, not "${values.nodes}"`,
      `--nodes 应为 1 到 ${mostNodes} 的整数，而不是“${values.nodes}”`,
    )
  }
  const { min, max } = portLimits(nodes ?? defaultNodes)
  const port = values.port === undefined ? null : wholeNumber(values.port)
  if (values.port !== undefined && (port === null || port < min || port > max)) {
    return bad(`--port takes a number from ${min} to ${max}, not "${values.port}"`, `--port 应为 ${min} 到 ${max} 的整数，而不是“${values.port}”`)
  }
  const { auth } = values
  if (auth !== undefined && auth !== 'on' && auth !== 'off')
    return bad(`--auth is on or off, not "${auth}"`, `--auth 应为 on 或 off，而不是“${auth}”`)
  if (values.data === '') return bad('--data takes a folder', '--data 需要一个目录')
  const dataDir = values.data === undefined ? null : isAbsolute(values.data) ? values.data : resolve(cwd, values.data)
  const overrides: Record<string, number> = {}
  for (const given of values.set) {
    const [, name, value] = /^([a-zA-Z]{1,64})=(\d{1,12})$/.exec(given) ?? []
    if (name === undefined) return bad(`--set takes name=number, not "${given}"`, `--set 应为 名称=整数，而不是“${given}”`)
    overrides[name] = Number(value)
  }
  const { storage, 'mysql-url': url, 'mysql-password-file': passwordFile, 'mysql-adopt': adopt } = values
  const kept = readStorage({ storage, url, passwordFile, adopt }, cwd)
  if (!kept.ok) return bad(kept.sentence.en, kept.sentence.zh)
  const kinds = { storage: kept.storage, auth: auth === undefined ? null : auth === 'on' }
  return { kind: 'run', options: { dataDir, port, nodes, json: values.json, console: !values['no-console'], ...kinds, overrides } }
}

/** Reads the arguments after the mode. A relative folder is taken from `cwd`. */
export const parseCommandLine = (args: readonly string[], cwd: string): CommandLine => {
  let values: Values
  try {
    values = parse(args).values
  } catch (error) {
    // Node's own words, without its advice in further sentences.
    const words = (error instanceof Error ? error.message : String(error)).split(/\n|\. /)[0]?.replace(/\.$/, '') ?? ''
    return bad(words, `无法理解命令行（${words}）`)
  }
  return values.help ? { kind: 'help' } : check(values, cwd)
}
