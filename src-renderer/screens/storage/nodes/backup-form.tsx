/** Where a copy of a node's state is to go. */

import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { nodeName } from '../../../components/format.ts'
import classes from '../change/storage-form.module.css'

export interface BackupFormProps {
  readonly id: number
  readonly initial: string
  readonly onBackup: (folder: string) => void
  readonly onClose: () => void
}

/** `/var/x`, `C:\x` or `\\server\x`. */
const isAbsolute = (path: string): boolean => /^(\/|[a-z]:[\\/]|\\\\)/i.test(path)

export function BackupForm({ id, initial, onBackup, onClose }: BackupFormProps) {
  const { t } = useTranslation('storage')
  const frame = useTranslation('frame').t
  const [folder, setFolder] = useState(initial)
  const [tried, setTried] = useState(false)
  const bad = !isAbsolute(folder.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!bad) onBackup(folder.trim())
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('backupForm.title', { node: nodeName(id) })}
      size={480}
      withCloseButton={false}
      classNames={{ title: classes.title ?? '' }}
    >
      <form className={classes.fields} onSubmit={submit} noValidate>
        <p className={classes.text}>{t('backupForm.body')}</p>
        <TextInput
          data-autofocus
          label={t('backupForm.folder')}
          description={t('backupForm.hint')}
          value={folder}
          error={tried && bad ? t('backupForm.relative') : null}
          onChange={(event) => setFolder(event.currentTarget.value)}
          spellCheck={false}
          autoComplete="off"
        />
        <div className={classes.buttons}>
          <span className={classes.gap} />
          <Button variant="default" onClick={onClose}>
            {frame('confirm.cancel')}
          </Button>
          <Button type="submit">{t('backupForm.action')}</Button>
        </div>
      </form>
    </Modal>
  )
}
