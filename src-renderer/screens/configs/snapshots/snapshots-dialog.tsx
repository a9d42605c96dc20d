/**
 * Named snapshots: what there is, taking one, going back to one, and taking that back. A restore changes the whole cluster, so that it is asked for
 * twice and says in figures what it would take back; users and roles come back only if somebody ticked that.
 */

import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NamedSnapshotView, Restored } from '../../../../src-main/contract/index.ts'
import { refusalOf } from '../../../api/refusal.ts'
import { useSnapshotOrders, useSnapshots } from '../../../api/snapshots.ts'
import { confirm } from '../../../components/confirm.tsx'
import { formatBytes, formatNumber, formatWhen } from '../../../components/format.ts'
import { toast } from '../../../components/toast.tsx'
import { useAttempts } from '../../../components/use-attempts.ts'
import { RefusalNote } from '../publish/refusal-note.tsx'
import classes from './snapshots-dialog.module.css'

/** As the nodes have it. */
const namePattern = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u
const topic = 'snapshots'

export interface SnapshotsDialogProps {
  readonly onClose: () => void
  /** Configurations are other ones now. */
  readonly onChanged: () => void
}

export function SnapshotsDialog({ onClose, onChanged }: SnapshotsDialogProps) {
  const { t } = useTranslation('snapshots')
  const list = useSnapshots()
  const { attempt, busy, refusal } = useAttempts()
  const orders = useSnapshotOrders()
  const [accounts, setAccounts] = useState(false)
  const [cameFrom] = useState(() => document.activeElement)
  const close = () => {
    onClose()
    if (cameFrom instanceof HTMLElement) cameFrom.focus()
  }
  const restored = (name: string, counts: Restored, undo?: () => Promise<unknown>) => {
    onChanged()
    const detail = restoredWords(t, counts)
    if (undo === undefined) toast.success({ message: t('undone', { name }), detail, topic })
    else toast.success({ message: t('restored', { name }), detail, topic, undo, undone: t('undone', { name }) })
  }
  const undo = (name: string) => attempt(async () => restored(name, await orders.undo.mutateAsync(undefined)))
  const restore = async (snapshot: NamedSnapshotView) => {
    const { name, index } = snapshot
    // What is asked for is what there is now, not what the list showed last.
    const { data } = await list.refetch()
    const { takenMs, changesSince } = data?.snapshots.find((each) => each.index === index) ?? snapshot
    const figures = { when: formatWhen(takenMs, Date.now()), changes: formatNumber(changesSince) }
    const effect = t(accounts ? 'restoreEffectWithAccounts' : 'restoreEffect', figures)
    const agreed = await confirm({ title: t('restoreTitle', { name }), effect, action: t('restoreDo'), danger: true })
    if (agreed)
      await attempt(async () => {
        const counts = await orders.restore.mutateAsync({ name, accounts })
        restored(name, counts, async () => {
          await orders.undo.mutateAsync(undefined)
          onChanged()
        })
      })
  }
  const remove = async ({ name }: NamedSnapshotView) => {
    const agreed = await confirm({ title: t('removeTitle', { name }), effect: t('removeEffect'), action: t('removeDo'), danger: true })
    if (agreed) await attempt(async () => void (await orders.remove.mutateAsync({ name })))
  }
  const take = (name: string) => attempt(async () => void (await orders.take.mutateAsync({ name })))
  const shown = refusal ?? (list.error === null ? null : refusalOf(list.error))
  return (
    <Modal
      opened
      onClose={close}
      title={t('title')}
      size={560}
      classNames={{ content: classes.content ?? '', title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <p className={classes.words}>{t('intro')}</p>
      {shown === null ? null : <RefusalNote refusal={shown} reading={refusal === null} />}
      <TakeForm names={list.data?.snapshots.map(({ name }) => name) ?? []} busy={busy} onTake={take} />
      {list.data === undefined ? null : (
        <>
          {list.data.undo === null ? null : <UndoLine before={list.data.undo} busy={busy} onUndo={() => void undo(list.data.undo?.name ?? '')} />}
          {list.data.snapshots.length === 0 ? null : (
            <Checkbox
              label={t('accounts')}
              description={t('accountsEffect')}
              checked={accounts}
              onChange={(event) => setAccounts(event.currentTarget.checked)}
            />
          )}
          <SnapshotRows rows={list.data.snapshots} busy={busy} onRestore={restore} onRemove={remove} />
        </>
      )}
    </Modal>
  )
}

type Words = ReturnType<typeof useTranslation<'snapshots'>>['t']

const restoredWords = (t: Words, { updated, created, removed, besides }: Restored): string => {
  const configs = t('restoredCounts', { updated: formatNumber(updated), created: formatNumber(created), removed: formatNumber(removed) })
  const { brought, removed: gone, left } = besides
  const others = t('restoredBesides', { brought: formatNumber(brought), removed: formatNumber(gone) })
  const away = t('restoredLeft', { left: formatNumber(left) })
  return [configs, ...(brought + gone > 0 ? [others] : []), ...(left > 0 ? [away] : [])].join(' · ')
}

interface TakeFormProps {
  readonly names: readonly string[]
  readonly busy: boolean
  readonly onTake: (name: string) => Promise<boolean>
}

function TakeForm({ names, busy, onTake }: TakeFormProps) {
  const { t } = useTranslation('snapshots')
  const [name, setName] = useState('')
  const fault = name === '' ? null : names.includes(name) ? t('nameTaken') : namePattern.test(name) ? null : t('nameRule')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (name !== '' && fault === null && (await onTake(name))) setName('')
  }
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
      <TextInput
        data-autofocus
        className={classes.field ?? ''}
        label={t('name')}
        value={name}
        error={fault}
        onChange={(event) => setName(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
      />
      <Button type="submit" disabled={busy || name === '' || fault !== null}>
        {t('take')}
      </Button>
    </form>
  )
}

function UndoLine({ before, busy, onUndo }: { before: NamedSnapshotView; busy: boolean; onUndo: () => void }) {
  const { t } = useTranslation('snapshots')
  return (
    <div className={classes.undo}>
      <div className={classes.about}>
        <div className={classes.name}>{t('undoTitle', { name: before.name })}</div>
        <div className={classes.facts}>{t('undoFacts', { changes: formatNumber(before.changesSince) })}</div>
      </div>
      <Button size="compact-sm" variant="default" disabled={busy} onClick={onUndo}>
        {t('undo')}
      </Button>
    </div>
  )
}

const besidesWords = (t: Words, { besides }: NamedSnapshotView): string => {
  if (besides === null) return t('configsAlone')
  const { services, instances, grays, namespaces, accounts } = besides
  return t('besides', {
    ...{ services: formatNumber(services), instances: formatNumber(instances), grays: formatNumber(grays) },
    ...{ namespaces: formatNumber(namespaces), accounts: formatNumber(accounts) },
  })
}

interface RowsProps {
  readonly rows: readonly NamedSnapshotView[]
  readonly busy: boolean
  readonly onRestore: (snapshot: NamedSnapshotView) => Promise<void>
  readonly onRemove: (snapshot: NamedSnapshotView) => Promise<void>
}

function SnapshotRows({ rows, busy, onRestore, onRemove }: RowsProps) {
  const { t } = useTranslation('snapshots')
  if (rows.length === 0) return <p className={classes.words}>{t('nothingYet')}</p>
  return (
    <ul className={classes.rows} aria-label={t('title')}>
      {rows.toReversed().map((snapshot) => (
        <li key={snapshot.index} className={classes.row}>
          <div className={classes.about}>
            <div className={classes.name}>{snapshot.name}</div>
            <div className={classes.facts}>
              {t('facts', {
                configs: formatNumber(snapshot.configs),
                size: formatBytes(snapshot.contentBytes),
                when: formatWhen(snapshot.takenMs, Date.now()),
                changes: formatNumber(snapshot.changesSince),
              })}
            </div>
            <div className={classes.facts}>{besidesWords(t, snapshot)}</div>
            {snapshot.usable ? null : <div className={classes.gone}>{t('notUsable')}</div>}
          </div>
          <Button
            size="compact-sm"
            variant="default"
            disabled={busy || !snapshot.usable}
            aria-label={t('restoreNamed', { name: snapshot.name })}
            onClick={() => void onRestore(snapshot)}
          >
            {t('restore')}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            disabled={busy}
            aria-label={t('removeNamed', { name: snapshot.name })}
            onClick={() => void onRemove(snapshot)}
          >
            {t('remove')}
          </Button>
        </li>
      ))}
    </ul>
  )
}
