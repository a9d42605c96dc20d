/** For tests: what a store would find, in a map of rows and a list of history; answered in a later turn, as a thread does. */

import type { ConfigRow } from '../../state-machine/types.ts'
import type { ConfigSearch, HistoryNeighbour, LookupAnswer, StoredHistoryRow, StoreLookups } from '../../storage/types.ts'
import { globMatcher } from './v1/glob.ts'

export const createFakeLookups = (rows: ReadonlyMap<string, ConfigRow>) => {
  const history: StoredHistoryRow[] = []
  /** What the next lookup comes to instead. */
  let trouble: LookupAnswer<never> | null = null
  const answer = <T>(found: () => T, done: (answer: LookupAnswer<T>) => void): void => {
    const said = trouble
    trouble = null
    setImmediate(() => done(said ?? { kind: 'found', value: found() }))
  }
  const textOf = (content: Uint8Array): string => Buffer.from(content).toString()
  const fits = (row: ConfigRow, { namespace, appName, tags, content }: ConfigSearch): boolean =>
    row.namespace === namespace &&
    (appName === null || row.appName === appName) &&
    (tags.length === 0 || row.tags.some((tag) => tags.includes(tag))) &&
    (content === null || globMatcher(content)(textOf(row.content)))
  const isThe = (row: StoredHistoryRow, which: HistoryNeighbour): boolean =>
    which.kind === 'previous'
      ? row.id === which.configId
      : row.nid > which.nid && row.dataId === which.dataId && row.group === which.group && row.namespace === which.namespace
  const lookups: StoreLookups = {
    findConfigs: (search, done) =>
      answer(() => Float64Array.from([...rows.values()].filter((row) => fits(row, search)).map(({ id }) => id)).sort(), done),
    listHistory: ({ namespace, group, dataId, skip, take }, done) =>
      answer(() => {
        const own = history.filter((row) => row.namespace === namespace && row.group === group && row.dataId === dataId).toReversed()
        return { total: own.length, rows: own.slice(skip, skip + take) }
      }, done),
    findHistory: (which, done) =>
      answer(() => {
        const found = history.filter((row) => isThe(row, which)).map(({ nid }) => nid)
        return (which.kind === 'previous' ? found.at(-1) : found[0]) ?? null
      }, done),
    readHistory: (nid) => history.find((row) => row.nid === nid),
    hasHistory: (nid) => history.some((row) => row.nid === nid),
    readTexts: (id) => [...rows.values()].find((row) => row.id === id),
  }
  /** As a store keeps it: an insert has the new content and no number of a configuration, the others what was there before. */
  const note = (operation: 'I' | 'U' | 'D', row: ConfigRow): void => {
    const { namespace, group, dataId, content, md5, appName, sourceIp, sourceUser, encryptedDataKey } = row
    const atMs = 1_714_532_645_000 + history.length
    history.push({
      ...{ nid: history.length + 1, id: operation === 'I' ? 0 : row.id, operation, namespace, group, dataId, content, md5, appName },
      ...{ createdMs: atMs, modifiedMs: atMs, sourceIp, sourceUser, encryptedDataKey, publishType: 'formal', index: row.index },
      extInfo: JSON.stringify({ type: row.type }),
    })
  }
  const failNext = (what: LookupAnswer<never>): void => {
    trouble = what
  }
  return { lookups, note, failNext, history }
}
