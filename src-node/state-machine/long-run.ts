/**
 * Commands that look at all configurations, a step at a time: a snapshot is taken, or the cluster becomes what one holds (of all that is no
 * configuration, kept-run.ts knows). What is to be written
 * follows from the history in the order of its numbers, never from the order of a memory, which is not the same on all nodes. It counts what it looks
 * at, so that its caller decides how long a turn may be.
 */

import { type Batch, keyText } from './batch.ts'
import { type Bringer, type BroughtMemory, bringsNothing, createBringer, createKeeping, dropKept, type KeptParts } from './kept-run.ts'
import { decodeSnapshotCommand } from './snapshot-codec.ts'
import { dropSnapshots, namedSnapshotsMax, putSnapshot } from './snapshot-list.ts'
import { addContent, addRow, contentHashOf, type HashLanes, takeRow } from './state-hash.ts'
import type {
  ConfigIndexRow,
  HistoryHead,
  LongRun,
  NamedSnapshot,
  Reply,
  RestoreSnapshot,
  RowWrite,
  SnapshotRefusal,
  StepLimits,
  TakeSnapshot,
} from './types.ts'

export interface Steps extends Omit<LongRun, 'told'> {
  /** After the last step: the areas as they are to be; null: as they are. */
  memory(): BroughtMemory | null
}

const noMemory = (): null => null

const noWrites: readonly RowWrite[] = []

/** Over at once. */
const settled = (reply: Reply, writes: readonly RowWrite[] = noWrites): Steps => {
  let isOver = writes.length === 0
  return {
    historyFrom: null,
    feed: () => {},
    step: () => {
      if (isOver) return null
      isOver = true
      return writes
    },
    outcome: () => ({ kind: 'done', reply }),
    memory: noMemory,
  }
}

const refused = (why: SnapshotRefusal): Steps => settled({ kind: 'snapshot-refused', why })

/** What a set of configurations is, put together row by row. */
interface Tally {
  configs: number
  bytes: number
  readonly sum: HashLanes
}
const emptyTally = (): Tally => ({ configs: 0, bytes: 0, sum: { high: 0, low: 0 } })

const count = (row: ConfigIndexRow, tally: Tally): void => {
  tally.configs++
  tally.bytes += row.contentBytes
}

const snapshotOf = (
  of: Pick<NamedSnapshot, 'kind' | 'name' | 'historyFrom'>,
  { counters }: Batch,
  { configs, bytes, sum }: Tally,
): NamedSnapshot => ({
  ...{ index: counters.appliedIndex, kind: of.kind, name: of.name, takenMs: counters.lastTimeMs, historyFrom: of.historyFrom },
  ...{ configs, contentBytes: bytes, contentHash: contentHashOf(sum), usable: true },
})

const otherRecords = (index: number): { readonly kind: 'broken'; readonly words: string } => ({
  kind: 'broken',
  words: `entry ${index}: services, namespaces, users or gray versions in the store are not what was written`,
})

const take = (configs: ReadonlyMap<string, ConfigIndexRow>, parts: KeptParts, { name }: TakeSnapshot): Steps => {
  const { batch } = parts
  const named = batch.snapshots.filter(({ kind }) => kind === 'named')
  if (named.some((snapshot) => snapshot.name === name)) return refused('name-taken')
  if (named.length >= namedSnapshotsMax) return refused('too-many')
  const tally = emptyTally()
  const rows = configs.values()
  let keeping: ReturnType<typeof createKeeping> | null = null
  let snapshot: NamedSnapshot | null = null
  return {
    historyFrom: null,
    feed: () => {},
    step: (limits) => {
      if (snapshot !== null) {
        keeping ??= createKeeping(parts, true)
        return keeping.step(limits)
      }
      const { walked } = limits
      for (let seen = 0; seen < walked; seen++) {
        const next = rows.next()
        if (next.done === true) {
          snapshot = snapshotOf({ kind: 'named', name, historyFrom: batch.counters.nextHistoryId }, batch, tally)
          return putSnapshot(batch, snapshot)
        }
        count(next.value, tally)
        addContent(next.value, tally.sum)
      }
      return noWrites
    },
    outcome: () =>
      keeping?.isBad() === true
        ? otherRecords(batch.counters.appliedIndex)
        : { kind: 'done', reply: { kind: 'snapshot-taken', snapshot: snapshot as NamedSnapshot } },
    memory: noMemory,
  }
}

/** What a restore does to one configuration. */
interface Change {
  readonly writes: readonly RowWrite[]
  readonly bytes: number
}

/** Writes of a restore, from the oldest row of history of each configuration since. */
const createChanges = (configs: ReadonlyMap<string, ConfigIndexRow>, batch: Batch, { sourceIp, sourceUser }: RestoreSnapshot) => {
  const { counters } = batch
  const counts = { updated: 0, created: 0, removed: 0 }

  const history = (id: number, operation: HistoryHead['operation'], contentBytes: number): RowWrite => ({
    ...{ kind: 'history-copy', nid: counters.nextHistoryId++, id, operation, atMs: counters.lastTimeMs },
    ...{ sourceIp, sourceUser, index: counters.appliedIndex, contentBytes },
  })
  const remove = (key: string, current: ConfigIndexRow): Change => {
    counts.removed++
    takeRow(batch.sum, current)
    batch.rows.set(key, null)
    return { writes: [history(current.id, 'D', current.contentBytes), { kind: 'drop-config', id: current.id }], bytes: current.contentBytes }
  }
  const bring = (key: string, head: HistoryHead, current: ConfigIndexRow | undefined): Change => {
    const { md5, type, encryptedDataKey, contentBytes, nid: fromNid } = head
    // Known names are reused, as in a publish.
    const { namespace, group, dataId } = current ?? head
    const row: ConfigIndexRow = {
      ...{ namespace, group, dataId, id: current?.id ?? counters.nextConfigId++, md5, type, encryptedDataKey },
      ...{ createdMs: current?.createdMs ?? counters.lastTimeMs, modifiedMs: counters.lastTimeMs, index: counters.appliedIndex, contentBytes },
    }
    if (current) takeRow(batch.sum, current)
    addRow(batch.sum, row)
    batch.rows.set(key, row)
    const put: RowWrite = { kind: 'restore-config', row, fromNid, sourceIp, sourceUser }
    if (current) counts.updated++
    else counts.created++
    const bytes = contentBytes + (current?.contentBytes ?? contentBytes)
    return { writes: current ? [history(row.id, 'U', current.contentBytes), put] : [put, history(row.id, 'I', contentBytes)], bytes }
  }

  return {
    counts,
    /** Null: it was not there, and is not there. */
    changeOf: (key: string, head: HistoryHead): Change | null => {
      const current = configs.get(key)
      if (head.operation !== 'I') return bring(key, head, current)
      return current === undefined ? null : remove(key, current)
    },
  }
}

/** The memory with the changes of the batch in it, built beside; what was there before, and what is there after. */
const createRebuild = (configs: ReadonlyMap<string, ConfigIndexRow>, batch: Batch) => {
  const next = new Map<string, ConfigIndexRow>()
  const before = emptyTally()
  const after = emptyTally()
  const rows = configs.entries()
  let changed: Iterator<[string, ConfigIndexRow | null]> | null = null

  const keep = (key: string, row: ConfigIndexRow): void => {
    const now = batch.rows.get(key)
    count(row, before)
    addContent(row, before.sum, now === undefined ? after.sum : undefined)
    if (now === undefined) {
      next.set(key, row)
      count(row, after)
    } else if (now !== null) add(key, now)
  }
  const add = (key: string, row: ConfigIndexRow): void => {
    next.set(key, row)
    count(row, after)
    addContent(row, after.sum)
  }
  /** Whether there may be more. */
  const walk = (max: number): boolean => {
    for (let seen = 0; seen < max; seen++) {
      if (changed === null) {
        const each = rows.next()
        if (each.done === true) changed = batch.rows.entries()
        else keep(...each.value)
        continue
      }
      const each = changed.next()
      if (each.done === true) {
        batch.configs = next
        return false
      }
      const [key, row] = each.value
      if (row !== null && !configs.has(key)) add(key, row)
    }
    return true
  }
  return { before, after, walk }
}

const isSame = ({ configs, contentBytes, contentHash }: NamedSnapshot, tally: Tally): boolean =>
  configs === tally.configs && contentBytes === tally.bytes && contentHash === contentHashOf(tally.sum)

/** What there is besides configurations: as it is now is kept, then it becomes that of the snapshot. Reads nothing before its first step. */
const createBesides = (parts: KeptParts, command: RestoreSnapshot) => {
  const head = parts.areas.kept.head(command.index)
  // The way back brings accounts back if they were touched.
  const accounts = command.accounts && head?.accounts === true
  let keeping: ReturnType<typeof createKeeping> | null = null
  let bringer: Bringer | null = null
  const counts = { brought: 0, removed: 0, left: 0 }
  return {
    counts,
    memory: () => bringer?.memory() ?? null,
    isBad: () => keeping?.isBad() === true || bringer?.isBad() === true,
    step: (limits: StepLimits): readonly RowWrite[] | null => {
      keeping ??= createKeeping(parts, accounts)
      const kept = keeping.step(limits)
      if (kept !== null) return kept
      bringer ??=
        head === undefined
          ? bringsNothing(parts)
          : createBringer(parts, head, { sourceIp: command.sourceIp, sourceUser: command.sourceUser, accounts, counts })
      return bringer.step(limits)
    },
  }
}

const restore = (configs: ReadonlyMap<string, ConfigIndexRow>, parts: KeptParts, command: RestoreSnapshot): Steps => {
  const { batch } = parts
  const target = batch.snapshots.find(({ index, contentHash }) => index === command.index && contentHash === command.contentHash)
  if (target === undefined) return refused('unknown')
  if (!target.usable) return refused('not-usable')
  const { name } = target
  const historyFrom = batch.counters.nextHistoryId
  const oldest = new Map<string, HistoryHead>()
  const changes = createChanges(configs, batch, command)
  const rebuild = createRebuild(configs, batch)
  const besides = createBesides(parts, command)
  let phase: 'changes' | 'memory' | 'besides' = 'changes'
  let heads: Iterator<[string, HistoryHead]> | null = null

  const change = (of: Iterator<[string, HistoryHead]>, { walked, changed, bytes: bytesMax }: StepLimits): readonly RowWrite[] => {
    const writes: RowWrite[] = []
    let rows = 0
    let bytes = 0
    for (let seen = 0; seen < walked && rows < changed && bytes < bytesMax; seen++) {
      const next = of.next()
      if (next.done === true) {
        phase = 'memory'
        break
      }
      const done = changes.changeOf(...next.value)
      if (done === null) continue
      writes.push(...done.writes)
      rows++
      bytes += done.bytes
    }
    return writes
  }
  const remember = (walked: number): readonly RowWrite[] => {
    if (rebuild.walk(walked)) return noWrites
    phase = 'besides'
    return putSnapshot(batch, snapshotOf({ kind: 'before-restore', name, historyFrom }, batch, rebuild.before))
  }
  return {
    historyFrom: target.historyFrom,
    feed: (head) => {
      const key = keyText(head)
      if (!oldest.has(key)) oldest.set(key, head)
    },
    step: (limits) => {
      if (phase === 'besides') return besides.step(limits)
      if (phase === 'memory') return remember(limits.walked)
      heads ??= oldest.entries()
      return change(heads, limits)
    },
    outcome: () => {
      const { appliedIndex: index } = batch.counters
      if (besides.isBad()) return otherRecords(index)
      if (isSame(target, rebuild.after)) {
        const reply: Reply = { kind: 'snapshot-restored', index, ...changes.counts, besides: besides.counts }
        return { kind: 'done', reply }
      }
      const { after } = rebuild
      const [is, was] = [`${after.configs} (${contentHashOf(after.sum)})`, `${target.configs} (${target.contentHash})`]
      return { kind: 'broken', words: `snapshot ${target.index}: the history gives ${is} configurations, taken were ${was}` }
    },
    memory: besides.memory,
  }
}

/** @param parts whose batch stands at the entry of the command */
export const createSteps = (configs: ReadonlyMap<string, ConfigIndexRow>, parts: KeptParts, payload: Uint8Array): Steps => {
  const { batch } = parts
  const command = decodeSnapshotCommand(payload)
  switch (command?.kind) {
    case undefined:
      return settled({ kind: 'invalid-command' })
    case 'take-snapshot':
      return take(configs, parts, command)
    case 'restore-snapshot':
      return restore(configs, parts, command)
    case 'drop-snapshot': {
      const writes = dropSnapshots(batch, ({ index }) => index === command.index)
      if (writes.length === 0) return refused('unknown')
      return settled({ kind: 'snapshot-dropped', index: batch.counters.appliedIndex }, [...writes, ...dropKept(parts)])
    }
  }
}
