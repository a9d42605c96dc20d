/** What may be done to one node: the same rows for the card's button, its context menu and the table. */

import { Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Copy, DatabaseBackup, FolderOpen, Play, RotateCw, ScrollText, Skull, Snowflake, Square } from 'lucide-react'
import type { Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { NodeView } from '../../../src-main/contract/index.ts'
import { type ClusterCommands, freezeMs } from '../../actions/cluster-commands.tsx'
import { useCopy } from '../../components/copy-value.tsx'
import { nodeName } from '../../components/format.ts'
import { hostPort } from './host-port.ts'
import classes from './node-menu.module.css'

export interface OpenMenu {
  readonly node: NodeView
  /** In the window, CSS pixels. */
  readonly x: number
  readonly y: number
}

const icon = 14

interface NodeMenuProps {
  /** Kept while the menu fades away. */
  readonly open: OpenMenu | null
  readonly opened: boolean
  readonly close: () => void
  readonly commands: ClusterCommands
}

export function NodeMenu({ open, opened, close, commands }: NodeMenuProps) {
  const { t } = useTranslation('overview')
  return (
    <Menu
      opened={opened && open !== null}
      onChange={(next) => (next ? undefined : close())}
      position="bottom-start"
      offset={2}
      width={200}
      returnFocus
    >
      <Menu.Target>
        <Anchor x={open?.x ?? 0} y={open?.y ?? 0} name={open === null ? '' : t('menu.open', { node: nodeName(open.node.id) })} />
      </Menu.Target>
      <Menu.Dropdown>{open === null ? null : <Rows node={open.node} commands={commands} />}</Menu.Dropdown>
    </Menu>
  )
}

/** Where the menu hangs: a point, not a control, so it takes the menu's reference and name but none of its roles. */
function Anchor({ x, y, name, id, ref }: { x: number; y: number; name: string; id?: string; ref?: Ref<HTMLSpanElement> }) {
  return (
    <span ref={ref} id={id} className={classes.anchor} style={{ left: x, top: y }} aria-hidden="true">
      <span className="sr-only">{name}</span>
    </span>
  )
}

function Rows({ node, commands }: { node: NodeView; commands: ClusterCommands }) {
  const { t } = useTranslation('overview')
  const navigate = useNavigate()
  const copy = useCopy()
  const up = node.process === 'running' || node.process === 'starting'
  const down = node.process === 'stopped' || node.process === 'crashed' || node.process === 'waiting'
  const name = nodeName(node.id)
  return (
    <>
      <Menu.Item disabled={!down} leftSection={<Play size={icon} />} onClick={() => void commands.startNode(node)}>
        {t('menu.start')}
      </Menu.Item>
      <Menu.Item disabled={!up} leftSection={<Square size={icon} />} onClick={() => void commands.stopNode(node)}>
        {t('menu.stop')}
      </Menu.Item>
      <Menu.Item disabled={!up} leftSection={<RotateCw size={icon} />} onClick={() => void commands.restartNode(node)}>
        {t('menu.restart')}
      </Menu.Item>
      <Menu.Item leftSection={<DatabaseBackup size={icon} />} onClick={() => void commands.rebuildNode(node)}>
        {t('menu.rebuild')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Label>{t('menu.faults')}</Menu.Label>
      <Menu.Item disabled={!up} className={classes.danger ?? ''} leftSection={<Skull size={icon} />} onClick={() => void commands.kill(node)}>
        {t('menu.kill')}
      </Menu.Item>
      <Menu.Item disabled={node.process !== 'running'} leftSection={<Snowflake size={icon} />} onClick={() => void commands.freeze(node)}>
        {t('menu.freeze', { seconds: freezeMs / 1000 })}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<ScrollText size={icon} />} onClick={() => void navigate({ to: '/logs', search: { node: [node.id] } })}>
        {t('menu.logs')}
      </Menu.Item>
      <Menu.Item leftSection={<Copy size={icon} />} onClick={() => void copy(hostPort(node.http), t('httpAddress', { node: name }))}>
        {t('menu.copyHttp')}
      </Menu.Item>
      <Menu.Item leftSection={<FolderOpen size={icon} />} onClick={() => void copy(node.dir, t('menu.folder', { node: name }))}>
        {t('menu.copyDir')}
      </Menu.Item>
    </>
  )
}
