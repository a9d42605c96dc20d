/** The last two minutes of rates, recorded from views while the window lives, whichever screen is shown. Bounded by time and count. */

import { useEffect, useSyncExternalStore } from 'react'
import type { ClusterView } from '../../src-main/contract/index.ts'
import { useClusterView } from '../api/cluster.ts'
import { silentAfterMs } from './node-condition.ts'

export interface RateSample {
  readonly atMs: number
  readonly writes: number
  readonly reads: number
  readonly pushes: number
}

export const historySpanMs = 120_000
/** Views come up to ten times a second; the line needs no more than two points a second. */
const sampleEveryMs = 500
const sampleLimit = Math.ceil(historySpanMs / sampleEveryMs) + 1

/** The rates of all nodes that answer, or null if none does: unknown is not zero. */
export function sampleOf(view: ClusterView): RateSample | null {
  const reports = view.nodes.flatMap((node) =>
    node.process === 'running' && node.report !== null && view.atMs - node.report.atMs <= silentAfterMs ? [node.report] : [],
  )
  if (reports.length === 0) return null
  const sum = (pick: (report: (typeof reports)[number]) => number) => reports.reduce((total, report) => total + pick(report), 0)
  return {
    atMs: view.atMs,
    writes: sum((report) => report.writesPerSecond),
    reads: sum((report) => report.readsPerSecond),
    pushes: sum((report) => report.pushesPerSecond),
  }
}

/** `samples` with one more, if it is time for one; old ones fall out. */
export function withSample(samples: readonly RateSample[], next: RateSample): readonly RateSample[] {
  const last = samples.at(-1)
  if (last !== undefined && next.atMs >= last.atMs && next.atMs - last.atMs < sampleEveryMs) return samples
  return [...samples.filter((sample) => sample.atMs < next.atMs && next.atMs - sample.atMs <= historySpanMs), next].slice(-sampleLimit)
}

let history: readonly RateSample[] = []
const watchers = new Set<() => void>()

/** Records while mounted; the frame mounts it once. Draws nothing. */
export function RateRecorder() {
  const { view } = useClusterView()
  useEffect(() => {
    const sample = view === null ? null : sampleOf(view)
    if (sample === null) return
    const next = withSample(history, sample)
    if (next === history) return
    history = next
    for (const watcher of watchers) watcher()
  }, [view])
  return null
}

export function useRateHistory(): readonly RateSample[] {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => history,
  )
}
