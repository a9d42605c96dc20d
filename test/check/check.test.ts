/**
 * The check itself is checked: each kind of fault, planted in a small tree under this very tree's rules, must be found and named. Small, because the
 * tools read all of a large one before they say a word of the small fault in it; that they read all of ours, `npm run check` shows.
 */

import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const here = resolve(import.meta.dirname, '../..')
const rules = [
  'package.json',
  'tsconfig.json',
  'biome.json',
  'knip.json',
  '.dependency-cruiser.cjs',
  '.gitignore',
  'vitest.config.ts',
  'electron.vite.config.ts',
]
const limitMs = 120_000
let root = ''

const plant = (path: string, lines: readonly string[]): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), `${lines.join('\n')}\n`)
}

/** What the named step says of the tree. */
const check = (step: string): Promise<{ code: number; said: string }> =>
  new Promise((done) => {
    const options = { cwd: root, maxBuffer: 32 * 1024 * 1024, timeout: limitMs }
    execFile(process.execPath, [join(here, 'test/check/run.ts'), '--only', step], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), said: `${stdout}${stderr}` }),
    )
  })

const reports = async (step: string, ...words: readonly (string | RegExp)[]): Promise<string> => {
  const { code, said } = await check(step)
  expect(said).toMatch(new RegExp(`^FAILED ${step}`, 'm'))
  for (const word of words) expect(said).toMatch(word)
  expect(code).toBe(1)
  return said
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'nacos-trio-check-'))
  for (const name of rules) cpSync(join(here, name), join(root, name))
  mkdirSync(join(root, 'node_modules'))
  // Not the folder itself: the compiler keeps what it knows of this very tree in it.
  for (const name of readdirSync(join(here, 'node_modules')).filter((each) => each !== '.cache'))
    symlinkSync(join(here, 'node_modules', name), join(root, 'node_modules', name))
  execFileSync('git', ['init', '--quiet'], { cwd: root })

  plant('src-node/raft/planted-impure.ts', [
    "import { tmpdir } from 'node:os'",
    '',
    'export const plantedImpure = (): string => tmpdir() + String(Date.now())',
  ])
  plant('src-node/raft/planted-chance.ts', ['export const plantedChance = (): number => Math.random()'])
  plant('src-node/storage/planted-climb.ts', ["import { plantedApi } from '../api/planted-api.ts'", '', 'export const plantedClimb = plantedApi'])
  plant('src-node/api/planted-api.ts', ['export const plantedApi = 1'])
  plant('src-node/observe/channel.ts', ['export const exitCodes = 1'])
  plant('src-renderer/planted-reach.ts', ["import { exitCodes } from '../src-node/observe/channel.ts'", '', 'export const plantedReach = exitCodes'])
  plant('src-main/planted-reach.ts', ["import { plantedApi } from '../src-node/api/planted-api.ts'", '', 'export const plantedMain = plantedApi'])
  plant('src-main/planted-test-need.ts', [
    "import { plantedInTest } from '../test/planted-in-test.ts'",
    '',
    'export const plantedNeed = plantedInTest',
  ])
  plant('test/planted-in-test.ts', ['export const plantedInTest = 1'])
  plant('src-node/api/planted-ring-a.ts', ["import { ringB } from './planted-ring-b.ts'", '', 'export const ringA = (): number => ringB()'])
  plant('src-node/api/planted-ring-b.ts', ["import { ringA } from './planted-ring-a.ts'", '', 'export const ringB = (): number => ringA()'])
  plant('src-main/planted-lint.ts', ['export const plantedLint = (value: any): boolean => value == 1'])
  plant('src-main/planted-format.ts', ['export const plantedFormat = "double" ;'])
  plant('src-node/planted-unused-file.ts', ['export const plantedUnusedFile = 1'])
  plant('test/planted-use.test.ts', ["import { plantedUsed } from '../src-node/planted-half.ts'", '', 'export const use = plantedUsed'])
  plant('src-node/planted-half.ts', ['export const plantedUsed = 1', 'export const plantedDeadExport = 2'])
  plant(
    'src-main/planted-long.ts',
    Array.from({ length: 451 }, (_, at) => `export const line${at} = ${at}`),
  )
  plant(
    'src-main/planted-full.ts',
    Array.from({ length: 450 }, (_, at) => `export const line${at} = ${at}`),
  )
  plant('src-main/utils/planted.ts', ['export const planted = 1'])
  plant('test/planted-only.test.ts', [`it.${'only'}('alone', () => undefined)`])
  plant('test/planted-mock.test.ts', [`vi.${'mock'}('node:fs')`])
  plant('test/planted.mocked.test.ts', [`vi.${'mock'}('node:fs')`])
  plant('src-main/planted-later.ts', [`// ${'TO'}${'DO'}: some day`, 'export const plantedLater = 1'])
  plant('src-main/planted-type.ts', ["export const plantedType: number = 'not a number'"])
  // What is begun with, and what that needs: nothing is wrong with either.
  plant('src-main/launch.ts', ["import { sound } from './sound.ts'", '', 'console.log(sound)'])
  plant('src-main/sound.ts', ['export const sound = 1'])
}, limitMs)

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('npm run check fails on', () => {
  it('a broken dependency rule', { timeout: limitMs }, async () => {
    await reports(
      'deps',
      /pure-raft: src-node\/raft\/planted-impure\.ts/,
      /rank-storage: src-node\/storage\/planted-climb\.ts/,
      /renderer-knows-the-contract-only: src-renderer\/planted-reach\.ts/,
      /main-meets-nodes-at-the-channel: src-main\/planted-reach\.ts/,
      /nothing-imports-test: src-main\/planted-test-need\.ts/,
      /no-cycles: src-node\/api\/planted-ring-/,
    )
  })

  it('a lint error and a format error', { timeout: limitMs }, async () => {
    await reports('lint', /planted-lint\.ts.*noExplicitAny/, /planted-format\.ts format/)
  })

  it('a type error', { timeout: limitMs }, async () => {
    await reports('types', /^ *src-main\/planted-type\.ts\(1,14\): error TS2322/m)
  })

  it('dead code and a file without a use', { timeout: limitMs }, async () => {
    const said = await reports('dead', /Unused files[\s\S]*src-node\/planted-unused-file\.ts/, /Unused exports[\s\S]*plantedDeadExport/)
    expect(said).not.toContain('sound')
  })

  it('a file of the product that only a test uses', { timeout: limitMs }, async () => {
    expect(await reports('shipped', /Unused files[\s\S]*src-node\/planted-half\.ts/)).not.toContain('sound')
  })

  it('a file over 450 lines, and not on one of 450', async () => {
    await reports('text', /planted-long\.ts: 451 lines/)
    expect((await check('text')).said).not.toContain('planted-full.ts')
  })

  it('a module replaced in a file that shares its process', async () => {
    expect(await reports('text', /planted-mock\.test\.ts:1: a module is replaced/)).not.toContain('planted.mocked')
  })

  it('a folder named after nothing, a test left out, a promise to do it later', async () => {
    await reports('text', /src-main\/utils\/planted\.ts/, /planted-only\.test\.ts:1: a test is left out/, /planted-later\.ts:1/)
  })

  it('a clock or chance in the pure core', async () => {
    await reports('purity', /planted-impure\.ts:3: Date is not pure/, /planted-chance\.ts:1: Math\.random/)
  })
})
