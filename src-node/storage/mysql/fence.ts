/**
 * Whose the database is: the one row of `nacos_trio_store`. Owns how a leader takes it and how each batch proves that it still has it. A
 * leader that was stopped in the middle of a transaction holds the row, so its connection is ended before the row is asked for.
 */

import type { SinkClaim, SinkPosition } from '../sink.ts'
import type { Row, SqlConnection } from './connection.ts'
import { literalOf } from './literals.ts'
import { troubleError } from './trouble.ts'

interface Fence extends SinkPosition {
  readonly connectionId: number
}

export type FenceOutcome = { readonly kind: 'claimed' | 'outdated' | 'foreign' | 'ahead'; readonly position: SinkPosition }

/** Each try fails only because another node was quicker; three nodes cannot do that more often. */
const triesMax = 4

const fenceOf = (row: Row): Fence => ({
  clusterId: String(row.cluster_id),
  term: Number(row.term),
  appliedIndex: Number(row.applied_index),
  connectionId: Number(row.connection_id),
})

/** Without a lock: it must not wait for who holds the row. */
const readFence = async (connection: SqlConnection): Promise<Fence | null> => {
  const [row] = await connection.text('SELECT cluster_id, term, applied_index, connection_id FROM nacos_trio_store WHERE id = 1')
  return row === undefined ? null : fenceOf(row)
}

const positionOf = (fence: Fence): SinkPosition => {
  const { clusterId, term, appliedIndex } = fence
  return { clusterId, term, appliedIndex }
}

/** Null: never attached. Also inside a transaction. */
export const readPosition = async (connection: SqlConnection): Promise<SinkPosition | null> => {
  const fence = await readFence(connection)
  return fence === null ? null : positionOf(fence)
}

/** No such thread, or not ours after all: it went between the list and the order. */
const isGone = (error: unknown): boolean => error instanceof Error && 'errno' in error && (error.errno === 1094 || error.errno === 1095)

/** Only what the process list shows under our own user and on our database: after a restart of the server its ids begin anew. */
const endConnection = async (connection: SqlConnection, id: number): Promise<void> => {
  if (id === 0 || id === connection.id) return
  const [self] = await connection.text("SELECT SUBSTRING_INDEX(USER(), '@', 1) AS name, DATABASE() AS db")
  const list = await connection.text('SHOW PROCESSLIST')
  const found = list.find(({ Id }) => Number(Id) === id)
  if (found === undefined || found.User !== self?.name || found.db !== self?.db) return
  try {
    await connection.text(`KILL CONNECTION ${id}`)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

const refusalOf = (fence: Fence, clusterId: string, { term, lastIndex, adopt }: SinkClaim): FenceOutcome | null => {
  const position = positionOf(fence)
  if (fence.clusterId !== clusterId) return adopt ? null : { kind: 'foreign', position }
  if (fence.appliedIndex > lastIndex) return adopt ? null : { kind: 'ahead', position }
  return fence.term > term ? { kind: 'outdated', position } : null
}

/** 1062: another node made the row meanwhile. */
const insertFence = async (connection: SqlConnection, clusterId: string, term: number): Promise<boolean> => {
  try {
    const sql = 'INSERT INTO nacos_trio_store (id, cluster_id, term, applied_index, connection_id) VALUES (1, ?, ?, 0, CONNECTION_ID())'
    return (await connection.run(sql, [clusterId, term])) === 1
  } catch (error) {
    if (error instanceof Error && 'errno' in error && error.errno === 1062) return false
    throw error
  }
}

/** Only from what was seen; the position is kept unless it means nothing to us, and then 0 says that everything is still to be read. */
const takeFence = async (connection: SqlConnection, seen: Fence, clusterId: string, { term, lastIndex }: SinkClaim): Promise<boolean> => {
  const anew = seen.clusterId !== clusterId || seen.appliedIndex > lastIndex
  const sql = `UPDATE nacos_trio_store SET applied_index = IF(?, 0, applied_index), cluster_id = ?, term = ?, connection_id = CONNECTION_ID()
    WHERE id = 1 AND cluster_id = ? AND term = ? AND (? = 0 OR applied_index = ?)`
  return (await connection.run(sql, [anew ? 1 : 0, clusterId, term, seen.clusterId, seen.term, anew ? 1 : 0, seen.appliedIndex])) === 1
}

/** Committed by itself, before the first batch: so the next leader can read whom to end. */
export const claimFence = async (connection: SqlConnection, clusterId: string, claim: SinkClaim): Promise<FenceOutcome> => {
  for (let tries = 0; tries < triesMax; tries++) {
    const seen = await readFence(connection)
    const refusal = seen === null ? null : refusalOf(seen, clusterId, claim)
    if (refusal !== null) return refusal
    if (seen !== null) await endConnection(connection, seen.connectionId)
    const taken = await (seen === null ? insertFence(connection, clusterId, claim.term) : takeFence(connection, seen, clusterId, claim))
    // Read after the row was ours: whatever an ended connection still had under way is decided by then.
    const now = taken ? await readFence(connection) : null
    if (now?.connectionId === connection.id) return { kind: 'claimed', position: positionOf(now) }
  }
  throw troubleError('rows-held', 'another node claims the database at the same time')
}

/**
 * First statement of a batch; false: not at `from`, or another connection's by now. The design's condition is cluster and index; term and
 * connection come on top, so that a leader that was replaced stops at its first batch, even where it stands at the same index.
 */
export const advanceFence = async (connection: SqlConnection, clusterId: string, term: number, from: number, to: number): Promise<boolean> =>
  (await connection.run(advanceSql('?', '?', '?', '?'), [to, clusterId, from, term])) === 1

/** The same as one of several texts: it is to find one row. */
export const advanceText = (clusterId: string, term: number, from: number, to: number): string =>
  advanceSql(literalOf(to), literalOf(clusterId), literalOf(from), literalOf(term))

const advanceSql = (to: string, clusterId: string, from: string, term: string): string =>
  `UPDATE nacos_trio_store SET applied_index = ${to}
    WHERE id = 1 AND cluster_id = ${clusterId} AND applied_index = ${from} AND term = ${term} AND connection_id = CONNECTION_ID()`
