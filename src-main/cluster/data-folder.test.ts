import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type DataFolder, defaultDataDir, openDataFolder } from './data-folder.ts'
import { isAlive, parseStat, startTimeOf } from './process-identity.ts'

let base: string
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'nacos-trio-folder-'))
})
afterEach(() => rmSync(base, { recursive: true, force: true }))

const open = (nodes: number | null = null): DataFolder => {
  const result = openDataFolder(base, nodes)
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem))
  return result.folder
}
const lockFile = () => join(base, 'lock.json')
const writeLock = (content: object): void => writeFileSync(lockFile(), JSON.stringify(content))

describe('a data folder', () => {
  it('gets an identity once and keeps it', () => {
    const first = open()
    first.lock.release()
    const second = open()
    expect(second.identity).toEqual(first.identity)
    expect(first.identity).toMatchObject({ nodes: 3, clusterSecret: expect.stringMatching(/^[0-9a-f]{64}$/) })
  })
  it('remembers which nodes have run, beside its identity, until a person takes one off', () => {
    const first = open()
    expect([1, 2].map(first.started.has)).toEqual([false, false])
    first.started.add(2)
    first.started.add(2)
    first.lock.release()
    const again = open()
    expect([[1, 2].map(again.started.has), again.identity]).toEqual([[false, true], first.identity])
    const file = join(base, 'cluster.json')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"started": \[\s*2\s*\]/, '"started": []'))
    expect(again.started.has(2)).toBe(false)
  })
  it('keeps its secret to its owner', () => {
    open()
    expect(statSync(join(base, 'cluster.json')).mode & 0o777).toBe(0o600)
  })
  it('of another size is refused, and the lock given back', () => {
    open(3).lock.release()
    expect(openDataFolder(base, 5)).toMatchObject({ problem: { kind: 'folder-other-size', has: 3, wanted: 5 } })
    open(3)
  })
  it('of a cluster that has grown opens with as many nodes as it has, counted or not', () => {
    open(3).lock.release()
    const file = join(base, 'cluster.json')
    const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    writeFileSync(
      file,
      JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), version: 2, members: { ids, joining: [], leaving: [], lastId: 9 } }),
    )
    for (const wanted of [null, 9]) {
      const folder = open(wanted)
      expect(folder.book.members().ids).toEqual(ids)
      folder.lock.release()
    }
  })
  it.each([
    ['torn', '{"version":1,"clus', 'folder-damaged'],
    ['without a secret', '{"version":1,"clusterId":"x","nodes":3}', 'folder-damaged'],
    ['from a newer version', '{"version":3}', 'folder-newer'],
  ])('whose identity is %s is refused and left as it is', (_, text, kind) => {
    writeFileSync(join(base, 'cluster.json'), text)
    expect(openDataFolder(base, null)).toMatchObject({ kind: 'problem', problem: { kind } })
    expect(readFileSync(join(base, 'cluster.json'), 'utf8')).toBe(text)
  })
  it('that is a file is refused with the system code', () => {
    writeFileSync(join(base, 'file'), '')
    expect(openDataFolder(join(base, 'file'), null)).toMatchObject({
      problem: { kind: 'folder-unusable', code: expect.stringMatching(/EEXIST|ENOTDIR/) },
    })
  })
  it.runIf(process.platform === 'linux')('where no folder can be made is refused, not tried for ever', () => {
    expect(openDataFolder('/proc/nacos-trio/data', null)).toMatchObject({ problem: { kind: 'folder-unusable', code: 'ENOENT' } })
  })
  it('with missing folders above it is made, closed to others', () => {
    expect(openDataFolder(join(base, 'a/b/c'), null).kind).toBe('ok')
    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(base, path)).mode & 0o777).toBe(0o700)
  })
  it('with spaces and Chinese in its path works', () => {
    const result = openDataFolder(join(base, '数据 目录'), null)
    expect(result.kind).toBe('ok')
  })
})

describe('its lock', () => {
  it('is respected while its process lives', () => {
    open()
    expect(openDataFolder(base, null)).toMatchObject({ problem: { kind: 'folder-in-use', pid: process.pid } })
  })
  it.each<[string, object]>([
    ['whose process is gone', { version: 1, pid: 2 ** 22 + 7, startTime: 'x', token: 'a', sinceMs: 1 }],
    ['whose pid now belongs to another process', { version: 1, pid: process.pid, startTime: 'another start', token: 'a', sinceMs: 1 }],
    ['that makes no sense', { nonsense: true }],
  ])('%s is taken over', (_, content) => {
    writeLock(content)
    expect(open().lock.wasUnclean).toBe(true)
    expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid, startTime: startTimeOf(process.pid) })
  })
  it('is gone after a clean end, and leaves no other file', () => {
    const folder = open()
    expect(folder.lock.wasUnclean).toBe(false)
    folder.lock.release()
    expect(readdirSync(base).filter((name) => name.startsWith('lock'))).toEqual([])
  })
  it('that another start has taken since is not released', () => {
    const folder = open()
    writeLock({ version: 1, pid: process.pid, startTime: startTimeOf(process.pid), token: 'theirs', sinceMs: 1 })
    folder.lock.release()
    expect(readFileSync(lockFile(), 'utf8')).toContain('theirs')
  })
})

describe('a process', () => {
  it('is known by pid and start time together', () => {
    const startTime = startTimeOf(process.pid)
    expect(isAlive({ pid: process.pid, startTime })).toBe(true)
    expect(isAlive({ pid: process.pid, startTime: 'earlier' })).toBe(false)
    expect(isAlive({ pid: -1, startTime })).toBe(false)
  })
  it('whose name holds brackets and spaces is read rightly', () => {
    const fields = ['S', ...Array.from({ length: 18 }, () => '0'), '98765', '0']
    expect(parseStat(`12 (a) b (c)) ${fields.join(' ')}`)).toEqual({ startTicks: '98765', zombie: false })
    expect(parseStat('')).toBeNull()
  })
})

it.each<[NodeJS.Platform, Record<string, string>, string]>([
  ['linux', { HOME: '/home/a' }, '/home/a/.local/share/nacos-trio'],
  ['linux', { HOME: '/home/a', XDG_DATA_HOME: '/data' }, '/data/nacos-trio'],
  ['linux', { HOME: '/home/a', XDG_DATA_HOME: 'relative' }, '/home/a/.local/share/nacos-trio'],
  ['darwin', { HOME: '/Users/a' }, '/Users/a/Library/Application Support/nacos-trio'],
])('the default folder on %s with %j is %s', (platform, env, folder) => {
  expect(defaultDataDir(platform, env)).toBe(folder)
})
