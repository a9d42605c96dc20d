/**
 * What failed, once more and short, for whoever sees only the end of the output: names first of all, messages within limits. The whole of it
 * stands where it happened. Prints nothing itself.
 */

import type { Failure } from './report.ts'

export interface NamedFailure extends Failure {
  readonly suite: string
}

const limits = { messages: 40, messageLines: 20, lineLength: 300, stackLines: 2 } as const

const isStack = (line: string): boolean => /^\s+at /.test(line)
/** Of the stack only where our own code stands. */
const isOurs = (line: string): boolean => !/node_modules|node:internal|<anonymous>/.test(line)

const shortened = (message: string): readonly string[] => {
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  const words = lines.filter((line) => !isStack(line))
  const more = words.length > limits.messageLines ? [`… ${words.length - limits.messageLines} lines more`] : []
  const stack = lines.filter((line) => isStack(line) && isOurs(line)).slice(0, limits.stackLines)
  return [...words.slice(0, limits.messageLines), ...more, ...stack].map((line) =>
    line.length > limits.lineLength ? `${line.slice(0, limits.lineLength)}…` : line,
  )
}

/** `root` is left out of every path. Empty if nothing failed. */
export const recapOf = (failures: readonly NamedFailure[], root: string): string => {
  const lines = failures.flatMap(({ suite, what, message }, at) => [
    `FAILED ${suite}: ${what}`,
    ...(at < limits.messages ? shortened(message).map((line) => `       ${line}`) : []),
  ])
  return lines.join('\n').replaceAll(`${root}/`, '')
}
