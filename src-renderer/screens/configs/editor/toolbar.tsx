/** One row: what is open, in which format, and what can be done with it. Publish is the only filled button of the screen. */

import { ActionIcon, Button, Menu, Select, Tooltip } from '@mantine/core'
import { AlignLeft, Copy, Ellipsis, PanelRight, RotateCcw, Search, Trash2, WrapText, X } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput, ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { useCopy } from '../../../components/copy-value.tsx'
import { ActionTooltip } from '../../../components/key-caps.tsx'
import { configTypeOf, configTypes } from '../config-types.ts'
import classes from './toolbar.module.css'

export interface ToolbarProps {
  readonly configKey: ConfigKeyInput
  readonly type: ConfigTypeName
  readonly dirty: boolean
  readonly exists: boolean
  readonly wrap: boolean
  readonly canFormat: boolean
  readonly infoShown: boolean
  readonly onType: (type: ConfigTypeName) => void
  readonly onPublish: () => void
  readonly onFormat: () => void
  readonly onWrap: () => void
  readonly onSearch: () => void
  readonly onRevert: () => void
  readonly onDelete: () => void
  readonly onInfo: () => void
  readonly onClose: () => void
}

export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation('configs')
  const { configKey, dirty } = props
  const types = configTypes.map((value) => ({ value, label: t(`type.${value}`) }))
  return (
    <div className={classes.bar}>
      <div className={classes.title}>
        <h1 className={classes.name} title={configKey.dataId}>
          {configKey.dataId}
        </h1>
        <span className={classes.where}>
          <span className={classes.group} title={configKey.group}>
            {configKey.group}
          </span>
          {dirty ? <span className={classes.edited}>{props.exists ? t('bar.edited') : t('list.unpublished')}</span> : null}
        </span>
      </div>
      <Select
        className={classes.type ?? ''}
        aria-label={t('bar.type')}
        data={types}
        value={props.type}
        allowDeselect={false}
        comboboxProps={{ width: 132, position: 'bottom-end' }}
        onChange={(value) => {
          const known = configTypeOf(value)
          if (known !== null) props.onType(known)
        }}
      />
      <div className={classes.tools}>
        <Tool label={t('bar.format')} icon={AlignLeft} onClick={props.onFormat} disabled={!props.canFormat} />
        <Tool label={t('bar.wrap')} icon={WrapText} onClick={props.onWrap} pressed={props.wrap} />
        <Tool label={t('bar.search')} icon={Search} onClick={props.onSearch} />
        <MoreMenu {...props} />
        <Tool label={props.infoShown ? t('bar.hideInfo') : t('bar.showInfo')} icon={PanelRight} onClick={props.onInfo} pressed={props.infoShown} />
      </div>
      <ActionTooltip action="configsPublish" label={dirty ? t('bar.publishHint') : t('bar.nothingToPublish')}>
        <Button
          className={classes.publish ?? ''}
          data-quiet={!dirty}
          variant={dirty ? 'filled' : 'default'}
          aria-disabled={!dirty}
          onClick={() => dirty && props.onPublish()}
        >
          {t('bar.publish')}
        </Button>
      </ActionTooltip>
    </div>
  )
}

function MoreMenu({ configKey, dirty, exists, onRevert, onDelete, onClose }: ToolbarProps) {
  const { t } = useTranslation('configs')
  const copy = useCopy()
  return (
    <Menu position="bottom-end" width={184}>
      <Menu.Target>
        <ActionIcon size={28} variant="subtle" color="gray" className={classes.tool ?? ''} aria-label={t('bar.fold')}>
          <Ellipsis size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Copy size={14} />} onClick={() => void copy(configKey.dataId, t('list.dataId'))}>
          {t('bar.copyLink')}
        </Menu.Item>
        <Menu.Item leftSection={<RotateCcw size={14} />} disabled={!dirty || !exists} onClick={onRevert}>
          {t('bar.revert')}
        </Menu.Item>
        <Menu.Item leftSection={<X size={14} />} onClick={onClose}>
          {t('bar.close')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Trash2 size={14} />} className={classes.danger ?? ''} onClick={onDelete}>
          {exists ? t('bar.delete') : t('draft.discard')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

interface ToolProps {
  readonly label: string
  readonly icon: typeof Copy
  readonly onClick: () => void
  readonly pressed?: boolean
  readonly disabled?: boolean
}

function Tool({ label, icon: Icon, onClick, pressed, disabled = false }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={28}
        variant="subtle"
        color="gray"
        className={classes.tool ?? ''}
        aria-label={label}
        aria-pressed={pressed}
        data-on={pressed === true}
        disabled={disabled}
        onClick={onClick}
      >
        <Icon size={15} />
      </ActionIcon>
    </Tooltip>
  )
}
