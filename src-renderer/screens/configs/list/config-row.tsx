/** One row of the list: what it is called, where it belongs, and enough of its state to see that it changed. */

import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigSummary } from '../../../../src-main/contract/index.ts'
import { formatBytes, formatWhen } from '../../../components/format.ts'
import { timeAgo } from '../time-ago.ts'
import classes from './config-row.module.css'
import { hits } from './fuzzy.ts'

export const rowHeight = 48

const marks = { text: 'TXT', json: 'JSON', xml: 'XML', yaml: 'YAML', html: 'HTML', properties: 'PROP', toml: 'TOML' } as const

export interface ConfigRowProps {
  readonly id: string
  readonly config: ConfigSummary
  readonly words: readonly string[]
  readonly top: number
  readonly position: number
  readonly count: number
  readonly active: boolean
  readonly open: boolean
  readonly drafted: boolean
  /** A draft of a configuration that does not exist yet. */
  readonly unpublished: boolean
  readonly nowMs: number
  readonly language: string
  readonly onPick: (config: ConfigSummary) => void
}

export const ConfigRow = memo(function ConfigRow(props: ConfigRowProps) {
  const { t } = useTranslation('configs')
  const { config, words, unpublished, nowMs } = props
  const at = config.modifiedMs
  const ago = at === null ? '' : (timeAgo(at, nowMs, props.language) ?? t('info.justNow'))
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keys are those of the listbox around
    <div
      id={props.id}
      role="option"
      aria-selected={props.open}
      aria-setsize={props.count}
      aria-posinset={props.position}
      className={classes.row}
      data-active={props.active}
      data-open={props.open}
      style={{ transform: `translateY(${props.top}px)`, height: rowHeight }}
      onClick={() => props.onPick(config)}
    >
      <span className={classes.type} data-type={config.type} title={t(`type.${config.type}`)}>
        {marks[config.type]}
      </span>
      <span className={classes.main}>
        <span className={classes.name} title={config.dataId}>
          <Marked text={config.dataId} words={words} />
          {props.drafted ? <span className={classes.dot} role="img" aria-label={t('list.draft')} title={t('list.draft')} /> : null}
        </span>
        <span className={classes.facts}>
          <span className={classes.group} title={config.group}>
            <Marked text={config.group} words={words} />
          </span>
          {unpublished ? (
            <span className={classes.unpublished}>{t('list.unpublished')}</span>
          ) : (
            <>
              <span className={classes.md5} title={`md5 ${config.md5}`}>
                {config.md5.slice(0, 6)}
              </span>
              <span className={classes.size}>{formatBytes(config.contentBytes)}</span>
              {at === null ? null : (
                <span className={classes.ago} title={formatWhen(at, nowMs)}>
                  {ago}
                </span>
              )}
            </>
          )}
        </span>
      </span>
    </div>
  )
})

function Marked({ text, words }: { text: string; words: readonly string[] }) {
  const ranges = words.length === 0 ? [] : hits(text, words)
  if (ranges.length === 0) return <span className={classes.cut}>{text}</span>
  let done = 0
  const parts = ranges.map(([from, to]) => {
    const before = text.slice(done, from)
    done = to
    return (
      <span key={from}>
        {before}
        <mark className={classes.hit}>{text.slice(from, to)}</mark>
      </span>
    )
  })
  return (
    <span className={classes.cut}>
      {parts}
      {text.slice(done)}
    </span>
  )
}
