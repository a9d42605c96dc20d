import { describe, expect, it } from 'vitest'
import { createDice } from '../sim/world.ts'
import { createDisk, type Disk, type Fate, type Image } from './disk.ts'
import { allKept, bytesKept, drawFate, namesKept, nothingKept, tornAt, without } from './fates.ts'
import type { Step } from './recorder/journal.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const textOf = (image: Image): Record<string, string | null> =>
  Object.fromEntries([...image].map(([path, data]) => [path, data === null ? null : Buffer.from(data).toString('latin1')]))
const file = { path: 'f', inode: 7, bytes: bytes('old') }

let syncs = 0
const write = (inode: number, at: number, text: string): Step => ({ kind: 'write', inode, at, data: bytes(text) })
const sync = (inode: number, folder: string | null = null): readonly [Step, Step] => {
  const number = ++syncs
  return [
    { kind: 'sync-begins', number, inode, folder },
    { kind: 'sync-ends', number, inode, folder },
  ]
}
const diskAfter = (...steps: readonly Step[]): Disk => {
  const disk = createDisk([file])
  for (const step of steps) disk.take(step)
  return disk
}
const left = (disk: Disk, fate: Fate) => textOf(disk.afterCut(fate))

describe('a file', () => {
  it('is as it was at its last sync, and as it was written if all arrives', () => {
    const disk = diskAfter(write(7, 0, 'new'), ...sync(7), write(7, 3, 'er'))
    expect([left(disk, nothingKept), left(disk, allKept)]).toEqual([{ f: 'new' }, { f: 'newer' }])
  })
  it('keeps of a sync only what was written before it began', () => {
    const [begins, ends] = sync(7)
    expect(left(diskAfter(write(7, 0, 'A'), begins, write(7, 1, 'B'), ends), nothingKept)).toEqual({ f: 'Ald' })
  })
  it('keeps nothing of a sync that never came back', () => {
    expect(left(diskAfter(write(7, 0, 'A'), sync(7)[0]), nothingKept)).toEqual({ f: 'old' })
  })
  it('is cut and grown in order, and what lies between is zero', () => {
    const disk = diskAfter({ kind: 'truncate', inode: 7, size: 1 }, write(7, 4, 'x'))
    expect(left(disk, allKept)).toEqual({ f: 'o\0\0\0x' })
    expect(left(disk, without(new Set([0])))).toEqual({ f: 'old\0x' })
  })
  it('may be torn at sectors of its own, not of the write', () => {
    const disk = diskAfter(write(7, 510, 'abcd'))
    expect(
      left(
        disk,
        tornAt(0, (sector) => sector === 1),
      ).f?.slice(510),
    ).toBe('\0\0cd')
    expect(
      left(
        disk,
        tornAt(0, (sector) => sector === 0),
      ).f?.slice(510),
    ).toBe('ab\0\0')
  })
  it('may have grown without its bytes', () => {
    expect(left(diskAfter(write(7, 2, 'wxyz')), { data: () => 'zeros', name: () => true })).toEqual({ f: 'old\0\0\0' })
  })
})

describe('a name', () => {
  const made: Step = { kind: 'create', path: 'g', inode: 9 }
  it('is there once its folder is synced, not with its file', () => {
    expect(left(diskAfter(made, write(9, 0, 'x'), ...sync(9)), nothingKept)).toEqual({ f: 'old' })
    expect(left(diskAfter(made, write(9, 0, 'x'), ...sync(9), ...sync(0, '.')), nothingKept)).toEqual({ f: 'old', g: 'x' })
    expect(left(diskAfter(made, write(9, 0, 'x')), namesKept)).toEqual({ f: 'old', g: '' })
    expect(left(diskAfter(made, write(9, 0, 'x')), bytesKept)).toEqual({ f: 'old' })
  })
  it('of a rename and a removal comes back without a sync of the folder', () => {
    const renamed: Step = { kind: 'rename', from: 'f', to: 'h' }
    expect(left(diskAfter(renamed), nothingKept)).toEqual({ f: 'old' })
    expect(left(diskAfter(renamed, ...sync(0, '.')), nothingKept)).toEqual({ h: 'old' })
    expect(left(diskAfter({ kind: 'unlink', path: 'f' }), nothingKept)).toEqual({ f: 'old' })
    expect(left(diskAfter({ kind: 'unlink', path: 'f' }), allKept)).toEqual({})
  })
  it('of a folder that is renamed takes along what has arrived in it', () => {
    const made: readonly Step[] = [
      { kind: 'make-folder', path: 'aside' },
      { kind: 'create', path: 'aside/a', inode: 1 },
      { kind: 'create', path: 'aside/b', inode: 2 },
      { kind: 'rename', from: 'aside', to: 'final' },
      { kind: 'create', path: 'final/c', inode: 3 },
    ]
    const disk = diskAfter(...made)
    expect(left(disk, allKept)).toEqual({ f: 'old', final: null, 'final/a': '', 'final/b': '', 'final/c': '' })
    expect(left(disk, without(new Set([2])))).toEqual({ f: 'old', final: null, 'final/a': '', 'final/c': '' })
    expect(left(disk, without(new Set([3])))).toEqual({ f: 'old', aside: null, 'aside/a': '', 'aside/b': '', 'aside/c': '' })
    expect(left(diskAfter(...made, ...sync(0, 'final')), without(new Set([3])))).toEqual(left(disk, without(new Set([3]))))
    expect(left(diskAfter(...made, ...sync(0, 'final'), ...sync(0, '.')), nothingKept)).toEqual(left(disk, allKept))
  })
  it('in a folder that is not there is not there', () => {
    const steps: readonly Step[] = [{ kind: 'make-folder', path: 'd' }, { kind: 'create', path: 'd/g', inode: 9 }, ...sync(0, 'd')]
    expect(left(diskAfter(...steps), nothingKept)).toEqual({ f: 'old' })
    expect(left(diskAfter(...steps, ...sync(0, '.')), nothingKept)).toEqual({ f: 'old', d: null, 'd/g': '' })
  })
  it('that a new file got with an old number is the new file', () => {
    const disk = diskAfter({ kind: 'unlink', path: 'f' }, { kind: 'create', path: 'g', inode: 7 }, write(7, 0, 'new'))
    expect(left(disk, allKept)).toEqual({ g: 'new' })
    expect(left(disk, nothingKept)).toEqual({ f: 'old' })
  })
})

it('a cut is the same for the same seed, and never touches what was synced', () => {
  const steps = [write(7, 0, 'new'), ...sync(7), ...Array.from({ length: 20 }, (_, at) => write(7, 3 + at, 'x'))]
  const drawn = (seed: number) => {
    const disk = diskAfter(...steps)
    return left(disk, drawFate(createDice(seed), disk).fate)
  }
  for (let seed = 1; seed <= 200; seed++) {
    expect(drawn(seed)).toEqual(drawn(seed))
    expect(drawn(seed).f?.slice(0, 3)).toBe('new')
  }
})
