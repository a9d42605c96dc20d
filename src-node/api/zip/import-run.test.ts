import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { logIndex } from '../../raft/types.ts'
import type { WriteOutcome } from '../../raft-driver/ports.ts'
import type { PublishConfig, Reply } from '../../state-machine/types.ts'
import type { ImportItems, PlannedConfig } from './import-items.ts'
import { type ConflictPolicy, type ImportProgress, runImport } from './import-run.ts'
import { manyTurns } from './zip-on-disk.testing.ts'
import type { EntryPlace } from './zip-reader.ts'

const applied = (reply: Reply): WriteOutcome<Reply> => ({ kind: 'applied', reply, index: logIndex(1) })

const md5Of = (content: string | Buffer): string => createHash('md5').update(content).digest('hex')

/** A cluster of one map: `answers` come first, in turn. */
const setUp = (there: readonly string[] = []) => {
  const held = new Map<string, string>(there.map((dataId) => [dataId, 'before']))
  const sent: PublishConfig[] = []
  const answers: (WriteOutcome<Reply> | null)[] = []
  const progress: ImportProgress[] = []
  /** What happens while it waits, in turn. */
  const late: (() => void)[] = []
  /** Of the items. */
  const begun: number[] = []
  const givenUp: number[] = []
  let waits = 0
  let underWay = 0
  let mostUnderWay = 0
  const write = (command: PublishConfig): WriteOutcome<Reply> => {
    const answer = answers.shift()
    if (answer) return answer
    if (command.expectedMd5 === '' && held.has(command.dataId)) return applied({ kind: 'cas-conflict', currentMd5: 'x' })
    held.set(command.dataId, Buffer.from(command.content).toString())
    return applied({ kind: 'published', md5: command.md5, index: 1, created: true })
  }
  const run = async (policy: ConflictPolicy, contents: Readonly<Record<string, string | Buffer>>) => {
    const bytesOf = (dataId: string) => Buffer.from(contents[dataId] ?? '')
    const items = Object.keys(contents).map((dataId, at): PlannedConfig => {
      const place: EntryPlace = {
        offset: at,
        packedBytes: 1,
        bytes: bytesOf(dataId).length,
        method: 0,
        crc: crc32(bytesOf(dataId)),
        encrypted: false,
      }
      return { group: 'G', dataId, place, type: 'yaml', appName: 'shop', description: 'd', tags: ['t'], encryptedDataKey: '' }
    })
    const list: ImportItems = {
      count: items.length,
      numbers: () => items.keys(),
      at: (item) => items[item] as PlannedConfig,
      namesAt: (item) => items[item] as PlannedConfig,
      begun: (item) => void begun.push(item),
      written: (item) => void givenUp.push(item),
    }
    const named = (item: number) => ({ dataId: items[item]?.dataId ?? '', group: items[item]?.group ?? '' })
    const { skipped, failed, ...rest } = await runImport(
      {
        zip: { contents: async (places) => places.map(({ offset }) => bytesOf(items[offset]?.dataId ?? '')) },
        ...{ items: list, policy, namespace: 'dev', contentBytesMax: 1_000, sourceIp: '127.0.0.1', sourceUser: 'me' },
      },
      {
        md5: ({ namespace, group, dataId }) => {
          const content = namespace === 'dev' && group === 'G' ? held.get(dataId) : undefined
          return content === undefined ? null : md5Of(content)
        },
        write: (command, done) => {
          sent.push(command as PublishConfig)
          mostUnderWay = Math.max(mostUnderWay, ++underWay)
          setTimeout(() => {
            underWay--
            done(write(command as PublishConfig))
          }, 1)
        },
        hash: (content, done) => done(md5Of(content)),
        unfit: ({ content }) => (content.toString().trim() === '' ? 'content is blank' : null),
        wait: async () => {
          waits++
          late.shift()?.()
        },
        ...{ turns: manyTurns(), progress: (step) => void progress.push(step) },
      },
    )
    return { ...rest, skipped: skipped.map(named), failed: failed.map(({ item, reason }) => ({ ...named(item), reason })) }
  }
  return { run, held, sent, begun, givenUp, answers, late, progress, waits: () => waits, mostUnderWay: () => mostUnderWay }
}
const names = (pairs: readonly { dataId: string }[]) => pairs.map(({ dataId }) => dataId)

describe('an import', () => {
  it('gives up what it knew of a configuration once it is written, and keeps the names of all others for its answer', async () => {
    const { run, begun, givenUp, answers } = setUp(['b'])
    answers.push(null, { kind: 'refused', code: 'disk_full' })
    await run('SKIP', { a: 'one', b: 'two', c: 'three', d: ' ' })
    expect([begun, givenUp]).toEqual([[0, 1, 2, 3], [0]])
  })

  it('writes each configuration with all that its metadata says', async () => {
    const { run, sent } = setUp()
    expect(await run('ABORT', { a: 'one', b: 'two' })).toEqual({ written: 2, skipped: [], failed: [], stopped: null })
    expect(sent[0]).toMatchObject({
      ...{ kind: 'publish-config', namespace: 'dev', group: 'G', dataId: 'a', md5: createHash('md5').update('one').digest('hex') },
      ...{ type: 'yaml', appName: 'shop', description: 'd', tags: ['t'], sourceIp: '127.0.0.1', sourceUser: 'me' },
    })
  })

  it('of policy ABORT writes nothing if anything is there', async () => {
    const { run, sent } = setUp(['b'])
    const outcome = await run('ABORT', { a: '1', b: '2', c: '3' })
    expect([outcome.written, names(outcome.skipped), names(outcome.failed)]).toEqual([0, ['a', 'c'], ['b']])
    expect(sent).toEqual([])
  })

  it('of policy SKIP leaves what is there, even if it came a moment ago', async () => {
    const { run, held, answers } = setUp(['b'])
    answers.push(applied({ kind: 'cas-conflict', currentMd5: 'x' }))
    const outcome = await run('SKIP', { a: '1', b: '2', c: '3' })
    expect([outcome.written, names(outcome.skipped).sort(), outcome.failed, outcome.stopped]).toEqual([1, ['a', 'b'], [], null])
    expect(held.get('b')).toBe('before')
  })

  it('of policy OVERWRITE replaces what is there', async () => {
    const { run, held } = setUp(['b'])
    expect(await run('OVERWRITE', { a: '1', b: '2' })).toMatchObject({ written: 2 })
    expect(held.get('b')).toBe('2')
  })

  it('of policy ABORT ends when somebody else writes one of its configurations meanwhile', async () => {
    const { run, answers } = setUp()
    answers.push(null, applied({ kind: 'cas-conflict', currentMd5: 'x' }))
    const contents = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, 'x']))
    const { written, skipped, failed, stopped } = await run('ABORT', contents)
    expect(names(failed)).toEqual(['k1'])
    expect(stopped).toContain('meanwhile')
    expect(written + skipped.length + failed.length).toBe(500)
    expect(skipped.length).toBeGreaterThan(0)
  })

  it.each([
    ['not UTF-8', Buffer.from([0xff, 0xfe]), 'not valid UTF-8'],
    ['blank', ' \n', 'blank'],
    ['too long', 'x'.repeat(1_001), 'over 1000'],
  ])('names a content that is %s, and goes on', async (_, content, reason) => {
    const { run } = setUp()
    const outcome = await run('ABORT', { a: '1', bad: content, c: '3' })
    expect(outcome).toMatchObject({ written: 2, failed: [{ dataId: 'bad', group: 'G', reason: expect.stringContaining(reason) }] })
  })

  it('sends again what an overloaded node refused', async () => {
    const { run, answers, waits } = setUp()
    answers.push({ kind: 'refused', code: 'overloaded' }, { kind: 'refused', code: 'overloaded' })
    expect(await run('ABORT', { a: '1' })).toMatchObject({ written: 1, failed: [] })
    expect(waits()).toBe(2)
  })

  it('gives up on a node that stays overloaded', async () => {
    const { run, answers, sent } = setUp()
    answers.push(...Array.from({ length: 20 }, () => ({ kind: 'refused', code: 'overloaded' }) as const))
    expect(await run('ABORT', { a: '1' })).toMatchObject({ written: 0, stopped: expect.stringContaining('too much to do') })
    expect(sent).toHaveLength(10)
  })

  it('outlives an election', async () => {
    const { run, answers } = setUp()
    answers.push(null, ...Array.from({ length: 3 }, () => ({ kind: 'refused', code: 'no_quorum' }) as const))
    expect(await run('ABORT', { a: '1', b: '2' })).toMatchObject({ written: 2, failed: [], stopped: null })
  })

  it('ends without a majority, and says what was not tried', async () => {
    const { run, answers } = setUp()
    answers.push(null, ...Array.from({ length: 2_000 }, () => ({ kind: 'refused', code: 'no_quorum' }) as const))
    const contents = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, 'x']))
    const { written, skipped, failed, stopped } = await run('OVERWRITE', contents)
    expect(stopped).toContain('majority')
    expect(names(failed)).toContain('k1')
    expect(written + skipped.length + failed.length).toBe(500)
  })

  it('calls an unknown outcome unknown, and never sends that write again', async () => {
    const { run, answers, sent } = setUp()
    answers.push({ kind: 'unknown' })
    expect(await run('OVERWRITE', { a: '1', b: '2' })).toMatchObject({
      written: 1,
      failed: [{ dataId: 'a', reason: expect.stringContaining('unknown') }],
    })
    expect(sent).toHaveLength(2)
  })

  it('looks whether a write of unknown outcome is there after all, and does not ask whose it is', async () => {
    const { run, answers, sent, late, held } = setUp()
    answers.push({ kind: 'unknown' }, { kind: 'unknown' })
    late.push(
      () => undefined,
      () => void held.set('a', '1'),
      () => void held.set('b', 'of somebody else'),
    )
    expect(await run('OVERWRITE', { a: '1', b: '2' })).toMatchObject({
      written: 1,
      failed: [{ dataId: 'b', reason: expect.stringContaining('unknown') }],
    })
    expect(sent).toHaveLength(2)
  })

  it('has a bounded number of writes under way, and tells how far it is', async () => {
    const { run, mostUnderWay, progress } = setUp()
    await run('ABORT', Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`k${at}`, 'x'])))
    expect(mostUnderWay()).toBeLessThanOrEqual(64)
    expect(mostUnderWay()).toBeGreaterThan(1)
    expect(progress.at(-1)).toEqual({ total: 1_000, written: 1_000, skipped: 0, failed: 0 })
  })
})
