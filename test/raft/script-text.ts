/**
 * What a script file looks like, and nothing about what its words mean. A command starts at the line's beginning, what it is expected to
 * print stands under it, two spaces in; `#` starts a comment, blank lines are free. Everything but the output is kept to the byte.
 */

export interface ScriptCommand {
  /** From 1. */
  readonly line: number
  readonly words: readonly string[]
}

export type ScriptPart = { readonly kind: 'text'; readonly text: string } | ({ readonly kind: 'command'; readonly text: string } & ScriptCommand)

export interface Script {
  readonly parts: readonly ScriptPart[]
  /** The comment lines above the first command, without their marks. */
  readonly heading: readonly string[]
}

const outputIndent = '  '

export function parseScript(text: string): Script {
  const parts: ScriptPart[] = []
  for (const [at, line] of text.replace(/\n$/, '').split('\n').entries()) {
    if (line.startsWith(outputIndent)) continue
    if (line === '' || line.startsWith('#')) parts.push({ kind: 'text', text: line })
    else parts.push({ kind: 'command', text: line, line: at + 1, words: line.trim().split(/\s+/) })
  }
  const firstCommand = parts.findIndex(({ kind }) => kind === 'command')
  const heading = parts.slice(0, firstCommand < 0 ? parts.length : firstCommand).filter(({ text }) => text.startsWith('#'))
  return { parts, heading: heading.map(({ text }) => text.replace(/^#\s*/, '')) }
}

/** The file again, with what `output` says under each command. */
export function renderScript(script: Script, output: ReadonlyMap<number, readonly string[]>): string {
  const lines = script.parts.flatMap((part) => {
    if (part.kind === 'text') return [part.text]
    return [part.text, ...(output.get(part.line) ?? []).map((line) => `${outputIndent}${line}`)]
  })
  return `${lines.join('\n')}\n`
}
