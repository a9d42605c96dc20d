/**
 * The words after the name of a command: understood as a whole, or answered in a sentence with exit code 2. Nothing is left out in silence: a
 * run that does less than was asked for would pass for one that did it.
 */

import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** What a command makes nothing of; the message is a sentence for whoever typed it. */
export class BadWords extends Error {
  override readonly name = 'BadWords'
}

const usageExit = 2

/** The options among `args`, by name. Throws BadWords for an unknown one, one without its value, and anything that is no option. */
export function optionsIn<const T extends ParseArgsOptionsConfig>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    // Its first sentence says it; the rest is about positional arguments, which no command here takes.
    throw new BadWords(error instanceof Error ? (error.message.split(/\.\s/)[0] ?? '') : String(error))
  }
}

export interface NumberOption {
  readonly name: string
  readonly min: number
  readonly max: number
}

/** @param byDefault stands when the option was not given */
export function wholeNumber(text: string | undefined, byDefault: number, { name, min, max }: NumberOption): number {
  if (text === undefined) return byDefault
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max)) throw new BadWords(`--${name} takes a whole number from ${min} to ${max}, not "${text}"`)
  return value
}

/** Names of a list, separated by commas, each of which there must be. */
export function namesIn(text: string, known: readonly string[], what: string): readonly string[] {
  const names = text.split(',')
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new BadWords(`no such ${what}: ${unknown.join(', ')}; there are ${known.join(', ')}`)
  return names
}

/** What `read` makes of the process's own words. Ends the process after `--help`, with `usage`, and after bad words, with a sentence. */
export function readOrEnd<T>(usage: string, read: (args: readonly string[]) => T): T {
  const args = process.argv.slice(2)
  if (args.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return read(args)
  } catch (error) {
    if (!(error instanceof BadWords)) throw error
    console.error(`${error.message} (--help says what there is)`)
    process.exit(usageExit)
  }
}
