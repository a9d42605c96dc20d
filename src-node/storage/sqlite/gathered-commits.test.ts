/** Batches that gather: when they are committed, and what a full disk does to them. */

import { describe, expect, it } from 'vitest'
import { emptyMeta } from '../../state-machine/state-machine.ts'
import type { RowWrite } from '../../state-machine/types.ts'
import type { DatabaseFile } from './database-file.ts'
import { createGatheredCommits, type GatheredBatch, gathers } from './gathered-commits.ts'

const limits = { ms: 250, rows: 5, bytes: 100 }
const put = (key: string, value = key): RowWrite => ({ kind: 'put-record', index: 1, area: 1, key, value: new TextEncoder().encode(value) })
const drop = (key: string): RowWrite => ({ kind: 'drop-record', index: 1, area: 1, key })
const batch = (index: number, ...writes: readonly RowWrite[]): GatheredBatch => ({
  ...{ writes, meta: { ...emptyMeta(), appliedIndex: index } },
  contentBytes: writes.reduce((sum, write) => sum + (write.kind === 'put-record' ? write.value.length : 0), 0),
})

/** A file whose disk may be full, for rows or for the commit; `committed` is what stands in it. */
const setUp = () => {
  const committed: string[] = []
  const disk = { fullFor: 'nothing' as 'nothing' | 'rows' | 'commit' }
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
    pending = []
    return { isOpen: () => pending !== null, run, commit, rollback: () => undefined }
  }
  const write = (task: () => void): 'ok' | 'disk_full' => {
    begin()
    return run(task) === 'ok' ? commit() : 'disk_full'
  }
  const file = { db: { open: true }, begin, write } as unknown as DatabaseFile
  const commits = createGatheredCommits({
    ...{ file: () => file, limits, after: (_ms, act) => timers.push(act) },
    write: (writes) => void pending?.push(...writes.map((row) => ('key' in row ? `${row.kind} ${row.key}` : row.kind))),
    writeMeta: ({ appliedIndex }) => void pending?.push(`meta ${appliedIndex}`),
    settled: (batches) => void committed.push(`settled ${batches.map(({ meta }) => meta.appliedIndex).join(' ')}`),
  })
  const text = (key: string): string | null | undefined => {
    const found = commits.lacking(1, key)
    return found === null ? null : found.value && new TextDecoder().decode(found.value)
  }
  return { commits, committed, disk, text, tick: () => timers.splice(0).forEach((act) => void act()) }
}

describe('gathering', () => {
  it('takes batches into one transaction, and commits them with the last meta once their time is over', () => {
    const { commits, committed, tick } = setUp()
    commits.add(batch(1, put('a')))
    commits.add(batch(2, put('b')))
    expect(committed).toEqual([])
    tick()
    expect(committed).toEqual(['put-record a', 'put-record b', 'meta 2', 'settled 1 2'])
  })

  it.each([
    ['rows', [put('a'), put('b'), put('c'), put('d'), put('e')]],
    ['bytes', [put('a', 'x'.repeat(100))]],
  ])('commits at once what has many %s', (_, writes) => {
    const { commits, committed } = setUp()
    commits.add(batch(1, ...writes))
    expect(committed.at(-1)).toBe('settled 1')
  })

  it('begins anew after a commit', () => {
    const { commits, committed } = setUp()
    commits.add(batch(1, put('a')))
    commits.settle()
    commits.add(batch(2, drop('a')))
    commits.settle()
    expect(committed).toEqual(['put-record a', 'meta 1', 'settled 1', 'drop-record a', 'meta 2', 'settled 2'])
  })

  it('has nothing to settle before the first batch', () => {
    const { commits, committed } = setUp()
    expect([commits.settle(), committed]).toEqual(['ok', []])
  })

  it('is for records alone, and for a run that wrote nothing', () => {
    expect([gathers([put('a'), drop('b')]), gathers([]), gathers([put('a'), { kind: 'drop-config', id: 1 }])]).toEqual([true, true, false])
  })
})

describe('a full disk', () => {
  it('refuses a batch whose rows find no room, and keeps those that were taken before', () => {
    const { commits, committed, disk, text } = setUp()
    commits.add(batch(1, put('a', 'old')))
    disk.fullFor = 'rows'
    expect([commits.add(batch(2, put('b'))), text('a'), text('b')]).toEqual(['disk_full', 'old', null])
    disk.fullFor = 'nothing'
    expect(commits.add(batch(2, put('b')))).toBe('ok')
    commits.settle()
    expect(committed).toEqual(['put-record a', 'meta 1', 'settled 1', 'put-record b', 'meta 2', 'settled 2'])
  })

  it('at the commit keeps what was taken, tells of it, and writes it once there is room', () => {
    const { commits, committed, disk, text, tick } = setUp()
    commits.add(batch(1, put('a', 'old')))
    commits.add(batch(2, put('a', 'new'), put('b')))
    commits.add(batch(3, drop('b')))
    disk.fullFor = 'commit'
    tick()
    expect([committed, text('a'), text('b'), text('c')]).toEqual([[], 'new', undefined, null])
    disk.fullFor = 'nothing'
    tick()
    expect(committed).toEqual(['put-record a', 'put-record a', 'put-record b', 'drop-record b', 'meta 3', 'settled 1 2 3'])
    expect(text('a')).toBeNull()
  })

  it('lets nothing new in before what it threw out', () => {
    const { commits, committed, disk } = setUp()
    commits.add(batch(1, put('a')))
    disk.fullFor = 'commit'
    expect([commits.settle(), commits.add(batch(2, put('b'))), committed]).toEqual(['disk_full', 'disk_full', []])
  })

  it('is forgotten with the file that it was the disk of', () => {
    const { commits, committed, disk } = setUp()
    commits.add(batch(1, put('a')))
    disk.fullFor = 'commit'
    commits.settle()
    commits.forget()
    disk.fullFor = 'nothing'
    expect([commits.settle(), committed]).toEqual(['ok', []])
  })
})
