/** The queue of MySQL mode on a simulated disk: as the product's, without limits of bytes. */

import type { SinkQueue } from '../../src-node/storage/types.ts'
import type { FakeStateDisk } from './state-disk.ts'
import { SimFailure } from './world.ts'

/** @param remember a power cut may take back what comes after it */
export function createSinkQueue(disk: FakeStateDisk, remember: () => void): SinkQueue {
  /** As in the product, of one open: what was queued and is gone since still counts. */
  let newest = 0
  const last = () => {
    newest = Math.max(newest, disk.queue.at(-1)?.index ?? 0)
    return newest
  }
  return {
    lastIndex: last,
    completeAfter: () => disk.queueAfter,
    length: () => disk.queue.length,
    holds: ({ dataId }, after) => disk.queue.some((entry) => entry.index > after && entry.key.dataId === dataId),
    // Databases here hold configurations alone.
    holdsRecord: () => false,
    queueRecords: () => 'ok',
    read(after, { rows }) {
      const ahead = disk.queue.filter(({ index }) => index > after)
      if (ahead.length === 0) return null
      const cut = ahead[rows]?.index
      const whole = ahead.filter(({ index }, at) => at < rows && index !== cut)
      const taken = whole.length > 0 ? whole : ahead.filter(({ index }) => index === ahead[0]!.index)
      const to = taken.length === ahead.length ? disk.meta.appliedIndex : taken.at(-1)!.index
      const changed = new Map(taken.flatMap(({ id, key }) => (id > 0 ? [[id, key] as const] : [])))
      const gone = new Set(taken.flatMap(({ id, nid }) => (id < 0 && !disk.history.has(nid) ? [nid] : [])))
      return {
        ...{ from: after, to },
        configs: [...changed.keys()].flatMap((id) => disk.rows.get(id) ?? []),
        dropped: [...changed].flatMap(([id, key]) => (disk.rows.has(id) ? [] : [{ id, ...key }])),
        history: taken.flatMap(({ nid, id, key }) => {
          const row = disk.history.get(nid)
          // Gone since: an entry of its own says so.
          if (row === undefined) return []
          const { operation, md5, atMs } = row
          const texts = { appName: '', sourceIp: '', sourceUser: '', encryptedDataKey: '', publishType: 'formal', extInfo: '' }
          return [{ nid, id, ...key, operation, md5, createdMs: atMs, modifiedMs: atMs, content: new Uint8Array(0), ...texts }]
        }),
        ...(gone.size > 0 ? { forgotten: [...gone] } : {}),
      }
    },
    refill(after) {
      throw new SimFailure(`28: the queue begins after ${disk.queueAfter}, the database stands at ${after}`)
    },
    trim(to) {
      const gone = disk.queue.filter(({ index }) => index <= to).at(-1)
      if (gone === undefined) return 'ok'
      remember()
      disk.queue = disk.queue.filter(({ index }) => index > to)
      disk.queueAfter = gone.index
      return 'ok'
    },
  }
}
