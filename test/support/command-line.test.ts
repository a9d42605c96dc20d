/** Words that a command makes nothing of are answered in a sentence, never with a run that does less. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { namesIn, optionsIn, wholeNumber } from './command-line.ts'

const kills = { name: 'kills', min: 1, max: 100 }

describe('the words after a command', () => {
  it('are its options by name', () => {
    expect(optionsIn(['--kills', '3', '--json'], { kills: { type: 'string' }, json: { type: 'boolean' } })).toEqual({ kills: '3', json: true })
  })

  it.each([
    ['an unknown option', ['--kils', '3'], "Unknown option '--kils'"],
    ['an option without its value', ['--kills'], "Option '--kills <value>' argument missing"],
    ['a word that is no option', ['3'], "Unexpected argument '3'"],
  ])('are refused in one sentence: %s', (_, args, sentence) => {
    expect(() => optionsIn(args, { kills: { type: 'string' } })).toThrow(new RegExp(`^${sentence}[^.\\n]*$`))
  })

  it.each(['abc', '0', '101', '-1', '1.5', '', '1e1', ' 7'])('take a whole number within its bounds, not "%s"', (text) => {
    expect(() => wholeNumber(text, 9, kills)).toThrow(`--kills takes a whole number from 1 to 100, not "${text}"`)
  })

  it('have a default where nothing was said', () => {
    expect(wholeNumber(undefined, 9, kills)).toBe(9)
    expect(wholeNumber('100', 9, kills)).toBe(100)
  })

  it('are names that there are', () => {
    expect(namesIn('b,a', ['a', 'b'], 'thing')).toEqual(['b', 'a'])
    expect(() => namesIn('a,c', ['a', 'b'], 'thing')).toThrow('no such thing: c; there are a, b')
  })
})

/** What a person meets, on the processes themselves; none of these words lets one start anything. */
const run = (path: string, ...words: readonly string[]) => {
  const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '..', path), ...words]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 })
  return { status, stdout, stderr }
}

describe.each(['sim/main.ts', 'chaos/main.ts', 'mutation/main.ts', 'bench/main.ts', 'check/run.ts', 'run.ts'])('%s', (path) => {
  it('answers an unknown option with a sentence and exit code 2', () => {
    expect(run(path, '--no-such-thing')).toEqual({
      ...{ status: 2, stdout: '' },
      stderr: "Unknown option '--no-such-thing' (--help says what there is)\n",
    })
  })

  it('says what there is', () => {
    expect(run(path, '--help')).toEqual({ status: 0, stdout: expect.stringContaining('npm '), stderr: '' })
  })
})

describe.each([
  ['sim/main.ts', ['--seeds', '0']],
  ['sim/main.ts', ['--set', '{"client":1}']],
  ['chaos/main.ts', ['--minutes', '0']],
  ['mutation/main.ts', ['--seeds', 'abc']],
  ['mutation/main.ts', ['--only', 'no such sabotage']],
  ['bench/main.ts', ['--only', 'nothing']],
])('%s %j', (path, words) => {
  it('is refused before anything runs', () => {
    expect(run(path, ...words)).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(/^[^\n]+ \(--help says what there is\)\n$/) })
  })
})
