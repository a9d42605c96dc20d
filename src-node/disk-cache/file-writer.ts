/**
 * Files from what this node has applied: looks the newest content up when the thread is free to take it, puts a portion of them into one order, and
 * says what became of each. A configuration that is gone means: no file.
 */

import { dataDamaged } from '../storage/storage-failure.ts'
import type { CacheLayout } from './cache-layout.ts'
import type { CacheThread } from './cache-thread.ts'
import { keyOfText, shownKey } from './key-text.ts'
import type { CachedConfigs } from './types.ts'

interface Failure {
  /** The key as text. */
  readonly key: string
  /** The system's. */
  readonly code: string
}

export interface FilesWritten {
  readonly written: number
  readonly removed: number
  readonly failures: readonly Failure[]
}

export interface FileWriter {
  /**
   * The files of the keys (as texts) that `next` gives until it gives none, up to `filesMax`. Null: there was none, or the cache is closed.
   * @throws StorageFailure when the store does not have what memory says
   */
  write(next: () => string | undefined, filesMax: number): Promise<FilesWritten | null>
  totals(): { readonly written: number; readonly removed: number }
}

/** One order holds not much more: a larger content goes alone, after the small ones before it. */
const contentBytesMax = 1024 * 1024

interface Batch {
  readonly keys: string[]
  readonly paths: string[]
  readonly bytes: number[]
  readonly md5s: string[]
  readonly contents: Uint8Array[]
  total: number
}

const emptyBatch = (): Batch => ({ keys: [], paths: [], bytes: [], md5s: [], contents: [], total: 0 })

/** One block of memory, which is handed over and not copied again. */
const joined = ({ contents, total }: Batch): Uint8Array => {
  const all = new Uint8Array(total)
  let at = 0
  for (const content of contents) {
    all.set(content, at)
    at += content.length
  }
  return all
}

export const createFileWriter = (parts: {
  readonly thread: CacheThread
  readonly layout: CacheLayout
  readonly configs: CachedConfigs
}): FileWriter => {
  const { thread, layout, configs } = parts
  let written = 0
  let removed = 0

  const damaged = (key: string, what: string): Error => dataDamaged('state.db', `the content of ${shownKey(keyOfText(key))} ${what}`)

  const add = (batch: Batch, text: string): void => {
    const key = keyOfText(text)
    const row = configs.find(key)
    batch.keys.push(text)
    batch.paths.push(layout.pathOf(key))
    batch.bytes.push(row?.contentBytes ?? -1)
    batch.md5s.push(row?.md5 ?? '')
    if (row === undefined) return
    const content = configs.readContent(row.id)
    if (content?.length !== row.contentBytes) throw damaged(text, 'is missing or has another length than what was written')
    batch.contents.push(content)
    batch.total += content.length
  }
  const fill = (batch: Batch, next: () => string | undefined, filesMax: number): void => {
    while (batch.keys.length < filesMax && batch.total < contentBytesMax) {
      const key = next()
      if (key === undefined) return
      add(batch, key)
    }
  }
  const outcomeOf = ({ keys, bytes }: Batch, codes: readonly string[]): FilesWritten => {
    const failures: Failure[] = []
    let puts = 0
    let drops = 0
    for (const [at, key] of keys.entries()) {
      const code = codes[at] ?? ''
      if (code === 'md5') throw damaged(key, 'is not what was written (its md5 differs)')
      if (code !== '') failures.push({ key, code })
      else if ((bytes[at] ?? -1) < 0) drops++
      else puts++
    }
    written += puts
    removed += drops
    return { written: puts, removed: drops, failures }
  }

  return {
    totals: () => ({ written, removed }),
    write: async (next, filesMax) => {
      const batch = emptyBatch()
      const answer = await thread.run(() => {
        fill(batch, next, filesMax)
        const { paths, bytes, md5s } = batch
        return paths.length === 0 ? null : { kind: 'write', paths, bytes, md5s, contents: joined(batch) }
      })
      return answer === null ? null : outcomeOf(batch, answer.codes)
    },
  }
}
