/** The form for a new configuration: its name, its group, its format. It publishes nothing: it opens the editor on a draft. */

import { Button, Modal, Select, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ConfigKeyInput, ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { configTypeOf, configTypes } from '../config-types.ts'
import { dataIdFault, defaultGroup, groupFault, type KeyFault } from './key-rules.ts'
import classes from './new-config.module.css'
import { typeOfName } from './type-of-name.ts'

export interface NewConfigProps {
  readonly namespace: string
  readonly initialDataId: string
  readonly initialGroup: string
  readonly exists: (key: ConfigKeyInput) => boolean
  readonly onOpen: (key: ConfigKeyInput) => void
  readonly onCreate: (key: ConfigKeyInput, type: ConfigTypeName) => void
  readonly onClose: () => void
}

export function NewConfig(props: NewConfigProps) {
  const { t } = useTranslation('configs')
  const [dataId, setDataId] = useState(props.initialDataId)
  const [group, setGroup] = useState(props.initialGroup || defaultGroup)
  const [chosen, setChosen] = useState<ConfigTypeName | null>(null)
  const [tried, setTried] = useState(false)
  const [cameFrom] = useState(() => document.activeElement)
  const close = () => {
    props.onClose()
    if (cameFrom instanceof HTMLElement) cameFrom.focus()
  }
  const key = { namespace: props.namespace, group, dataId }
  const faults = { dataId: dataIdFault(dataId), group: groupFault(group) }
  const taken = faults.dataId === null && faults.group === null && props.exists(key)
  const type = chosen ?? typeOfName(dataId) ?? 'text'
  /** An empty field is no fault before somebody pressed the button. */
  const words = (fault: KeyFault | null) => {
    if (fault === null || (fault.kind === 'empty' && !tried)) return null
    if (fault.kind === 'too-long') return t('create.fault.too-long', { max: String(fault.max) })
    return fault.kind === 'empty' ? t('create.fault.empty') : t('create.fault.bad-character', { character: fault.character })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (faults.dataId !== null || faults.group !== null) return
    if (taken) props.onOpen(key)
    else props.onCreate(key, type)
  }
  return (
    <Modal
      opened
      onClose={close}
      title={t('create.title')}
      size={440}
      classNames={{ content: classes.content ?? '', title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('create.cancel') }}
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        <TextInput
          data-autofocus
          label={t('create.dataId')}
          description={t('create.dataIdHint')}
          value={dataId}
          error={words(faults.dataId) ?? (taken ? t('create.exists') : null)}
          onChange={(event) => setDataId(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
        <TextInput
          label={t('create.group')}
          description={t('create.groupHint')}
          value={group}
          error={words(faults.group)}
          onChange={(event) => setGroup(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
        <Select
          label={t('create.type')}
          description={t('create.typeHint')}
          data={configTypes.map((value) => ({ value, label: t(`type.${value}`) }))}
          value={type}
          allowDeselect={false}
          onChange={(value) => setChosen(configTypeOf(value))}
        />
        <p className={classes.next}>{t('create.next')}</p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {t('create.cancel')}
          </Button>
          <Button type="submit">{taken ? t('create.openIt') : t('create.go')}</Button>
        </div>
      </form>
    </Modal>
  )
}
