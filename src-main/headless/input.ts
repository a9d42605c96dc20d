/**
 * Lines typed or piped in, one after another: nothing more is read while one is carried out, except for those that take long, which run beside
 * the others. It knows no command. A closed or broken input stops nothing.
 */

import type { Readable } from 'node:stream'

const longestLine = 1_000

export interface InputParts {
  /** Carries one trimmed line out, an empty one too. Must not reject. */
  readonly answer: (line: string) => Promise<void>
  /** Whether others may pass this one. */
  readonly isSlow: (line: string) => boolean
}

export const followInput = (input: Readable, { answer, isSlow }: InputParts): void => {
  let rest = ''
  let answered = Promise.resolve()
  const take = (raw: string): void => {
    const line = raw.trim().slice(0, longestLine)
    answered = answered.then(() => {
      const done = answer(line)
      return isSlow(line) ? undefined : done
    })
  }
  input.setEncoding('utf8')
  input.on('error', () => undefined)
  input.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(-longestLine)
    input.pause()
    lines.forEach(take)
    void answered.then(() => input.resume())
  })
  // A last line may lack its end; nothing at all is no line.
  input.on('end', () => {
    if (rest.trim() !== '') take(rest)
    rest = ''
  })
}
