/** Makes the first administrator, once, and shows the password that only this moment knows. */

import { Button, Modal, PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CopyButton } from '../../components/copy-value.tsx'
import dialog from '../../components/dialog-form.module.css'
import { DialogForm } from '../../components/dialog-form.tsx'
import { Facts } from '../../components/section.tsx'
import { useAttempts } from '../../components/use-attempts.ts'
import { administratorName } from './account-rules.ts'
import classes from './security-screen.module.css'

export interface AdministratorFormProps {
  /** Rejects with a refusal. */
  readonly onMake: (password: string | null) => Promise<{ readonly name: string; readonly password: string }>
  /** Null: it is on already. */
  readonly onTurnOn: (() => void) | null
  readonly onClose: () => void
}

export function AdministratorForm({ onMake, onTurnOn, onClose }: AdministratorFormProps) {
  const { t } = useTranslation('security')
  const [password, setPassword] = useState('')
  const [made, setMade] = useState<{ readonly name: string; readonly password: string } | null>(null)
  const attempts = useAttempts()
  if (made !== null) return <Made made={made} onTurnOn={onTurnOn} onClose={onClose} />
  return (
    <DialogForm
      title={t('administrator.title')}
      words={t('administrator.words', { name: administratorName })}
      action={t('administrator.make')}
      failed={t('administrator.failed')}
      attempts={attempts}
      onSubmit={() => void attempts.attempt(async () => setMade(await onMake(password === '' ? null : password)))}
      onClose={onClose}
    >
      <PasswordInput
        data-autofocus
        size="xs"
        label={t('administrator.password')}
        description={t('administrator.passwordHint')}
        value={password}
        maxLength={128}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="new-password"
      />
    </DialogForm>
  )
}

function Password({ text }: { text: string }) {
  const { t } = useTranslation('security')
  return (
    <span className={classes.password}>
      <CopyButton value={text} what={t('administrator.password')} />
      <span className="mono">{text}</span>
    </span>
  )
}

interface MadeProps extends Pick<AdministratorFormProps, 'onTurnOn' | 'onClose'> {
  readonly made: { readonly name: string; readonly password: string }
}

/** Only its buttons close it: a press beside it must not lose the password. */
function Made({ made, onTurnOn, onClose }: MadeProps) {
  const { t } = useTranslation('security')
  const rows = [
    { name: t('administrator.name'), value: <span className="mono">{made.name}</span> },
    { name: t('administrator.password'), value: <Password text={made.password} /> },
  ]
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('administrator.madeTitle')}
      size={460}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      classNames={{ content: dialog.content ?? '', title: dialog.title ?? '' }}
    >
      <div className={dialog.form}>
        <p className={dialog.words}>{t('administrator.madeWords')}</p>
        <Facts rows={rows} />
        <div className={dialog.buttons}>
          <Button variant="default" data-autofocus onClick={onClose}>
            {t('administrator.done')}
          </Button>
          {onTurnOn === null ? null : (
            <Button
              onClick={() => {
                onClose()
                onTurnOn()
              }}
            >
              {t('turnOn')}
            </Button>
          )}
        </div>
      </div>
    </Modal>
  )
}
