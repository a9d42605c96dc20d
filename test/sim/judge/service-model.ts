/**
 * What Nacos makes of the committed commands, written a second time and as plainly as it can be: the measure for the real state machine on
 * every node. It takes commands as clients meant them, never the bytes, and knows no store, no hash and no batch.
 */

import type { BesidesRestored, Command, NamedSnapshot, PruneHistory, Reply, SnapshotCommand } from '../../../src-node/state-machine/types.ts'

/** No snapshot has it: who names it means another one. */
export const hashOfNothing = 'f'.repeat(16)

export interface ModelRow {
  readonly id: number
  readonly md5: string
  readonly createdMs: number
  readonly modifiedMs: number
  readonly index: number
}
export interface ModelHistory {
  readonly dataId: string
  readonly operation: 'I' | 'U' | 'D'
  readonly md5: string
  readonly atMs: number
  readonly index: number
  /** Of a gray version of it. */
  readonly grayName?: string
}

/** A snapshot as the model keeps it: a copy of every row. */
export interface ModelSnapshot extends Pick<NamedSnapshot, 'index' | 'kind' | 'name' | 'takenMs' | 'historyFrom' | 'configs'> {
  readonly rows: ReadonlyMap<string, ModelRow>
}

export interface ModelChange {
  readonly dataId: string
  /** Undefined: it went. */
  readonly row: ModelRow | undefined
}

/** The service just after one entry of the log. */
export interface ModelStep {
  readonly dataId: string
  readonly row: ModelRow | undefined
  readonly reply: Reply | null
  /** md5 that listeners of `dataId` must hear of, `''` after a delete, null: nothing changed. */
  readonly told: string | null
  /** What a restore changed: listeners hear of it later, as it is by then. */
  readonly restored: readonly ModelChange[]
  readonly snapshots: readonly ModelSnapshot[]
  readonly historyCount: number
  /** Of the newest row of history that there ever was. */
  readonly lastNid: number
  readonly timeMs: number
  readonly index: number
}

export interface ServiceModel {
  /** Index of the last entry taken. */
  last(): number
  /** The next entry of the log, null for one without a command. */
  take(command: Command | PruneHistory | SnapshotCommand | null, stampMs: number): void
  /** One that changes nothing of configurations, and may leave history beside theirs. */
  pass(reply: Reply, stampMs: number, history?: ModelHistory): void
  /** Log time of the next entry. */
  timeAt(stampMs: number): number
  /** Whether there is a configuration whose dataId begins so. */
  holds(prefix: string): boolean
  /** As it was after entry `index`; index 0: before the first. */
  at(index: number): ModelStep
  /** A row as it stood after `step`. */
  history(nid: number, step: ModelStep): ModelHistory | undefined
  /** Rows that went after `from`, up to `to`. */
  prunedBetween(from: ModelStep, to: ModelStep): readonly number[]
}

const before: ModelStep = {
  ...{ dataId: '', row: undefined, reply: null, told: null, restored: [], snapshots: [] },
  ...{ historyCount: 0, lastNid: 0, timeMs: 0, index: 0 },
}

export interface ModelHooks {
  /** A repeat, or an id that comes again forgotten. */
  onRepeat(isKnown: boolean): void
  /** A row of history goes that has so many newer ones of its configuration. */
  onPruned(nid: number, newer: number): void
  onSnapshot(what: string): void
  /** The other model: what there is now belongs to the snapshot of this index; what belongs to that one is there again. */
  readonly services: { keep(index: number): void; bringBack(target: number, index: number): BesidesRestored }
}

interface Remembered {
  readonly requestId: string
  readonly command: Command
  readonly index: number
  readonly reply: Reply | null
}

/** `idsMax`: of so many request ids the first reply is remembered. */
export function createServiceModel(idsMax: number, { onRepeat, onPruned, onSnapshot, services }: ModelHooks): ServiceModel {
  const steps: ModelStep[] = [before]
  const rows = new Map<string, ModelRow>()
  const histories: ModelHistory[] = []
  /** By number: the entry with which the row went. */
  const pruned = new Map<number, number>()
  const everUsed = new Set<string>()
  let remembered: Remembered[] = []
  let ids = 0
  let snapshots: readonly ModelSnapshot[] = []

  const change = (command: Command, index: number, timeMs: number): Pick<ModelStep, 'reply' | 'told'> => {
    const { dataId, expectedMd5 } = command
    const old = rows.get(dataId)
    if (expectedMd5 !== null && expectedMd5 !== (old?.md5 ?? '')) return { reply: { kind: 'cas-conflict', currentMd5: old?.md5 ?? '' }, told: null }
    if (command.kind === 'delete-config') {
      if (old === undefined) return { reply: { kind: 'deleted', existed: false, index }, told: null }
      rows.delete(dataId)
      histories.push({ dataId, operation: 'D', md5: old.md5, atMs: timeMs, index })
      return { reply: { kind: 'deleted', existed: true, index }, told: '' }
    }
    const { md5 } = command
    rows.set(dataId, { id: old?.id ?? ++ids, md5, createdMs: old?.createdMs ?? timeMs, modifiedMs: timeMs, index })
    histories.push({ dataId, operation: old === undefined ? 'I' : 'U', md5: old?.md5 ?? md5, atMs: timeMs, index })
    return { reply: { kind: 'published', md5, index, created: old === undefined }, told: md5 }
  }

  const prune = ({ nids, cutoffMs }: PruneHistory, index: number, timeMs: number) => {
    const oldest = Math.min(cutoffMs, timeMs)
    snapshots = snapshots.filter(({ kind, takenMs }) => kind === 'named' || takenMs >= oldest)
    const needed = Math.min(...snapshots.map(({ historyFrom }) => historyFrom))
    if (nids.some((nid) => nid >= needed)) onSnapshot('history-kept')
    const old = nids.filter((nid) => nid < needed && !pruned.has(nid) && (histories[nid - 1]?.atMs ?? timeMs) < oldest)
    for (const nid of old) {
      const { dataId } = histories[nid - 1] as ModelHistory
      onPruned(nid, histories.filter((row, at) => row.dataId === dataId && at >= nid && !pruned.has(at + 1)).length)
    }
    for (const nid of old) pruned.set(nid, index)
  }

  const snapshotNow = (kind: NamedSnapshot['kind'], name: string, index: number, takenMs: number): ModelSnapshot => ({
    ...{ index, kind, name, takenMs, historyFrom: histories.length + 1, configs: rows.size, rows: new Map(rows) },
  })

  /** Whatever has changed since, in the order of its first change, becomes what it was. */
  const bringBack = (target: ModelSnapshot, index: number, timeMs: number): readonly ModelChange[] => {
    const changed = new Set(histories.slice(target.historyFrom - 1).map(({ dataId }) => dataId))
    const restored = [...changed].flatMap((dataId): readonly ModelChange[] => {
      const [old, was] = [rows.get(dataId), target.rows.get(dataId)]
      if (was === undefined && old === undefined) return []
      const operation = was === undefined ? 'D' : old === undefined ? 'I' : 'U'
      histories.push({ dataId, operation, md5: old?.md5 ?? was!.md5, atMs: timeMs, index })
      if (was === undefined) rows.delete(dataId)
      else rows.set(dataId, { id: old?.id ?? ++ids, md5: was.md5, createdMs: old?.createdMs ?? timeMs, modifiedMs: timeMs, index })
      onSnapshot(`restored-${operation}`)
      return [{ dataId, row: rows.get(dataId) }]
    })
    const texts = (of: ReadonlyMap<string, ModelRow>) =>
      [...of]
        .map(([dataId, { md5 }]) => `${dataId} ${md5}`)
        .toSorted()
        .join()
    if (texts(rows) !== texts(target.rows)) throw new Error('the model does not bring back what was taken')
    return restored
  }

  const keep = (command: SnapshotCommand, index: number, timeMs: number): Pick<ModelStep, 'reply' | 'restored'> => {
    const refused = (why: 'name-taken' | 'unknown') => {
      onSnapshot(why)
      return { reply: { kind: 'snapshot-refused', why } as const, restored: [] }
    }
    if (command.kind === 'take-snapshot') {
      const { name } = command
      if (snapshots.some((each) => each.kind === 'named' && each.name === name)) return refused('name-taken')
      const { rows: _, ...snapshot } = snapshotNow('named', name, index, timeMs)
      snapshots = [...snapshots, snapshotNow('named', name, index, timeMs)]
      services.keep(index)
      onSnapshot('taken')
      return { reply: { kind: 'snapshot-taken', snapshot: { ...snapshot, contentBytes: 0, contentHash: '', usable: true } }, restored: [] }
    }
    const target = snapshots.find((each) => each.index === command.index)
    const isOther = command.kind === 'restore-snapshot' && command.contentHash === hashOfNothing
    if (target === undefined || isOther) return refused('unknown')
    if (command.kind === 'drop-snapshot') {
      snapshots = snapshots.filter((each) => each !== target)
      onSnapshot('dropped')
      return { reply: { kind: 'snapshot-dropped', index }, restored: [] }
    }
    const undo = snapshotNow('before-restore', target.name, index, timeMs)
    const restored = bringBack(target, index, timeMs)
    services.keep(index)
    const besides = services.bringBack(target.index, index)
    snapshots = [...snapshots.filter(({ kind }) => kind === 'named'), undo]
    if (target.kind === 'before-restore') onSnapshot('undone')
    const number = (operation: 'I' | 'U' | 'D') => histories.filter((each) => each.index === index && each.operation === operation).length
    const counts = { updated: number('U'), created: number('I'), removed: number('D') }
    return { reply: { kind: 'snapshot-restored', index, ...counts, besides }, restored }
  }

  const repeatOf = (command: Command): Reply | null => {
    const { requestId } = command
    const first = remembered.find((each) => each.requestId === requestId)
    if (requestId !== undefined && everUsed.has(requestId)) onRepeat(first !== undefined)
    if (first === undefined) return null
    return first.command === command ? first.reply : { kind: 'request-id-taken', index: first.index }
  }

  const remember = (command: Command, index: number, reply: Reply | null) => {
    const { requestId } = command
    if (requestId === undefined) return
    everUsed.add(requestId)
    remembered = [...remembered, { requestId, command, index, reply }].slice(-idsMax)
  }

  return {
    last: () => steps.length - 1,
    take(command, stampMs) {
      const timeMs = Math.max(steps.at(-1)!.timeMs, stampMs)
      const index = steps.length
      const now = () => ({ historyCount: histories.length - pruned.size, lastNid: histories.length, snapshots, timeMs, index })
      if (command === null || command.kind === 'prune-history') {
        if (command !== null) prune(command, index, timeMs)
        steps.push({ ...before, reply: command === null ? null : { kind: 'history-pruned', index }, ...now() })
        return
      }
      if (command.kind === 'take-snapshot' || command.kind === 'drop-snapshot' || command.kind === 'restore-snapshot') {
        const kept = keep(command, index, timeMs)
        steps.push({ ...before, ...kept, ...now() })
        return
      }
      const first = repeatOf(command)
      const { reply, told } = first === null ? change(command, index, timeMs) : { reply: first, told: null }
      if (first === null) remember(command, index, reply)
      steps.push({ ...before, dataId: command.dataId, row: rows.get(command.dataId), reply, told, ...now() })
    },
    timeAt: (stampMs) => Math.max(steps.at(-1)!.timeMs, stampMs),
    holds: (prefix) => [...rows.keys()].some((dataId) => dataId.startsWith(prefix)),
    pass(reply, stampMs, history) {
      if (history !== undefined) histories.push(history)
      const timeMs = Math.max(steps.at(-1)!.timeMs, stampMs)
      const counts = { historyCount: histories.length - pruned.size, lastNid: histories.length, snapshots, timeMs, index: steps.length }
      steps.push({ ...before, ...counts, reply })
    },
    at: (index) => steps[index] ?? before,
    history: (nid, step) => ((pruned.get(nid) ?? step.index + 1) <= step.index ? undefined : histories[nid - 1]),
    prunedBetween: (from, to) => [...pruned].flatMap(([nid, at]) => (at > from.index && at <= to.index ? [nid] : [])),
  }
}
