/** Lines over time as bars. A bar is one second, or the smallest round time that lets all fit. Pure. */

import type { LogLine } from '../../../src-main/contract/index.ts'

export interface Bar {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
  readonly warnings: number
  readonly errors: number
}

const roundSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 86_400].map((seconds) => seconds * 1000)

/** The step at which `spanMs` needs at most `most` bars. */
export function barStep(spanMs: number, most: number): number {
  return roundSteps.find((step) => spanMs / step <= most) ?? Math.ceil(spanMs / most)
}

/** Bars over the time of all `lines`, empty ones included; the lines need not be in the order of time. */
export function histogram(lines: readonly LogLine[], most: number): readonly Bar[] {
  if (lines.length === 0 || most < 1) return []
  let fromMs = Number.POSITIVE_INFINITY
  let toMs = Number.NEGATIVE_INFINITY
  for (const line of lines) {
    if (line.atMs < fromMs) fromMs = line.atMs
    if (line.atMs > toMs) toMs = line.atMs
  }
  const step = barStep(toMs - fromMs + 1, Math.max(1, most - 1))
  const start = Math.floor(fromMs / step) * step
  const bars = Array.from({ length: Math.floor((toMs - start) / step) + 1 }, (_, index) => ({
    fromMs: start + index * step,
    toMs: start + (index + 1) * step,
    count: 0,
    warnings: 0,
    errors: 0,
  }))
  for (const line of lines) {
    const bar = bars[Math.floor((line.atMs - start) / step)]
    if (bar === undefined) continue
    bar.count += 1
    if (line.level === 'error') bar.errors += 1
    else if (line.level === 'warn') bar.warnings += 1
  }
  return bars
}
