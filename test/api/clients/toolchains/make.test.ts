import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { toolchainClients } from '../table.ts'
import { make } from './make.ts'
import { type Recipe, recipeOf, type Step } from './recipes.ts'

const [row] = toolchainClients
const soon = (): number => performance.now() + 10_000

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nacos-trio-make-'))
  vi.stubEnv('PATH', `${root}${delimiter}${process.env.PATH}`)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(root, { recursive: true, force: true })
})

/** A tool that says its version, and otherwise does what it is told. */
const tool = (name: string, does: string): void =>
  writeFileSync(join(root, name), `#!/bin/sh\n[ "$1" = version ] && { echo "${name} 1.0"; exit 0; }\n${does}\n`, { mode: 0o755 })

const uses = (words: Step['words'] = 'built'): Recipe => ({
  ...{ row: row!, sources: join(import.meta.dirname, '..', 'programs', 'go'), tools: { brewer: ['version'] } },
  steps: ({ brewer = '' }, folder) => [{ words, file: brewer, args: [folder] }],
  command: (_, folder) => ({ file: join(folder, 'program'), args: [] }),
})
const made = (recipe: Recipe, untilMs = soon()) => make(recipe, join(root, 'store'), untilMs)

describe('a client’s program', () => {
  it('is made once, and made anew for another version of a tool', async () => {
    tool('brewer', 'true')
    const first = await made(uses())
    expect(first).toMatchObject({ kind: 'ready', madeBy: 'brewer 1.0' })
    tool('brewer', 'echo it is not made twice; exit 1')
    expect(await made(uses())).toEqual(first)
    writeFileSync(join(root, 'brewer'), '#!/bin/sh\necho "brewer 2.0"\n', { mode: 0o755 })
    expect(await made(uses())).toMatchObject({ kind: 'ready', madeBy: 'brewer 2.0' })
  })

  it.each([
    ['there is no tool', () => undefined, 'there is no brewer on the PATH'],
    ['the tool is a placeholder', () => writeFileSync(join(root, 'brewer'), '#!/bin/sh\nexit 1\n', { mode: 0o755 }), 'does not say its version'],
    [
      'nothing can be fetched',
      () => tool('brewer', 'echo no route to the registry >&2; exit 1'),
      'could not be fetched: no route to the registry (1)',
    ],
  ])('is absent, in words, if %s', async (_, prepare, why) => {
    prepare()
    expect(await made(uses('fetched'))).toMatchObject({ kind: 'absent', why: expect.stringContaining(why) })
  })

  it('is fetched again if that went wrong', async () => {
    tool('brewer', `[ -e "${root}/tried" ] && exit 0; touch "${root}/tried"; exit 1`)
    expect(await made(uses('fetched'))).toMatchObject({ kind: 'ready' })
  })

  it('is absent if there is no time for it', async () => {
    tool('brewer', 'exec sleep 30')
    expect(await made(uses(), performance.now() + 200)).toMatchObject({ kind: 'absent', why: 'it could not be built: it took too long' })
    expect(await made(uses(), performance.now())).toMatchObject({ kind: 'absent', why: 'it could not be built: there was no time left for it' })
  })

  it('is broken if it does not compile, and is tried anew the next time', async () => {
    tool('brewer', 'echo "line 1: what?"; exit 2')
    expect(await made(uses())).toMatchObject({ kind: 'broken', why: 'it could not be built: line 1: what? (2)' })
    tool('brewer', 'true')
    expect(await made(uses())).toMatchObject({ kind: 'ready' })
  })

  it('has a recipe for each of the table', () => {
    expect(toolchainClients.map((each) => recipeOf(each).row.name)).toEqual(['java', 'java2', 'go', 'python'])
    expect(() => recipeOf({ ...row!, name: 'cobol' })).toThrow('nobody knows')
  })
})
