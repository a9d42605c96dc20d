/** The filter of the list: always visible, words in the field, group and type as chips; all of it is one text, so it fits the address. */

import { ActionIcon, CloseButton, Menu, ScrollArea, TextInput, UnstyledButton } from '@mantine/core'
import { ChevronDown, History, Plus, Search, X } from 'lucide-react'
import { type KeyboardEvent, type Ref, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigSummary } from '../../../../src-main/contract/index.ts'
import { nodeName } from '../../../components/format.ts'
import { ActionTooltip } from '../../../components/key-caps.tsx'
import { configTypeOf, configTypes } from '../config-types.ts'
import classes from './filter-bar.module.css'
import { parseQuery, withChip } from './fuzzy.ts'

/** Groups offered in the menu; the field finds any. */
const maxGroupsOffered = 200

export interface FilterBarProps {
  readonly query: string
  readonly onQuery: (query: string) => void
  readonly configs: readonly ConfigSummary[]
  readonly node: number | null
  readonly nodes: readonly number[]
  /** There is a leader: it is read from unless a node is chosen. */
  readonly led: boolean
  readonly onNode: (node: number | null) => void
  readonly onNew: () => void
  readonly onSnapshots: () => void
  readonly onKeyDown: (event: KeyboardEvent) => void
  readonly inputRef: Ref<HTMLInputElement>
  readonly activeId: string | undefined
  readonly listId: string
}

export function FilterBar(props: FilterBarProps) {
  const { t } = useTranslation('configs')
  const frame = useTranslation('frame').t
  const { query, onQuery, configs } = props
  const { group, type } = parseQuery(query)
  const groups = useMemo(() => [...new Set(configs.map((config) => config.group))].sort().slice(0, maxGroupsOffered), [configs])
  const present = useMemo(() => new Set(configs.map((config) => config.type)), [configs])
  const types = configTypes.filter((name) => present.has(name) || name === type).map((name) => ({ value: name, label: t(`type.${name}`) }))
  return (
    <div className={classes.bar}>
      <div className={classes.line}>
        <TextInput
          ref={props.inputRef}
          className={classes.field ?? ''}
          role="combobox"
          aria-expanded="true"
          aria-controls={props.listId}
          aria-activedescendant={props.activeId}
          aria-autocomplete="list"
          aria-label={t('list.filter')}
          placeholder={t('list.filter')}
          value={query}
          onChange={(event) => onQuery(event.currentTarget.value)}
          onKeyDown={props.onKeyDown}
          leftSection={<Search size={14} aria-hidden="true" />}
          rightSection={query === '' ? null : <CloseButton size="xs" aria-label={t('list.clearFilter')} onClick={() => onQuery('')} />}
          spellCheck={false}
        />
        <ActionTooltip action="newConfig" label={frame('action.newConfig')}>
          <ActionIcon size={30} variant="default" aria-label={frame('action.newConfig')} onClick={props.onNew}>
            <Plus size={16} />
          </ActionIcon>
        </ActionTooltip>
        <ActionTooltip action="snapshots" label={frame('action.snapshots')}>
          <ActionIcon size={30} variant="default" aria-label={frame('action.snapshots')} onClick={props.onSnapshots}>
            <History size={16} />
          </ActionIcon>
        </ActionTooltip>
      </div>
      <div className={classes.chips}>
        <Chip
          name={t('list.group')}
          value={group}
          label={group}
          options={groups.map((value) => ({ value, label: value }))}
          onPick={(value) => onQuery(withChip(query, { group: value }))}
        />
        <Chip
          name={t('list.type')}
          value={type}
          label={type === null ? null : t(`type.${type}`)}
          options={types}
          onPick={(value) => onQuery(withChip(query, { type: configTypeOf(value) }))}
        />
        <Chip
          name={t('list.node')}
          value={props.node === null ? null : String(props.node)}
          label={props.node === null ? null : t('list.fromNode', { node: nodeName(props.node) })}
          none={t(props.led ? 'list.fromLeader' : 'list.fromAny')}
          options={props.nodes.map((id) => ({ value: String(id), label: nodeName(id) }))}
          onPick={(value) => props.onNode(value === null ? null : Number(value))}
        />
      </div>
    </div>
  )
}

interface ChipProps {
  readonly name: string
  readonly value: string | null
  readonly label: string | null
  /** What stands for no choice; else the name alone. */
  readonly none?: string
  readonly options: readonly { readonly value: string; readonly label: string }[]
  readonly onPick: (value: string | null) => void
}

function Chip({ name, value, label, none, options, onPick }: ChipProps) {
  const { t } = useTranslation('configs')
  // One group or one format leaves nothing to choose.
  if (value === null && options.length < 2) return null
  return (
    <span className={classes.chip} data-on={value !== null}>
      <Menu position="bottom-start" width={200}>
        <Menu.Target>
          <UnstyledButton className={classes.chipButton} aria-label={`${name}: ${label ?? none ?? t('list.all')}`}>
            <span className={classes.chipText}>{label ?? none ?? name}</span>
            {value === null ? <ChevronDown size={12} aria-hidden="true" /> : null}
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <ScrollArea.Autosize mah={320} type="auto">
            <Menu.Label>{name}</Menu.Label>
            <Menu.Item data-on={value === null} className={classes.choice ?? ''} onClick={() => onPick(null)}>
              {none ?? t('list.all')}
            </Menu.Item>
            {options.map((option) => (
              <Menu.Item key={option.value} data-on={option.value === value} className={classes.choice ?? ''} onClick={() => onPick(option.value)}>
                {option.label}
              </Menu.Item>
            ))}
          </ScrollArea.Autosize>
        </Menu.Dropdown>
      </Menu>
      {value === null ? null : (
        <UnstyledButton className={classes.chipOff} aria-label={t('list.remove', { what: `${name} ${label ?? ''}` })} onClick={() => onPick(null)}>
          <X size={12} />
        </UnstyledButton>
      )}
    </span>
  )
}
