/** The app's command line: `--data DIR`, `--port N`, `--devtools`. Pure. What Chromium or a test driver adds (`--no-sandbox`, …) is left alone. */

import { defaultNodes } from '../cluster/data-folder.ts'
import { portLimits } from '../cluster/ports.ts'

export interface AppOptions {
  /** null: the default folder of this system. */
  readonly dataDir: string | null
  /** First HTTP port that the user named; null: 8848, or the next free set. */
  readonly port: number | null
  readonly devTools: boolean
}

export type CommandLine = { readonly kind: 'ok'; readonly options: AppOptions } | { readonly kind: 'bad'; readonly reason: string }

/** `words` without the program itself. A value may follow as the next word or after `=`. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { min, max } = portLimits(defaultNodes)
  let options: AppOptions = { dataDir: null, port: null, devTools: false }
  for (let at = 0; at < words.length; at++) {
    const [name, inline] = split(words[at] ?? '')
    if (name === '--devtools') options = { ...options, devTools: true }
    if (name !== '--data' && name !== '--port') continue
    const value = inline ?? words[++at]
    if (value === undefined || value === '' || (inline === undefined && value.startsWith('--')))
      return { kind: 'bad', reason: `${name} needs a value.` }
    if (name === '--data') options = { ...options, dataDir: value }
    else {
      const port = Number(value)
      if (!/^\d+$/.test(value) || port < min || port > max) {
        return { kind: 'bad', reason: `--port must be a number from ${min} to ${max}, not ${JSON.stringify(value)}.` }
      }
      options = { ...options, port }
    }
  }
  return { kind: 'ok', options }
}

function split(word: string): readonly [string, string | undefined] {
  const equals = word.indexOf('=')
  return word.startsWith('--') && equals > 0 ? [word.slice(0, equals), word.slice(equals + 1)] : [word, undefined]
}
