/** The list at the left: filter, count, virtual rows, and the states in which there is nothing to list. Owns the cursor; what is open is the address's. */

import { Button, Skeleton } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput, ConfigSummary } from '../../../../src-main/contract/index.ts'
import { useAction } from '../../../actions/registry.ts'
import { useCopy } from '../../../components/copy-value.tsx'
import { formatClock, formatNumber } from '../../../components/format.ts'
import { draftName } from '../draft/draft-store.ts'
import { RefusalNote } from '../publish/refusal-note.tsx'
import classes from './config-list.module.css'
import { ConfigRow, rowHeight } from './config-row.tsx'
import { FilterBar } from './filter-bar.tsx'
import { indexConfigs, parseQuery, search } from './fuzzy.ts'
import { type AllConfigs, maxListed } from './use-all-configs.ts'
import { useNow } from './use-now.ts'

export interface ConfigListProps {
  readonly all: AllConfigs
  /** Drafts that have no configuration yet, as rows. */
  readonly unpublished: readonly ConfigSummary[]
  readonly drafts: ReadonlySet<string>
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly open: ConfigKeyInput | null
  readonly onOpen: (key: ConfigKeyInput, focus: boolean) => void
  readonly node: number | null
  readonly nodes: readonly number[]
  readonly led: boolean
  readonly onNode: (node: number | null) => void
  readonly onNew: () => void
  readonly onSnapshots: () => void
  readonly onSample: () => void
}

/** Where a key moves the cursor; null if it does not. Letters, Home and End belong to the text while the field has the focus. */
const targetOf = (key: string, { at, count, page, inField }: { at: number; count: number; page: number; inField: boolean }): number | null => {
  if (key === 'ArrowDown' || (key === 'j' && !inField)) return at + 1
  if (key === 'ArrowUp' || (key === 'k' && !inField)) return Math.max(0, at - 1)
  if (key === 'PageDown') return at + page
  if (key === 'PageUp') return at - page
  if (inField) return null
  return key === 'Home' ? 0 : key === 'End' ? count - 1 : null
}

const sameKey = (a: ConfigKeyInput | null | undefined, b: ConfigKeyInput): boolean => a != null && draftName(a) === draftName(b)

export function ConfigList(props: ConfigListProps) {
  const { t, i18n } = useTranslation('configs')
  const { all, unpublished, query } = props
  const listId = useId()
  const input = useRef<HTMLInputElement>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const copy = useCopy()
  const nowMs = useNow()
  const rows = useMemo(() => indexConfigs([...all.configs, ...unpublished]), [all.configs, unpublished])
  const asked = useDeferredValue(query)
  const parsed = useMemo(() => parseQuery(asked), [asked])
  const shown = useMemo(() => search(rows, parsed), [rows, parsed])
  const [cursor, setCursor] = useState<ConfigKeyInput | null>(props.open)
  const fresh = useMemo(() => new Set(unpublished.map(draftName)), [unpublished])

  useEffect(() => setCursor(props.open), [props.open])
  useAction('focusFilter', () => {
    input.current?.focus()
    input.current?.select()
  })

  const virtual = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    initialRect: { width: 320, height: 600 },
  })
  const at = shown.findIndex((config) => sameKey(cursor, config))

  const openKey = props.open === null ? null : draftName(props.open)
  // biome-ignore lint/correctness/useExhaustiveDependencies: shows the open one when the list first has it and when the filter is cleared, not whenever rows change
  useEffect(() => {
    const index = shown.findIndex((config) => draftName(config) === openKey)
    if (index !== -1) virtual.scrollToIndex(index, { align: 'auto' })
  }, [openKey, shown.length > 0, asked === ''])

  const moveTo = (index: number) => {
    const next = shown[Math.max(0, Math.min(index, shown.length - 1))]
    if (!next) return
    setCursor(next)
    virtual.scrollToIndex(Math.max(0, Math.min(index, shown.length - 1)), { align: 'auto' })
  }
  const pageRows = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 480) / rowHeight) - 1)

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const inField = event.target === input.current
    const to = targetOf(event.key, { at, count: shown.length, page: pageRows(), inField })
    const chosen = shown[Math.max(0, at)]
    if (to !== null) moveTo(to)
    else if (event.key === 'Enter' && chosen) props.onOpen(chosen, true)
    else if (event.key === 'Escape' && inField && query !== '') props.onQuery('')
    else if (event.key === 'Escape' && inField) scroller.current?.focus()
    else if (event.key === 'c' && !inField && chosen) void copy(chosen.dataId, t('list.dataId'))
    else return
    event.preventDefault()
  }

  const activeId = at === -1 ? undefined : `${listId}-${at}`
  return (
    <section className={classes.list} aria-label={t('list.label')}>
      <FilterBar
        query={query}
        onQuery={props.onQuery}
        configs={all.configs}
        node={props.node}
        nodes={props.nodes}
        led={props.led}
        onNode={props.onNode}
        onNew={props.onNew}
        onSnapshots={props.onSnapshots}
        onKeyDown={onKeyDown}
        inputRef={input}
        activeId={activeId}
        listId={listId}
      />
      <Counts all={all} shown={shown.length} total={rows.length} />
      <div
        ref={scroller}
        id={listId}
        className={classes.rows}
        tabIndex={0}
        role="listbox"
        aria-label={t('list.label')}
        aria-activedescendant={activeId}
        aria-busy={all.pending}
        onKeyDown={onKeyDown}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const config = shown[item.index]
            if (!config) return null
            return (
              <ConfigRow
                key={draftName(config)}
                id={`${listId}-${item.index}`}
                config={config}
                words={parsed.words}
                top={item.start}
                position={item.index + 1}
                count={shown.length}
                active={item.index === at}
                open={sameKey(props.open, config)}
                drafted={props.drafts.has(draftName(config))}
                unpublished={fresh.has(draftName(config))}
                nowMs={nowMs}
                language={i18n.language}
                onPick={(picked) => props.onOpen(picked, false)}
              />
            )
          })}
        </div>
      </div>
      {shown.length === 0 ? <Nothing {...props} /> : null}
    </section>
  )
}

function Counts({ all, shown, total }: { all: AllConfigs; shown: number; total: number }) {
  const { t } = useTranslation('configs')
  if (all.pending || total === 0) return null
  return (
    <div className={classes.counts}>
      <span role="status">{t('list.counted', { shown: formatNumber(shown), total: formatNumber(Math.max(total, all.total)) })}</span>
      {all.loadingMore && all.refusal === null ? <span> · {t('list.loadingMore')}</span> : null}
      {all.bounded ? <div className={classes.note}>{t('list.bounded', { max: formatNumber(maxListed) })}</div> : null}
      {all.refusal === null ? null : <div className={classes.note}>{t('list.stale', { time: formatClock(all.readAtMs) })}</div>}
    </div>
  )
}

/** The three kinds of nothing: cannot know, nothing yet, nothing found; and a skeleton while it is not known which. */
function Nothing({ all, unpublished, query, onQuery, onNew, onSample }: ConfigListProps) {
  const { t } = useTranslation('configs')
  const frame = useTranslation('frame').t
  if (all.refusal !== null && all.configs.length === 0)
    return (
      <div className={classes.nothing}>
        <RefusalNote title={t('list.failedTitle')} refusal={all.refusal} reading>
          <Button variant="default" onClick={all.retry}>
            {t('list.retry')}
          </Button>
        </RefusalNote>
      </div>
    )
  if (all.pending) return <Loading />
  if (all.configs.length + unpublished.length === 0)
    return (
      <div className={classes.nothing}>
        <h2 className={classes.title}>{t('list.nothingYetTitle')}</h2>
        <p className={classes.words}>{t('list.nothingYet')}</p>
        <div className={classes.buttons}>
          <Button onClick={onNew}>{frame('action.newConfig')}</Button>
          <Button variant="default" onClick={onSample}>
            {t('list.sample')}
          </Button>
        </div>
      </div>
    )
  return (
    <div className={classes.nothing}>
      <h2 className={classes.title}>{t('list.nothingFoundTitle')}</h2>
      <p className={classes.words}>{t('list.nothingFound', { query })}</p>
      <Button variant="default" onClick={() => onQuery('')}>
        {t('list.clearFilter')}
      </Button>
    </div>
  )
}

const skeletonRows = [0, 1, 2, 3, 4, 5, 6, 7] as const

function Loading() {
  return (
    <div className={classes.loading} aria-hidden="true">
      {skeletonRows.map((row) => (
        <div key={row} className={classes.skeletonRow}>
          <Skeleton width={34} height={18} />
          <div className={classes.skeletonText}>
            <Skeleton width={`${62 - ((row * 17) % 31)}%`} height={11} />
            <Skeleton width="88%" height={9} />
          </div>
        </div>
      ))}
    </div>
  )
}
