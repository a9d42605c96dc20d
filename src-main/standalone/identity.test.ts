import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseStandaloneLine, type StandaloneOptions } from './command-line.ts'
import { settleIdentity } from './identity.ts'

let folder: string
const secret = 'AB'.repeat(32)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nacos-trio-identity-'))
  writeFileSync(join(folder, 'secret'), `${secret}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const options = (...args: string[]): StandaloneOptions => {
  const line = parseStandaloneLine(['--data', folder, ...args], { cwd: folder, machine: 'a' })
  if (line.kind !== 'run') throw new Error('refused')
  return line.options
}
const threeNodes = ['--id', '1', '--peers', '1=a,2=b,3=c', '--secret-file', 'secret']
const never = () => {
  throw new Error('no secret is to be made')
}
const settle = (...args: string[]) => settleIdentity(options(...args), never)
const kept = () => readFileSync(join(folder, 'node.json'), 'utf8')

it('nodes of one secret are one cluster, and the secret is not told by its name', () => {
  const { clusterId, clusterSecret, founders } = settle(...threeNodes)
  rmSync(join(folder, 'node.json'))
  const other = settle('--id', '2', ...threeNodes.slice(2))
  expect([clusterSecret, founders, other.clusterId]).toEqual([secret.toLowerCase(), [1, 2, 3], clusterId])
  expect(secret.toLowerCase()).not.toContain(clusterId)
})

it('what was settled first holds: more peers found no other cluster, another secret is none', () => {
  const { clusterId } = settle(...threeNodes)
  writeFileSync(join(folder, 'secret'), 'cd'.repeat(32))
  const later = settle('--id', '1', '--peers', '1=a,2=b,3=c,4=d', '--secret-file', 'secret')
  expect(later).toEqual({ clusterId, founders: [1, 2, 3], clusterSecret: 'cd'.repeat(32) })
  expect(kept()).not.toContain('abab')
  expect(statSync(join(folder, 'node.json')).mode & 0o777).toBe(0o600)
})

it.each([
  ['another cluster', ['--cluster-id', 'other'], 'belongs to cluster'],
  ['other founders', ['--founders', '1,2'], '--founders never changes'],
])('%s is refused in a folder that has run', (_what, more, words) => {
  settle(...threeNodes)
  expect(() => settle(...threeNodes, ...more)).toThrow(words)
})

it('a node that is alone makes its secret once', () => {
  const made = () => 'ef'.repeat(32)
  const first = settleIdentity(options(), made)
  expect([first.clusterSecret, settle()]).toEqual(['ef'.repeat(32), first])
})

it('a node that began with a file does not go on with a secret of its own', () => {
  settle('--secret-file', 'secret')
  expect(() => settle()).toThrow('name it with --secret-file')
})

it.each(['', 'nacos', 'ab'.repeat(31), `${'ab'.repeat(32)}00`, 'zz'.repeat(32)])('the secret "%s" is refused, with the way to make one', (text) => {
  writeFileSync(join(folder, 'secret'), text)
  expect(() => settle(...threeNodes)).toThrow('openssl rand -hex 32')
})

it('a secret file that is not there is named', () => {
  expect(() => settle('--secret-file', 'missing')).toThrow(/missing cannot be read \(ENOENT\)/)
})

it.each(['', '{}', '{"version":2,"clusterId":"a","founders":[1],"clusterSecret":null}', 'nonsense'])(
  'a damaged node.json (%#) is not written over',
  (text) => {
    writeFileSync(join(folder, 'node.json'), text)
    expect(() => settle(...threeNodes)).toThrow('node.json is damaged')
    expect(kept()).toBe(text)
  },
)
