/** What stands behind the `?` of each screen's address: typed, and read without trust. An unknown or wrong value is left out, never an error. */

import type { LogLevel } from '../src-main/contract/index.ts'

type Raw = Record<string, unknown>

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
const count = (value: unknown): number | undefined => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined)
const flag = (value: unknown): true | undefined => (value === true ? true : undefined)

/** Leaves out what is undefined, so that addresses stay short. */
function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> }
}

/** Configs: namespace, filter, the open configuration (`group` + `dataId`), the node asked, and the dialogs for a new one and for snapshots. */
export const configsSearch = (raw: Raw) =>
  present({
    ns: text(raw.ns),
    q: text(raw.q),
    group: text(raw.group),
    dataId: text(raw.dataId),
    node: count(raw.node),
    new: flag(raw.new),
    snapshots: flag(raw.snapshots),
  })
export type ConfigsSearch = ReturnType<typeof configsSearch>

const levels: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[]
const level = (value: unknown): LogLevel | undefined => (levels.includes(value as string) ? (value as LogLevel) : undefined)

/** At most this many sources can be named; more than any cluster has. */
const sourceLimit = 16
function sources(value: unknown): readonly number[] | undefined {
  const list = Array.isArray(value) ? value : typeof value === 'number' ? [value] : []
  const known = [...new Set(list.flatMap((item) => count(item) ?? []))].slice(0, sourceLimit).sort((a, b) => a - b)
  return known.length === 0 ? undefined : known
}

/** Logs: sources (0 = the app; absent = all), lowest level, search words, whether they are a regular expression and hide what does not match, time in wall ms. */
export const logsSearch = (raw: Raw) =>
  present({
    node: sources(raw.node),
    level: level(raw.level),
    q: text(raw.q),
    re: flag(raw.re),
    only: flag(raw.only),
    from: count(raw.from),
    to: count(raw.to),
  })
export type LogsSearch = ReturnType<typeof logsSearch>

/** Storage: whether the form that changes it is open, or the one that moves everything. */
export const storageSearch = (raw: Raw) => present({ change: flag(raw.change), move: flag(raw.move) })

/** Namespaces: the filter, and whether the form for a new one is open. */
export const namespacesSearch = (raw: Raw) => present({ q: text(raw.q), new: flag(raw.new) })
export type NamespacesSearch = ReturnType<typeof namespacesSearch>

/** Security: the filter of users and roles. */
export const securitySearch = (raw: Raw) => present({ q: text(raw.q) })

/** Overview: whether the nodes are shown as a table. */
export const overviewSearch = (raw: Raw) => present({ table: flag(raw.table) })
