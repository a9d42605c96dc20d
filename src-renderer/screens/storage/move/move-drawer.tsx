/** The form that moves everything between the nodes' own files and a shared database: looked at first, then carried out, then compared. */

import { Button, Checkbox, Drawer, NativeSelect } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView, MoveOrderInput, MovePlan, MovePolicy, Refusal } from '../../../../src-main/contract/index.ts'
import { useMoveState } from '../../../api/storage-move.ts'
import { Callout } from '../../../components/callout.tsx'
import { emptyFields, type FieldName, faultsOf, mysqlUrlOf } from '../../../components/mysql-url.ts'
import { MysqlFields } from '../change/mysql-fields.tsx'
import form from '../change/storage-form.module.css'
import { MoveCounts } from './move-counts.tsx'
import { movePolicies } from './move-facts.ts'
import { MovePlanView } from './move-plan.tsx'
import { MoveProgress } from './move-progress.tsx'
import { type MoveEnd, useMove } from './use-move.ts'

export interface MoveDrawerProps {
  readonly view: ClusterView
  readonly onClose: () => void
}

type Move = ReturnType<typeof useMove>

export function MoveDrawer({ view, onClose }: MoveDrawerProps) {
  const { t } = useTranslation('move')
  const state = useMoveState()
  const move = useMove(view.nodes.length)
  // Where it goes is fixed when the form opens: in the end the nodes use the other one.
  const [to] = useState<MovePlan['to']>(view.storage.setting.kind === 'mysql' ? 'sqlite' : 'mysql')
  const direction = state.kind === 'running' ? state.to : to
  const body = () => {
    if (state.kind === 'running') return <MoveProgress move={state} />
    if (move.end !== null) return <End end={move.end} onClose={onClose} />
    return to === 'mysql' ? <ToMysql move={move} /> : <ToSqlite move={move} />
  }
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="min(840px, calc(100vw - 48px))"
      closeOnEscape={!move.asking}
      closeOnClickOutside={!move.asking}
      trapFocus={!move.asking}
      title={t(direction === 'mysql' ? 'toMysql' : 'toSqlite')}
      closeButtonProps={{ 'aria-label': t('close') }}
      classNames={{ content: form.content ?? '', title: form.title ?? '' }}
      transitionProps={{ duration: 150 }}
    >
      <div className={form.body}>{body()}</div>
    </Drawer>
  )
}

const noFaults: ReadonlySet<FieldName> = new Set()

function ToMysql({ move }: { move: Move }) {
  const { t } = useTranslation('move')
  const [fields, setFields] = useState(emptyFields)
  const [password, setPassword] = useState('')
  const [keep, setKeep] = useState(true)
  const [tried, setTried] = useState(false)
  const [policy, setPolicy] = useState<MovePolicy | null>(null)
  const faults = faultsOf(fields)
  const order: MoveOrderInput = { to: 'mysql', url: mysqlUrlOf(fields), password, keepPassword: keep, ...(policy === null ? {} : { policy }) }
  const found = move.foundFor(order)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (faults.size === 0) void move.look(order)
  }
  return (
    <>
      <p className={form.text}>{t('leadMysql')}</p>
      <form className={form.fields} onSubmit={submit} noValidate>
        <MysqlFields
          {...{ fields, faults: tried ? faults : noFaults, password, onPassword: setPassword, passwordKnown: false, keep, onKeep: setKeep }}
          onField={(name, value) => setFields((before) => ({ ...before, [name]: value }))}
        />
        <NativeSelect
          label={t('policy.label')}
          value={policy ?? 'none'}
          data={(['none', ...movePolicies] as const).map((value) => ({ value, label: t(`policy.${value}`) }))}
          onChange={(event) => setPolicy(movePolicies.find((each) => each === event.currentTarget.value) ?? null)}
        />
        <LookButton move={move} type="submit" />
      </form>
      <Found found={found} />
      <Foot {...{ move, order }} usable={found !== null && 'look' in found && found.obstacles.length === 0} />
    </>
  )
}

function ToSqlite({ move }: { move: Move }) {
  const { t } = useTranslation('move')
  const [leave, setLeave] = useState(false)
  const order: MoveOrderInput = { to: 'sqlite', leave }
  const found = move.foundFor(order)
  const isBarred = found !== null && (!('look' in found) || found.obstacles.length > 0)
  return (
    <>
      <p className={form.text}>{t('leadSqlite')}</p>
      <LookButton move={move} onClick={() => void move.look(order)} />
      <Found found={found} />
      {isBarred ? (
        <Checkbox
          size="xs"
          label={t('leave')}
          description={t('leaveHint')}
          checked={leave}
          onChange={(event) => setLeave(event.currentTarget.checked)}
        />
      ) : null}
      <Foot {...{ move, order }} usable={found !== null && (!isBarred || leave)} />
    </>
  )
}

function LookButton({ move, ...props }: { move: Move; type?: 'submit'; onClick?: () => void }) {
  const { t } = useTranslation('move')
  return (
    <div className={form.buttons}>
      <Button variant="default" disabled={move.looking} {...props}>
        {t(move.looking ? 'looking' : move.hasLooked ? 'lookAgain' : 'look')}
      </Button>
      <span className={form.note}>{t('lookHint')}</span>
    </div>
  )
}

function Found({ found }: { found: MovePlan | Refusal | null }) {
  const { t } = useTranslation('move')
  const frame = useTranslation('frame').t
  if (found === null) return null
  if ('look' in found) return <MovePlanView plan={found} compared={false} />
  return (
    <Callout tone="bad" title={t('failedLook')} detail={found.detail}>
      {frame(`refusal.${found.code}`)}
    </Callout>
  )
}

function Foot({ move, order, usable }: { move: Move; order: MoveOrderInput; usable: boolean }) {
  const { t } = useTranslation('move')
  return (
    <div className={form.foot}>
      <div className={form.buttons}>
        <span className={form.note}>{move.hasLooked && move.foundFor(order) === null ? t('changed') : ''}</span>
        <span className={form.gap} />
        <Button disabled={!usable} loading={move.moving} onClick={() => void move.move(order)}>
          {t(`run.${order.to}`)}
        </Button>
      </div>
    </div>
  )
}

function End({ end, onClose }: { end: MoveEnd; onClose: () => void }) {
  const { t } = useTranslation('move')
  return (
    <>
      {end.kind === 'done' ? <Callout tone="ok" title={t(`done.${end.to}`)} /> : null}
      {end.kind === 'not-done' ? <Callout tone="bad" title={t('notDone')} detail={end.why} /> : null}
      {end.kind === 'unknown' ? <Callout tone="warn" title={t('unknown')} /> : null}
      {end.kind === 'done' ? <MoveCounts counts={end.counts} done /> : null}
      {end.kind === 'unknown' || end.plan === null ? null : <MovePlanView plan={end.plan} compared={end.kind === 'done'} />}
      <div className={form.foot}>
        <div className={form.buttons}>
          <span className={form.gap} />
          <Button ref={(button) => button?.focus()} onClick={onClose}>
            {t('close')}
          </Button>
        </div>
      </div>
    </>
  )
}
