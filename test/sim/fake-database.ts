/**
 * The shared database of MySQL mode and every connection to it (dial 28): slow, away, or silent about what it has done. It checks what it is
 * told: a batch goes in whole or not at all, from where the last one ended, no history row twice, and nothing that is not committed.
 */

import type { ClaimOutcome, SinkBatch, SinkClaim, SinkOutcome, SinkTrouble, StoreSink } from '../../src-node/storage/sink.ts'
import { inTurn } from './in-turn.ts'
import { SimFailure, type World } from './world.ts'

export interface FakeDatabase {
  readonly position: () => number
  /** What stands under a key, by dataId; and every history row's md5, by number. */
  readonly rows: ReadonlyMap<string, string>
  readonly history: ReadonlyMap<number, string>
  /** Numbers of history rows that it was told to forget. */
  readonly forgotten: ReadonlySet<number>
  /** A node's own way to it. `later` runs in a turn of that node, if it still lives. */
  connect(node: number, later: (delayMs: number, act: () => void) => void): StoreSink
}

export interface FakeDatabaseParts {
  readonly world: World
  /** Chance that a call goes wrong. */
  trouble(): number
  /** Index up to which entries are committed. */
  committed(): number
}

const trouble: SinkTrouble = { code: 'connection-lost', address: 'db:1', user: 'u', database: 'd', detail: '' }
const unavailable = { kind: 'unavailable', trouble } as const
const limits = { tooBigFor: () => null, tooBigForRecord: () => null }
const callMs = 3
const lateMs = 200

export function createFakeDatabase({ world, trouble: chance, committed }: FakeDatabaseParts): FakeDatabase {
  const { dice } = world
  const rows = new Map<string, string>()
  const history = new Map<number, string>()
  const forgotten = new Set<number>()
  let position = 0
  let term = 0
  /** The connection that claimed it last. */
  let owner = 0
  let connections = 0

  const goesWrong = (): boolean => dice.chance(chance())
  const carryOut = ({ from, to, configs, dropped, history: added, forgotten: gone = [] }: SinkBatch): void => {
    if (to > committed()) throw new SimFailure(`28: the database is told of entry ${to}, committed is ${committed()}`)
    if (to < from) throw new SimFailure(`28: a batch goes from ${from} back to ${to}`)
    for (const { dataId } of dropped) rows.delete(dataId)
    for (const { dataId, md5 } of configs) rows.set(dataId, md5)
    for (const { nid, md5 } of added) {
      if (history.has(nid) || forgotten.has(nid)) throw new SimFailure(`28: history ${nid} is written twice`)
      history.set(nid, md5)
    }
    for (const nid of gone) {
      history.delete(nid)
      forgotten.add(nid)
      world.mark('database/forgotten')
    }
    position = to
    world.mark('database/written')
  }

  return {
    position: () => position,
    rows,
    history,
    forgotten,
    connect(node, later) {
      let own = 0
      const answer = <T>(delayMs: number, value: () => T): Promise<T> => inTurn((act) => later(delayMs, act), value)
      const claim = ({ term: wanted, lastIndex }: SinkClaim): ClaimOutcome => {
        if (goesWrong()) return unavailable
        const now = { clusterId: 'c', term, appliedIndex: position }
        if (wanted < term) return { kind: 'outdated', position: now }
        if (position > lastIndex) throw new SimFailure(`28: node ${node} leads with a log to ${lastIndex}, the database stands at ${position}`)
        term = wanted
        own = owner = ++connections
        return { kind: 'claimed', appliedIndex: position, limits, refusals: { count: 0, newest: [] }, address: 'db:1' }
      }
      const write = (batch: SinkBatch): Promise<SinkOutcome> => {
        const by = own
        const delayMs = dice.float(0.1, callMs)
        if (goesWrong() && dice.chance(0.5)) return answer(delayMs, () => unavailable)
        // Nobody hears of it: it may happen before, or long after that is noticed, unless the connection is another's by then.
        const isSilent = goesWrong()
        let outcome: SinkOutcome = { kind: 'unknown', trouble }
        const act = () => {
          if (by !== owner || batch.from !== position) outcome = { kind: 'fenced', position: null }
          else {
            carryOut(batch)
            outcome = { kind: 'written', dataErrors: [] }
          }
        }
        world.schedule({ label: 'database', node: 0, run: 0, act, delayMs: isSilent ? dice.float(0, lateMs) : delayMs })
        if (isSilent) world.mark('database/silent')
        return answer(isSilent ? dice.float(1, lateMs) : delayMs + 0.05, () => (isSilent ? { kind: 'unknown', trouble } : outcome))
      }
      return {
        open: () => answer(1, () => ({ kind: 'opened', limits, position: null, address: 'db:1' })),
        claim: (wanted) => answer(dice.float(0.1, callMs), () => claim(wanted)),
        write,
        read: () => {
          throw new SimFailure('28: the database is read')
        },
        forgetOld: () => {
          throw new SimFailure('28: the database is asked for old history')
        },
        close: () => Promise.resolve(),
      }
    },
  }
}
