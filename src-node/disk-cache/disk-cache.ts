/**
 * The disk cache of one node: each configuration's newest content as a plain file, for people, backups and other programs. Puts its parts together and
 * decides when all files are compared. Nothing here is on the way of a write or a read: the node serves whether there is a cache or not, and what the
 * files miss while it is down the start-up dump finds.
 */

import { join } from 'node:path'
import { spareHeap } from '../observe/heap-thrift.ts'
import { createCacheLayout } from './cache-layout.ts'
import { createComparer } from './comparer.ts'
import { createFileWriter } from './file-writer.ts'
import { createFindings } from './findings.ts'
import { createFlusher } from './flusher.ts'
import { createFullDump, type FullDump } from './full-dump.ts'
import { createPace, createRests } from './pace.ts'
import { createRewrites } from './rewrites.ts'
import type { CacheState, DiskCache, DiskCacheParts, DumpReason, DumpReport } from './types.ts'

/** The first leader is elected and the first requests are answered by then. */
const startDelayMs = 1_000
/** The order under way is finished within it, or a disk hangs: then the process ends without waiting. */
const closeMsMax = 1_000

export const createDiskCache = (parts: DiskCacheParts): DiskCache => {
  const { configs, clock, say, thread } = parts
  const root = join(parts.dir, 'data')
  const rests = createRests(clock.after)
  const pace = createPace(clock.monotonicMs, rests)
  const layout = createCacheLayout(parts.foldsCase)
  const writer = createFileWriter({ thread, layout, configs })
  let timer: { cancel(): void } | null = null
  let closed = false
  let newestIndex = 0
  /** More has changed than was kept since the last full dump began. */
  let due = false
  let last: DumpReport | null = null
  let running: { readonly dump: FullDump; readonly report: Promise<DumpReport> } | null = null

  const dumpIfDue = (): void => {
    if (due && running === null && !closed && flusher.problem() === null) void fullDump('overflow')
  }
  const flusher = createFlusher({
    ...{ writer, pace, rests, clock, say, failed: parts.failed, onFlushed: dumpIfDue },
    onOverflow: () => {
      if (!due) say('info', 'more files are behind than are kept in mind: all of them will be compared')
      due = true
      dumpIfDue()
    },
  })
  const comparer = createComparer({ thread, layout, configs, writer, flusher, pace })
  const rewrite = createRewrites({ comparer, flusher, pace, say, failed: parts.failed })

  const periodically = (): void => {
    timer?.cancel()
    timer = closed || parts.fullDumpMs === 0 ? null : clock.after(parts.fullDumpMs, () => void fullDump('periodic'))
  }
  const nothingSeen = (reason: DumpReason, problem: string): DumpReport => ({
    ...{ reason, startedMs: clock.wallMs(), tookMs: 0, checked: 0, written: 0, removed: 0, leftovers: 0, problem },
    ...createFindings().all(),
  })
  const run = async (dump: FullDump): Promise<DumpReport> => {
    const spared = spareHeap()
    try {
      const report = await dump.run()
      last = report
      return report
    } catch (error) {
      parts.failed(error)
      return nothingSeen(dump.reason, 'the store failed')
    } finally {
      spared()
      running = null
      periodically()
    }
  }
  const fullDump = (reason: DumpReason): Promise<DumpReport> => {
    if (running !== null) return running.report
    if (closed) return Promise.resolve(nothingSeen(reason, 'the node stops'))
    due = false
    flusher.collect()
    const dump = createFullDump({ thread, layout, configs, flusher, pace, comparer, clock, say }, reason)
    running = { dump, report: run(dump) }
    const { report } = running
    void report.then(dumpIfDue)
    return report
  }

  const stateNow = (): CacheState => {
    if (flusher.problem() !== null) return 'unwritable'
    if (last === null) return 'starting'
    return flusher.size() > 0 || due ? 'behind' : 'current'
  }

  return {
    start: () => {
      timer = clock.after(startDelayMs, () => void fullDump('start'))
    },
    changed: (keys, index) => {
      newestIndex = Math.max(newestIndex, index)
      flusher.add(keys)
    },
    rewrite,
    fullDump,
    status: () => {
      const { written, removed } = writer.totals()
      return {
        ...{
          state: stateNow(),
          folder: root,
          configs: configs.size(),
          index: newestIndex,
          dirty: flusher.size(),
          filesWritten: written,
          filesRemoved: removed,
        },
        ...{ problem: flusher.problem(), dumpDue: due || last === null, last },
        running: running === null ? null : { reason: running.dump.reason, ...running.dump.progress() },
      }
    },
    close: async () => {
      closed = true
      timer?.cancel()
      flusher.close()
      rests.end()
      let hurry: { cancel(): void } | null = null
      const late = new Promise<void>((resolve) => {
        hurry = clock.after(closeMsMax, resolve)
      })
      await Promise.race([thread.close(), late])
      ;(hurry as { cancel(): void } | null)?.cancel()
    },
  }
}
