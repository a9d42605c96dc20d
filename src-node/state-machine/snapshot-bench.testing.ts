/** For tests of named snapshots: a machine over a store as plain as can be, with which one writes, takes and restores in a word. */

import { compareRecords } from './areas/kept-codec.ts'
import { encodeCommand } from './command-codec.ts'
import { encodeSnapshotCommand } from './snapshot-codec.ts'
import { hashOfRows } from './state-hash.ts'
import { createStateMachine, emptyMeta } from './state-machine.ts'
import type {
  AreaNumber,
  AreaRecord,
  Command,
  ConfigIndexRow,
  Effect,
  HistoryHead,
  NamedSnapshot,
  Reply,
  RowWrite,
  SnapshotCommand,
  StateMachine,
  StepLimits,
} from './types.ts'

export interface StoredRow extends ConfigIndexRow {
  readonly text: string
}
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
export const bytes = (of: string): Uint8Array => new TextEncoder().encode(of)
export const key = (dataId: string) => ({ namespace: '', group: 'g', dataId })
export const publish = (dataId: string, content: string): Command => ({
  ...{ kind: 'publish-config', ...key(dataId), content: bytes(content), md5: `md5-${content}`, type: 'text', expectedMd5: null, appName: '' },
  ...{ description: '', tags: null, sourceIp: '', sourceUser: '', encryptedDataKey: '' },
})
export const remove = (dataId: string): Command => ({ kind: 'delete-config', ...key(dataId), expectedMd5: null, sourceIp: '', sourceUser: '' })
const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('a write names what is not there')
  return value
}
export const whole: StepLimits = { walked: 1000, changed: 1000, bytes: 1_000_000 }

const recordKey = ({ area, key: of }: Pick<AreaRecord, 'area' | 'key'>): string => `${area} ${of}`

/** A store as plain as can be: rows with their text, and what the history holds of each. */
export const createBench = (of: () => StateMachine = () => createStateMachine([], emptyMeta())) => {
  const machine = of()
  const rows = new Map<number, StoredRow>()
  const history = new Map<number, HistoryHead & { readonly text: string; readonly atMs: number }>()
  /** Of the areas, by area and key. */
  const records = new Map<string, AreaRecord>()
  const log: RowWrite[] = []
  let index = machine.meta().appliedIndex

  const note = (nid: number, row: StoredRow, operation: HistoryHead['operation'], atMs: number): void =>
    void history.set(nid, { ...row, nid, operation, atMs })
  const write = (change: RowWrite): void => {
    log.push(change)
    if (change.kind === 'put-config') rows.set(change.row.id, { ...change.row, text: text(change.row.content) })
    else if (change.kind === 'drop-config') rows.delete(change.id)
    else if (change.kind === 'history-insert') note(change.nid, { ...change.row, text: text(change.row.content) }, 'I', change.row.modifiedMs)
    else if (change.kind === 'history-copy') note(change.nid, known(rows.get(change.id)), change.operation, change.atMs)
    else if (change.kind === 'restore-config') rows.set(change.row.id, { ...change.row, text: known(history.get(change.fromNid)).text })
    else if (change.kind === 'put-record') records.set(recordKey(change), { area: change.area, key: change.key, value: change.value })
    else if (change.kind === 'drop-record' && !records.delete(recordKey(change))) throw new Error(`there is no record ${recordKey(change)} to drop`)
    else if (change.kind === 'prune-history')
      for (const nid of change.nids) if ((history.get(nid)?.atMs ?? change.cutoffMs) < change.cutoffMs) history.delete(nid)
  }
  const entry = (payload: Uint8Array) => ({ index: ++index, term: 1, stampMs: index * 1000, payload })
  const run = (payload: Uint8Array): Reply => {
    machine.begin()
    const { writes, reply } = machine.apply(entry(payload))
    machine.publish()
    writes.forEach(write)
    return reply
  }
  /** As a store gives them: a row at a time, with what this command has written. */
  const recordsWith =
    (writes: readonly RowWrite[]) =>
    (area: number, of: string): Iterator<AreaRecord> => {
      let after = { area: area as AreaNumber, key: of }
      return {
        next: () => {
          const now = new Map(records)
          for (const change of writes) {
            if (change.kind === 'put-record') now.set(recordKey(change), change)
            if (change.kind === 'drop-record') now.delete(recordKey(change))
          }
          const [value] = [...now.values()].filter((each) => compareRecords(each, after) > 0).toSorted(compareRecords)
          if (value === undefined) return { done: true, value: undefined }
          after = value
          return { done: false, value }
        },
      }
    }
  const long = (command: SnapshotCommand | Uint8Array, limits: StepLimits = whole): { reply: Reply; told: Effect[]; steps: number } => {
    machine.begin()
    const writes: RowWrite[] = []
    const going = machine.applyLong(entry(command instanceof Uint8Array ? command : encodeSnapshotCommand(command)), recordsWith(writes))
    const from = going.historyFrom
    if (from !== null) for (const head of [...history.values()].filter(({ nid }) => nid >= from)) going.feed(head)
    let steps = 0
    for (let step = going.step(limits); step !== null; step = going.step(limits), steps++) writes.push(...step)
    const outcome = going.outcome()
    if (outcome.kind === 'broken') {
      machine.discard()
      throw new Error(outcome.words)
    }
    machine.publish()
    writes.forEach(write)
    return { reply: outcome.reply, told: [...going.told()].filter((effect) => effect !== null), steps }
  }
  const take = (name: string, limits?: StepLimits): NamedSnapshot => {
    const { reply } = long({ kind: 'take-snapshot', name }, limits)
    if (reply.kind !== 'snapshot-taken') throw new Error(`not taken: ${JSON.stringify(reply)}`)
    return reply.snapshot
  }
  const restoreBytes = ({ index: at, contentHash }: NamedSnapshot, accounts = false): Uint8Array =>
    encodeSnapshotCommand({ kind: 'restore-snapshot', index: at, contentHash, accounts, sourceIp: '10.0.0.9', sourceUser: 'w' })
  const restore = (snapshot: NamedSnapshot, limits?: StepLimits, accounts = false) => long(restoreBytes(snapshot, accounts), limits)
  const contents = (): Record<string, string> => Object.fromEntries([...rows.values()].map(({ dataId, text: of }) => [dataId, of] as const).sort())
  const undo = () => restore(machine.snapshots().find(({ kind }) => kind === 'before-restore') as NamedSnapshot, whole, true)
  /** Afresh, of all that the store has. */
  const hash = (): string => hashOfRows(machine.all(), machine.meta(), machine.requests(), machine.snapshots(), records.values())
  return {
    machine,
    hash,
    recordsWith,
    restoreBytes,
    rows,
    history,
    records,
    log,
    run: (command: Command) => run(encodeCommand(command)),
    raw: run,
    long,
    take,
    restore,
    undo,
    contents,
  }
}
