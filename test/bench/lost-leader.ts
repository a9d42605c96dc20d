/** The figures of a leader that is lost or gives its place away, as they stand on the sheet. */

import type { HeadlessCluster } from '../support/headless.ts'
import { measureFailover } from './failover.ts'
import type { FailoverWay } from './failover-ways.ts'
import { ms, type Sheet, type Task } from './sheet.ts'
import { rounded, spreadOf } from './stats.ts'
import { measureTransfer } from './transfer.ts'

/** What is aimed at, ms; a pause or a cut is found by silence alone, so an election timeout is part of it. */
const aims = { killed: { p50: 50, p99: 300 }, paused: { p50: 500, p99: 500 }, cut: { p50: 500, p99: 500 } } as const
const deeds = { killed: 'kill -9 of the leader', paused: 'SIGSTOP of the leader', cut: 'leader cut off, sockets open,' } as const
/** The names of the first one are older than the other ways. */
const prefixes = { killed: 'failover', paused: 'failover_paused', cut: 'failover_cut' } as const

export const failover = async (sheet: Sheet, cluster: HeadlessCluster, way: FailoverWay, task: Task): Promise<void> => {
  let turn = 0
  const told = (took: number): void => {
    turn += 1
    if (turn % 10 === 0) task.say(`leader ${way.name} ${turn} of ${task.kills}: writes again after ${ms(took)}`)
  }
  const { tookMs, lost } = await measureFailover(cluster, way, { times: task.kills, told })
  const spread = spreadOf(tookMs)
  const [name, aim] = [prefixes[way.name], aims[way.name]]
  sheet.keys[`${name}_p50_ms`] = rounded(spread.p50, 1)
  sheet.keys[`${name}_p99_ms`] = rounded(spread.p99, 1)
  sheet.conditions[`${name}_${way.name === 'killed' ? 'kills' : 'times'}`] = task.kills
  sheet.conditions[`${name}_worst_ms`] = rounded(spread.worst, 1)
  sheet.conditions[`${name}_acknowledged_lost`] = lost.length
  sheet.broken.push(...lost)
  sheet.rows.push(
    {
      name: `${name}_p50_ms`,
      value: ms(spread.p50),
      note: `${deeds[way.name]} to the first write acknowledged; ${task.kills} times under 8 writers; aim < ${aim.p50} ms`,
    },
    {
      name: `${name}_p99_ms`,
      value: ms(spread.p99),
      note: `worst ${ms(spread.worst)}; acknowledged writes lost: ${lost.length}; aim < ${aim.p99} ms`,
    },
  )
}

export const transfer = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const { tookMs, silenceMs, failed, lost } = await measureTransfer(cluster, task.kills)
  const [spread, silence] = [spreadOf(tookMs), spreadOf(silenceMs)]
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0)
  sheet.keys.transfer_p50_ms = rounded(spread.p50, 1)
  sheet.keys.transfer_p99_ms = rounded(spread.p99, 1)
  sheet.conditions.transfer_times = task.kills
  sheet.conditions.transfer_worst_ms = rounded(spread.worst, 1)
  sheet.conditions.transfer_silence_p99_ms = rounded(silence.p99, 1)
  sheet.conditions.transfer_failed_writes = failures
  sheet.broken.push(...lost)
  if (failures > 0) sheet.broken.push(`${failures} writes failed during planned transfers: ${JSON.stringify(failed)}`)
  sheet.rows.push(
    {
      name: 'transfer_p50_ms',
      value: ms(spread.p50),
      note: `order to answer, ${task.kills} times under 8 writers; failed writes: ${failures}, aim 0`,
    },
    {
      name: 'transfer_p99_ms',
      value: ms(spread.p99),
      note: `worst ${ms(spread.worst)}; longest time without an acknowledged write: p99 ${ms(silence.p99)}, worst ${ms(silence.worst)}; aim < 20 ms`,
    },
  )
}
