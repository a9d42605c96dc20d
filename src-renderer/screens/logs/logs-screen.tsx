/** One merged stream of what every node and the app said: live, filtered, searched. Its state stands in the address. */

import { Button } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ArrowDown } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LogLine } from '../../../src-main/contract/index.ts'
import { useAction } from '../../actions/registry.ts'
import { useClusterView } from '../../api/cluster.ts'
import { useLogLines } from '../../api/logs.ts'
import { useCopy } from '../../components/copy-value.tsx'
import { formatNumber } from '../../components/format.ts'
import { FullPage } from '../../components/full-page.tsx'
import type { LogsSearch } from '../../search.ts'
import { storageKeys } from '../../theme/storage-keys.ts'
import { LogBars } from './log-bars.tsx'
import { asText } from './log-copy.ts'
import { indexOfSeq } from './log-filter.ts'
import { LogList, type Selection } from './log-list.tsx'
import { LogToolbar, type LogToolbarProps } from './log-toolbar.tsx'
import classes from './logs-screen.module.css'
import { useLogView } from './use-log-view.ts'

/** The address follows what is typed after this pause, so that each letter is not an entry of its own. */
const addressDelayMs = 250

export function LogsScreen() {
  const { t } = useTranslation('logs')
  const [filter, change] = useFilterInAddress()
  const [words, setWords] = useWordsInAddress(filter, change)
  const [follow, setFollow] = useState(true)
  const [wrap, setWrap] = useLocalStorage({ key: storageKeys.logsWrap, defaultValue: false, getInitialValueInEffect: false })
  const [afterSeq, setAfterSeq] = useState(-1)
  const [selection, setSelection] = useState<Selection | null>(null)
  const stream = useLogLines({ paused: !follow })
  const view = useLogView(stream.lines, filter, { words, afterSeq })
  const scrollTo = useRef<((seq: number) => void) | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const steps = useSteps(view.matches, (seq) => {
    setFollow(false)
    scrollTo.current?.(seq)
  })
  const focusSearch = () => input.current?.select()
  const clear = () => setAfterSeq(stream.lines.at(-1)?.seq ?? -1)
  useAction('logsFind', focusSearch)
  useAction('focusFilter', focusSearch)
  useAction('logsFollow', () => setFollow(!follow))
  useAction('logsWrap', () => setWrap(!wrap))
  useAction('logsClear', clear)
  const reset = () => {
    setWords('')
    setAfterSeq(-1)
    change({ node: undefined, level: undefined, q: undefined, only: undefined, from: undefined, to: undefined })
  }
  return (
    <div className={classes.screen}>
      <h1 className="sr-only">{t('title')}</h1>
      <LogToolbar
        sources={useSources()}
        filter={filter}
        change={change}
        words={words}
        onWords={setWords}
        search={view.search}
        matches={{ at: steps.at, total: view.matches.length }}
        step={steps.step}
        input={input}
        wrap={wrap}
        onWrap={() => setWrap(!wrap)}
        onClear={clear}
        follow={follow}
        onFollow={() => setFollow(!follow)}
      />
      <LogBars lines={view.base} range={{ from: filter.from, to: filter.to }} onRange={(from, to) => change({ from, to })} />
      <div className={classes.list}>
        {view.shown.length > 0 ? (
          <LogList
            lines={view.shown}
            search={view.search}
            current={steps.current}
            wrap={wrap}
            follow={follow}
            onFollow={setFollow}
            selection={selection}
            onSelect={setSelection}
            scrollTo={scrollTo}
          />
        ) : (
          <Nothing loaded={stream.loaded} all={stream.lines.length} cleared={afterSeq >= 0} reset={reset} />
        )}
        {follow || stream.pending === 0 ? null : (
          <Button className={classes.pill ?? ''} size="compact-sm" radius="xl" leftSection={<ArrowDown size={13} />} onClick={() => setFollow(true)}>
            {t('follow.fresh', { count: stream.pending, shown: formatNumber(stream.pending) })}
          </Button>
        )}
        <SelectionBar lines={view.shown} selection={selection} clear={() => setSelection(null)} />
      </div>
      <p className={classes.foot}>
        {view.shown.length === stream.lines.length
          ? t('countAll', { all: formatNumber(stream.lines.length) })
          : t('count', { shown: formatNumber(view.shown.length), all: formatNumber(stream.lines.length) })}
        {stream.dropped === 0 ? null : (
          <span className={classes.dropped}>{t('dropped', { count: stream.dropped, shown: formatNumber(stream.dropped) })}</span>
        )}
        {afterSeq < 0 ? null : (
          <button type="button" className={classes.link} onClick={() => setAfterSeq(-1)}>
            {t('showAll')}
          </button>
        )}
      </p>
    </div>
  )
}

/** Every node of the cluster, and the app last. */
function useSources(): readonly number[] {
  const { view } = useClusterView()
  return [...(view?.nodes.map((node) => node.id) ?? []), 0]
}

function useFilterInAddress(): readonly [LogsSearch, LogToolbarProps['change']] {
  const filter = useSearch({ from: '/logs' })
  const navigate = useNavigate()
  const change: LogToolbarProps['change'] = (part) =>
    void navigate({ to: '/logs', search: (before) => ({ ...before, ...part }) as LogsSearch, replace: true })
  return [filter, change]
}

/** What is typed lives here and reaches the address after a pause; a link opened meanwhile wins. */
function useWordsInAddress(filter: LogsSearch, change: LogToolbarProps['change']) {
  const fromAddress = filter.q ?? ''
  const [words, setWords] = useState(fromAddress)
  const [known, setKnown] = useState(fromAddress)
  if (known !== fromAddress) {
    setKnown(fromAddress)
    setWords(fromAddress)
  }
  const latest = useRef(change)
  useEffect(() => {
    latest.current = change
  })
  useEffect(() => {
    if (words === fromAddress) return
    const timer = setTimeout(() => {
      setKnown(words)
      latest.current({ q: words === '' ? undefined : words })
    }, addressDelayMs)
    return () => clearTimeout(timer)
  }, [words, fromAddress])
  return [words, setWords] as const
}

/** Which match "next" stands on. The newest comes first when nothing was chosen yet: that is what one looks for in a log. */
function useSteps(matches: readonly LogLine[], show: (seq: number) => void) {
  const [current, setCurrent] = useState<number | null>(null)
  const found = current === null ? -1 : indexOfSeq(matches, current)
  const on = matches[found]?.seq === current ? found : -1
  const step = (by: 1 | -1) => {
    if (matches.length === 0) return
    const next = on < 0 ? matches.length - 1 : (on + by + matches.length) % matches.length
    const line = matches[next]
    if (line === undefined) return
    setCurrent(line.seq)
    show(line.seq)
  }
  return { current: on < 0 ? null : current, at: on + 1, step }
}

function Nothing({ loaded, all, cleared, reset }: { loaded: boolean; all: number; cleared: boolean; reset: () => void }) {
  const { t } = useTranslation('logs')
  if (!loaded) return <FullPage title={t('loading')} />
  if (all === 0) return <FullPage title={t('empty')} body={t('emptyBody')} />
  return (
    <FullPage title={t('nothing')} body={cleared ? t('cleared') : t('nothingBody', { all: formatNumber(all) })}>
      <Button variant="default" onClick={reset}>
        {t('clearFilter')}
      </Button>
    </FullPage>
  )
}

function SelectionBar({ lines, selection, clear }: { lines: readonly LogLine[]; selection: Selection | null; clear: () => void }) {
  const { t } = useTranslation('logs')
  const copy = useCopy()
  const chosen =
    selection === null
      ? []
      : lines.slice(indexOfSeq(lines, Math.min(selection.from, selection.to)), indexOfSeq(lines, Math.max(selection.from, selection.to) + 1))
  const copyChosen = () => void copy(asText(chosen), t('copied'))
  useAction('logsCopy', chosen.length === 0 ? null : copyChosen)
  if (chosen.length === 0) return null
  return (
    <div className={classes.selection}>
      <span>{t('selected', { count: chosen.length, shown: formatNumber(chosen.length) })}</span>
      <Button size="compact-xs" variant="default" onClick={copyChosen}>
        {t('copySelected')}
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" onClick={clear}>
        {t('unselect')}
      </Button>
    </div>
  )
}
