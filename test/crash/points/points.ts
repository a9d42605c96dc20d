/**
 * Every moment of a recorded life, and for each what a power cut at it may leave: the plain ways, each unsynced change missing by itself (others
 * overtook it), up to three of them missing, and ways drawn from a seed. What looks the same and was promised the same comes once.
 */

import { createHash } from 'node:crypto'
import { createDice, type Dice } from '../../sim/world.ts'
import { createDisk, type DataChange, type Disk, type Fate, type Image } from '../disk.ts'
import { allKept, bytesKept, drawFate, namesKept, nothingKept, tornAt, without } from '../fates.ts'
import type { Step } from '../recorder/journal.ts'
import { marksName, nodeName } from './places.ts'

/** What a life has promised so far, and how its words change that. */
export interface PromiseRules<P, M> {
  readonly birth: P
  readonly after: (before: P, mark: M) => P
}

export interface CrashPoint<P> {
  /** Steps of the recording before it. */
  readonly at: number
  readonly words: string
  readonly image: Image
  /** Everything that the process had done is there: it alone has died, in the middle of a write perhaps. */
  readonly isKill: boolean
  readonly promises: P
}

export interface PointsOptions {
  readonly seed: number
  /** Of plain writes every so-manieth moment is looked at; of everything else each. */
  readonly everyWrite: number
  /** Ways drawn at each moment, beside the plain ones. */
  readonly draws: number
  /** Unsynced changes that are left out one by one: the newest, where there are more. */
  readonly alone: number
}

const overtakenMax = 3

const half = (change: DataChange, first: boolean): ((sector: number) => boolean) => {
  if (change.kind !== 'write') return () => false
  const middle = Math.floor((change.at + change.data.length / 2) / 512)
  return (sector) => sector < middle === first
}

interface NamedFate {
  readonly words: string
  readonly fate: Fate
  readonly isKill?: boolean
}

function* fatesOf(
  disk: Disk,
  dice: Dice,
  { draws, alone, writes }: { readonly draws: number; readonly alone: number; readonly writes: boolean },
): Generator<NamedFate> {
  yield { words: 'nothing unsynced kept', fate: nothingKept }
  yield { words: 'all kept', fate: allKept, isKill: true }
  yield { words: 'names kept, bytes dropped', fate: namesKept }
  yield { words: 'bytes kept, names dropped', fate: bytesKept }
  const data = disk.unsyncedData()
  const last = data.at(-1)
  if (last !== undefined) {
    yield { words: `all kept, the last write of ${last.file} torn: first half`, fate: tornAt(last.order, half(last, true)), isKill: writes }
    yield { words: `all kept, the last write of ${last.file} torn: second half`, fate: tornAt(last.order, half(last, false)) }
  }
  const orders = [...data, ...disk.unsyncedNames()].map(({ order }) => order).toSorted((a, b) => a - b)
  for (const order of orders.slice(-alone)) yield { words: `all kept but change ${order}`, fate: without(new Set([order])) }
  if (orders.length === 0) return
  for (let draw = 0; draw < draws; draw++) {
    const gone = new Set(Array.from({ length: dice.between(2, overtakenMax) }, () => dice.pick(orders)))
    yield { words: `all kept but changes ${[...gone].join(', ')}`, fate: without(gone) }
    yield drawFate(dice, disk)
  }
}

const keyOf = (image: Image, promises: string): string => {
  const hash = createHash('sha1').update(promises)
  for (const [path, bytes] of [...image].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\n${path} ${bytes?.length ?? 'folder'}\n`).update(bytes ?? '')
  return hash.digest('hex')
}

/** The workload's own words, told apart from its node's disk. */
const createMarkReader = <M>() => {
  let inode: number | null = null
  return (step: Step): readonly M[] | null => {
    if (step.kind === 'create' && step.path === marksName) {
      inode = step.inode
      return []
    }
    if (step.kind !== 'write' || step.inode !== inode) return null
    return Buffer.from(step.data)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as M)
  }
}

/** In order. An image is good until the next one is asked for. */
export function* crashPoints<P, M>(steps: readonly Step[], rules: PromiseRules<P, M>, options: PointsOptions): Generator<CrashPoint<P>> {
  const disk = createDisk([{ path: nodeName, inode: 0, bytes: null }])
  const dice = createDice(options.seed)
  const marksOf = createMarkReader<M>()
  const seen = new Set<string>()
  let promises = rules.birth
  let writes = 0
  for (const [at, step] of steps.entries()) {
    const marks = marksOf(step)
    for (const mark of marks ?? []) promises = rules.after(promises, mark)
    if (marks === null) disk.take(step)
    if (marks === null && step.kind === 'write' && ++writes % options.everyWrite !== 0) continue
    const promised = JSON.stringify(promises)
    const fates = fatesOf(disk, dice, { ...options, writes: marks === null && step.kind === 'write' })
    for (const { words, fate, isKill = false } of fates) {
      const image = disk.afterCut(fate)
      const key = keyOf(image, promised)
      if (seen.has(key)) continue
      seen.add(key)
      yield { at: at + 1, words, image, isKill, promises }
    }
  }
}
