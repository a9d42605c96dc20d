/** A small line over time. Gaps in the record stay gaps; the summary in words is the caller's label. */

import classes from './sparkline.module.css'

export interface SparkPoint {
  readonly atMs: number
  readonly value: number
}

const width = 270
const height = 40
/** A hole longer than this is not bridged: nothing is known of it. */
const gapMs = 3_000

/** The paths of a line over `[toMs - spanMs, toMs]`, one for each unbroken stretch, in a box of `width` x `height`. */
export function sparkPaths(points: readonly SparkPoint[], { toMs, spanMs }: { toMs: number; spanMs: number }): readonly string[] {
  const top = Math.max(1, ...points.map((point) => point.value))
  const x = (atMs: number) => ((atMs - toMs + spanMs) / spanMs) * width
  const y = (value: number) => height - 1.5 - (value / top) * (height - 4)
  const paths: string[] = []
  let path = ''
  let lastMs = Number.NEGATIVE_INFINITY
  for (const point of points) {
    const joined = point.atMs - lastMs <= gapMs
    if (!joined && path !== '') paths.push(path)
    path = `${joined ? `${path}L` : 'M'}${x(point.atMs).toFixed(1)} ${y(point.value).toFixed(1)}`
    lastMs = point.atMs
  }
  return path === '' ? paths : [...paths, path]
}

export function Sparkline({ points, range, label }: { points: readonly SparkPoint[]; range: { toMs: number; spanMs: number }; label: string }) {
  return (
    <svg className={classes.spark} viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={`M0 ${height - 0.5}H${width}`} className={classes.base} />
      {sparkPaths(points, range).map((path) => (
        <path key={path.slice(0, 24)} d={path} className={classes.line} />
      ))}
    </svg>
  )
}
