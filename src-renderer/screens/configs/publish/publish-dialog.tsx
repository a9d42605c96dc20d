/** The dialog before every publish: the diff, what the check found, who takes the write, what happens next. Nothing is sent before its button. */

import { ActionIcon, Button, Modal, Select, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { ArrowDown, ArrowUp, CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput, NodeView, Refusal } from '../../../../src-main/contract/index.ts'
import { useClusterView } from '../../../api/cluster.ts'
import { formatBytes, formatNumber, nodeName } from '../../../components/format.ts'
import type { LineEnd } from '../editor/line-ends.ts'
import { largeBytes, maxContentBytes } from '../editor/sizes.ts'
import type { Problem } from '../lint/problem.ts'
import type { ChangeCount } from './changes.ts'
import type { DiffHandle } from './diff-view.tsx'
import classes from './publish-dialog.module.css'
import { RefusalNote } from './refusal-note.tsx'
import { stepBy, useDialogKeys } from './use-dialog-keys.ts'
import type { Checked, PublishStep } from './use-publishing.ts'

const DiffView = lazy(() => import('./diff-view.tsx').then((module) => ({ default: module.DiffView })))

export interface PublishDialogProps {
  readonly configKey: ConfigKeyInput
  readonly step: Extract<PublishStep, { kind: 'review' }>
  readonly messageOf: (problem: Problem) => string
  readonly sending: boolean
  readonly refusal: Refusal | null
  readonly checked: Checked
  readonly onPublish: (node: number | null) => void
  readonly onCheck: () => void
  readonly onClose: () => void
}

const endName = { '\n': 'LF', '\r\n': 'CRLF', '\r': 'CR' } as const

/** Counting needs the diff library, which loads with the view. */
function useChangeCount(before: string, after: string): ChangeCount | null {
  const [count, setCount] = useState<ChangeCount | null>(null)
  useEffect(() => {
    let wanted = true
    void import('./changes.ts').then((module) => wanted && setCount(module.countChanges(before, after)))
    return () => {
      wanted = false
    }
  }, [before, after])
  return count
}

export function PublishDialog(props: PublishDialogProps) {
  const { t } = useTranslation('configs')
  const { configKey, step, sending, refusal, checked } = props
  const { before, state, problems, bytes } = step
  const diff = useRef<DiffHandle>(null)
  const [node, setNode] = useState<number | null>(null)
  const narrow = useMediaQuery('(max-width: 900px)') ?? false
  const count = useChangeCount(before?.content ?? '', state.content)
  const errors = problems?.filter((problem) => problem.severity === 'error').length ?? 0
  const impossible =
    state.content.trim() === ''
      ? t('publish.blank')
      : bytes > maxContentBytes
        ? t('publish.tooLarge', { size: formatBytes(bytes), max: formatBytes(maxContentBytes) })
        : null
  const go = () => {
    if (impossible === null && !sending) props.onPublish(node)
  }
  useDialogKeys((event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) go()
    else return stepBy(event, diff.current)
    return true
  })
  // The button cannot take the focus before the changes are counted; without any focus here, keys would go to the editor behind.
  const back = useRef<HTMLButtonElement>(null)
  const main = useRef<HTMLButtonElement>(null)
  const ready = impossible === null && count !== null
  useEffect(() => {
    if (ready && (document.activeElement === back.current || !main.current?.closest('[role=dialog]')?.contains(document.activeElement)))
      main.current?.focus()
  }, [ready])
  const lines = count?.lines ?? 0
  const label = t(before === null ? 'publish.goNew' : errors > 0 ? 'publish.goAnyway' : 'publish.go', { count: lines, n: formatNumber(lines) })
  return (
    <Modal
      opened
      onClose={sending ? () => undefined : props.onClose}
      title={t(before === null ? 'publish.titleNew' : 'publish.title', { dataId: configKey.dataId })}
      size="min(1120px, 94vw)"
      padding={0}
      classNames={{ content: classes.content ?? '', header: classes.header ?? '', title: classes.title ?? '', body: classes.body ?? '' }}
      closeButtonProps={{ 'aria-label': t('publish.cancel') }}
    >
      <div className={classes.heads} data-narrow={narrow}>
        <span>{before === null ? t('publish.nothingBefore') : t('publish.before')}</span>
        <span className={classes.after}>
          {t('publish.after')}
          <Summary count={count} before={before} after={state} />
        </span>
        <span className={classes.steps}>
          <Step label={t('publish.previous')} keys="Alt ↑" icon={ArrowUp} onClick={() => diff.current?.previous()} />
          <Step label={t('publish.next')} keys="Alt ↓" icon={ArrowDown} onClick={() => diff.current?.next()} />
        </span>
      </div>
      <div className={classes.diff}>
        <Suspense fallback={<div className={classes.loading}>{t('publish.diffLoading')}</div>}>
          <DiffView
            ref={diff}
            before={before?.content ?? ''}
            after={state.content}
            type={state.type}
            large={bytes > largeBytes}
            unified={narrow || before === null}
            editable={false}
            beforeLabel={t('publish.oldSide')}
            afterLabel={t('publish.newSide')}
          />
        </Suspense>
      </div>
      <div className={classes.foot}>
        <Verdict problems={problems} messageOf={props.messageOf} />
        {impossible === null ? null : (
          <p className={classes.impossible} role="alert">
            <CircleAlert size={15} aria-hidden="true" />
            {impossible}
          </p>
        )}
        {refusal === null ? null : (
          <RefusalNote refusal={refusal}>
            {refusal.code === 'outcome_unknown' || refusal.code === 'internal' ? (
              <Button variant="default" onClick={props.onCheck}>
                {t('refusal.check')}
              </Button>
            ) : null}
          </RefusalNote>
        )}
        {checked === null ? null : (
          <p className={classes.checked} role="status">
            {t(checked === 'former' ? 'refusal.checkedOther' : 'refusal.checkedChanged')}
          </p>
        )}
        <div className={classes.line}>
          <Through node={node} onNode={setNode} />
          <div className={classes.buttons}>
            <Button ref={back} data-autofocus={!ready || undefined} variant="default" onClick={props.onClose} disabled={sending}>
              {t('publish.cancel')}
            </Button>
            <Button
              ref={main}
              data-autofocus={ready || undefined}
              onClick={go}
              loading={sending}
              disabled={!ready}
              color={errors > 0 ? 'bad' : 'accent'}
            >
              {label}
            </Button>
          </div>
        </div>
      </div>
    </Modal>
  )
}

function Step({ label, keys, icon: Icon, onClick }: { label: string; keys: string; icon: typeof ArrowUp; onClick: () => void }) {
  return (
    <Tooltip label={`${label}  ${keys}`}>
      <ActionIcon size={24} variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        <Icon size={14} />
      </ActionIcon>
    </Tooltip>
  )
}

interface SummaryProps {
  readonly count: ChangeCount | null
  readonly before: PublishDialogProps['step']['before']
  readonly after: PublishDialogProps['step']['state']
}

function Summary({ count, before, after }: SummaryProps) {
  const { t } = useTranslation('configs')
  if (count === null) return null
  const named = (end: LineEnd | null) => (end === null ? t('editor.endMixed') : endName[end])
  const meta =
    before !== null && (before.description !== after.description || before.appName !== after.appName || before.tags.join() !== after.tags.join())
  return (
    <>
      {count.added > 0 ? <span className={classes.added}>{t('publish.added', { n: formatNumber(count.added) })}</span> : null}
      {count.removed > 0 ? <span className={classes.removed}>{t('publish.removed', { n: formatNumber(count.removed) })}</span> : null}
      {count.ends === null ? null : (
        <span className={classes.fact}>{t('publish.ends', { before: named(count.ends.before), after: named(count.ends.after) })}</span>
      )}
      {before !== null && before.type !== after.type ? (
        <span className={classes.fact}>{t('publish.typeChanged', { before: t(`type.${before.type}`), after: t(`type.${after.type}`) })}</span>
      ) : null}
      {meta ? <span className={classes.fact}>{t('publish.metaChanged')}</span> : null}
    </>
  )
}

const shownProblems = 3

function Verdict({ problems, messageOf }: { problems: readonly Problem[] | null; messageOf: (problem: Problem) => string }) {
  const { t } = useTranslation('configs')
  if (problems === null) return <p className={classes.verdict}>{t('publish.unchecked')}</p>
  const errors = problems.filter((problem) => problem.severity === 'error').length
  if (problems.length === 0)
    return (
      <p className={classes.verdict} data-kind="clean">
        <CircleCheck size={15} aria-hidden="true" />
        {t('publish.clean')}
      </p>
    )
  const count = errors > 0 ? errors : problems.length
  const first = problems.filter((problem) => errors === 0 || problem.severity === 'error').slice(0, shownProblems)
  return (
    <div className={classes.verdict} data-kind={errors > 0 ? 'error' : 'warning'}>
      {errors > 0 ? <CircleAlert size={15} aria-hidden="true" /> : <TriangleAlert size={15} aria-hidden="true" />}
      <div>
        <span className={classes.found}>{t(errors > 0 ? 'publish.errors' : 'publish.warnings', { count, n: formatNumber(count) })}</span>
        <ul className={classes.problems}>
          {first.map((problem) => (
            <li key={`${problem.from}:${problem.code}`}>
              <span className={classes.place}>
                {problem.line}:{problem.column}
              </span>{' '}
              {messageOf(problem)}
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

function Through({ node, onNode }: { node: number | null; onNode: (node: number | null) => void }) {
  const { t } = useTranslation('configs')
  const { view } = useClusterView()
  const nodes = view?.nodes ?? []
  const leaderId = view?.leaderId ?? null
  const wordsOf = (one: NodeView) =>
    t(one.process !== 'running' ? 'publish.nodeDown' : one.id === leaderId ? 'publish.nodeLeader' : 'publish.nodeFollower', {
      node: nodeName(one.id),
    })
  const options = [
    { value: 'leader', label: leaderId === null ? t('publish.leader') : t('publish.leaderNamed', { node: nodeName(leaderId) }) },
    ...nodes.map((one) => ({ value: String(one.id), label: wordsOf(one) })),
  ]
  const chosen = nodes.find((one) => one.id === node)
  const key = chosen && chosen.process !== 'running' ? 'viaDown' : chosen && chosen.id !== leaderId ? 'viaFollower' : 'viaLeader'
  return (
    <div className={classes.through}>
      <span className={classes.throughLabel}>
        <span aria-hidden="true">{t('publish.node')}</span>
        <Select
          aria-label={t('publish.node')}
          data={options}
          value={node === null ? 'leader' : String(node)}
          allowDeselect={false}
          w={190}
          comboboxProps={{ position: 'top-start' }}
          onChange={(value) => onNode(value === null || value === 'leader' ? null : Number(value))}
        />
      </span>
      <span className={classes.path}>
        {t(`publish.${key}`, { node: nodeName(node ?? 0) })} {t('publish.afterwards')}
      </span>
    </div>
  )
}
