/** The strip of the last five minutes: a band a node, marks for elections and ends, words under the pointer, a list for screen readers. */

import { useElementSize } from '@mantine/hooks'
import { type PointerEvent, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView, TimelineEvent } from '../../../src-main/contract/index.ts'
import { formatClock, formatClockMs, nodeName } from '../../components/format.ts'
import { type Band, stripAt, type TimelineMark, timelineStrip } from './timeline-bands.ts'
import classes from './timeline-strip.module.css'

const spanMs = 5 * 60_000
/** The right edge moves in steps, so that bands are computed four times a second at most. */
const stepMs = 250
const nearPx = 6
const listLimit = 20
const minutes = [4, 3, 2, 1] as const

export function TimelineStrip({ view, events, live }: { view: ClusterView; events: readonly TimelineEvent[]; live: boolean }) {
  const { t } = useTranslation('overview')
  const toMs = Math.ceil(view.atMs / stepMs) * stepMs
  const strip = useMemo(() => timelineStrip(view, events, { toMs, spanMs }), [view, events, toMs])
  const { ref, width } = useElementSize<HTMLDivElement>()
  const [hover, setHover] = useState<{ x: number; node: number } | null>(null)
  const words = useStripWords()
  const share = (atMs: number) => (100 * (atMs - strip.fromMs)) / spanMs
  const onMove = (event: PointerEvent, node: number) => setHover({ x: event.clientX - event.currentTarget.getBoundingClientRect().left, node })
  const atMs = hover === null || width === 0 ? null : strip.fromMs + (hover.x / width) * spanMs
  const found = hover === null || atMs === null ? null : stripAt(strip, hover.node, { ms: atMs, nearMs: (nearPx / width) * spanMs })
  return (
    <section className={classes.strip} aria-label={t('strip.title')}>
      <header className={classes.head}>
        <h2 className={classes.title}>{t('strip.title')}</h2>
        <span className={classes.live} data-live={live}>
          {t(live ? 'strip.live' : 'strip.old')}
        </span>
      </header>
      <div className={classes.body}>
        <div className={classes.names} aria-hidden="true">
          {strip.rows.map((row) => (
            <span key={row.node}>{nodeName(row.node)}</span>
          ))}
        </div>
        <div className={classes.field} ref={ref} aria-hidden="true">
          {minutes.map((n) => (
            <span key={n} className={classes.minute} style={{ left: `${100 - n * 20}%` }} />
          ))}
          {strip.rows.map((row) => (
            <div key={row.node} className={classes.row} onPointerMove={(event) => onMove(event, row.node)} onPointerLeave={() => setHover(null)}>
              {row.bands.map((band) => (
                <span
                  key={band.fromMs}
                  className={classes.band}
                  data-state={band.state}
                  style={{ left: `${share(band.fromMs)}%`, width: `${share(band.toMs) - share(band.fromMs)}%` }}
                />
              ))}
              {strip.marks
                .filter((mark) => mark.node === row.node)
                .map((mark) => (
                  <span key={mark.seq} className={classes.mark} data-kind={mark.kind} style={{ left: `${share(mark.atMs)}%` }} />
                ))}
            </div>
          ))}
          <span className={classes.now} />
          {hover === null || atMs === null ? null : (
            <>
              <span className={classes.cross} style={{ left: hover.x }} />
              <div className={classes.tip} data-side={hover.x > width / 2 ? 'left' : 'right'} style={{ left: hover.x }}>
                {found?.mark != null ? <strong>{words.mark(found.mark)}</strong> : null}
                {found?.band != null ? <span>{words.band(hover.node, found.band)}</span> : null}
                <span className={classes.time}>{formatClock(atMs)}</span>
              </div>
            </>
          )}
        </div>
        <div className={classes.axis} aria-hidden="true">
          {minutes.map((n) => (
            <span key={n} style={{ left: `${100 - n * 20}%` }}>
              {t('strip.minutes', { n })}
            </span>
          ))}
          <span style={{ left: '100%' }} data-now="true">
            {live ? t('strip.now') : formatClock(view.atMs)}
          </span>
        </div>
      </div>
      <MarkList marks={strip.marks} />
    </section>
  )
}

function useStripWords() {
  const { t } = useTranslation('overview')
  return {
    band: (node: number, band: Band): string =>
      `${t(`strip.band.${band.state}`, { node: nodeName(node), term: band.term ?? '?' })} · ${t('strip.span', { from: formatClock(band.fromMs), to: formatClock(band.toMs) })}`,
    mark: (mark: TimelineMark): string =>
      `${t(`strip.mark.${mark.kind}`, { node: nodeName(mark.node), term: mark.term ?? '?' })}${mark.kind === 'elected' || mark.detail === '' ? '' : ` · ${mark.detail}`} · ${formatClockMs(mark.atMs)}`,
  }
}

function MarkList({ marks }: { marks: readonly TimelineMark[] }) {
  const { t } = useTranslation('overview')
  const words = useStripWords()
  if (marks.length === 0) return <p className="sr-only">{t('strip.none')}</p>
  return (
    <ol className="sr-only" aria-label={t('strip.list')}>
      {marks
        .slice(-listLimit)
        .reverse()
        .map((mark) => (
          <li key={mark.seq}>{words.mark(mark)}</li>
        ))}
    </ol>
  )
}
