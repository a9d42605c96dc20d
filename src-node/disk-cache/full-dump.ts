/**
 * All files against all of memory: first what has no configuration goes, then each configuration's file is read, hashed and, if it is not what memory says,
 * written. In portions beside everything else the node does, slower under load. Folders that were not there come about as a whole, at its end. It tells
 * what it found.
 */

import type { ConfigKey } from '../state-machine/types.ts'
import { cacheFolders } from './cache-layout.ts'
import type { Comparer } from './comparer.ts'
import { countsOf, createFindings, isClean, namesOf } from './findings.ts'
import { type SweepParts, sweepFolders } from './folder-sweep.ts'
import type { CacheClock, DiskCacheParts, DumpReason, DumpReport } from './types.ts'

export interface FullDumpParts extends SweepParts {
  readonly comparer: Comparer
  readonly clock: CacheClock
  readonly say: DiskCacheParts['say']
}

export interface FullDump {
  readonly reason: DumpReason
  progress(): { readonly checked: number; readonly written: number }
  run(): Promise<DumpReport>
}

/** A long dump says so often where it is. */
const progressMs = 2_000

const closedWords = 'the node stops'

/** A start finds what changed while nobody wrote files; at any other time a difference is somebody's doing. */
const sayEnd = (say: DiskCacheParts['say'], report: DumpReport): void => {
  const { reason, checked, written, removed, tookMs, leftovers, problem } = report
  const isExpected = reason === 'start' || reason === 'overflow'
  const level = problem !== null || report.failed.count > 0 || !(isExpected || isClean(report)) ? 'warn' : 'info'
  const swept = leftovers === 0 ? '' : `, ${leftovers} temporary ones removed`
  const names = isExpected && report.failed.count === 0 ? '' : namesOf(report)
  const incomplete = problem === null ? '' : `; not all was seen: ${problem}`
  say(
    level,
    `full dump (${reason}): ${checked} configurations compared in ${Math.round(tookMs)} ms: ${countsOf(report)}; ${written} files written, ${removed} removed${swept}${names}${incomplete}`,
  )
}

export const createFullDump = (parts: FullDumpParts, reason: DumpReason): FullDump => {
  const { clock, say, configs, comparer, pace, thread } = parts
  const findings = createFindings()
  let checked = 0
  let written = 0
  let removed = 0
  let problem: string | null = null
  let saidMs = clock.monotonicMs()

  const sayProgress = (): void => {
    if (clock.monotonicMs() - saidMs < progressMs) return
    saidMs = clock.monotonicMs()
    say('info', `full dump (${reason}): ${checked} of ${configs.size()} configurations compared, ${written} files written`)
  }
  const takeFrom = (rows: Iterator<ConfigKey>, count: number): readonly ConfigKey[] => {
    const page: ConfigKey[] = []
    while (page.length < count) {
      const next = rows.next()
      if (next.done === true) break
      page.push(next.value)
    }
    return page
  }
  const compareAll = async (): Promise<void> => {
    const rows = configs.all()
    for (;;) {
      const portion = pace.portion()
      const page = takeFrom(rows, portion.compared)
      if (page.length === 0) return
      const result = await comparer.page(page, findings)
      if (result === null) {
        problem ??= closedWords
        return
      }
      checked += result.checked
      written += result.written
      removed += result.removed
      sayProgress()
      await portion.rest()
    }
  }

  /** Whatever was found wrong: what stands aside is of no use to anybody. A node that stops goes on with it at its next start. */
  const settle = async (): Promise<void> => {
    const answer = await thread.run(() => ({ kind: 'settle', folders: cacheFolders }))
    for (const words of answer?.problems ?? []) findings.add('failed', words)
  }

  return {
    reason,
    progress: () => ({ checked, written }),
    run: async () => {
      const startedMs = clock.wallMs()
      const beginMs = clock.monotonicMs()
      say('info', `full dump (${reason}) begins: ${configs.size()} configurations`)
      await thread.run(() => ({ kind: 'stage', folders: cacheFolders }))
      const swept = await sweepFolders(parts, findings)
      removed += swept.removed
      problem = swept.problem
      await compareAll()
      await settle()
      const tookMs = clock.monotonicMs() - beginMs
      const report: DumpReport = { reason, startedMs, tookMs, checked, written, removed, leftovers: swept.leftovers, problem, ...findings.all() }
      sayEnd(say, report)
      return report
    },
  }
}
