/**
 * Rows of history that are over an age, looked through along their numbers and taken away in pieces, each a statement by itself: nothing is locked for
 * long, and what was cut off is gone on with at the next time. Which of them may go is the caller's to say; that the database is still his, ours.
 */

import type { OldHistory } from '../sink.ts'
import type { SqlConnection } from './connection.ts'
import { readPosition } from './fence.ts'
import { dateTimeText } from './times.ts'

/** Of one piece. */
const pieceRows = 200

/** @returns how many are gone. What `choose` throws comes out. */
export const forgetOldHistory = async (
  connection: SqlConnection,
  clusterId: string,
  { beforeMs, belowNid, term, choose }: OldHistory,
): Promise<number> => {
  const isOld = `gmt_modified < '${dateTimeText(beforeMs, 0)}'`
  let removed = 0
  for (let after = -1, full = true; full; ) {
    const found = await connection.text(
      `SELECT nid FROM his_config_info WHERE ${isOld} AND nid > ${after} AND nid < ${belowNid} ORDER BY nid LIMIT ${pieceRows}`,
    )
    const nids = found.map(({ nid }) => Number(nid))
    full = nids.length === pieceRows
    after = nids.at(-1) ?? after
    const chosen = nids.length === 0 ? [] : await choose(nids)
    if (chosen === null) return removed
    if (chosen.length === 0) continue
    const position = await readPosition(connection)
    if (position?.clusterId !== clusterId || position.term !== term) return removed
    removed += await connection.run(`DELETE FROM his_config_info WHERE nid IN (${chosen.join(', ')}) AND ${isOld}`, [])
  }
  return removed
}
