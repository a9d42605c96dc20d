/** The shared database of MySQL mode: where it is, how far it is, and when it is away, why, what is refused meanwhile and what goes on. */

import { Button } from '@mantine/core'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../src-main/contract/index.ts'
import { Callout } from '../../components/callout.tsx'
import { formatNumber, formatWhen } from '../../components/format.ts'
import { type FactRow, Facts, Section } from '../../components/section.tsx'
import type { StoreNow } from '../../components/store-state.ts'
import { troubleWords } from '../../components/store-words.ts'
import classes from './storage-screen.module.css'

type Words = TFunction<'storage'>

export interface SharedDatabaseProps {
  readonly view: ClusterView
  readonly store: StoreNow
  readonly onChange: () => void
}

export function SharedDatabase({ view, store, onChange }: SharedDatabaseProps) {
  const { t } = useTranslation('storage')
  return (
    <Section title={t('shared.title')}>
      <Trouble {...{ store, onChange }} />
      <div className={classes.columns}>
        <Facts rows={placeRows(t, view, store)} />
        <Facts rows={stateRows(t, view, store)} />
      </div>
      {view.storage.setting.commandLine ? <p className={classes.note}>{t('shared.commandLine')}</p> : null}
    </Section>
  )
}

/** Cause and next step, as long as it is away, or nodes ended for it. */
function Trouble({ store, onChange }: Pick<SharedDatabaseProps, 'store' | 'onChange'>) {
  const { t } = useTranslation('storage')
  const { state } = store
  if (state !== 'away' && state !== 'filling' && state !== 'refused') return null
  const { cause, next } = troubleWords(t, store.trouble, store)
  const words = store.trouble?.facts.detail ?? store.trouble?.words
  const detail = store.trouble === null ? undefined : `${t('details', { code: store.trouble.code })}${words === undefined ? '' : ` · ${words}`}`
  const actions =
    state === 'filling' ? undefined : (
      <Button variant="default" onClick={onChange}>
        {t(state === 'refused' ? 'change' : 'test')}
      </Button>
    )
  return (
    <Callout tone={state === 'filling' ? 'busy' : 'bad'} title={cause} detail={detail} actions={actions}>
      {next}
    </Callout>
  )
}

const placeRows = (t: Words, view: ClusterView, store: StoreNow): readonly FactRow[] => {
  const { setting } = view.storage
  const kept = setting.kind === 'mysql' && setting.passwordKept
  return [
    {
      name: t(store.addresses.length > 1 ? 'shared.addresses' : 'shared.address'),
      value: <span className="mono">{store.addresses.join(', ')}</span>,
    },
    { name: t('shared.database'), value: <span className="mono">{store.database}</span> },
    { name: t('shared.user'), value: <span className="mono">{store.user}</span> },
    { name: t('shared.password'), value: kept ? t('shared.passwordKept', { file: 'mysql-password.json' }) : t('shared.passwordMemory') },
    { name: t('shared.setting'), value: t(`shared.origin.${setting.origin}`, { file: 'storage.json' }) },
  ]
}

const stateRows = (t: Words, view: ClusterView, store: StoreNow): readonly FactRow[] => {
  const since = { time: store.sinceMs === null ? '' : formatWhen(store.sinceMs, view.atMs) }
  const { report, behind, state } = store
  const away = state === 'away' || state === 'filling'
  const word =
    state === 'available' || state === 'away' || state === 'filling'
      ? t(`shared.${state}`, since)
      : t(state === 'undecided' ? 'shared.undecided' : 'shared.unknown')
  const index = report === null ? '' : formatNumber(report.storedIndex)
  const stored =
    report === null
      ? t('shared.unknown')
      : behind === 0
        ? t('shared.storedAll', { index })
        : t('shared.storedBehind', { index, count: behind, shown: formatNumber(behind) })
  const rows: readonly FactRow[] = [
    { name: t('shared.state'), value: word, ...(state === 'away' ? { tone: 'bad' as const } : {}) },
    {
      name: t('shared.stored'),
      value: <span className="tabular">{stored}</span>,
      ...(behind > 0 && state === 'away' ? { tone: 'warn' as const } : {}),
    },
  ]
  if (!away) return rows
  return [...rows, { name: t('shared.refusedNow'), value: t('shared.refusedWhat') }, { name: t('shared.goesOn'), value: t('shared.goesOnWhat') }]
}
