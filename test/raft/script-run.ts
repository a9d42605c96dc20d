/** Runs one script from its first command to its last. Owns the order of things and the line number in what fails. */

import { commands, worldOf } from './script-commands.ts'
import { checkDemand } from './script-expect.ts'
import type { Script } from './script-text.ts'
import { forbidUnwantedEnd, type ScriptWorld } from './script-world.ts'

export interface ScriptOutcome {
  /** What each command printed, by its line, up to the failure. */
  readonly output: ReadonlyMap<number, readonly string[]>
  /** Where a demand or an invariant did not hold, with its line. */
  readonly failure: Error | null
}

export function runScript(script: Script): ScriptOutcome {
  const output = new Map<number, readonly string[]>()
  let world: ScriptWorld | null = null
  let delivered = 0
  for (const part of script.parts) {
    if (part.kind === 'text') continue
    const [verb = '', ...words] = part.words
    try {
      if (verb === 'nodes') {
        world?.nodes.forEach(forbidUnwantedEnd)
        world = worldOf(words)
        continue
      }
      if (world === null) throw new Error('a script begins with "nodes"')
      if (verb === 'expect') {
        checkDemand(world, words, delivered)
        continue
      }
      const command = commands[verb]
      if (command === undefined) throw new Error(`there is no command "${verb}"; there is ${Object.keys(commands).join(', ')}`)
      const said = command(world, words) ?? []
      delivered = world.delivered()
      output.set(part.line, [...world.takeTrace(), ...said])
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error)
      output.set(part.line, world?.takeTrace() ?? [])
      return { output, failure: new Error(`line ${part.line}, "${part.text}": ${what}`, { cause: error }) }
    }
  }
  try {
    world?.nodes.forEach(forbidUnwantedEnd)
  } catch (error) {
    return { output, failure: error instanceof Error ? error : new Error(String(error)) }
  }
  return { output, failure: null }
}
