/**
 * The app's command line: `--data DIR`, `--port N`, `--devtools`, `--auth on|off`, and where configurations are kept, as in headless mode. Pure. What Chromium or a
 * test driver adds (`--no-sandbox`, …) is left alone.
 */

import { defaultNodes } from '../cluster/data-folder.ts'
import { portLimits } from '../cluster/ports.ts'
import { readStorage, type StorageOptions } from '../cluster/storage-options.ts'

export interface AppOptions {
  /** null: the default folder of this system. */
  readonly dataDir: string | null
  /** First HTTP port that the user named; null: 8848, or the next free set. */
  readonly port: number | null
  readonly devTools: boolean
  readonly storage: StorageOptions
  /** Whether the nodes ask callers who they are; null: as it is kept. */
  readonly auth: boolean | null
}

export type CommandLine = { readonly kind: 'ok'; readonly options: AppOptions } | { readonly kind: 'bad'; readonly reason: string }

const valued = ['--data', '--port', '--auth', '--storage', '--mysql-url', '--mysql-password-file'] as const
const plain = ['--devtools', '--mysql-adopt'] as const
type Name = (typeof valued)[number] | (typeof plain)[number]

const bad = (reason: string): CommandLine => ({ kind: 'bad', reason })
const named = <T extends Name>(names: readonly T[], word: string): T | undefined => names.find((name) => name === word)

/** `words` without the program itself. A value may follow as the next word or after `=`. @param cwd where a relative password file is. */
export function readCommandLine(words: readonly string[], cwd: string): CommandLine {
  const given = new Map<Name, string>()
  for (let at = 0; at < words.length; at++) {
    const [name, inline] = split(words[at] ?? '')
    const flag = named(plain, name)
    if (flag !== undefined) given.set(flag, '')
    const option = named(valued, name)
    if (option === undefined) continue
    const value = inline ?? words[++at]
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--'))) return bad(`${name} needs a value.`)
    given.set(option, value)
  }
  return optionsOf(given, cwd)
}

function optionsOf(given: ReadonlyMap<Name, string>, cwd: string): CommandLine {
  const { min, max } = portLimits(defaultNodes)
  const portText = given.get('--port')
  const port = portText === undefined ? null : Number(portText)
  if (portText !== undefined && (port === null || !/^\d+$/.test(portText) || port < min || port > max)) {
    return bad(`--port must be a number from ${min} to ${max}, not ${JSON.stringify(portText)}.`)
  }
  const auth = given.get('--auth')
  if (auth !== undefined && auth !== 'on' && auth !== 'off') return bad(`--auth is on or off, not ${JSON.stringify(auth)}.`)
  const storage = readStorage(
    {
      storage: given.get('--storage'),
      url: given.get('--mysql-url'),
      passwordFile: given.get('--mysql-password-file'),
      adopt: given.has('--mysql-adopt'),
    },
    cwd,
  )
  if (!storage.ok) return bad(`${storage.sentence.en}.`)
  const kinds = { storage: storage.storage, auth: auth === undefined ? null : auth === 'on' }
  return { kind: 'ok', options: { dataDir: given.get('--data') ?? null, port, devTools: given.has('--devtools'), ...kinds } }
}

function split(word: string): readonly [string, string | undefined] {
  const equals = word.indexOf('=')
  return word.startsWith('--') && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word, undefined]
}
