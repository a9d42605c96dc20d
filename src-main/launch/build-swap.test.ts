import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { bringIn } from './build-swap.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'nacos-trio-swap-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const out = () => join(base, 'out')
const has = (path: string) => existsSync(join(out(), path))
const swap = (generation: string): void => {
  const fresh = join(base, 'fresh')
  for (const path of ['main/node.js', 'renderer/index.html', `main/chunks/channel-${generation}.js`, `renderer/assets/index-${generation}.js`]) {
    mkdirSync(dirname(join(fresh, path)), { recursive: true })
    writeFileSync(join(fresh, path), generation)
  }
  bringIn(fresh, out())
}

it('puts a build where none was', () => {
  swap('a')
  expect(readFileSync(join(out(), 'main/node.js'), 'utf8')).toBe('a')
  expect(has('main/chunks/channel-a.js')).toBe(true)
})

it('leaves what a program started before still loads by name', () => {
  swap('a')
  swap('b')
  expect(readFileSync(join(out(), 'main/node.js'), 'utf8')).toBe('b')
  for (const path of ['main/chunks/channel-a.js', 'renderer/assets/index-a.js', 'main/chunks/channel-b.js']) expect(has(path)).toBe(true)
})

it('keeps one older build, not all of them', () => {
  for (const generation of ['a', 'b', 'c']) swap(generation)
  expect(has('main/chunks/channel-a.js')).toBe(false)
  expect(has('main/chunks/channel-b.js')).toBe(true)
})

it('the same build again changes nothing', () => {
  swap('a')
  swap('a')
  swap('a')
  expect(has('renderer/assets/index-a.js')).toBe(true)
})

it('keeps a build that it did not bring itself', () => {
  swap('a')
  rmSync(join(out(), 'main'), { recursive: true })
  mkdirSync(join(out(), 'main/chunks'), { recursive: true })
  writeFileSync(join(out(), 'main/chunks/channel-plain.js'), '')
  swap('b')
  expect(has('main/chunks/channel-plain.js')).toBe(true)
})
