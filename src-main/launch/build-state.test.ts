import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isBuilt } from './build-state.ts'

let root: string
const write = (path: string, secondsAgo: number): void => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  const at = Date.now() / 1_000 - secondsAgo
  utimesSync(file, at, at)
}
const outputs = [
  ...['index', 'headless', 'cli', 'node', 'alone'].map((name) => `out/main/${name}.js`),
  ...['out/preload/index.cjs', 'out/renderer/index.html'],
]

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nacos-trio-build-'))
  for (const path of ['src-main/index.ts', 'src-node/raft/raft.ts', 'src-renderer/main.tsx', 'package.json']) write(path, 100)
  for (const path of outputs) write(path, 50)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it('stands when every product is newer than every source', () => {
  expect(isBuilt(root)).toBe(true)
})

it.each(['src-node/raft/raft.ts', 'package.json'])('is old when %s has changed', (path) => {
  write(path, 10)
  expect(isBuilt(root)).toBe(false)
})

it('does not mind a changed test', () => {
  write('src-node/raft/raft.test.ts', 10)
  expect(isBuilt(root)).toBe(true)
})

it.each(outputs)('is incomplete without %s', (path) => {
  unlinkSync(join(root, path))
  expect(isBuilt(root)).toBe(false)
})
