/**
 * Looks at the files of a disk cache after a cut. After a crash of the process alone, what stands under a final name must be whole; after any
 * cut, the product's own full dump must leave just the files that memory asks for. A broken promise comes back as a sentence.
 */

import * as crypto from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import type { CacheThread } from '../../../src-node/disk-cache/cache-thread.ts'
import { createComparer } from '../../../src-node/disk-cache/comparer.ts'
import { isTemporaryPath } from '../../../src-node/disk-cache/file-names.ts'
import { createFileWriter } from '../../../src-node/disk-cache/file-writer.ts'
import { createFlusher } from '../../../src-node/disk-cache/flusher.ts'
import { createFullDump } from '../../../src-node/disk-cache/full-dump.ts'
import { createPace, createRests } from '../../../src-node/disk-cache/pace.ts'
import { cacheThread } from '../../../src-node/disk-cache/thread-program.ts'
import type { DumpReport } from '../../../src-node/disk-cache/types.ts'
import { configsOf, layout, realClock } from './cache-life.ts'
import { type CachePromises, contentOf, md5Of, none } from './cache-promises.ts'

/** Everything below `data` but folders: path and hash. */
const filesIn = (data: string): ReadonlyMap<string, string> => {
  if (!fs.existsSync(data)) return new Map()
  const found = fs.readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  return new Map(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(data.length + 1), md5Of(fs.readFileSync(path))]
    }),
  )
}

/** What whoever reads the files may see while the process is dead. */
const visible = (files: ReadonlyMap<string, string>, { allowed, byHand }: CachePromises): string | null => {
  const isFree = (path: string): boolean => byHand.includes(path) || isTemporaryPath(path)
  for (const path of new Set([...files.keys(), ...Object.keys(allowed)])) {
    const hash = files.get(path) ?? none
    if (!isFree(path) && !(allowed[path] ?? [none]).includes(hash))
      return `a reader sees ${hash} at ${path}, promised was one of ${allowed[path] ?? none}`
  }
  return null
}

/** The start-up dump as a node that was just started makes it, its thread's work done here. */
const dump = (dir: string, { rows }: CachePromises): Promise<DumpReport> => {
  const carryOut = cacheThread(fs, crypto, join(dir, 'data'))
  const thread: CacheThread = {
    run: async (make) => {
      const order = make()
      return order === null ? null : carryOut(order)
    },
    close: async () => undefined,
  }
  const configs = configsOf(new Map(Object.entries(rows)))
  const failed = (cause: unknown): never => {
    throw cause
  }
  const rests = createRests(realClock.after)
  const pace = createPace(realClock.monotonicMs, rests)
  const writer = createFileWriter({ thread, layout, configs })
  const say = () => undefined
  const flusher = createFlusher({ writer, pace, rests, clock: realClock, say, failed, onOverflow: say, onFlushed: say })
  const comparer = createComparer({ thread, layout, configs, writer, flusher, pace })
  return createFullDump({ thread, layout, configs, flusher, pace, comparer, clock: realClock, say }, 'start').run()
}

const problemAfter = (files: ReadonlyMap<string, string>, { rows }: CachePromises): string | null => {
  const wanted = new Map(Object.entries(rows).map(([path, row]) => [path, md5Of(contentOf(row))]))
  for (const path of new Set([...files.keys(), ...wanted.keys()]))
    if (files.get(path) !== wanted.get(path)) return `after the start-up dump ${path} is ${files.get(path) ?? none}, not ${wanted.get(path) ?? none}`
  return null
}

/** What there was to repair in all: a tool that never meets it proves nothing. */
export interface Repaired {
  torn: number
  leftovers: number
}

/** @param isKill nothing that the process had done is missing: it alone has died */
export const judgeCache = async (dir: string, promises: CachePromises, isKill: boolean, repaired: Repaired): Promise<string | null> => {
  const data = join(dir, 'data')
  try {
    const seen = isKill ? visible(filesIn(data), promises) : null
    if (seen !== null) return seen
    fs.mkdirSync(data, { recursive: true })
    const report = await dump(dir, promises)
    repaired.torn += report.different.count
    repaired.leftovers += report.leftovers
    return problemAfter(filesIn(data), promises)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
