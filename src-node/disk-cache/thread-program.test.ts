import * as crypto from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openCacheThread, threadLost } from './cache-thread.ts'
import { cacheThread, type ThreadOrder } from './thread-program.ts'

let root = ''
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'nacos-trio-thread-'))
})
afterEach(() => fs.rmSync(root, { recursive: true, force: true }))

const path = 'config-data/G/a'
const md5 = (text: string) => crypto.hash('md5', text)
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text))
const write = (text: string): ThreadOrder => ({ kind: 'write', paths: [path], bytes: [text.length], md5s: [md5(text)], contents: bytesOf(text) })
const removal: ThreadOrder = { kind: 'write', paths: [path], bytes: [-1], md5s: [''], contents: new Uint8Array(0) }
const list: ThreadOrder = { kind: 'list', folders: ['config-data'], begin: true, count: 100 }
const content = () => (fs.existsSync(join(root, path)) ? fs.readFileSync(join(root, path), 'utf8') : null)

/** The file system up to call `callsMax`; from then on nothing comes through, as in a process that was killed. */
const diesAfter = (callsMax: number): { readonly fs: typeof fs; calls(): number } => {
  let calls = 0
  const mortal = new Proxy(fs, {
    get: (target, name, receiver) => {
      const found: unknown = Reflect.get(target, name, receiver)
      if (typeof found !== 'function' || !String(name).endsWith('Sync')) return found
      return (...args: unknown[]) => {
        if (++calls > callsMax) throw new Error('the process is dead')
        return Reflect.apply(found, target, args) as unknown
      }
    },
  })
  return { fs: mortal, calls: () => calls }
}

const failing = (name: 'writeSync' | 'renameSync' | 'openSync', code: string): typeof fs => ({
  ...fs,
  [name]: () => {
    throw Object.assign(new Error(code), { code })
  },
})

it.each([
  ['the first content', null, write('new')],
  ['another content', 'the old one', write('new')],
  ['a removal', 'the old one', removal],
])('a crash at any call of %s leaves the old state or the new one, and nothing that is not swept', (_what, before, order) => {
  const after = order === removal ? null : 'new'
  let whole = false
  for (let callsMax = 0; !whole; callsMax++) {
    fs.rmSync(join(root, 'config-data'), { recursive: true, force: true })
    if (before !== null) cacheThread(fs, crypto, root)(write(before))
    const mortal = diesAfter(callsMax)
    cacheThread(mortal.fs, crypto, root)(order)
    whole = mortal.calls() <= callsMax
    expect([before, after]).toContain(content())
    const next = cacheThread(fs, crypto, root)
    const others = next(list).paths.filter((found) => found !== path)
    expect(others.every((found) => found.startsWith('config-data/G/%tmp-'))).toBe(true)
    if (whole) expect([content(), others]).toEqual([after, []])
    expect(next(write('again')).codes).toEqual([''])
    expect(content()).toBe('again')
    expect(callsMax).toBeLessThan(50)
  }
})

it.each([
  ['writeSync', 'ENOSPC'],
  ['renameSync', 'EBUSY'],
  ['openSync', 'EROFS'],
] as const)('a failing %s changes nothing, is told and leaves nothing behind', (name, code) => {
  cacheThread(fs, crypto, root)(write('old'))
  expect(cacheThread(failing(name, code), crypto, root)(write('new')).codes).toEqual([code])
  expect(content()).toBe('old')
  expect(fs.readdirSync(join(root, 'config-data/G'))).toEqual(['a'])
})

it('a content that is not what was written is not written', () => {
  const order: ThreadOrder = { kind: 'write', paths: [path], bytes: [3], md5s: [md5('new')], contents: Buffer.from('neu') }
  expect(cacheThread(fs, crypto, root)(order).codes).toEqual(['md5'])
  expect(content()).toBeNull()
})

it('a disk that takes a content in pieces gets all of it', () => {
  const slow = { ...fs, writeSync: (file: number, bytes: Uint8Array, at: number) => fs.writeSync(file, bytes, at, 1) } as unknown as typeof fs
  expect(cacheThread(slow, crypto, root)(write('some words')).codes).toEqual([''])
  expect(content()).toBe('some words')
})

it('names come in pages, each once', () => {
  const carryOut = cacheThread(fs, crypto, root)
  const texts = Array.from({ length: 25 }, (_, n) => `config-data/G${n % 3}/a${n}`)
  carryOut({ kind: 'write', paths: texts, bytes: texts.map(() => 0), md5s: texts.map(() => md5('')), contents: new Uint8Array(0) })
  const found: string[] = []
  for (let begin = true, more = true; more; begin = false) {
    const page = carryOut({ kind: 'list', folders: ['config-data', 'tenant-config-data'], begin, count: 10 })
    expect(page.paths.length).toBeLessThanOrEqual(10)
    found.push(...page.paths)
    more = page.more
  }
  expect(found.toSorted()).toEqual(texts.toSorted())
})

describe('a folder that is made for the first time', () => {
  const folders = ['config-data', 'tenant-config-data']
  const stage: ThreadOrder = { kind: 'stage', folders }
  const settle: ThreadOrder = { kind: 'settle', folders }
  const paths = [path, 'config-data/G/b', 'config-data/H/c']
  const writeAll: ThreadOrder = {
    ...{ kind: 'write', paths, bytes: [3, 3, 3], md5s: ['one', 'two', 'sum'].map(md5), contents: bytesOf('onetwosum') },
  }
  const all = { [path]: 'one', 'config-data/G/b': 'two', 'config-data/H/c': 'sum' }
  const place = (name: string): string => join(root, name)
  const plant = (name: string, text: string): void => {
    fs.mkdirSync(join(place(name), '..'), { recursive: true })
    fs.writeFileSync(place(name), text)
  }
  const files = (): Record<string, string> =>
    Object.fromEntries(
      fs
        .readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => [join(entry.parentPath, entry.name).slice(root.length + 1), fs.readFileSync(join(entry.parentPath, entry.name), 'utf8')]),
    )

  it('is seen whole or not at all, whenever a crash comes, and the next life goes on with it', () => {
    let whole = false
    for (let callsMax = 0; !whole; callsMax++) {
      for (const name of fs.readdirSync(root)) fs.rmSync(place(name), { recursive: true })
      const mortal = diesAfter(callsMax)
      try {
        const carryOut = cacheThread(mortal.fs, crypto, root)
        for (const order of [stage, writeAll, settle]) carryOut(order)
      } catch (error) {
        expect(String(error)).toContain('the process is dead')
      }
      whole = mortal.calls() <= callsMax
      const seen = Object.fromEntries(Object.entries(files()).filter(([name]) => !name.startsWith('%tmp-')))
      expect([{}, all]).toContainEqual(seen)
      const next = cacheThread(fs, crypto, root)
      for (const order of [stage, writeAll]) next(order)
      expect(next(settle).problems).toEqual([])
      expect(files()).toEqual(all)
      expect(callsMax).toBeLessThan(100)
    }
  })

  it('is compared, listed and changed where it stands', () => {
    const carryOut = cacheThread(fs, crypto, root)
    for (const order of [stage, writeAll]) carryOut(order)
    expect(
      carryOut({ kind: 'compare', paths: [...paths, 'config-data/G/d'], bytes: [3, 3, 3, 3], md5s: ['one', 'xxx', 'sum', 'new'].map(md5) }).codes,
    ).toEqual([...['', 'different', '', 'missing']])
    expect(carryOut(removal).codes).toEqual([''])
    expect(carryOut({ ...list, folders }).paths.toSorted()).toEqual(paths.slice(1))
    carryOut(write('again'))
    carryOut(settle)
    expect(files()).toEqual({ ...all, [path]: 'again' })
    carryOut(write('plain'))
    expect(files()).toEqual({ ...all, [path]: 'plain' })
  })

  it('leaves what somebody has put into its place meanwhile', () => {
    const carryOut = cacheThread(fs, crypto, root)
    for (const order of [stage, writeAll]) carryOut(order)
    plant(path, 'mine')
    plant('config-data/I/x', 'mine too')
    expect(carryOut(settle).problems).toEqual([])
    expect(files()).toEqual({ ...all, [path]: 'mine', 'config-data/I/x': 'mine too' })
  })

  it('is no other folder: one that is there is written as always, and what stands aside of it is listed, to be removed', () => {
    plant('config-data/G/old', 'old')
    plant('%tmp-config-data/G/a', 'left')
    const carryOut = cacheThread(fs, crypto, root)
    for (const order of [stage, write('new')]) carryOut(order)
    expect(content()).toBe('new')
    expect(carryOut({ ...list, folders }).paths.toSorted()).toEqual(['%tmp-config-data/G/a', path, 'config-data/G/old'])
  })

  it('takes nothing through a link that stands where it is made', () => {
    plant('outside', 'precious')
    plant('%tmp-config-data/G/other', '')
    fs.symlinkSync(place('outside'), place('%tmp-config-data/G/a'))
    fs.linkSync(place('outside'), place('%tmp-config-data/G/b'))
    const carryOut = cacheThread(fs, crypto, root)
    for (const order of [stage, writeAll, settle]) carryOut(order)
    expect(files()).toEqual({ ...all, 'config-data/G/other': '', outside: 'precious' })
  })
})

describe('the thread', () => {
  it('carries orders out one after the other, each made when its turn comes', async () => {
    const thread = openCacheThread({ root: () => root, lost: () => {} })
    let newest = 'one'
    const first = thread.run(() => write('zero'))
    const second = thread.run(() => write(newest))
    newest = 'two'
    expect((await first)?.codes).toEqual([''])
    await second
    expect(content()).toBe('two')
    await thread.close()
    expect(await thread.run(() => write('late'))).toBeNull()
    expect(content()).toBe('two')
  })

  it('that dies says so for its order, and the next one has a new thread', async () => {
    const deaths: Error[] = []
    const thread = openCacheThread({ root: () => root, lost: (error) => deaths.push(error) })
    const unreadable = { kind: 'compare', paths: [path], bytes: null, md5s: [] } as unknown as ThreadOrder
    expect((await thread.run(() => unreadable))?.codes).toEqual([threadLost])
    expect(deaths).toHaveLength(1)
    expect((await thread.run(() => write('after')))?.codes).toEqual([''])
    expect(content()).toBe('after')
    await thread.close()
  })

  it('has a guest from its begin on, in each of its lives and beyond its last order', async () => {
    const seen = join(root, 'guest')
    const guest = { program: `require('node:fs').appendFileSync(guest.file, 'here ')`, data: { file: seen } }
    const thread = openCacheThread({ root: () => root, lost: () => {}, guest })
    const lives = (count: number) => vi.waitFor(() => expect(fs.readFileSync(seen, 'utf8')).toBe('here '.repeat(count)), 10_000)
    await lives(1)
    const unreadable = { kind: 'compare', paths: [path], bytes: null, md5s: [] } as unknown as ThreadOrder
    await thread.run(() => unreadable)
    await lives(2)
    expect((await thread.run(() => write('after')))?.codes).toEqual([''])
    await thread.close()
    await lives(2)
  })

  it('goes on after an order that could not be made', async () => {
    const thread = openCacheThread({ root: () => root, lost: () => {} })
    const broken = thread.run(() => {
      throw new Error('no rows')
    })
    await expect(broken).rejects.toThrow('no rows')
    expect((await thread.run(() => write('after')))?.codes).toEqual([''])
    await thread.close()
  })
})
