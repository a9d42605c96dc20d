/** The lines themselves: virtual, mono, a stripe in the colour of the source. Follows the newest line until the user scrolls away. */

import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, memo, type RefObject, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { LogLine } from '../../../src-main/contract/index.ts'
import { formatClockMs, formatWhen, nodeName } from '../../components/format.ts'
import classes from './log-list.module.css'
import { type LogSearch, markParts } from './log-search.ts'

const rowPx = 20
const overscan = 20
/** Nearer to the end than this counts as "at the end". */
const endPx = 24

export interface Selection {
  readonly from: number
  readonly to: number
}

export interface LogListProps {
  readonly lines: readonly LogLine[]
  readonly search: LogSearch
  /** The match that "next" stands on, by seq. */
  readonly current: number | null
  readonly wrap: boolean
  readonly follow: boolean
  readonly onFollow: (follow: boolean) => void
  readonly selection: Selection | null
  readonly onSelect: (selection: Selection | null) => void
  /** Set to scroll a line into view; the screen calls it for next and previous. */
  readonly scrollTo: RefObject<((seq: number) => void) | null>
}

export function LogList(props: LogListProps) {
  const { lines, search, current, wrap, follow, onFollow, selection, onSelect, scrollTo } = props
  const { t } = useTranslation('logs')
  const room = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => room.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => lines[index]?.seq ?? index,
    overscan,
  })
  useFollow({ room, rows, count: lines.length, follow, wrap })
  useEffect(() => {
    scrollTo.current = (seq) => {
      const index = lines.findIndex((line) => line.seq === seq)
      if (index >= 0) rows.scrollToIndex(index, { align: 'center' })
    }
  })
  const onScroll = () => {
    const box = room.current
    if (box === null) return
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < endPx
    if (atEnd && !follow) onFollow(true)
  }
  // Only the user's own wheel, keys or bar end the following; a growing list must not.
  const letGo = (up: boolean) => {
    if (up && follow) onFollow(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onSelect(null)
    letGo(event.key === 'ArrowUp' || event.key === 'PageUp' || event.key === 'Home')
  }
  const onClick = (event: MouseEvent, line: LogLine) => {
    if (window.getSelection()?.isCollapsed === false) return
    const anchor = event.shiftKey ? selection?.from : undefined
    onSelect(selection?.from === line.seq && selection.to === line.seq ? null : { from: anchor ?? line.seq, to: line.seq })
  }
  const low = selection === null ? -1 : Math.min(selection.from, selection.to)
  const high = selection === null ? -1 : Math.max(selection.from, selection.to)
  return (
    <div
      ref={room}
      className={classes.room}
      data-wrap={wrap}
      role="log"
      aria-live="off"
      aria-label={t('list')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard.
      tabIndex={0}
      onScroll={onScroll}
      onWheel={(event) => letGo(event.deltaY < 0)}
      onPointerDown={(event) => letGo(event.target === event.currentTarget)}
      onKeyDown={onKeyDown}
    >
      <div className={classes.all} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index]
          if (line === undefined) return null
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: lines are copied by keyboard with the palette and native selection.
            // biome-ignore lint/a11y/noStaticElementInteractions: a press marks the line; its text stays plain text.
            <div
              key={item.key}
              ref={wrap ? rows.measureElement : undefined}
              data-index={item.index}
              className={classes.row}
              data-level={line.level}
              data-selected={line.seq >= low && line.seq <= high}
              data-current={line.seq === current}
              style={{ transform: `translateY(${item.start}px)` }}
              onMouseDown={(event) => (event.shiftKey ? event.preventDefault() : undefined)}
              onClick={(event) => onClick(event, line)}
            >
              <Line line={line} search={search} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Keeps the newest line in view: at once after each batch, and again when wrapped lines have their true height. */
function useFollow({
  room,
  rows,
  count,
  follow,
  wrap,
}: {
  room: RefObject<HTMLDivElement | null>
  rows: Virtualizer<HTMLDivElement, Element>
  count: number
  follow: boolean
  wrap: boolean
}) {
  const total = rows.getTotalSize()
  // biome-ignore lint/correctness/useExhaustiveDependencies: count, total and wrap are the reasons to scroll again.
  useEffect(() => {
    if (follow && room.current !== null) room.current.scrollTop = room.current.scrollHeight
  }, [follow, count, total, wrap])
}

const letters = { debug: 'D', info: 'I', warn: 'W', error: 'E' } as const

const Line = memo(function Line({ line, search }: { line: LogLine; search: LogSearch }) {
  const { t } = useTranslation('logs')
  return (
    <>
      <span className={classes.stripe} data-source={line.node} />
      <span className={classes.time} title={formatWhen(line.atMs, 0)}>
        {formatClockMs(line.atMs)}
      </span>
      <span className={classes.level} title={line.level}>
        {letters[line.level]}
      </span>
      <span className={classes.source}>{line.node === 0 ? t('source.app') : nodeName(line.node)}</span>
      <span className={classes.module}>
        <Marked text={line.module} search={search} />
      </span>
      <span className={classes.text}>
        <Marked text={line.text} search={search} />
      </span>
    </>
  )
})

function Marked({ text, search }: { text: string; search: LogSearch }) {
  if (search.kind !== 'ok' || !search.test(text)) return text
  return markParts(text, search.ranges(text)).map((part) =>
    part.marked ? <mark key={part.at}>{part.text}</mark> : <span key={part.at}>{part.text}</span>,
  )
}
