/** The histogram above the list: a bar a second (or more, if the log is long). A press shows only that time; a drag, the range. */

import { useElementSize } from '@mantine/hooks'
import { type PointerEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LogLine } from '../../../src-main/contract/index.ts'
import { formatClock, formatNumber } from '../../components/format.ts'
import classes from './log-bars.module.css'
import { type Bar, histogram } from './log-histogram.ts'

const thinnestPx = 4
const thickestPx = 12
const heightPx = 36
/** Room for both ends of the time axis under a short log. */
const narrowestAxisPx = 148

export interface LogBarsProps {
  readonly lines: readonly LogLine[]
  readonly range: { readonly from: number | undefined; readonly to: number | undefined }
  readonly onRange: (fromMs: number, toMs: number) => void
}

export function LogBars({ lines, range, onRange }: LogBarsProps) {
  const { t } = useTranslation('logs')
  const { ref, width } = useElementSize<HTMLDivElement>()
  const bars = useMemo(() => histogram(lines, Math.floor(width / thinnestPx)), [lines, width])
  const barPx = bars.length === 0 ? thinnestPx : Math.min(thickestPx, width / bars.length)
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const [hover, setHover] = useState<number | null>(null)
  const top = Math.max(1, ...bars.map((bar) => bar.count))
  const indexAt = (event: PointerEvent) => Math.floor((event.clientX - event.currentTarget.getBoundingClientRect().left) / barPx)
  const finish = () => {
    if (drag === null) return
    const first = bars[Math.min(drag.from, drag.to)]
    const last = bars[Math.min(bars.length - 1, Math.max(drag.from, drag.to))]
    if (first !== undefined && last !== undefined) onRange(first.fromMs, last.toMs)
    setDrag(null)
  }
  const inRange = (bar: Bar, index: number) =>
    drag === null
      ? bar.toMs > (range.from ?? 0) && bar.fromMs < (range.to ?? Number.POSITIVE_INFINITY)
      : index >= Math.min(drag.from, drag.to) && index <= Math.max(drag.from, drag.to)
  const first = bars[0]
  const last = bars.at(-1)
  const shown = hover === null ? undefined : bars[hover]
  const summary =
    first === undefined || last === undefined
      ? ''
      : t('histogram', { total: formatNumber(lines.length), from: formatClock(first.fromMs), to: formatClock(last.toMs) })
  return (
    <div className={classes.room} ref={ref}>
      {/* The bars are one picture with its sum in words; the time range can be typed into the address. */}
      <svg
        className={classes.bars}
        width={width}
        height={heightPx}
        role="img"
        aria-label={summary}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          const at = indexAt(event)
          if (at < bars.length) setDrag({ from: at, to: at })
        }}
        onPointerMove={(event) => {
          const at = indexAt(event)
          setHover(at)
          if (drag !== null) setDrag({ ...drag, to: Math.max(0, at) })
        }}
        onPointerUp={finish}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHover(null)}
      >
        {bars.map((bar, index) => (
          <BarShape key={bar.fromMs} bar={bar} x={index * barPx} widthPx={barPx - 1} top={top} dim={!inRange(bar, index)} />
        ))}
      </svg>
      {shown === undefined || hover === null ? (
        <span className={classes.ends} style={{ width: Math.max(narrowestAxisPx, barPx * bars.length) }}>
          <span>{first === undefined ? '' : formatClock(first.fromMs)}</span>
          <span>{last === undefined ? '' : formatClock(last.toMs)}</span>
        </span>
      ) : (
        <span className={classes.words} style={{ left: Math.min(hover * barPx, Math.max(0, width - 240)) }}>
          {t('bar', {
            from: formatClock(shown.fromMs),
            lines: formatNumber(shown.count),
            errors: formatNumber(shown.errors),
            warnings: formatNumber(shown.warnings),
          })}
        </span>
      )}
    </div>
  )
}

function BarShape({ bar, x, widthPx, top, dim }: { bar: Bar; x: number; widthPx: number; top: number; dim: boolean }) {
  if (bar.count === 0) return null
  const high = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / top) * (heightPx - 2)))
  const full = high(bar.count)
  const errors = high(bar.errors)
  const warnings = high(bar.warnings)
  return (
    <g className={classes.bar} data-dim={dim}>
      <rect x={x} y={heightPx - full} width={widthPx} height={full} className={classes.all} />
      <rect x={x} y={heightPx - Math.min(full, errors + warnings)} width={widthPx} height={Math.min(full, warnings)} className={classes.warn} />
      <rect x={x} y={heightPx - errors} width={widthPx} height={errors} className={classes.error} />
    </g>
  )
}
