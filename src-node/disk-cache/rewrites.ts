/**
 * Single files that somebody wants compared, as the notices between nodes do: many calls at once share one pass, which waits until the flusher has
 * written what it has, compares, repairs and tells. Bounded: what is too much is left out and counted.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import type { Comparer } from './comparer.ts'
import { countsOf, createFindings, isClean, namesOf } from './findings.ts'
import type { Flusher } from './flusher.ts'
import { keyOfText, textOfKey } from './key-text.ts'
import type { Pace } from './pace.ts'
import type { DiskCacheParts, RewriteReport } from './types.ts'

export interface RewritesParts {
  readonly comparer: Comparer
  readonly flusher: Flusher
  readonly pace: Pace
  readonly say: DiskCacheParts['say']
  failed(cause: unknown): void
}

interface Pass {
  readonly keys: Set<string>
  left: number
  readonly report: Promise<RewriteReport>
}

const keysMax = 20_000
/** Under load the flusher is never done; what it still has by then counts as behind. */
const waitMsMax = 5_000

export const createRewrites = ({ comparer, flusher, pace, say, failed }: RewritesParts): ((keys: readonly ConfigKey[]) => Promise<RewriteReport>) => {
  /** Takes more keys until its comparing begins. */
  let waiting: Pass | null = null
  let last: Promise<unknown> = Promise.resolve()

  const compare = async (keys: ReadonlySet<string>, left: number): Promise<RewriteReport> => {
    const findings = createFindings()
    const all = Array.from(keys, keyOfText)
    let checked = 0
    let behind = left
    for (let at = 0; at < all.length; ) {
      const portion = pace.portion()
      const page = all.slice(at, at + portion.compared)
      at += portion.compared
      const result = await comparer.page(page, findings)
      checked += result?.checked ?? 0
      behind += result?.behind ?? page.length
      await portion.rest()
    }
    const report = { checked, behind, ...findings.all() }
    if (!isClean(report)) say('warn', `${checked} files compared after a notice: ${countsOf(report)}${namesOf(report)}`)
    return report
  }
  const open = (): Pass => {
    const pass: Pass = {
      keys: new Set<string>(),
      left: 0,
      report: last.then(async () => {
        await flusher.untilFlushed(waitMsMax)
        waiting = null
        try {
          return await compare(pass.keys, pass.left)
        } catch (error) {
          failed(error)
          return { checked: 0, behind: pass.keys.size + pass.left, ...createFindings().all() }
        }
      }),
    }
    last = pass.report
    return pass
  }

  return (keys) => {
    waiting ??= open()
    for (const key of keys) {
      if (waiting.keys.size < keysMax) waiting.keys.add(textOfKey(key))
      else waiting.left++
    }
    return waiting.report
  }
}
