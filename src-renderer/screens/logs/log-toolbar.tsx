/** The one row of filters: sources, level, search with its count and steps, follow, wrap, clear. */

import { ActionIcon, Button, Select, TextInput, UnstyledButton } from '@mantine/core'
import { ArrowDown, ArrowUp, Eraser, ListFilter, Regex, Search, WrapText, X } from 'lucide-react'
import type { KeyboardEvent, ReactNode, RefObject } from 'react'
import { useTranslation } from 'react-i18next'
import type { LogLevel } from '../../../src-main/contract/index.ts'
import type { ActionId } from '../../actions/table.ts'
import { formatClock, formatNumber, nodeName } from '../../components/format.ts'
import { ActionTooltip } from '../../components/key-caps.tsx'
import type { LogsSearch } from '../../search.ts'
import type { LogSearch } from './log-search.ts'
import classes from './log-toolbar.module.css'

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
const icon = 14

export interface LogToolbarProps {
  /** All sources there are; 0 is the app. */
  readonly sources: readonly number[]
  readonly filter: LogsSearch
  readonly change: (part: Partial<Record<keyof LogsSearch, LogsSearch[keyof LogsSearch] | undefined>>) => void
  readonly words: string
  readonly onWords: (words: string) => void
  readonly search: LogSearch
  readonly matches: { readonly at: number; readonly total: number }
  readonly step: (by: 1 | -1) => void
  readonly input: RefObject<HTMLInputElement | null>
  readonly wrap: boolean
  readonly onWrap: () => void
  readonly onClear: () => void
  readonly follow: boolean
  readonly onFollow: () => void
}

export function LogToolbar(props: LogToolbarProps) {
  const { t } = useTranslation('logs')
  const { filter, change } = props
  return (
    <div className={classes.bar}>
      <Sources sources={props.sources} chosen={filter.node} choose={(node) => change({ node })} />
      <Select
        className={classes.level ?? ''}
        aria-label={t('level.label')}
        data={levels.map((level) => ({ value: level, label: t(`level.${level}`) }))}
        value={filter.level ?? 'debug'}
        onChange={(value) => change({ level: value === 'debug' || value === null ? undefined : (value as LogLevel) })}
        allowDeselect={false}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <SearchField {...props} />
      <span className={classes.gap} />
      {filter.from === undefined && filter.to === undefined ? null : (
        <UnstyledButton
          className={classes.chip}
          data-on="true"
          aria-label={t('clearRange')}
          onClick={() => change({ from: undefined, to: undefined })}
        >
          {t('range', { from: formatClock(filter.from ?? 0), to: formatClock(filter.to ?? 0) })}
          <X size={12} aria-hidden="true" />
        </UnstyledButton>
      )}
      <Button
        variant={props.follow ? 'light' : 'default'}
        size="compact-sm"
        className={classes.follow ?? ''}
        aria-pressed={props.follow}
        onClick={props.onFollow}
      >
        {t(props.follow ? 'follow.on' : 'follow.off')}
      </Button>
      <Toggle action="logsWrap" label={t('wrap')} on={props.wrap} onClick={props.onWrap}>
        <WrapText size={icon} />
      </Toggle>
      <Toggle action="logsClear" label={t('clear')} onClick={props.onClear}>
        <Eraser size={icon} />
      </Toggle>
    </div>
  )
}

function Toggle({
  action,
  label,
  on,
  onClick,
  children,
}: {
  action: ActionId
  label: string
  on?: boolean
  onClick: () => void
  children: ReactNode
}) {
  return (
    <ActionTooltip action={action} label={label}>
      <ActionIcon variant={on ? 'light' : 'subtle'} color={on ? 'accent' : 'gray'} size={28} aria-label={label} aria-pressed={on} onClick={onClick}>
        {children}
      </ActionIcon>
    </ActionTooltip>
  )
}

interface SourcesProps {
  readonly sources: readonly number[]
  readonly chosen: readonly number[] | undefined
  readonly choose: (chosen: readonly number[] | undefined) => void
}

/** Chips: a press hides or shows a source; with all shown, the first press shows only that one. */
function Sources({ sources, chosen, choose }: SourcesProps) {
  const { t } = useTranslation('logs')
  const shown = (source: number) => chosen === undefined || chosen.includes(source)
  const press = (source: number) => {
    if (chosen === undefined) return choose([source])
    const next = chosen.includes(source) ? chosen.filter((other) => other !== source) : [...chosen, source].sort((a, b) => a - b)
    choose(next.length === 0 || sources.every((other) => next.includes(other)) ? undefined : next)
  }
  return (
    <fieldset className={classes.sources} aria-label={t('source.label')}>
      {sources.map((source) => (
        <UnstyledButton key={source} className={classes.chip} data-on={shown(source)} aria-pressed={shown(source)} onClick={() => press(source)}>
          <span className={classes.swatch} style={{ background: `var(--source-${source})` }} aria-hidden="true" />
          {source === 0 ? t('source.app') : <SourceName id={source} />}
        </UnstyledButton>
      ))}
    </fieldset>
  )
}

/** `node-2`, or only `2` where the window is narrow. */
function SourceName({ id }: { id: number }) {
  const name = nodeName(id)
  const cut = name.lastIndexOf('-') + 1
  return (
    <span>
      <span className={classes.prefix}>{name.slice(0, cut)}</span>
      {name.slice(cut)}
    </span>
  )
}

function SearchField({ words, onWords, search, matches, step, input, filter, change }: LogToolbarProps) {
  const { t } = useTranslation('logs')
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') {
      event.preventDefault()
      step(event.shiftKey ? -1 : 1)
    }
    if (event.key === 'Escape') {
      if (words === '') input.current?.blur()
      else onWords('')
    }
  }
  const count =
    search.kind === 'none'
      ? ''
      : search.kind === 'bad'
        ? t('search.badShort')
        : matches.total === 0
          ? t('search.none')
          : matches.at === 0
            ? formatNumber(matches.total)
            : t('search.count', { at: formatNumber(matches.at), total: formatNumber(matches.total) })
  const idle = search.kind !== 'ok' || matches.total === 0
  return (
    <search className={classes.search}>
      <TextInput
        ref={input}
        className={classes.field ?? ''}
        value={words}
        onChange={(event) => onWords(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        placeholder={t('search.placeholder')}
        aria-label={t('search.label')}
        error={search.kind === 'bad'}
        title={search.kind === 'bad' ? t('search.bad', { reason: search.reason }) : undefined}
        leftSection={<Search size={icon} aria-hidden="true" />}
        rightSection={
          <span className={classes.inside}>
            <span className={classes.count} aria-live="polite">
              {count}
            </span>
            <SmallToggle label={t('search.regex')} on={filter.re === true} onClick={() => change({ re: filter.re === true ? undefined : true })}>
              <Regex size={icon} />
            </SmallToggle>
            <SmallToggle label={t('search.only')} on={filter.only === true} onClick={() => change({ only: filter.only === true ? undefined : true })}>
              <ListFilter size={icon} />
            </SmallToggle>
          </span>
        }
        rightSectionWidth={count === '' ? 58 : 138}
        spellCheck={false}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        disabled={idle}
        aria-label={t('search.previous')}
        title={t('search.previous')}
        onClick={() => step(-1)}
      >
        <ArrowUp size={icon} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={28}
        disabled={idle}
        aria-label={t('search.next')}
        title={t('search.next')}
        onClick={() => step(1)}
      >
        <ArrowDown size={icon} />
      </ActionIcon>
    </search>
  )
}

function SmallToggle({ label, on, onClick, children }: { label: string; on: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon
      size={24}
      variant={on ? 'light' : 'subtle'}
      color={on ? 'accent' : 'gray'}
      aria-label={label}
      title={label}
      aria-pressed={on}
      onClick={onClick}
    >
      {children}
    </ActionIcon>
  )
}
