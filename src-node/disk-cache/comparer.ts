/**
 * Files against memory: says which differ, and has them written. What is to be written anyway is left out, since it is known to be behind. One
 * portion at a time, as fast as the pace allows.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import type { CacheLayout } from './cache-layout.ts'
import type { CacheThread } from './cache-thread.ts'
import type { FileWriter } from './file-writer.ts'
import type { Findings } from './findings.ts'
import type { Flusher } from './flusher.ts'
import { keyOfText, shownKey, textOfKey } from './key-text.ts'
import type { Pace } from './pace.ts'
import type { CachedConfigs } from './types.ts'

export interface ComparerParts {
  readonly thread: CacheThread
  readonly layout: CacheLayout
  readonly configs: CachedConfigs
  readonly writer: FileWriter
  readonly flusher: Flusher
  readonly pace: Pace
}

/** What became of a page. */
export interface Compared {
  readonly checked: number
  readonly behind: number
  readonly written: number
  readonly removed: number
}

export interface Comparer {
  /** Null: the cache is closed. */
  page(keys: readonly ConfigKey[], findings: Findings): Promise<Compared | null>
  /** Files are written, or removed where memory knows no such configuration. */
  repair(keys: readonly string[], findings: Findings): Promise<{ readonly written: number; readonly removed: number }>
}

type Difference = 'missing' | 'different' | 'extra'

interface Question {
  readonly keys: string[]
  readonly paths: string[]
  readonly bytes: number[]
  readonly md5s: string[]
  behind: number
}

export const createComparer = (parts: ComparerParts): Comparer => {
  const { thread, layout, configs, writer, flusher, pace } = parts

  const ask = (keys: readonly ConfigKey[], question: Question): void => {
    for (const key of keys) {
      const text = textOfKey(key)
      if (flusher.isDirty(text)) {
        question.behind++
        continue
      }
      const row = configs.find(key)
      question.keys.push(text)
      question.paths.push(layout.pathOf(key))
      question.bytes.push(row?.contentBytes ?? -1)
      question.md5s.push(row?.md5 ?? '')
    }
  }

  const repair: Comparer['repair'] = async (keys, findings) => {
    const total = { written: 0, removed: 0 }
    for (let at = 0; at < keys.length; ) {
      await flusher.untilWritable()
      const portion = pace.portion()
      const done = await writer.write(() => keys[at++], portion.files)
      if (done === null) break
      total.written += done.written
      total.removed += done.removed
      for (const { key, code } of done.failures) {
        findings.add('failed', `${shownKey(keyOfText(key))} (${code})`)
        flusher.addFailed(key, code)
      }
      await portion.rest()
    }
    return total
  }

  const page: Comparer['page'] = async (keys, findings) => {
    const question: Question = { keys: [], paths: [], bytes: [], md5s: [], behind: 0 }
    const answer = await thread.run(() => {
      ask(keys, question)
      const { paths, bytes, md5s } = question
      return { kind: 'compare', paths, bytes, md5s }
    })
    if (answer === null) return null
    const wrong: string[] = []
    for (const [at, key] of question.keys.entries()) {
      const code = answer.codes[at] ?? ''
      if (code === '') continue
      findings.add(isDifference(code) ? code : 'failed', shownKey(keyOfText(key)))
      wrong.push(key)
    }
    return { checked: question.keys.length, behind: question.behind, ...(await repair(wrong, findings)) }
  }

  return { page, repair }
}

const isDifference = (code: string): code is Difference => code === 'missing' || code === 'different' || code === 'extra'
