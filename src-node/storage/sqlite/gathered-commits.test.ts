/** Batches that gather: when they are committed, and what a full disk does to them. */

import { describe, expect, it } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { RowWrite } from '../../state-machine/types.ts'
import type { DatabaseFile } from './database-file.ts'
import { createGatheredCommits, type GatheredBatch } from './gathered-commits.ts'

const limits = { ms: 150, rows: 5, bytes: 100 }
const looks = 3
const put = (key: string, value = key): RowWrite => ({ kind: 'put-record', index: 1, area: 1, key, value: new TextEncoder().encode(value) })
const drop = (key: string): RowWrite => ({ kind: 'drop-record', index: 1, area: 1, key })
const batch = (index: number, ...writes: readonly RowWrite[]): GatheredBatch => ({
  ...{ writes, meta: { ...emptyMeta(), appliedIndex: index } },
  contentBytes: writes.reduce((sum, write) => sum + (write.kind === 'put-record' ? write.value.length : 0), 0),
})

/** A file whose disk may be full, for the start, for rows or for the commit; `committed` is what stands in it. */
const setUp = () => {
  const committed: string[] = []
  const disk = { fullFor: 'nothing' as 'nothing' | 'begin' | 'rows' | 'commit', isAmple: true }
  let pending: string[] | null = null
  const timers: (() => void)[] = []
  const run = (task: () => void): 'ok' | 'disk_full' => {
    if (disk.fullFor !== 'rows') {
      task()
      return 'ok'
    }
    pending = null
    return 'disk_full'
  }
  const commit = (): 'ok' | 'disk_full' => {
    const rows = pending ?? []
    pending = null
    if (disk.fullFor !== 'nothing') return 'disk_full'
    committed.push(...rows)
    return 'ok'
  }
  const begin = () => {
    if (disk.fullFor === 'begin') return 'disk_full'
    pending = []
    return { isOpen: () => pending !== null, run, commit, rollback: () => undefined }
  }
  const db = { open: true, name: 'state.db' }
  const commits = createGatheredCommits({
    ...{ file: () => ({ db, begin }) as unknown as DatabaseFile, limits, after: (_ms, act) => timers.push(act) },
    write: (writes) => void pending?.push(...writes.map((row) => ('key' in row ? `${row.kind} ${row.key}` : row.kind))),
    writeMeta: ({ appliedIndex }) => void pending?.push(`meta ${appliedIndex}`),
    settled: ({ appliedIndex }, contentBytes) => void committed.push(`settled ${appliedIndex}: ${contentBytes} bytes`),
    hasAmpleRoom: () => disk.isAmple,
  })
  const look = (times = 1): void => {
    for (let i = 0; i < times; i++) for (const act of timers.splice(0)) act()
  }
  return { commits, committed, disk, db, look, armed: () => timers.length }
}

describe('gathering', () => {
  it('commits nothing before its time is over, and then all of it at once', () => {
    const { commits, committed, look } = setUp()
    commits.add(batch(1, put('a')))
    commits.add(batch(2, put('b')))
    look(looks - 1)
    expect(committed).toEqual([])
    look()
    expect(committed).toEqual(['put-record a', 'put-record b', 'meta 2', 'settled 2: 2 bytes'])
  })

  it('asks for no more turns once all is committed', () => {
    const { commits, look, armed } = setUp()
    commits.add(batch(1, put('a')))
    expect(armed()).toBe(1)
    look(looks)
    expect(armed()).toBe(0)
  })

  it.each([
    ['rows', [put('a'), put('b'), put('c'), put('d'), put('e')]],
    ['bytes', [put('a', 'x'.repeat(60)), put('b', 'x'.repeat(40))]],
  ])('commits at once what has many %s', (_, writes) => {
    const { commits, committed } = setUp()
    commits.add(batch(1, ...writes))
    expect(committed.at(-1)).toMatch(/^settled 1: (5|100) bytes/)
  })

  it('begins anew after a commit, with all its time', () => {
    const { commits, committed, look } = setUp()
    commits.add(batch(1, put('a')))
    look()
    commits.settle()
    commits.add(batch(2, drop('a')))
    look(looks - 1)
    expect(committed).toEqual(['put-record a', 'meta 1', 'settled 1: 1 bytes'])
    look()
    expect(committed.slice(3)).toEqual(['drop-record a', 'meta 2', 'settled 2: 0 bytes'])
  })

  it('has nothing to settle before the first batch', () => {
    const { commits, committed } = setUp()
    commits.settle()
    expect(committed).toEqual([])
  })

  it('leaves a file alone that was closed meanwhile', () => {
    const { commits, committed, db, look } = setUp()
    commits.add(batch(1, put('a')))
    db.open = false
    look(looks)
    expect(committed).toEqual([])
  })

  it('is for what publishing, removing and services write, and for a run that wrote nothing', () => {
    const { commits } = setUp()
    const kinds: RowWrite[][] = [[put('a'), drop('b')], [], [put('a'), { kind: 'drop-config', id: 9 }], [{ kind: 'drop-snapshot', index: 1 }]]
    expect(kinds.map((writes) => commits.takes(batch(1, ...writes)))).toEqual([true, true, true, false])
  })

  it('is not for a batch that alone is as much as all that may gather', () => {
    const { commits } = setUp()
    expect([99, 100].map((bytes) => commits.takes(batch(1, put('a', 'x'.repeat(bytes)))))).toEqual([true, false])
  })
})

describe('a disk', () => {
  it('without ample room takes nothing that gathers, beside what gathers already', () => {
    const { commits, disk } = setUp()
    disk.isAmple = false
    expect(commits.takes(batch(1, put('a')))).toBe(false)
    disk.isAmple = true
    commits.add(batch(1, put('a')))
    disk.isAmple = false
    expect(commits.takes(batch(2, put('b')))).toBe(true)
  })

  it('that loses its room has all committed long before the time is over', () => {
    const { commits, committed, disk, look } = setUp()
    commits.add(batch(1, put('a')))
    disk.isAmple = false
    look()
    expect(committed.at(-1)).toBe('settled 1: 1 bytes')
  })

  it.each(['begin', 'rows'] as const)('that is full for the first %s keeps nothing of the batch, and takes it again later', (fullFor) => {
    const { commits, committed, disk } = setUp()
    disk.fullFor = fullFor
    expect(commits.add(batch(1, put('a')))).toBe('disk_full')
    disk.fullFor = 'nothing'
    expect(commits.add(batch(1, put('a')))).toBe('ok')
    commits.settle()
    expect(committed).toEqual(['put-record a', 'meta 1', 'settled 1: 1 bytes'])
  })

  it.each(['rows', 'commit'] as const)('that fills up in one blow under what gathers, for %s, ends it for good', (fullFor) => {
    const { commits, committed, disk } = setUp()
    commits.add(batch(1, put('a')))
    disk.fullFor = fullFor
    const act = () => (fullFor === 'rows' ? commits.add(batch(2, put('b'))) : commits.settle())
    expect(act).toThrow(/state\.db: the disk filled up/)
    disk.fullFor = 'nothing'
    expect(() => commits.add(batch(2, put('b')))).toThrow(/the disk filled up/)
    expect(() => commits.settle()).toThrow(/the disk filled up/)
    expect(committed).toEqual([])
  })
})
