/** Where configurations are kept and how that fares: the sentence, the shared database or the nodes' own files, and the form that changes it. */

import { Button, Skeleton } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { ClusterView } from '../../../src-main/contract/index.ts'
import { useClusterView } from '../../api/cluster.ts'
import { CopyValue } from '../../components/copy-value.tsx'
import { formatClock, formatNumber, formatWhen } from '../../components/format.ts'
import { PageHead } from '../../components/page-head.tsx'
import { Facts, Section } from '../../components/section.tsx'
import { type StoreNow, storeOf } from '../../components/store-state.ts'
import { StorageDrawer } from './change/storage-drawer.tsx'
import { MoveDrawer } from './move/move-drawer.tsx'
import { CompareSection, MoveNote } from './move/move-note.tsx'
import { NodesPart } from './nodes/nodes-part.tsx'
import { RefusedRows } from './refused-rows.tsx'
import { SharedDatabase } from './shared-database.tsx'
import classes from './storage-screen.module.css'

export function StorageScreen() {
  const { t } = useTranslation('storage')
  const overview = useTranslation('overview').t
  const move = useTranslation('move').t
  const navigate = useNavigate()
  const { change: isOpen = false, move: isMoveOpen = false } = useSearch({ from: '/storage' })
  const { view, connection, ageMs } = useClusterView()
  const setOpen = (change: boolean) => void navigate({ to: '/storage', search: change ? { change } : {}, replace: !change })
  const setMoveOpen = (move: boolean) => void navigate({ to: '/storage', search: move ? { move } : {}, replace: !move })
  if (view === null) {
    return (
      <div className={classes.screen}>
        <PageHead title={t('head.reading')} line={'\u00a0'} />
        <Skeleton height={192} radius="md" />
      </div>
    )
  }
  const store = storeOf(view)
  const words = sentence(t, view, store)
  const live = connection.kind === 'open' && ageMs === 0
  const title = live ? words.title : overview('headOld', { time: formatClock(view.atMs), title: words.title })
  return (
    <div className={classes.screen}>
      <PageHead title={title} line={words.line}>
        <Button variant="default" disabled={connection.kind !== 'open' || view.health.kind === 'stopped'} onClick={() => setMoveOpen(true)}>
          {move('open')}
        </Button>
        <Button variant="default" disabled={connection.kind !== 'open'} onClick={() => setOpen(true)}>
          {t(store === null ? 'useMysql' : 'change')}
        </Button>
      </PageHead>
      <MoveNote onShow={() => setMoveOpen(true)} />
      {store === null ? <Local view={view} /> : <SharedDatabase {...{ view, store }} onChange={() => setOpen(true)} />}
      {store === null ? null : <RefusedRows store={store} />}
      {store?.state === 'available' ? <CompareSection /> : null}
      <NodesPart view={view} />
      {isOpen ? <StorageDrawer view={view} onClose={() => setOpen(false)} /> : null}
      {isMoveOpen ? <MoveDrawer view={view} onClose={() => setMoveOpen(false)} /> : null}
    </div>
  )
}

/** What is true now, and what follows. */
function sentence(t: TFunction<'storage'>, view: ClusterView, store: StoreNow | null): { readonly title: string; readonly line: string } {
  const kind = t(`kind.${view.storage.setting.kind}`)
  if (view.health.kind === 'stopped' && store?.state !== 'refused') return { title: t('head.stopped', { kind }), line: store?.place ?? '\u00a0' }
  if (store === null) return { title: t('head.sqlite'), line: t('head.sqliteLine') }
  const time = store.sinceMs === null ? '' : formatWhen(store.sinceMs, view.atMs)
  const { place } = store
  const refused = store.report?.refusedRows?.count ?? 0
  switch (store.state) {
    case 'away':
      return { title: t('head.away'), line: t('head.awayLine', { time }) }
    case 'filling':
      return { title: t('head.filling'), line: t('head.fillingLine', { time }) }
    case 'refused':
      return { title: t('head.refused'), line: t('head.refusedLine', { time }) }
    case 'available':
      return {
        title: refused === 0 ? t('head.mysql') : t('head.rows', { count: refused, shown: formatNumber(refused) }),
        line: t('head.mysqlLine', { place }),
      }
    case 'undecided':
    case 'unknown':
    case 'stopped':
      return { title: t('head.undecided'), line: t('head.undecidedLine', { place }) }
  }
}

function Local({ view }: { view: ClusterView }) {
  const { t } = useTranslation('storage')
  const frame = useTranslation('frame').t
  const { setting } = view.storage
  return (
    <Section title={t('local.title')}>
      <Facts
        rows={[
          { name: t('local.file'), value: t('local.fileValue') },
          { name: t('local.log'), value: t('local.logValue') },
          { name: t('local.folder'), value: <CopyValue value={view.dataDir} what={frame('cluster.dataDir')} /> },
          { name: t('shared.setting'), value: t(`shared.origin.${setting.origin}`, { file: 'storage.json' }) },
        ]}
      />
    </Section>
  )
}
