/**
 * The Nacos state machine: applies commands in log order and says what the store must write, what to answer and what
 * listeners must hear. Equal logs give equal states, ids, times and hashes on every node. It must never look at a clock,
 * throw on data, or keep a content.
 */

import { type AreaHost, areaChanges, createAreaHost, isAreaCommand } from './areas/area-host.ts'
import { type Areas, type AreaWorld, areaList, createAreas } from './areas/areas.ts'
import { decodeAttach, isAttach } from './attach-codec.ts'
import { type Batch, type Counters, keyText } from './batch.ts'
import { decodeCommand } from './command-codec.ts'
import { dropKept } from './kept-run.ts'
import { createSteps } from './long-run.ts'
import { decodePrune, isPrune } from './prune-codec.ts'
import { createRequestTable, type RequestTable, requestIdsMax } from './request-table.ts'
import { dropSnapshots, historyKeptFrom, isExpired, voidSnapshots } from './snapshot-list.ts'
import { addRow, addSnapshot, type HashLanes, stateHashOf, takeRow } from './state-hash.ts'
import type {
  AdoptChange,
  AdoptConfig,
  AppliedEntry,
  ApplyResult,
  AreaRecord,
  Command,
  ConfigIndexRow,
  ConfigKey,
  ConfigRow,
  DeleteConfig,
  Effect,
  LongRun,
  MachineLoad,
  MachineMeta,
  NamedSnapshot,
  PublishConfig,
  RaiseIds,
  Reply,
  RequestRow,
  RowWrite,
  StateMachine,
  StoredRecords,
  WriteReply,
} from './types.ts'

const noWrites: readonly RowWrite[] = []
const noEffects: readonly Effect[] = []
const noTags: readonly string[] = []

/** Meta of a machine that has applied nothing. */
export const emptyMeta = (): MachineMeta => {
  const counters: Counters = { appliedIndex: 0, appliedTerm: 0, nextConfigId: 1, nextHistoryId: 1, lastTimeMs: 0 }
  return { ...counters, stateHash: stateHashOf({ high: 0, low: 0 }, counters) }
}

const indexRowOf = (row: ConfigRow): ConfigIndexRow => ({
  namespace: row.namespace,
  group: row.group,
  dataId: row.dataId,
  id: row.id,
  md5: row.md5,
  type: row.type,
  encryptedDataKey: row.encryptedDataKey,
  createdMs: row.createdMs,
  modifiedMs: row.modifiedMs,
  index: row.index,
  contentBytes: row.contentBytes,
})

interface CarriedOut extends ApplyResult {
  readonly reply: WriteReply
}

const unchanged = <R extends Reply>(reply: R): ApplyResult & { readonly reply: R } => ({ writes: noWrites, reply, effects: noEffects })

const currentRow = (base: ReadonlyMap<string, ConfigIndexRow>, batch: Batch, key: string): ConfigIndexRow | undefined => {
  const pending = batch.rows.get(key)
  return pending === undefined ? base.get(key) : (pending ?? undefined)
}

interface Step {
  readonly batch: Batch
  readonly key: string
  readonly current: ConfigIndexRow | undefined
  readonly index: number
}

const historyCopy = (step: Step, current: ConfigIndexRow, command: PublishConfig | DeleteConfig): RowWrite => ({
  kind: 'history-copy',
  nid: step.batch.counters.nextHistoryId++,
  id: current.id,
  operation: command.kind === 'delete-config' ? 'D' : 'U',
  atMs: step.batch.counters.lastTimeMs,
  sourceIp: command.sourceIp,
  sourceUser: command.sourceUser,
  index: step.index,
  contentBytes: current.contentBytes,
})

/** Written out, not spread: V8 builds a literal of known fields in one step and a spread field by field, for every write on every node. */
const publishedRow = ({ batch, current, index }: Step, command: PublishConfig): ConfigRow => {
  const { counters } = batch
  // The names of a known row are reused: fresh ones from every payload would keep two copies of each in memory.
  const names: ConfigKey = current ?? command
  return {
    namespace: names.namespace,
    group: names.group,
    dataId: names.dataId,
    id: current?.id ?? counters.nextConfigId++,
    md5: command.md5,
    type: command.type,
    encryptedDataKey: command.encryptedDataKey,
    createdMs: current?.createdMs ?? counters.lastTimeMs,
    modifiedMs: counters.lastTimeMs,
    index,
    contentBytes: command.content.length,
    content: command.content,
    appName: command.appName,
    description: command.description,
    tags: command.tags ?? noTags,
    sourceIp: command.sourceIp,
    sourceUser: command.sourceUser,
  }
}

/** Insert: history holds the new content. Update: history holds the old one, even if nothing changed (nacos-storage 2). */
const publish = (step: Step, command: PublishConfig): CarriedOut => {
  const { batch, current, index } = step
  const { counters } = batch
  const row = publishedRow(step, command)
  const { namespace, group, dataId, md5 } = row
  const put: RowWrite = command.tags === null ? { kind: 'put-config', row, keepTags: true } : { kind: 'put-config', row }
  const writes: RowWrite[] = current
    ? [historyCopy(step, current, command), put]
    : [put, { kind: 'history-insert', nid: counters.nextHistoryId++, row }]
  const kept = indexRowOf(row)
  if (current) takeRow(batch.sum, current)
  addRow(batch.sum, kept)
  batch.rows.set(step.key, kept)
  const reply: WriteReply = { kind: 'published', md5, index, created: current === undefined }
  return { writes, reply, effects: [{ kind: 'config-changed', namespace, group, dataId, md5, index }] }
}

const remove = (step: Step, command: DeleteConfig): CarriedOut => {
  const { batch, current, index } = step
  if (!current) return unchanged({ kind: 'deleted', existed: false, index })
  const writes: RowWrite[] = [historyCopy(step, current, command), { kind: 'drop-config', id: current.id }]
  takeRow(batch.sum, current)
  batch.rows.set(step.key, null)
  const { namespace, group, dataId } = current
  return { writes, reply: { kind: 'deleted', existed: true, index }, effects: [{ kind: 'config-changed', namespace, group, dataId, md5: '', index }] }
}

const changeOf = ({ namespace, group, dataId }: ConfigKey, { md5, index }: { readonly md5: string; readonly index: number }): Effect => ({
  kind: 'config-changed',
  ...{ namespace, group, dataId, md5, index },
})

/** What the machine holds besides its counters; the request table knows its own batch. */
interface Tables {
  readonly configs: Map<string, ConfigIndexRow>
  readonly requests: RequestTable
  snapshots: readonly NamedSnapshot[]
  readonly areas: Areas
  readonly host: AreaHost
}

const emptyTables = (idsMax: number, world: AreaWorld): Tables => {
  const areas = createAreas(world)
  return { configs: new Map(), requests: createRequestTable(idsMax), snapshots: [], areas, host: createAreaHost(areaList(areas)) }
}

/** By what a batch has changed so far. */
const hasConfigs = (base: ReadonlyMap<string, ConfigIndexRow>, batch: Batch, namespace: string): boolean => {
  for (const row of batch.rows.values()) if (row?.namespace === namespace) return true
  for (const [key, row] of base) if (row.namespace === namespace && !batch.rows.has(key)) return true
  return false
}

const carryOut = (base: ReadonlyMap<string, ConfigIndexRow>, batch: Batch, command: Command): CarriedOut => {
  const key = keyText(command)
  const current = currentRow(base, batch, key)
  const currentMd5 = current?.md5 ?? ''
  if (command.expectedMd5 !== null && command.expectedMd5 !== currentMd5) return unchanged({ kind: 'cas-conflict', currentMd5 })
  const step: Step = { batch, key, current, index: batch.counters.appliedIndex }
  return command.kind === 'publish-config' ? publish(step, command) : remove(step, command)
}

/** The database's id, unless it may be taken here; a row that is there keeps its own. Named snapshots are void unless `history` has what was there. */
const adoptRow = (
  step: Step,
  { id, createdMs, modifiedMs }: AdoptConfig | AdoptChange,
  published: PublishConfig,
  history: readonly RowWrite[] = noWrites,
): ApplyResult => {
  const { batch, key, current } = step
  const { counters } = batch
  if (current === undefined) counters.nextConfigId = Math.max(counters.nextConfigId, id)
  const row: ConfigRow = { ...publishedRow(step, published), createdMs, modifiedMs }
  const kept = indexRowOf(row)
  if (current) takeRow(batch.sum, current)
  addRow(batch.sum, kept)
  batch.rows.set(key, kept)
  const reply: Reply = { kind: 'published', md5: row.md5, index: row.index, created: current === undefined }
  const voided = history.length > 0 ? noWrites : voidSnapshots(batch)
  return { writes: [...history, { kind: 'put-config', row }, ...voided], reply, effects: [changeOf(row, row)] }
}

const alone = (write: RowWrite): RowWrite => (write.kind === 'history-copy' ? { ...write, apart: true } : write)

/** Another program leaves no history, or its own: what it replaced is kept in ours. */
const adoptChange = (step: Step, command: AdoptChange): ApplyResult => {
  const { current } = step
  if (command.row.kind === 'delete-config') {
    const removed = remove(step, command.row)
    return { ...removed, writes: removed.writes.map(alone) }
  }
  const history = current === undefined ? noWrites : [alone(historyCopy(step, current, command.row))]
  return adoptRow(step, command, command.row, history)
}

const adopt = (base: ReadonlyMap<string, ConfigIndexRow>, batch: Batch, command: AdoptConfig | AdoptChange): ApplyResult => {
  const key = keyText(command.row)
  const current = currentRow(base, batch, key)
  const currentMd5 = current?.md5 ?? ''
  const { expectedMd5 } = command.row
  const isNewer = command.kind === 'adopt-change' && current !== undefined && current.index > command.asOf
  if (isNewer || (expectedMd5 !== null && expectedMd5 !== currentMd5)) return unchanged({ kind: 'cas-conflict', currentMd5 })
  const step: Step = { batch, key, current, index: batch.counters.appliedIndex }
  return command.kind === 'adopt-change' ? adoptChange(step, command) : adoptRow(step, command, command.row)
}

const raiseIds = ({ counters }: Batch, { configId, historyId }: RaiseIds): ApplyResult => {
  counters.nextConfigId = Math.max(counters.nextConfigId, configId + 1)
  counters.nextHistoryId = Math.max(counters.nextHistoryId, historyId + 1)
  return unchanged({ kind: 'ids-raised', index: counters.appliedIndex })
}

const attach = (base: ReadonlyMap<string, ConfigIndexRow>, batch: Batch, payload: Uint8Array): ApplyResult => {
  const command = decodeAttach(payload)
  if (command === null) return unchanged({ kind: 'invalid-command' })
  return command.kind === 'raise-ids' ? raiseIds(batch, command) : adopt(base, batch, command)
}

/**
 * History is in no memory and in no hash: its rows follow from the log alone, and so does what goes. The cutoff is held below the log time, so
 * that no clock of a leader takes what was written just now. What a snapshot needs stays, whatever a leader knows of it.
 */
const prune = ({ areas, host }: Tables, batch: Batch, payload: Uint8Array): ApplyResult => {
  const command = decodePrune(payload)
  if (command === null) return unchanged({ kind: 'invalid-command' })
  const { counters } = batch
  const cutoffMs = Math.min(command.cutoffMs, counters.lastTimeMs)
  const expired = dropSnapshots(batch, (snapshot) => isExpired(snapshot, cutoffMs))
  const keptFrom = historyKeptFrom(batch.snapshots)
  const nids = command.nids.filter((nid) => nid < keptFrom)
  return {
    writes: [...expired, ...dropKept({ areas, host, batch }), { kind: 'prune-history', nids, cutoffMs, index: counters.appliedIndex }],
    reply: { kind: 'history-pruned', index: counters.appliedIndex },
    effects: noEffects,
  }
}

/** Log time belongs to the log, not to the command: it advances with every stamp, readable payload or not. */
const stepTo = ({ counters }: Batch, entry: AppliedEntry): void => {
  counters.appliedIndex = entry.index
  counters.appliedTerm = entry.term
  if (Number.isSafeInteger(entry.stampMs) && entry.stampMs > counters.lastTimeMs) counters.lastTimeMs = entry.stampMs
}

const applyEntry = (tables: Tables, batch: Batch, entry: AppliedEntry): ApplyResult => {
  const { configs, requests, host } = tables
  stepTo(batch, entry)
  if (isAreaCommand(entry.payload)) {
    const { counters, sum } = batch
    const at = { index: counters.appliedIndex, timeMs: counters.lastTimeMs, sum }
    return host.apply(entry.payload, at, () => counters.nextHistoryId++)
  }
  if (isAttach(entry.payload)) return attach(configs, batch, entry.payload)
  if (isPrune(entry.payload)) return prune(tables, batch, entry.payload)
  const command = decodeCommand(entry.payload)
  if (!command) return unchanged({ kind: 'invalid-command' })
  const { requestId } = command
  if (requestId === undefined) return carryOut(configs, batch, command)
  const known = requests.replyTo(requestId, command)
  if (known) return unchanged(known)
  const result = carryOut(configs, batch, command)
  const remembered = requests.remember(requestId, { command, index: entry.index, reply: result.reply, sum: batch.sum })
  return { ...result, writes: [...result.writes, ...remembered] }
}

/** What a store holds besides configurations. */
export interface StoredBesides {
  /** Oldest first. */
  readonly requests?: Iterable<RequestRow>
  readonly snapshots?: Iterable<NamedSnapshot>
  readonly records?: Iterable<AreaRecord>
  /** Only a simulation, whose nodes all have the same, sets it. */
  readonly idsMax?: number | undefined
}

/**
 * Builds the machine from what a store holds. `meta().stateHash` is computed afresh from all rows: compare it with the stored one to find rows that
 * changed behind our back. `begin`, `apply`, `skip`, `pendingMeta`, `publish` out of order are a bug of the caller and throw.
 */
export const createStateMachine = (rows: Iterable<ConfigIndexRow>, meta: MachineMeta, besides: StoredBesides = {}): StateMachine => {
  const { idsMax = requestIdsMax } = besides
  /** Asked by commands alone, of what the machine holds then. */
  const world: AreaWorld = { hasConfigs: (namespace) => hasConfigs(tables.configs, running(), namespace) }
  let tables: Tables = emptyTables(idsMax, world)
  let sum: HashLanes = { high: 0, low: 0 }
  let published = meta
  let batch: Batch | null = null

  const running = (): Batch => {
    if (!batch) throw new Error('state machine: no batch is running')
    return batch
  }
  const load = (): MachineLoad => {
    const loaded = emptyTables(idsMax, world)
    const lanes: HashLanes = { high: 0, low: 0 }
    return {
      add: (row) => {
        loaded.configs.set(keyText(row), row)
        addRow(lanes, row)
      },
      addRequest: (row) => loaded.requests.load(row, lanes),
      addSnapshot: (snapshot) => {
        loaded.snapshots = [...loaded.snapshots, snapshot]
        addSnapshot(lanes, snapshot)
      },
      addRecord: (record) => loaded.host.load(record, lanes),
      stateHash: (counters) => stateHashOf(lanes, counters),
      takeOver: (counters) => {
        if (batch) throw new Error('state machine: a batch is running')
        const before = tables
        tables = loaded
        sum = lanes
        published = { ...counters, stateHash: stateHashOf(lanes, counters) }
        return changes(before, loaded)
      },
    }
  }
  /** Always of the row as it is now: between two steps, batches may have changed it again. */
  function* changes(before: Tables, after: Tables): Generator<Effect | null> {
    for (const [key, old] of before.configs) {
      const row = tables.configs.get(key)
      yield row?.md5 === old.md5 ? null : changeOf(row ?? old, row === undefined ? { md5: '', index: published.appliedIndex } : row)
    }
    for (const key of after.configs.keys()) {
      const row = tables.configs.get(key)
      yield row === undefined || before.configs.has(key) ? null : changeOf(row, row)
    }
    yield* areaChanges(before.host, after.host, () => [tables.host, published.appliedIndex])
  }
  /** Goes on in the new memory, from its begin, if one takes over meanwhile: rather a row twice than one left out. */
  const all = (): IterableIterator<ConfigIndexRow> => {
    let of = tables
    let inner = of.configs.values()
    const walk: IterableIterator<ConfigIndexRow> = {
      next: () => {
        if (of !== tables) {
          of = tables
          inner = of.configs.values()
        }
        return inner.next()
      },
      [Symbol.iterator]: () => walk,
    }
    return walk
  }

  /** Of a row that went, only the memory of before knows the names. */
  function* told({ rows: changed, areas: brought }: Batch, before: ReadonlyMap<string, ConfigIndexRow>): Generator<Effect | null> {
    for (const [key, row] of changed) {
      const now = tables.configs.get(key)
      yield changeOf(now ?? row ?? (before.get(key) as ConfigIndexRow), now ?? { md5: '', index: published.appliedIndex })
    }
    for (const { area, key } of brought?.changed ?? []) yield tables.host.changeOf(area, key, published.appliedIndex)
  }
  const applyLong = (entry: AppliedEntry, records: StoredRecords): LongRun => {
    const alone = running()
    const { configs, areas, host } = tables
    stepTo(alone, entry)
    const steps = createSteps(configs, { batch: alone, areas, host, world, records }, entry.payload)
    const outcome: LongRun['outcome'] = () => {
      alone.areas = steps.memory()
      return steps.outcome()
    }
    return { ...steps, outcome, told: () => told(alone, configs) }
  }

  const first = load()
  for (const row of rows) first.add(row)
  for (const row of besides.requests ?? []) first.addRequest(row)
  for (const snapshot of besides.snapshots ?? []) first.addSnapshot(snapshot)
  for (const record of besides.records ?? []) first.addRecord(record)
  first.takeOver(meta)

  const metaOf = ({ counters, sum }: Batch): MachineMeta => ({ ...counters, stateHash: stateHashOf(sum, counters) })

  return {
    begin: () => {
      if (batch) throw new Error('state machine: a batch is running already')
      const { stateHash: _, ...counters } = published
      batch = { rows: new Map(), counters, sum: { ...sum }, snapshots: tables.snapshots, configs: null, areas: null }
    },
    apply: (entry) => applyEntry(tables, running(), entry),
    applyLong,
    skip: (index, term) => {
      const { counters } = running()
      counters.appliedIndex = index
      counters.appliedTerm = term
    },
    pendingMeta: () => metaOf(running()),
    publish: () => {
      const done = running()
      published = metaOf(done)
      sum = done.sum
      if (done.configs !== null) tables = { ...tables, configs: done.configs }
      else
        for (const [key, row] of done.rows) {
          if (row) tables.configs.set(key, row)
          else tables.configs.delete(key)
        }
      if (done.areas !== null) tables = { ...tables, areas: done.areas.areas, host: done.areas.host }
      tables.snapshots = done.snapshots
      tables.requests.publish()
      tables.host.publish()
      batch = null
    },
    discard: () => {
      tables.requests.discard()
      tables.host.discard()
      batch = null
    },
    meta: () => published,
    find: (key) => tables.configs.get(keyText(key)),
    all,
    load,
    size: () => tables.configs.size,
    requests: () => tables.requests.rows(),
    snapshots: () => tables.snapshots,
    areas: () => tables.areas,
  }
}
