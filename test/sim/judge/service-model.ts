/**
 * What Nacos makes of the committed commands, written a second time and as plainly as it can be: the measure for the real state machine on
 * every node. It takes commands as clients meant them, never the bytes, and knows no store, no hash and no batch.
 */

import type { Command, PruneHistory, Reply } from '../../../src-node/state-machine/types.ts'

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
}

/** The service just after one entry of the log. */
export interface ModelStep {
  readonly dataId: string
  readonly row: ModelRow | undefined
  readonly reply: Reply | null
  /** md5 that listeners of `dataId` must hear of, `''` after a delete, null: nothing changed. */
  readonly told: string | null
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
  take(command: Command | PruneHistory | null, stampMs: number): void
  /** As it was after entry `index`; index 0: before the first. */
  at(index: number): ModelStep
  /** A row as it stood after `step`. */
  history(nid: number, step: ModelStep): ModelHistory | undefined
  /** Rows that went after `from`, up to `to`. */
  prunedBetween(from: ModelStep, to: ModelStep): readonly number[]
}

const before: ModelStep = { dataId: '', row: undefined, reply: null, told: null, historyCount: 0, lastNid: 0, timeMs: 0, index: 0 }

export interface ModelHooks {
  /** A repeat, or an id that comes again forgotten. */
  onRepeat(isKnown: boolean): void
  /** A row of history goes that has so many newer ones of its configuration. */
  onPruned(nid: number, newer: number): void
}

interface Remembered {
  readonly requestId: string
  readonly command: Command
  readonly index: number
  readonly reply: Reply | null
}

/** `idsMax`: of so many request ids the first reply is remembered. */
export function createServiceModel(idsMax: number, { onRepeat, onPruned }: ModelHooks): ServiceModel {
  const steps: ModelStep[] = [before]
  const rows = new Map<string, ModelRow>()
  const histories: ModelHistory[] = []
  /** By number: the entry with which the row went. */
  const pruned = new Map<number, number>()
  const everUsed = new Set<string>()
  let remembered: Remembered[] = []
  let ids = 0

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
    const old = nids.filter((nid) => !pruned.has(nid) && (histories[nid - 1]?.atMs ?? timeMs) < Math.min(cutoffMs, timeMs))
    for (const nid of old) {
      const { dataId } = histories[nid - 1] as ModelHistory
      onPruned(nid, histories.filter((row, at) => row.dataId === dataId && at >= nid && !pruned.has(at + 1)).length)
    }
    for (const nid of old) pruned.set(nid, index)
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
      const now = () => ({ historyCount: histories.length - pruned.size, lastNid: histories.length, timeMs, index })
      if (command === null || command.kind === 'prune-history') {
        if (command !== null) prune(command, index, timeMs)
        steps.push({ ...before, reply: command === null ? null : { kind: 'history-pruned', index }, ...now() })
        return
      }
      const first = repeatOf(command)
      const { reply, told } = first === null ? change(command, index, timeMs) : { reply: first, told: null }
      if (first === null) remember(command, index, reply)
      steps.push({ dataId: command.dataId, row: rows.get(command.dataId), reply, told, ...now() })
    },
    at: (index) => steps[index] ?? before,
    history: (nid, step) => ((pruned.get(nid) ?? step.index + 1) <= step.index ? undefined : histories[nid - 1]),
    prunedBetween: (from, to) => [...pruned].flatMap(([nid, at]) => (at > from.index && at <= to.index ? [nid] : [])),
  }
}
