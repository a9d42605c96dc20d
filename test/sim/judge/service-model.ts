/**
 * What Nacos makes of the committed commands, written a second time and as plainly as it can be: the measure for the real state machine on
 * every node. It takes commands as clients meant them, never the bytes, and knows no store, no hash and no batch.
 */

import type { Command, Reply } from '../../../src-node/state-machine/types.ts'

export interface ModelRow {
  readonly id: number
  readonly md5: string
  readonly createdMs: number
  readonly modifiedMs: number
  readonly index: number
}
export interface ModelHistory {
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
  readonly timeMs: number
}

export interface ServiceModel {
  /** Index of the last entry taken. */
  last(): number
  /** The next entry of the log, null for one without a command. */
  take(command: Command | null, stampMs: number): void
  /** As it was after entry `index`; index 0: before the first. */
  at(index: number): ModelStep
  history(nid: number): ModelHistory | undefined
}

const before: ModelStep = { dataId: '', row: undefined, reply: null, told: null, historyCount: 0, timeMs: 0 }

interface Remembered {
  readonly requestId: string
  readonly command: Command
  readonly index: number
  readonly reply: Reply | null
}

/** `idsMax`: of so many request ids the first reply is remembered. `onRepeat` hears of a repeat, and of an id that comes again forgotten. */
export function createServiceModel(idsMax: number, onRepeat: (isKnown: boolean) => void): ServiceModel {
  const steps: ModelStep[] = [before]
  const rows = new Map<string, ModelRow>()
  const histories: ModelHistory[] = []
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
      histories.push({ operation: 'D', md5: old.md5, atMs: timeMs, index })
      return { reply: { kind: 'deleted', existed: true, index }, told: '' }
    }
    const { md5 } = command
    rows.set(dataId, { id: old?.id ?? ++ids, md5, createdMs: old?.createdMs ?? timeMs, modifiedMs: timeMs, index })
    histories.push({ operation: old === undefined ? 'I' : 'U', md5: old?.md5 ?? md5, atMs: timeMs, index })
    return { reply: { kind: 'published', md5, index, created: old === undefined }, told: md5 }
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
      if (command === null) {
        steps.push({ ...before, historyCount: histories.length, timeMs })
        return
      }
      const index = steps.length
      const first = repeatOf(command)
      const { reply, told } = first === null ? change(command, index, timeMs) : { reply: first, told: null }
      if (first === null) remember(command, index, reply)
      steps.push({ dataId: command.dataId, row: rows.get(command.dataId), reply, told, historyCount: histories.length, timeMs })
    },
    at: (index) => steps[index] ?? before,
    history: (nid) => histories[nid - 1],
  }
}
