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
import { after, type Mark, type Promises } from './promises.ts'

export interface CrashPoint {
  /** Steps of the recording before it. */
  readonly at: number
  readonly words: string
  readonly image: Image
  readonly promises: Promises
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

function* fatesOf(
  disk: Disk,
  dice: Dice,
  { draws, alone }: { readonly draws: number; readonly alone: number },
): Generator<{ readonly words: string; readonly fate: Fate }> {
  yield { words: 'nothing unsynced kept', fate: nothingKept }
  yield { words: 'all kept', fate: allKept }
  yield { words: 'names kept, bytes dropped', fate: namesKept }
  yield { words: 'bytes kept, names dropped', fate: bytesKept }
  const data = disk.unsyncedData()
  const last = data.at(-1)
  if (last !== undefined) {
    yield { words: `all kept, the last write of ${last.file} torn: first half`, fate: tornAt(last.order, half(last, true)) }
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
const createMarkReader = () => {
  let inode: number | null = null
  return (step: Step): readonly Mark[] | null => {
    if (step.kind === 'create' && step.path === marksName) {
      inode = step.inode
      return []
    }
    if (step.kind !== 'write' || step.inode !== inode) return null
    return Buffer.from(step.data)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Mark)
  }
}

/** In order. An image is good until the next one is asked for. */
export function* crashPoints(steps: readonly Step[], birth: Promises, options: PointsOptions): Generator<CrashPoint> {
  const disk = createDisk([{ path: nodeName, inode: 0, bytes: null }])
  const dice = createDice(options.seed)
  const marksOf = createMarkReader()
  const seen = new Set<string>()
  let promises = birth
  let writes = 0
  for (const [at, step] of steps.entries()) {
    const marks = marksOf(step)
    for (const mark of marks ?? []) promises = after(promises, mark)
    if (marks === null) disk.take(step)
    if (marks === null && step.kind === 'write' && ++writes % options.everyWrite !== 0) continue
    const promised = JSON.stringify(promises)
    for (const { words, fate } of fatesOf(disk, dice, options)) {
      const image = disk.afterCut(fate)
      const key = keyOf(image, promised)
      if (seen.has(key)) continue
      seen.add(key)
      yield { at: at + 1, words, image, promises }
    }
  }
}
