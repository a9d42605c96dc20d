/** The judge of the disk cache's crash points must see what it is there for. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { judgeCache } from './points/cache-judge.ts'
import { afterCacheMark, type CacheMark, cacheBirth, contentOf } from './points/cache-promises.ts'

const path = 'config-data/G/a'
const row = (version: number) => ({ namespace: '', group: 'G', dataId: 'a', version })
const set = (version: number): CacheMark => ({ kind: 'row', path, row: row(version) })
const settled: CacheMark = { kind: 'settled' }

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cache-judge-'))
  mkdirSync(join(dir, 'data', 'config-data', 'G'), { recursive: true })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const place = (name = path): string => join(dir, 'data', name)
const judged = (isKill: boolean, ...marks: readonly CacheMark[]) => {
  const repaired = { torn: 0, leftovers: 0 }
  return judgeCache(dir, marks.reduce(afterCacheMark, cacheBirth), isKill, repaired).then((problem) => ({ problem, repaired }))
}

it('sees half a content under a final name after a kill', async () => {
  writeFileSync(place(), contentOf(row(2)).subarray(0, 100))
  expect((await judged(true, set(1), settled, set(2))).problem).toContain('a reader sees')
})

it('sees a content that is older than what was settled, and a file that should be gone', async () => {
  writeFileSync(place(), contentOf(row(1)))
  expect((await judged(true, set(1), settled, set(2), settled)).problem).toContain('a reader sees')
  expect((await judged(true, set(1), settled, { kind: 'no-row', path }, settled)).problem).toContain('a reader sees')
})

it('takes the old content or the new one while one becomes the other', async () => {
  for (const version of [1, 2]) {
    writeFileSync(place(), contentOf(row(version)))
    expect((await judged(true, set(1), settled, set(2))).problem).toBeNull()
  }
})

it('has the start-up dump repair what a power cut tore, and sweep what it left', async () => {
  writeFileSync(place(), 'torn')
  writeFileSync(place('config-data/G/%tmp-0'), 'half')
  expect(await judged(false, set(1), settled)).toEqual({ problem: null, repaired: { torn: 1, leftovers: 1 } })
  expect(readFileSync(place()).equals(contentOf(row(1)))).toBe(true)
  expect(readdirSync(join(dir, 'data', 'config-data', 'G'))).toEqual(['a'])
  expect(existsSync(place('config-data/G/%tmp-0'))).toBe(false)
})
