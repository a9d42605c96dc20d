/** The palette (Ctrl+K): every row of the action table that can be run now, grouped, with its key. */

import { Spotlight, type SpotlightActionGroupData, spotlight } from '@mantine/spotlight'
import { Search } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { KeyCaps } from '../components/key-caps.tsx'
import classes from './palette.module.css'
import { runAction, useAction, useRunnable } from './registry.ts'
import { type ActionGroup, actionTable } from './table.ts'

const groups = [
  ['screen', 'palette.groupScreen'],
  ['cluster', 'palette.groupCluster'],
  ['go', 'palette.groupGo'],
  ['window', 'palette.groupWindow'],
] as const satisfies readonly (readonly [ActionGroup, string])[]

export function Palette() {
  const { t } = useTranslation('frame')
  const runnable = useRunnable()
  useAction('palette', spotlight.toggle)
  const shown = (group: ActionGroup) =>
    actionTable
      .filter((row) => row.group === group && row.inPalette && runnable(row.id))
      .map((row) => ({
        id: row.id,
        label: t(`action.${row.id}`),
        rightSection: row.keys === null ? null : <KeyCaps keys={row.keys} />,
        // The palette gives the focus back first; what the action opens may then take it.
        onClick: () => void setTimeout(() => runAction(row.id)),
      }))
  const actions: SpotlightActionGroupData[] = groups
    .map(([group, title]) => ({ group: t(title), actions: shown(group) }))
    .filter((section) => section.actions.length > 0)
  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      nothingFound={t('palette.nothing')}
      highlightQuery
      scrollable
      maxHeight={380}
      size={560}
      radius="md"
      attributes={{ content: { 'aria-label': t('action.palette') } }}
      overlayProps={{ blur: 0 }}
      transitionProps={{ duration: 120 }}
      classNames={{
        content: classes.content ?? '',
        search: classes.search ?? '',
        action: classes.action ?? '',
        actionsList: classes.list ?? '',
        actionsGroup: classes.group ?? '',
        actionLabel: classes.label ?? '',
      }}
      searchProps={{
        placeholder: t('palette.placeholder'),
        'aria-label': t('palette.placeholder'),
        leftSection: <Search size={16} aria-hidden="true" />,
      }}
    />
  )
}
