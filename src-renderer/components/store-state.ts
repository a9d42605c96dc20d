/** How the shared database fares, out of the view: the leader's word counts, unknown stays unknown. Pure. */

import type { ClusterView, StoreReport, StoreTrouble } from '../../src-main/contract/index.ts'
import { addressesOf, readMysqlUrl } from './mysql-url.ts'
import { nodeCondition } from './node-condition.ts'

/** `filling`: it gets what the cluster has, and no write before that. `unknown`: no leader says anything. `refused`: nodes ended, since it is not this cluster's to write to. */
export type StoreState = 'available' | 'away' | 'filling' | 'undecided' | 'unknown' | 'refused' | 'stopped'

export interface StoreNow {
  readonly state: StoreState
  /** `user@host:port/database`, as the URL has it. */
  readonly place: string
  readonly addresses: readonly string[]
  readonly user: string
  readonly database: string
  /** Of the leader. */
  readonly report: StoreReport | null
  /** Since when the state has been so, wall ms; null if nobody knows. */
  readonly sinceMs: number | null
  /** Entries that the leader has applied and the database lacks. */
  readonly behind: number
  readonly trouble: StoreTrouble | null
}

/** Null in SQLite mode. */
export function storeOf(view: ClusterView): StoreNow | null {
  const { setting, refused } = view.storage
  if (setting.kind === 'sqlite') return null
  const fields = readMysqlUrl(setting.url)
  const named = {
    place: setting.url.replace(/^mysql:\/\//i, ''),
    addresses: fields === null ? [] : addressesOf(fields),
    user: fields?.user ?? '',
    database: fields?.database ?? '',
  }
  const nothing = { ...named, report: null, sinceMs: null, behind: 0, trouble: null }
  if (refused !== null) return { ...nothing, state: 'refused', sinceMs: refused.atMs, trouble: refused }
  if (view.health.kind === 'stopped') return { ...nothing, state: 'stopped' }
  const leader = view.nodes.find((node) => node.id === view.leaderId)
  const condition = leader === undefined ? null : nodeCondition(leader, view.atMs)
  const said = condition?.kind === 'role' ? condition.report : null
  const report = said?.store ?? null
  if (said === null || report === null) return { ...nothing, state: 'unknown' }
  const filling = report.health === 'away' && report.trouble?.code === 'filling'
  return {
    ...{ ...named, report, state: filling ? 'filling' : report.health, sinceMs: report.sinceMs, trouble: report.trouble },
    behind: Math.max(0, said.appliedIndex - report.storedIndex),
  }
}

/** True when configuration writes are refused because of it. */
export const refusesWrites = (store: StoreNow | null): boolean => store?.state === 'away' || store?.state === 'filling'
