/** The form of a namespace, for a new one and for one that is there. */

import { Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { NamespaceInput, NamespaceView } from '../../../src-main/contract/index.ts'
import { DialogForm } from '../../components/dialog-form.tsx'
import { useAttempts } from '../../components/use-attempts.ts'
import { type DescriptionFault, descriptionFault, type IdFault, idFault, type NameFault, nameFault } from './namespace-rules.ts'

export interface NamespaceFormProps {
  /** Null: a new one. */
  readonly present: NamespaceView | null
  readonly taken: ReadonlySet<string>
  /** Rejects with a refusal. */
  readonly onSave: (wanted: NamespaceInput) => Promise<void>
  readonly onClose: () => void
}

export function NamespaceForm({ present, taken, onSave, onClose }: NamespaceFormProps) {
  const { t } = useTranslation('namespaces')
  const [name, setName] = useState(present?.name ?? '')
  const [id, setId] = useState(present?.id ?? '')
  const [description, setDescription] = useState(present?.description ?? '')
  const [tried, setTried] = useState(false)
  const attempts = useAttempts()
  const isNew = present === null
  const faults = { name: nameFault(name), id: isNew ? idFault(id, taken) : null, description: descriptionFault(description) }
  /** An empty field is no fault before somebody pressed the button. */
  const words = (fault: NameFault | IdFault | DescriptionFault | null) =>
    fault === null || (fault.kind === 'name-empty' && !tried) ? null : t(`form.fault.${fault.kind}`, { max: fault.max })
  const submit = async () => {
    setTried(true)
    if (Object.values(faults).some((fault) => fault !== null)) return
    if (await attempts.attempt(() => onSave({ id: id.trim(), name: name.trim(), description: description.trim() }))) onClose()
  }
  return (
    <DialogForm
      title={isNew ? t('form.createTitle') : t('form.editTitle', { name: present.name })}
      action={t(isNew ? 'form.createDo' : 'form.editDo')}
      failed={t(isNew ? 'form.createFailed' : 'form.editFailed')}
      attempts={attempts}
      onSubmit={() => void submit()}
      onClose={onClose}
    >
      <TextInput
        data-autofocus
        label={t('form.name')}
        value={name}
        error={words(faults.name)}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
      />
      <TextInput
        label={t('form.id')}
        description={t(isNew ? 'form.idHint' : 'form.idFixed')}
        value={id}
        error={words(faults.id)}
        readOnly={!isNew}
        onChange={(event) => setId(event.currentTarget.value)}
        spellCheck={false}
        autoComplete="off"
      />
      <Textarea
        size="xs"
        rows={2}
        label={t('form.description')}
        value={description}
        error={words(faults.description)}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
    </DialogForm>
  )
}
