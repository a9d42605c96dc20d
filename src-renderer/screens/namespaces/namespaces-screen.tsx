/** The Namespaces screen: what there is with its counts, a new one, changes, and removal with a guard and an undo. */

import { Button, Skeleton, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NamespaceInput, NamespaceView } from '../../../src-main/contract/index.ts'
import { useAction } from '../../actions/registry.ts'
import { useNamespaceOrders, useNamespaces } from '../../api/namespaces.ts'
import { refusalOf } from '../../api/refusal.ts'
import { formatNumber } from '../../components/format.ts'
import list from '../../components/list-table.module.css'
import { useNamespaceInUse } from '../../components/namespace-in-use.ts'
import { PageHead } from '../../components/page-head.tsx'
import { RefusalCallout } from '../../components/refusal-callout.tsx'
import { toast } from '../../components/toast.tsx'
import type { NamespacesSearch } from '../../search.ts'
import { NamespaceForm } from './namespace-form.tsx'
import { NamespaceTable } from './namespace-table.tsx'
import classes from './namespaces-screen.module.css'
import { Removal } from './removal.tsx'

/** Rows that are drawn; the filter finds the others. */
const shownMax = 200
const topic = 'namespaces'

export function NamespacesScreen() {
  const { t } = useTranslation('namespaces')
  const navigate = useNavigate({ from: '/namespaces' })
  const address = useSearch({ from: '/namespaces' })
  const query = useNamespaces()
  const orders = useOrders()
  const [edited, setEdited] = useState<NamespaceView | null>(null)
  const [removed, setRemoved] = useState<NamespaceView | null>(null)
  const go = (change: NamespacesSearch) => void navigate({ search: change, replace: true })
  const text = address.q ?? ''
  const setText = (q: string) => go(q === '' ? {} : { q })
  const all = query.data?.namespaces ?? null
  const count = all?.length ?? 0
  return (
    <div className={classes.screen}>
      <PageHead title={all === null ? t('head.reading') : t('head.title', { count, shown: formatNumber(count) })} line={t('head.line')}>
        <Button onClick={() => go({ ...address, new: true })}>{t('create')}</Button>
      </PageHead>
      {query.error === null ? null : <ReadFailure error={query.error} again={() => void query.refetch()} />}
      {all === null && query.error === null ? <Skeleton height={132} radius="md" /> : null}
      {all === null ? null : (
        <>
          <Filter text={text} onText={setText} />
          <Found {...{ all, text }} onClear={() => setText('')} onEdit={setEdited} onRemove={setRemoved} />
        </>
      )}
      {address.new === true ? (
        <NamespaceForm
          present={null}
          taken={new Set(all?.map(({ id }) => id))}
          onSave={orders.create}
          onClose={() => go(text === '' ? {} : { q: text })}
        />
      ) : null}
      {edited === null ? null : (
        <NamespaceForm present={edited} taken={new Set()} onSave={(wanted) => orders.update(wanted, edited)} onClose={() => setEdited(null)} />
      )}
      {removed === null ? null : <Removal namespace={removed} onRemove={() => orders.remove(removed)} onClose={() => setRemoved(null)} />}
    </div>
  )
}

/** Each order says how it ended, and can be taken back. */
function useOrders() {
  const { t } = useTranslation('namespaces')
  const { create, update, remove } = useNamespaceOrders()
  const inUse = useNamespaceInUse()
  return {
    create: async (wanted: NamespaceInput) => {
      const { name } = wanted
      const { id } = await create.mutateAsync(wanted)
      const undo = () => remove.mutateAsync({ id })
      toast.success({ message: t('created', { name }), detail: t('createdDetail', { id }), topic, undo, undone: t('gone', { name }) })
    },
    update: async (wanted: NamespaceInput, { id, name, description }: NamespaceView) => {
      await update.mutateAsync(wanted)
      const undo = () => update.mutateAsync({ id, name, description })
      toast.success({ message: t('changed', { name: wanted.name }), topic, undo, undone: t('changedBack', { name }) })
    },
    remove: async ({ id, name, description }: NamespaceView) => {
      await remove.mutateAsync({ id })
      if (inUse.id === id) inUse.keep('')
      const undo = () => create.mutateAsync({ id, name, description })
      toast.success({ message: t('removed', { name }), topic, undo, undone: t('back', { name }) })
    },
  }
}

function ReadFailure({ error, again }: { error: unknown; again: () => void }) {
  const { t } = useTranslation('namespaces')
  const retry = (
    <Button variant="default" onClick={again}>
      {t('retry')}
    </Button>
  )
  return <RefusalCallout title={t('failedRead')} refusal={refusalOf(error)} actions={retry} />
}

function Filter({ text, onText }: { text: string; onText: (text: string) => void }) {
  const { t } = useTranslation('namespaces')
  const field = useRef<HTMLInputElement>(null)
  useAction('focusFilter', () => field.current?.focus())
  return (
    <TextInput
      ref={field}
      type="search"
      className={classes.filter ?? ''}
      aria-label={t('filter')}
      placeholder={t('filter')}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      spellCheck={false}
    />
  )
}

interface FoundProps {
  readonly all: readonly NamespaceView[]
  readonly text: string
  readonly onClear: () => void
  readonly onEdit: (namespace: NamespaceView) => void
  readonly onRemove: (namespace: NamespaceView) => void
}

function Found({ all, text, onClear, onEdit, onRemove }: FoundProps) {
  const { t } = useTranslation('namespaces')
  const wanted = text.trim().toLowerCase()
  const found = all.filter(({ id, name, description }) => [id, name, description].some((part) => part.toLowerCase().includes(wanted)))
  if (found.length === 0)
    return (
      <p className={list.note}>
        {t('nothingFound')}{' '}
        <Button size="compact-xs" variant="default" onClick={onClear}>
          {t('clearFilter')}
        </Button>
      </p>
    )
  return (
    <>
      <NamespaceTable rows={found.slice(0, shownMax)} onEdit={onEdit} onRemove={onRemove} />
      {found.length > shownMax ? (
        <p className={list.note}>{t('shown', { shown: formatNumber(shownMax), total: formatNumber(found.length) })}</p>
      ) : null}
      {all.length === 1 ? <p className={list.note}>{t('onlyDefault')}</p> : null}
    </>
  )
}
