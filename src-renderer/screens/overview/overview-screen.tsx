/** The first screen: how the cluster fares in a sentence, a picture of its nodes, what it does a second, and its last five minutes. */

import { Button, SegmentedControl } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Table2, Waypoints } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterView, NodeView } from '../../../src-main/contract/index.ts'
import { type ClusterCommands, useClusterCommands } from '../../actions/cluster-commands.tsx'
import { runAction, useAction } from '../../actions/registry.ts'
import { useClusterView } from '../../api/cluster.ts'
import { formatClock, formatList, nodeName } from '../../components/format.ts'
import { headline } from '../../components/headline.ts'
import { PageHead } from '../../components/page-head.tsx'
import { refusesWrites, storeOf } from '../../components/store-state.ts'
import { currentLanguage } from '../../i18n/i18n.ts'
import { NodeMenu, type OpenMenu } from './node-menu.tsx'
import { NodeTable } from './node-table.tsx'
import classes from './overview-screen.module.css'
import { RateCards } from './rate-cards.tsx'
import { StoppedPanel } from './stopped-panel.tsx'
import { TimelineStrip } from './timeline-strip.tsx'
import { Topology } from './topology.tsx'

export function OverviewScreen() {
  const { t } = useTranslation('overview')
  const health = useTranslation('health').t
  const { view, events, connection, ageMs } = useClusterView()
  const commands = useClusterCommands()
  const words = view === null ? null : headline(view, health, currentLanguage())
  const live = connection.kind === 'open' && ageMs === 0
  // What was true when the last view came may no longer be: then the sentence says of when it speaks.
  const title =
    words === null || view === null ? t('headLoading') : live ? words.title : t('headOld', { time: formatClock(view.atMs), title: words.title })
  return (
    <div className={classes.screen}>
      <PageHead title={title} line={words?.line ?? '\u00a0'}>
        {view === null ? null : <NextSteps view={view} commands={commands} reachable={connection.kind === 'open'} />}
      </PageHead>
      <div className={classes.middle} data-old={!live && view !== null}>
        <Picture view={view} live={live} commands={commands} />
        <div className={classes.side}>
          <RateCards view={view} />
        </div>
      </div>
      {view === null ? <div className={classes.stripSpace} /> : <TimelineStrip view={view} events={events} live={live} />}
    </div>
  )
}

function Picture({ view, live, commands }: { view: ClusterView | null; live: boolean; commands: ClusterCommands }) {
  const { t } = useTranslation('overview')
  const navigate = useNavigate()
  const asTable = useSearch({ from: '/overview', select: (search) => search.table === true })
  const [menu, setMenu] = useState<OpenMenu | null>(null)
  const [menuOpened, setMenuOpened] = useState(false)
  const showTable = (table: boolean) => void navigate({ to: '/overview', search: table ? { table } : {}, replace: true })
  useAction('overviewTable', () => showTable(!asTable))
  const onMenu = (node: NodeView, at: { x: number; y: number }) => {
    setMenu({ node, ...at })
    setMenuOpened(true)
  }
  if (view?.health.kind === 'stopped') {
    return (
      <div className={classes.picture}>
        <StoppedPanel view={view} onStart={commands.startCluster} />
      </div>
    )
  }
  // The menu acts on the node as it is now, not as it was when the menu opened.
  const menuNode = view?.nodes.find((node) => node.id === menu?.node.id)
  return (
    <div className={classes.picture}>
      {asTable && view !== null ? (
        <NodeTable view={view} onMenu={onMenu} />
      ) : (
        <Topology
          {...{ view, live, onMenu }}
          onStart={(node) => void commands.startNode(node)}
          onRebuild={(node) => void commands.rebuildNode(node)}
        />
      )}
      <SegmentedControl
        className={classes.switch ?? ''}
        value={asTable ? 'table' : 'picture'}
        onChange={(value) => showTable(value === 'table')}
        aria-label={t('picture.label')}
        data={[
          { value: 'picture', label: <Choice label={t('picture.asPicture')} Icon={Waypoints} /> },
          { value: 'table', label: <Choice label={t('picture.asTable')} Icon={Table2} /> },
        ]}
      />
      <NodeMenu
        open={menu === null || menuNode === undefined ? null : { ...menu, node: menuNode }}
        opened={menuOpened}
        close={() => setMenuOpened(false)}
        commands={commands}
      />
    </div>
  )
}

function Choice({ label, Icon }: { label: string; Icon: typeof Table2 }) {
  return (
    <span className={classes.choice} title={label}>
      <Icon size={14} aria-hidden="true" />
      <span className="sr-only">{label}</span>
    </span>
  )
}

/** The buttons that make sense now, the most useful one filled; what acts on the cluster waits while the app is not reachable. */
function NextSteps({ view, commands, reachable }: { view: ClusterView; commands: ClusterCommands; reachable: boolean }) {
  const { t } = useTranslation('overview')
  const navigate = useNavigate()
  const kind = view.health.kind
  if (kind === 'stopped') return null
  const waitingForUs = view.nodes.filter((node) => node.process === 'stopped' || node.process === 'crashed')
  const leaderId = view.leaderId
  const writable = kind === 'all-serve' || kind === 'degraded'
  const store = storeOf(view)
  const away = refusesWrites(store) || store?.state === 'refused'
  return (
    <>
      {leaderId !== null && writable ? (
        <Button variant="default" className={classes.danger ?? ''} disabled={!reachable} onClick={() => void commands.kill({ id: leaderId })}>
          {t('buttons.killLeader')}
        </Button>
      ) : null}
      <Button variant="default" disabled={!reachable} onClick={() => void commands.stopCluster()}>
        {t('buttons.stop')}
      </Button>
      {waitingForUs.length > 0 && kind !== 'starting' ? (
        <Button
          variant={writable ? 'default' : 'filled'}
          disabled={!reachable}
          onClick={() => void Promise.all(waitingForUs.map(commands.startNode))}
        >
          {t('buttons.startNodes', {
            nodes: formatList(
              waitingForUs.map((node) => nodeName(node.id)),
              currentLanguage(),
            ),
          })}
        </Button>
      ) : null}
      {away ? (
        <Button onClick={() => void navigate({ to: '/storage' })}>{t('buttons.storage')}</Button>
      ) : writable ? (
        <Button onClick={() => runAction('newConfig')}>{t('buttons.newConfig')}</Button>
      ) : null}
    </>
  )
}
