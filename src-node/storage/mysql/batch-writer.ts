/**
 * One batch, one transaction: the fence first, then rows, then commit. Owns how a row that the database does not take is found among others
 * and left out. Throws what ends the connection; never retries.
 */

import type { ConfigKey, ConfigRow } from '../../state-machine/types.ts'
import type { SinkBatch, SinkDataError, SinkDroppedRow, SinkRefusals } from '../sink.ts'
import type { SqlConnection } from './connection.ts'
import { isDataError } from './dialect.ts'
import { advanceFence, advanceText } from './fence.ts'
import { putRecords, type RecordTarget } from './record-writer.ts'
import { clearRefusals, noteRefusals, readRefusals } from './refused-rows.ts'
import { guardErrno, type RowTable, type RowTables } from './row-tables.ts'
import { partsOf } from './trouble.ts'

/** Rows of one statement: with more, the server's own work outweighs the trip. */
const statementRowsMax = 64
/**
 * Up to so many rows any number, beyond it multiples of the second: few shapes to keep prepared. A batch between two of them is filled up with its
 * last row, which may come twice like any other, instead of a statement more: a trip costs as much as a dozen rows.
 */
const anyRowsMax = 8
const shapeRows = 4
/** Larger rows are not worth sending twice. */
const fillBytesMax = 32 * 1024
/** Of the values of one statement; a single larger row goes alone. */
const statementBytesMax = 4 * 1024 * 1024
/** Ids of one `IN` list. */
const idsMax = 256
/** Kept free of a packet, for what is no value. */
const packetMarginBytes = 16 * 1024

export interface BatchTarget {
  readonly connection: SqlConnection
  readonly tables: RowTables
  readonly records: Omit<RecordTarget, 'connection'>
  readonly clusterId: string
  readonly term: number
  /** Of this connection: false while nobody has a tag. */
  readonly tags: { present: boolean }
  /** Of this connection: false while the database refuses nothing. */
  readonly refused: { present: boolean }
}

export interface WrittenRows {
  readonly dataErrors: readonly SinkDataError[]
  readonly refusals?: SinkRefusals
}

/** After the claim: from here on a transaction begins by itself with the fence, and the first statement of a batch is just that. */
export const targetFor = async (
  connection: SqlConnection,
  { tables, records }: Pick<BatchTarget, 'tables' | 'records'>,
  owner: Pick<BatchTarget, 'clusterId' | 'term'>,
  refusals: SinkRefusals,
): Promise<BatchTarget> => {
  const [any] = tables.tags === null ? [] : await connection.text('SELECT EXISTS (SELECT 1 FROM config_tags_relation) AS present')
  await connection.text('SET SESSION autocommit = 0')
  return { connection, tables, records, ...owner, tags: { present: Number(any?.present) === 1 }, refused: { present: refusals.count > 0 } }
}

/** How many neighbours go together, within the bytes. */
const together = <R>(rows: readonly R[], from: number, bytesOf: (row: R) => number, bytesMax: number): number => {
  let fits = 0
  for (let bytes = 0; fits < statementRowsMax && from + fits < rows.length; fits++) {
    const row = rows[from + fits]
    bytes += row === undefined ? 0 : bytesOf(row)
    if (bytes > bytesMax && fits > 0) break
  }
  return Math.max(1, fits)
}

const shapeOf = (rows: number): number => (rows <= anyRowsMax ? rows : Math.ceil(rows / shapeRows) * shapeRows)

/** As many of them as one statement takes, and what it is filled up with. */
const filled = <R extends ConfigKey>({ bytesOf }: RowTable<R>, rows: readonly R[]): readonly R[] => {
  const last = rows.at(-1)
  const lacking = shapeOf(rows.length) - rows.length
  if (last === undefined || lacking === 0 || bytesOf(last) > fillBytesMax) return rows
  return [...rows, ...Array.from({ length: lacking }, () => last)]
}

const takenWords = (table: SinkDataError['table'], id: number): string =>
  table === 'config_info' || table === 'his_config_info' || table === 'config_tags_relation'
    ? `${id} is the number of a row of another key, written by another program`
    : 'the table takes this name and that of another row for the same'

const errorOf = <R extends ConfigKey>(table: RowTable<R>, row: R, { errno, sqlState, message }: ReturnType<typeof partsOf>): SinkDataError => {
  const id = table.idOf(row)
  const taken = errno === guardErrno && message.includes(`'${table.guarded}'`)
  return {
    table: table.name,
    namespace: row.namespace,
    group: row.group,
    dataId: row.dataId,
    id,
    column: taken ? null : (/column [`'"]?(?:[^`'" ]+[`.])*`?([a-z0-9_]+)[`'"]?/i.exec(message)?.[1] ?? null),
    errno,
    sqlState,
    message: taken ? takenWords(table.name, id) : message.slice(0, 300),
  }
}

/** Halves what fails until the row stands alone: a batch of n rows costs at most 2 log2(n) statements for each bad one. */
const putAll = async <R extends ConfigKey>(
  connection: SqlConnection,
  table: RowTable<R>,
  rows: readonly R[],
  packetBytesMax: number,
  errors: SinkDataError[],
): Promise<void> => {
  const put = async (some: readonly R[]): Promise<void> => {
    try {
      const rows = filled(table, some)
      await connection.run(table.putSql(rows.length), rows.flatMap(table.cellsOf))
    } catch (error) {
      const parts = partsOf(error)
      if (!isDataError(parts.errno, parts.sqlState)) throw error
      const [first] = some
      if (first === undefined) return
      if (some.length === 1) {
        errors.push(errorOf(table, first, parts))
        return
      }
      const half = Math.floor(some.length / 2)
      await put(some.slice(0, half))
      await put(some.slice(half))
    }
  }
  const oneMax = packetBytesMax - packetMarginBytes
  const fitting = rows.filter((row) => {
    const fits = table.bytesOf(row) <= oneMax
    const message = `the row is larger than max_allowed_packet (${packetBytesMax} bytes)`
    if (!fits) errors.push({ ...errorOf(table, row, { code: '', errno: 1153, sqlState: '08S01', message }), column: 'content' })
    return fits
  })
  const bytesMax = Math.min(statementBytesMax, oneMax)
  for (let at = 0; at < fitting.length; ) {
    const count = together(fitting, at, table.bytesOf, bytesMax)
    await put(fitting.slice(at, at + count))
    at += count
  }
}

const inPieces = async <T>(items: readonly T[], size: number, run: (some: readonly T[]) => Promise<void>): Promise<void> => {
  for (let at = 0; at < items.length; at += size) await run(items.slice(at, at + size))
}

/** By id and key, along the primary key; what another program gave another id is looked for by its key, which costs more and is rare. */
const dropAll = async (connection: SqlConnection, { keySql, keyCells }: RowTables, dropped: readonly SinkDroppedRow[]): Promise<void> => {
  await inPieces(dropped, statementRowsMax, async (some) => {
    const byId = some.map(() => `(id = ? AND ${keySql})`).join(' OR ')
    const cells = some.flatMap((row) => [row.id, ...keyCells(row)])
    if ((await connection.run(`DELETE FROM config_info WHERE ${byId}`, cells)) === some.length) return
    const byKey = some.map(() => keySql).join(' OR ')
    await connection.run(`DELETE FROM config_info WHERE ${byKey}`, some.flatMap(keyCells))
  })
}

/** All tags of what changed go and come again: a row says all that it has. Most databases have none, and one trip less. */
const putTags = async (
  { connection, tables, tags }: BatchTarget,
  configs: readonly ConfigRow[],
  dropped: readonly SinkDroppedRow[],
  errors: SinkDataError[],
): Promise<void> => {
  if (tables.tags === null) return
  tags.present ||= configs.some((row) => row.tags.length > 0)
  if (!tags.present) return
  const ids = [...configs, ...dropped].map(({ id }) => id)
  await inPieces(ids, idsMax, async (some) => {
    await connection.text(`DELETE FROM config_tags_relation WHERE id IN (${some.join(', ')})`)
  })
  const refused = new Set(errors.filter(({ table }) => table === 'config_info').map(({ id }) => id))
  const rows = configs.flatMap((row) => {
    const { namespace, group, dataId, id } = row
    return refused.has(id) ? [] : [...new Set(row.tags)].map((tag) => ({ namespace, group, dataId, id, tag }))
  })
  await putAll(connection, tables.tags, rows, tables.packetBytesMax, errors)
}

/** Costs nothing while the database takes everything, as it mostly does. */
const putRefusals = async ({ connection, refused }: BatchTarget, batch: SinkBatch, errors: readonly SinkDataError[]): Promise<WrittenRows> => {
  if (!refused.present && errors.length === 0) return { dataErrors: errors }
  if (refused.present) await clearRefusals(connection, batch)
  await noteRefusals(connection, errors, batch.to)
  const refusals = await readRefusals(connection)
  refused.present = refusals.count > 0
  return { dataErrors: errors, refusals }
}

/** Contents of a batch that goes in one text: beyond it, a trip more costs nothing beside its bytes. */
const textContentBytesMax = 256 * 1024

/** The batch of every day: small rows to put and their history, nothing else to look after. */
const goesInOneText = ({ tags, refused }: BatchTarget, { configs, dropped, history, forgotten = [], records = [] }: SinkBatch): boolean => {
  if (tags.present || refused.present || dropped.length > 0 || forgotten.length > 0 || records.length > 0) return false
  if (configs.some((row) => row.tags.length > 0)) return false
  let bytes = 0
  for (const { content } of configs) bytes += content.length
  for (const { content } of history) bytes += content.length
  return bytes <= textContentBytesMax
}

/**
 * Fence and rows in one trip, since a busy machine takes longer for the trips than for the rows. `refused`: a row is not taken, or all of them are
 * too much for a packet, and nothing is left of it; which one, statements by themselves will tell.
 */
const writeInOneText = async (target: BatchTarget, { from, to, configs, history: all }: SinkBatch): Promise<'written' | 'fenced' | 'refused'> => {
  const { connection, tables, clusterId, term } = target
  const history = tables.kept(all)
  const texts = [advanceText(clusterId, term, from, to)]
  if (configs.length > 0) texts.push(tables.config.putText(configs))
  if (history.length > 0) texts.push(tables.history.putText(history))
  if (texts.reduce((sum, text) => sum + text.length, packetMarginBytes) > tables.packetBytesMax) return 'refused'
  try {
    const [found] = await connection.texts(texts)
    return found === 1 ? 'written' : 'fenced'
  } catch (error) {
    const { errno, sqlState } = partsOf(error)
    if (!isDataError(errno, sqlState)) throw error
    await connection.text('ROLLBACK')
    return 'refused'
  }
}

/** All but the commit, which the caller sends: what fails before it is surely not written. Null: fenced, and rolled back. */
export const writeRows = async (target: BatchTarget, batch: SinkBatch): Promise<WrittenRows | null> => {
  const quick = goesInOneText(target, batch) ? await writeInOneText(target, batch) : 'refused'
  if (quick === 'written') return { dataErrors: [] }
  if (quick === 'refused') return writeRowByRow(target, batch)
  await target.connection.text('ROLLBACK')
  return null
}

const writeRowByRow = async (target: BatchTarget, batch: SinkBatch): Promise<WrittenRows | null> => {
  const { connection, tables, clusterId, term } = target
  const { from, to, configs, dropped, forgotten = [], records = [] } = batch
  const history = tables.kept(batch.history)
  if (!(await advanceFence(connection, clusterId, term, from, to))) {
    await connection.text('ROLLBACK')
    return null
  }
  const errors: SinkDataError[] = []
  await dropAll(connection, tables, dropped)
  await putAll(connection, tables.config, configs, tables.packetBytesMax, errors)
  await putTags(target, configs, dropped, errors)
  await putAll(connection, tables.history, history, tables.packetBytesMax, errors)
  await inPieces(forgotten, idsMax, async (some) => {
    await connection.text(`DELETE FROM his_config_info WHERE nid IN (${some.join(', ')})`)
  })
  await putRecords({ connection, ...target.records }, records, (table, rows) => putAll(connection, table, rows, tables.packetBytesMax, errors))
  return putRefusals(target, batch, errors)
}
