/** The table of scripts/README.md is held to its word: a bug of the catalogue (reliability 4) without a guard fails here. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const scripts = join(import.meta.dirname, 'scripts')
const catalogue = Array.from({ length: 33 }, (_, at) => at + 1)
const scriptsMin = 30

interface Row {
  readonly number: number
  readonly files: readonly string[]
  /** File and a part of the name of a test in it. */
  readonly tests: readonly (readonly [file: string, name: string])[]
}

const rows: readonly Row[] = readFileSync(join(scripts, 'README.md'), 'utf8')
  .split('\n')
  .map((line) => /^\| (\d+) +\|.*?\| (.*?) *\|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, number, guards = '']) => ({
    number: Number(number),
    files: [...guards.matchAll(/`([^`]+)`/g)].map(([, file]) => file!),
    tests: [...guards.matchAll(/`([^`]+)`: "([^"]+)"/g)].map(([, file, name]) => [file!, name!] as const),
  }))
const pathOf = (file: string): string => (file.includes('/') ? join(root, file) : join(scripts, file))
const files = readdirSync(scripts).filter((name) => name.endsWith('.txt'))

describe('the bug catalogue', () => {
  it('has a guard for every number, once', () => {
    expect(rows.map(({ number }) => number)).toEqual(catalogue)
    for (const { number, files: named } of rows) expect(named.length, `bug ${number} has a guard`).toBeGreaterThan(0)
  })

  it('names only files and tests that are there', () => {
    for (const { number, files: named, tests } of rows) {
      expect(
        named.filter((file) => !existsSync(pathOf(file))),
        `missing guards of bug ${number}`,
      ).toEqual([])
      for (const [file, name] of tests) expect(readFileSync(pathOf(file), 'utf8'), `the test that guards bug ${number}`).toContain(name)
    }
  })

  it(`names every script in the row of its number, at least ${scriptsMin} in all`, () => {
    for (const file of files) {
      const number = Number(/^(\d+)-/.exec(file)?.[1] ?? 0)
      if (number > 0) expect(rows.find((row) => row.number === number)?.files ?? [], `the row of ${file}`).toContain(file)
      else expect(file, 'a script has the number of a bug or of a design section').toMatch(/^d\d-/)
    }
    expect(files.length).toBeGreaterThanOrEqual(scriptsMin)
  })
})
