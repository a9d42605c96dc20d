import { linkSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isStorageFailure } from '../storage/storage-failure.ts'
import { createWorld, keyOf } from './cache-world.testing.ts'
import { textOfKey } from './key-text.ts'

const a = keyOf('a')
const b = keyOf('b')
const none = { count: 0, first: [] }

describe('a change', () => {
  it('becomes a file of exactly its bytes, for its owner alone', async () => {
    await using world = createWorld()
    await world.started()
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x0d, 0x0a, 0x00])
    world.publish(keyOf('a', 'G', 'dev'), bytes)
    world.publish(a, '')
    await world.settled()
    expect(world.read('tenant-config-data/dev/G/a')).toBe(bytes.toString())
    expect(world.read('config-data/G/a')).toBe('')
    expect(world.modeOf('config-data/G/a')).toBe(0o600)
    expect(world.modeOf('config-data/G')).toBe(0o700)
  })

  it('is written with the newest content, once however often it came', async () => {
    await using world = createWorld()
    await world.started()
    for (let n = 0; n < 100; n++) world.publish(a, `content ${n}`)
    await world.settled()
    expect(world.read('config-data/G/a')).toBe('content 99')
    expect(world.cache.status().filesWritten).toBe(1)
  })

  it('that removes takes the file away, and one that comes back brings it back', async () => {
    await using world = createWorld()
    await world.started()
    world.publish(a, 'one')
    await world.settled()
    world.remove(a)
    await world.settled()
    expect(world.read('config-data/G/a')).toBeNull()
    world.publish(a, 'two')
    await world.settled()
    expect(world.read('config-data/G/a')).toBe('two')
  })

  it('of a large content is written whole', async () => {
    await using world = createWorld()
    await world.started()
    const large = 'x'.repeat(3 * 1024 * 1024)
    world.publish(a, large)
    world.publish(b, 'small')
    await world.settled()
    expect(world.read('config-data/G/a')).toBe(large)
    expect((await world.cache.fullDump('request')).different).toEqual(none)
  })

  it('before the start-up dump is left to it', async () => {
    await using world = createWorld()
    world.publish(a, 'early')
    expect(world.cache.status()).toMatchObject({ state: 'starting', dirty: 0, dumpDue: true })
    await world.started()
    expect(world.read('config-data/G/a')).toBe('early')
  })

  it('whose content the store has lost ends the node', async () => {
    await using world = createWorld()
    await world.started()
    world.publish(a, 'sound')
    const row = world.rows.get(textOfKey(a))
    if (row !== undefined) world.rows.set(textOfKey(a), { ...row, content: Buffer.from('other') })
    world.clock.advance(100)
    await world.until(() => world.failures.length > 0)
    expect(isStorageFailure(world.failures[0])).toBe(true)
    expect(world.read('config-data/G/a')).toBeNull()
  })
})

describe('the start-up dump', () => {
  it('writes what differs, removes what is gone, and what a crash left', async () => {
    await using world = createWorld()
    world.store(a, 'new')
    world.store(b, 'same')
    world.store(keyOf('c'), 'missing')
    world.plant('config-data/G/a', 'old')
    world.plant('config-data/G/b', 'same')
    world.plant('config-data/gone/x', 'gone')
    world.plant('config-data/G/%tmp-7', 'half a cont')
    world.plant('tenant-config-data/dev/G/y', 'gone')
    const report = await world.started()
    expect(report).toMatchObject({ reason: 'start', checked: 3, written: 2, removed: 3, leftovers: 1, problem: null, failed: none })
    expect(report).toMatchObject({ missing: { first: ['public/G/c'] }, different: { first: ['public/G/a'] } })
    expect(report.extra.first.toSorted()).toEqual(['dev/G/y', 'public/gone/x'])
    expect(world.tree().filter((path) => /[abcxy7]$/.test(path) && !path.endsWith('data'))).toEqual([
      'config-data/G/a',
      'config-data/G/b',
      'config-data/G/c',
    ])
    expect(world.read('config-data/G/a')).toBe('new')
    expect(world.said.filter((line) => line.startsWith('warn'))).toEqual([])
  })

  it('begins by itself a moment after the start', async () => {
    await using world = createWorld()
    world.store(a, 'content')
    world.cache.start()
    expect(world.tree()).toEqual([])
    world.clock.advance(1_000)
    await world.until(({ last }) => last?.reason === 'start')
    expect(world.read('config-data/G/a')).toBe('content')
  })

  it('shows a folder that was not there once all of its files are', async () => {
    await using world = createWorld()
    for (let n = 0; n < 600; n++) world.store(keyOf(`k${n}`), 'content')
    const dump = world.cache.fullDump('start')
    await world.until(({ running }) => (running?.written ?? 0) > 0)
    expect(world.tree().filter((path) => path.startsWith('config-data'))).toEqual([])
    world.publish(a, 'meanwhile')
    expect(await dump).toMatchObject({ failed: none, problem: null })
    await world.settled()
    expect(world.tree().filter((path) => path.startsWith('config-data/G/'))).toHaveLength(601)
    expect(world.tree().filter((path) => path.startsWith('%tmp-'))).toEqual([])
    expect(world.read('config-data/G/a')).toBe('meanwhile')
  })

  it('leaves the other files of the node alone', async () => {
    await using world = createWorld()
    world.plant('state.db', 'rows')
    await world.started()
    expect(world.read('state.db')).toBe('rows')
  })

  it('takes empty folders along, the next time', async () => {
    await using world = createWorld()
    world.plant('tenant-config-data/dev/G/y', 'gone')
    await world.started()
    await world.started()
    await world.started()
    expect(world.tree().filter((path) => path.includes('dev'))).toEqual([])
  })
})

describe('a full dump', () => {
  it('repairs what people did by hand and tells it, in its report and in the log', async () => {
    await using world = createWorld()
    for (const dataId of ['a', 'b', 'c']) world.store(keyOf(dataId), `content of ${dataId}`)
    await world.started()
    world.plant('config-data/G/a', 'by hand!!!!!!')
    unlinkSync(world.at('config-data/G/b'))
    world.plant('config-data/G/note', 'mine')
    const report = await world.cache.fullDump('request')
    expect(report).toMatchObject({
      different: { count: 1, first: ['public/G/a'] },
      missing: { first: ['public/G/b'] },
      extra: { first: ['public/G/note'] },
    })
    expect(report).toMatchObject({ written: 2, removed: 1, failed: none })
    expect(world.cache.status().last).toEqual(report)
    expect(world.read('config-data/G/a')).toBe('content of a')
    expect(world.read('config-data/G/b')).toBe('content of b')
    expect(world.read('config-data/G/note')).toBeNull()
    expect(world.said.at(-1)).toMatch(
      /^warn .*1 missing, 1 different, 1 extra; 2 files written, 1 removed; missing: public\/G\/b; different: public\/G\/a/,
    )
    expect(await world.cache.fullDump('request')).toMatchObject({ missing: none, different: none, extra: none, written: 0, removed: 0 })
  })

  it('is not begun twice: who asks meanwhile gets the same report', async () => {
    await using world = createWorld()
    world.store(a, 'content')
    const first = world.cache.fullDump('start')
    expect(world.cache.status().running).toMatchObject({ reason: 'start' })
    expect(await world.cache.fullDump('request')).toBe(await first)
  })

  it('comes by itself, again and again', async () => {
    await using world = createWorld({ fullDumpMs: 1_000 })
    world.store(a, 'content')
    await world.started()
    for (let time = 0; time < 2; time++) {
      unlinkSync(world.at('config-data/G/a'))
      world.clock.advance(1_000)
      await world.until(() => world.read('config-data/G/a') === 'content')
      await world.until(({ running }) => running === null)
    }
    expect(world.cache.status().last).toMatchObject({ reason: 'periodic', missing: { count: 1 } })
  })

  it('is due when more files are behind than are kept in mind, and misses none', async () => {
    await using world = createWorld()
    await world.started()
    world.store(a, 'among many')
    world.cache.changed(
      Array.from({ length: 20_001 }, (_, n) => keyOf(`k${n}`)),
      30_000,
    )
    await world.settled()
    expect(world.cache.status()).toMatchObject({ state: 'current', index: 30_000, last: { reason: 'overflow', missing: { count: 1 } } })
    expect(world.read('config-data/G/a')).toBe('among many')
    expect(world.said.filter((line) => line.includes('more files are behind'))).toHaveLength(1)
    world.publish(b, 'after it')
    await world.settled()
    expect(world.read('config-data/G/b')).toBe('after it')
  })

  it('says that a folder with files stands in the place of a file, and takes it away once it is empty', async () => {
    await using world = createWorld()
    world.store(a, 'content')
    world.plant('config-data/G/a/treasure/x', 'mine')
    const report = await world.started()
    expect(report.failed.first).toEqual(['public/G/a (EISDIR)'])
    expect(report.extra.first).toEqual(['config-data/G/a/treasure/x'])
    expect(await world.started()).toMatchObject({ different: { count: 1 }, failed: none })
    expect(world.read('config-data/G/a')).toBe('content')
  })
})

describe('a link that somebody put into the cache', () => {
  const outside = (world: ReturnType<typeof createWorld>) => {
    mkdirSync(join(world.dir, 'outside'))
    writeFileSync(join(world.dir, 'outside', 'a'), 'precious')
    return join(world.dir, 'outside')
  }

  it.each(['config-data', 'config-data/G'])('in the place of the folder %s leads nowhere', async (folder) => {
    await using world = createWorld()
    const target = outside(world)
    await world.started()
    world.publish(a, 'first')
    await world.settled()
    rmSync(world.at(folder), { recursive: true })
    symlinkSync(target, world.at(folder))
    world.publish(a, 'mine')
    await world.settled()
    expect(world.read('config-data/G/a')).toBe('mine')
    symlinkSync(target, world.at('config-data/other'))
    const report = await world.cache.fullDump('request')
    expect(report.extra.first).toEqual(['config-data/other'])
    rmSync(world.at(folder), { recursive: true })
    symlinkSync(target, world.at(folder))
    expect(await world.cache.fullDump('request')).toMatchObject({ failed: none, written: 1 })
    expect(world.read('config-data/G/a')).toBe('mine')
    expect(world.read('../outside/a')).toBe('precious')
  })

  it('in the place of a file is replaced, whatever it points to', async () => {
    await using world = createWorld()
    const target = join(outside(world), 'a')
    world.store(a, 'precious')
    world.store(b, 'mine')
    mkdirSync(world.at('config-data/G'), { recursive: true })
    symlinkSync(target, world.at('config-data/G/a'))
    linkSync(target, world.at('config-data/G/b'))
    symlinkSync(target, world.at('config-data/G/%tmp-0'))
    expect(await world.started()).toMatchObject({ different: { count: 2 }, leftovers: 1 })
    world.publish(a, 'changed')
    await world.settled()
    expect(world.read('config-data/G/a')).toBe('changed')
    expect(world.read('config-data/G/b')).toBe('mine')
    expect(world.read('../outside/a')).toBe('precious')
  })
})

describe('a folder that takes no files', () => {
  it('is told once; the files follow by themselves when it does', async () => {
    await using world = createWorld()
    await world.started()
    world.publish(a, 'before')
    await world.settled()
    renameSync(world.data, `${world.data}.away`)
    world.publish(a, 'meanwhile')
    world.clock.advance(100)
    await world.until(({ state }) => state === 'unwritable')
    world.publish(b, 'meanwhile')
    world.clock.advance(1_000)
    world.clock.advance(1_000)
    renameSync(`${world.data}.away`, world.data)
    await world.settled()
    expect(world.read('config-data/G/a')).toBe('meanwhile')
    expect(world.read('config-data/G/b')).toBe('meanwhile')
    expect(world.cache.status()).toMatchObject({ state: 'current', problem: null })
    expect(world.said.filter((line) => line.includes('cannot be written'))).toHaveLength(1)
    expect(world.said.filter((line) => line.includes('can be written again'))).toHaveLength(1)
  })
})

describe('a rewrite', () => {
  it('reports and repairs files that are not what memory says, and no others', async () => {
    await using world = createWorld()
    for (const dataId of ['a', 'b', 'c']) world.store(keyOf(dataId), 'content')
    await world.started()
    world.plant('config-data/G/a', 'changed')
    unlinkSync(world.at('config-data/G/b'))
    world.plant('config-data/G/gone', 'still here')
    world.plant('config-data/G/c', 'not asked for')
    const report = world.cache.rewrite([a, b, keyOf('gone')])
    expect(await report).toMatchObject({ checked: 3, behind: 0, different: { first: ['public/G/a'] }, missing: { first: ['public/G/b'] } })
    expect((await report).extra.first).toEqual(['public/G/gone'])
    expect(world.read('config-data/G/a')).toBe('content')
    expect(world.read('config-data/G/gone')).toBeNull()
    expect(world.read('config-data/G/c')).toBe('not asked for')
    expect(world.said.at(-1)).toMatch(/^warn 3 files compared after a notice: 1 missing, 1 different, 1 extra/)
  })

  it('waits for the flusher first, so that what was to be written anyway is no difference', async () => {
    await using world = createWorld()
    await world.started()
    world.publish(a, 'new')
    const [one, two] = [world.cache.rewrite([a]), world.cache.rewrite([b])]
    await world.settled()
    world.clock.advance(100)
    expect(await one).toMatchObject({ checked: 2, different: none, missing: none })
    expect(await two).toBe(await one)
  })

  it('does not wait for ever under load: what changes all the time counts as behind', async () => {
    await using world = createWorld()
    await world.started()
    const keys = Array.from({ length: 2_000 }, (_, n) => keyOf(`k${n}`))
    world.cache.changed(keys, 1)
    const report = world.cache.rewrite(keys)
    let done = false
    void report.then(() => {
      done = true
    })
    await world.until(() => {
      world.cache.changed(keys, 2)
      world.clock.advance(100)
      return done
    })
    expect((await report).behind).toBeGreaterThan(1_000)
  })
})

it('closes in the middle of it all, and starts again where it was', async () => {
  await using world = createWorld()
  for (let n = 0; n < 2_000; n++) world.store(keyOf(`k${n}`), 'content')
  const dump = world.cache.fullDump('start')
  world.publish(a, 'content')
  await world.until(({ running }) => (running?.written ?? 0) > 0)
  await world.cache.close()
  expect(await dump).toMatchObject({ problem: 'the node stops' })
  expect(await world.cache.fullDump('request')).toMatchObject({ problem: 'the node stops', checked: 0 })
})
