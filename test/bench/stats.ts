/** Order statistics; milliseconds in, milliseconds out. */

export interface Spread {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly worst: number
}

const at = (sorted: ArrayLike<number>, share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

/** Nearest-rank percentiles of what was measured; all zero for nothing. */
export const spreadOf = (samples: ArrayLike<number>): Spread => {
  const sorted = Float64Array.from(samples).sort()
  return { count: sorted.length, p50: at(sorted, 0.5), p99: at(sorted, 0.99), worst: at(sorted, 1) }
}

export const median = (samples: ArrayLike<number>): number => spreadOf(samples).p50

/** To `digits` places, as a number. */
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))
