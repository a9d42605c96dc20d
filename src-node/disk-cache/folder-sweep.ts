/**
 * What stands in the cache's folders and belongs to no configuration: files of configurations that are gone, of people, and temporary ones that a
 * crash left. All of it goes, name by name; links go, never what they point to, and folders once they are empty.
 */

import { type CacheLayout, cacheFolders } from './cache-layout.ts'
import type { CacheThread } from './cache-thread.ts'
import { isTemporaryPath } from './file-names.ts'
import type { Findings } from './findings.ts'
import type { Flusher } from './flusher.ts'
import { shownKey, textOfKey } from './key-text.ts'
import type { Pace } from './pace.ts'
import type { CachedConfigs } from './types.ts'

export interface SweepParts {
  readonly thread: CacheThread
  readonly layout: CacheLayout
  readonly configs: CachedConfigs
  readonly flusher: Flusher
  readonly pace: Pace
}

export interface Swept {
  readonly removed: number
  readonly leftovers: number
  /** Folders that could not be read, in words; null: all were. */
  readonly problem: string | null
}

const problemShownMax = 3

export const sweepFolders = async (parts: SweepParts, findings: Findings): Promise<Swept> => {
  const { thread, layout, configs, flusher, pace } = parts
  let removed = 0
  let leftovers = 0
  let problems: readonly string[] = []

  /** As people know it; null: a configuration has its file there, or will have, or it goes by itself. */
  const strangerAt = (path: string): string | null => {
    const key = layout.keyOf(path)
    if (key === null) return path
    return configs.find(key) !== undefined || flusher.isDirty(textOfKey(key)) ? null : shownKey(key)
  }
  const remove = async (paths: readonly string[]): Promise<void> => {
    let asked: readonly string[] = []
    const answer = await thread.run(() => {
      // Once more: a configuration may have come since the folder was read, and its file after it.
      asked = paths.filter((path) => isTemporaryPath(path) || strangerAt(path) !== null)
      return { kind: 'write', paths: asked, bytes: asked.map(() => -1), md5s: [], contents: new Uint8Array(0) }
    })
    for (const [at, path] of asked.entries()) {
      const code = answer?.codes[at] ?? ''
      if (code !== '') findings.add('failed', `${path} (${code})`)
      else if (answer !== null) removed++
    }
  }
  const removeAll = async (paths: readonly string[]): Promise<void> => {
    for (let at = 0; at < paths.length; ) {
      const portion = pace.portion()
      await remove(paths.slice(at, at + portion.files))
      at += portion.files
      await portion.rest()
    }
  }
  const judge = (paths: readonly string[]): readonly string[] =>
    paths.filter((path) => {
      if (isTemporaryPath(path)) {
        leftovers++
        return true
      }
      const stranger = strangerAt(path)
      if (stranger !== null) findings.add('extra', stranger)
      return stranger !== null
    })

  for (let begin = true, more = true; more; begin = false) {
    const portion = pace.portion()
    const from = begin
    const answer = await thread.run(() => ({ kind: 'list', folders: cacheFolders, begin: from, count: portion.compared }))
    if (answer === null) break
    more = answer.more
    problems = answer.problems
    await portion.rest()
    await removeAll(judge(answer.paths))
  }
  const problem = problems.length === 0 ? null : `folders that could not be read: ${problems.slice(0, problemShownMax).join(', ')}`
  return { removed, leftovers, problem }
}
