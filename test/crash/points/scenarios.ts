/** The lives whose every moment is looked at. Each is a whole story of the stores: made, written, cut, copied, replaced, closed. */

import type { ConfigKey } from '../../../src-node/state-machine/types.ts'
import type { SnapshotSource } from '../../../src-node/storage/types.ts'
import { openCacheLife } from './cache-life.ts'
import type { CachedRow } from './cache-promises.ts'
import type { LogFacts } from './promises.ts'
import { openLife, type SmallLife } from './small-life.ts'

export interface Stage {
  /** The node's home; everything in it is recorded. */
  readonly dir: string
  /** The other node's home, of no interest. */
  readonly otherDir: string
  readonly marks: number
}

const noFacts: LogFacts = { base: [0, 0], terms: [], hard: [0, null], members: [] }

/** Batches of one to four entries, each applied a little later, now and then with a tail that a new leader replaces; a few batches gather in the state store. */
const live = (life: SmallLife, from: number, to: number, at: number): void => {
  for (let first = from, turn = 0; first <= to; turn++) {
    const last = Math.min(to, first + (turn % 4))
    life.persist(first, last, at + turn)
    if (turn % 5 === 2 && last < to) life.persist(last, last + 1, at + turn + 1)
    const end = turn % 5 === 2 && last < to ? last + 1 : last
    if (turn % 3 !== 1) life.apply(end)
    if (turn % 4 === 3) life.passTime()
    first = end + 1
  }
  life.apply(to)
  life.passTime()
}

/** The first minutes of a node, a clean end, and the next start. */
const born = (stage: Stage): void => {
  const first = openLife(stage.dir, stage.marks, noFacts)
  first.vote(1, 2)
  live(first, 1, 12, 2)
  first.close()
  const second = openLife(stage.dir, stage.marks, first.facts())
  live(second, 13, 20, 30)
  second.close()
}

/** Checkpoints of the state, and a log that is cut behind them, in slices; and again after a start. */
const cut = (stage: Stage): void => {
  const life = openLife(stage.dir, stage.marks, noFacts)
  live(life, 1, 40, 1)
  life.checkpoint()
  life.compact(18, 7)
  live(life, 41, 60, 50)
  life.checkpoint()
  life.compact(55, 100)
  life.close()
  const next = openLife(stage.dir, stage.marks, life.facts())
  live(next, 61, 70, 100)
  next.checkpoint()
  next.compact(70, 6)
  next.close()
}

/** A copy that goes out while it writes. */
const copied = async (stage: Stage): Promise<void> => {
  const life = openLife(stage.dir, stage.marks, noFacts)
  live(life, 1, 30, 1)
  const copying = life.copy()
  live(life, 31, 40, 30)
  const source = await copying
  life.checkpoint()
  life.compact(20, 50)
  source.discard()
  live(life, 41, 45, 50)
  life.close()
}

const snapshotOf = async (stage: Stage, to: number): Promise<{ source: SnapshotSource; done: () => void }> => {
  const other = openLife(stage.otherDir, null, noFacts, 2)
  live(other, 1, to, 200)
  return { source: await other.copy(), done: other.close }
}

/** A snapshot that comes in while it goes on, is thrown away, comes again, and takes the place of the state; the log follows; life goes on. */
const installed = async (stage: Stage): Promise<void> => {
  const { source, done } = await snapshotOf(stage, 90)
  const life = openLife(stage.dir, stage.marks, noFacts)
  live(life, 1, 20, 1)
  let next = 21
  const writeMore = (): void => {
    life.persist(next, next, 40)
    life.apply(next++)
  }
  const thrownAway = await life.receive(source, () => undefined)
  thrownAway.discard()
  const received = await life.receive(source, writeMore)
  life.checkpoint()
  life.install(received)
  done()
  live(life, 91, 100, 300)
  life.checkpoint()
  life.compact(95, 10)
  life.close()
  const again = openLife(stage.dir, stage.marks, life.facts())
  live(again, 101, 104, 400)
  again.close()
}

/** Entries so large that the log carries its write-ahead log over in the middle of its life, and begins it anew. */
const large = (stage: Stage): void => {
  const life = openLife(stage.dir, stage.marks, noFacts)
  live(life, 1, 3, 1)
  for (let index = 4; index <= 9; index++) {
    life.persist(index, index, 20, true)
    life.apply(index)
    life.passTime()
  }
  live(life, 10, 14, 30)
  life.checkpoint()
  life.compact(8, 10)
  life.persist(15, 15, 60)
  life.close()
}

/** The files of the disk cache: made, replaced, removed, in the way of people and of a dump that repairs what they did. */
const cached = async (stage: Stage): Promise<void> => {
  const rows = new Map<string, CachedRow>()
  const key = (dataId: string, group = 'G', namespace = ''): ConfigKey => ({ namespace, group, dataId })
  const [a, b, c, d, e] = [key('a'), key('b'), key('c'), key('d', 'G', 'dev'), key('e', 'other')]
  const first = openCacheLife(stage.dir, stage.marks, rows)
  first.store({ ...a, version: 1 }, { ...b, version: 2 })
  await first.start()
  await first.change({ ...a, version: 2 }, { ...c, version: 1 }, { ...d, version: 1 })
  await first.change({ ...b, version: 5 })
  await first.change({ ...a, version: 3 }, { ...c, version: null }, { ...d, version: 4 })
  await first.change({ ...d, version: null })
  await first.close()
  const second = openCacheLife(stage.dir, stage.marks, rows)
  second.byHand('config-data/G/a', 'changed by hand')
  second.byHand('config-data/old/x', 'of nobody')
  second.byHand('config-data/G/%tmp-3', 'half a con')
  second.byHand('config-data/G/b', null)
  second.store({ ...e, version: 2 })
  await second.start()
  await second.change({ ...a, version: 4 }, { ...e, version: 1 })
  await second.close()
}

export interface Scenario {
  readonly name: string
  /** Whose promises it makes. */
  readonly of: 'stores' | 'cache'
  readonly play: (stage: Stage) => void | Promise<void>
  /** Of plain writes every so-manieth is looked at, of everything else each one: a large one makes thousands that are alike. */
  readonly everyWrite: number
}

export const scenarios: readonly Scenario[] = [
  { name: 'born', of: 'stores', play: born, everyWrite: 1 },
  { name: 'cut', of: 'stores', play: cut, everyWrite: 1 },
  { name: 'copied', of: 'stores', play: copied, everyWrite: 1 },
  { name: 'installed', of: 'stores', play: installed, everyWrite: 1 },
  { name: 'large', of: 'stores', play: large, everyWrite: 50 },
  { name: 'cached', of: 'cache', play: cached, everyWrite: 1 },
]
