/** The line under the text: problems (press to go there), position, line ends (press to convert), encoding, and how much of the limit is used. */

import { Menu, Popover, UnstyledButton } from '@mantine/core'
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { formatBytes, formatNumber } from '../../../components/format.ts'
import type { Problem } from '../lint/problem.ts'
import type { Cursor } from './code-editor.tsx'
import classes from './editor-foot.module.css'
import type { LineEnd } from './line-ends.ts'
import { maxContentBytes } from './sizes.ts'
import type { Measured } from './use-edit-session.ts'

export interface EditorFootProps {
  readonly measured: Measured
  readonly cursor: Cursor
  readonly messageOf: (problem: Problem) => string
  readonly onGoTo: (offset: number) => void
  readonly onConvert: (end: LineEnd) => void
}

const endNames = { '\n': 'endLf', '\r\n': 'endCrlf', '\r': 'endCr' } as const

export function EditorFoot({ measured, cursor, messageOf, onGoTo, onConvert }: EditorFootProps) {
  const { t } = useTranslation('configs')
  const { end, lines } = measured
  return (
    <div className={classes.foot}>
      <Problems problems={measured.problems} messageOf={messageOf} onGoTo={onGoTo} />
      <span className={classes.gap} />
      <span className={classes.position}>{t('editor.position', { line: formatNumber(cursor.line), column: cursor.column })}</span>
      <span className={classes.lines}>{t('editor.lines', { count: lines, n: formatNumber(lines) })}</span>
      <Menu position="top-end" width={220}>
        <Menu.Target>
          <UnstyledButton
            className={classes.press}
            aria-label={`${t('editor.ends')}: ${end === null ? t('editor.endMixed') : t(`editor.${endNames[end]}`)}`}
          >
            {end === null ? t('editor.endMixed') : t(`editor.${endNames[end]}`)}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('editor.endsKept')}</Menu.Label>
          {(['\n', '\r\n'] as const).map((kind) => (
            <Menu.Item key={kind} disabled={kind === end} onClick={() => onConvert(kind)}>
              {t(`editor.${endNames[kind]}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <span className={classes.encoding}>{t('editor.encoding')}</span>
      <SizeMeter bytes={measured.bytes} />
    </div>
  )
}

function SizeMeter({ bytes }: { bytes: number }) {
  const { t } = useTranslation('configs')
  const share = Math.min(1, bytes / maxContentBytes)
  const over = bytes > maxContentBytes
  const words = over
    ? t('editor.tooLarge', { over: formatBytes(bytes - maxContentBytes) })
    : t('editor.size', { size: formatBytes(bytes), max: formatBytes(maxContentBytes) })
  return (
    <span className={classes.size} data-over={over} title={`${t('editor.sizeLabel')}: ${formatNumber(bytes)} B`}>
      {/* biome-ignore lint/a11y/useSemanticElements: the look of a native meter cannot follow the tokens */}
      <span
        className={classes.meter}
        role="meter"
        aria-label={t('editor.sizeLabel')}
        aria-valuemin={0}
        aria-valuemax={maxContentBytes}
        aria-valuenow={Math.min(bytes, maxContentBytes)}
        aria-valuetext={words}
      >
        <span className={classes.used} style={{ width: `${Math.max(share * 100, bytes > 0 ? 2 : 0)}%` }} />
      </span>
      {words}
    </span>
  )
}

function Problems({ problems, messageOf, onGoTo }: Pick<EditorFootProps, 'messageOf' | 'onGoTo'> & { problems: readonly Problem[] | null }) {
  const { t } = useTranslation('configs')
  const [opened, setOpened] = useState(false)
  if (problems === null) return <span className={classes.quiet}>{t('editor.notChecked')}</span>
  if (problems.length === 0)
    return (
      <span className={classes.clean}>
        <CircleCheck size={13} aria-hidden="true" />
        {t('editor.noProblems')}
      </span>
    )
  const errors = problems.filter((problem) => problem.severity === 'error').length
  const warnings = problems.length - errors
  const words = [
    errors === 0 ? '' : t('editor.errors', { count: errors, n: formatNumber(errors) }),
    warnings === 0 ? '' : t('editor.warnings', { count: warnings, n: formatNumber(warnings) }),
  ]
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" width={440} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.problems}
          data-severity={errors > 0 ? 'error' : 'warning'}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {errors > 0 ? <CircleAlert size={13} aria-hidden="true" /> : <TriangleAlert size={13} aria-hidden="true" />}
          {words.filter(Boolean).join(', ')}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.list ?? ''} aria-label={t('editor.problems')}>
        {problems.map((problem) => (
          <UnstyledButton
            key={`${problem.from}:${problem.code}`}
            className={classes.problem}
            onClick={() => {
              setOpened(false)
              onGoTo(problem.from)
            }}
          >
            <span className={classes.place}>
              {problem.line}:{problem.column}
            </span>
            <span className={classes.words} data-severity={problem.severity}>
              {messageOf(problem)}
              {problem.detail === '' ? null : <span className={classes.detail}>{problem.detail}</span>}
            </span>
          </UnstyledButton>
        ))}
      </Popover.Dropdown>
    </Popover>
  )
}
