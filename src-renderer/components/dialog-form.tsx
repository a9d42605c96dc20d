/** A small form in a dialog: fields, what was refused, Cancel and one verb. Gives the focus back to where it came from. */

import { Button, Modal } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './dialog-form.module.css'
import { RefusalCallout } from './refusal-callout.tsx'
import type { Attempts } from './use-attempts.ts'

export interface DialogFormProps {
  readonly title: string
  readonly words?: ReactNode | undefined
  /** A verb with its object: "Create namespace". Null: there is nothing to be done but to close. */
  readonly action: string | null
  readonly danger?: boolean
  readonly disabled?: boolean
  readonly attempts: Pick<Attempts, 'busy' | 'refusal'>
  /** Of what was refused: "The namespace was not created". */
  readonly failed: string
  /** Instead of Cancel. */
  readonly cancel?: string | undefined
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children?: ReactNode
}

export function DialogForm(props: DialogFormProps) {
  const { title, words, action, danger = false, disabled = false, attempts, failed, onSubmit, onClose, children } = props
  const { t } = useTranslation('frame')
  const [cameFrom] = useState(() => document.activeElement)
  useEffect(
    () => () => {
      if (cameFrom instanceof HTMLElement) cameFrom.focus()
    },
    [cameFrom],
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!disabled && !attempts.busy && action !== null) onSubmit()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={460}
      classNames={{ content: classes.content ?? '', title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': t('sheet.close') }}
    >
      <form className={classes.form} onSubmit={submit} noValidate>
        {words === undefined ? null : <p className={classes.words}>{words}</p>}
        {children}
        {attempts.refusal === null ? null : <RefusalCallout title={failed} refusal={attempts.refusal} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {props.cancel ?? t('confirm.cancel')}
          </Button>
          {action === null ? null : (
            <Button type="submit" loading={attempts.busy} disabled={disabled} className={danger ? (classes.danger ?? '') : ''}>
              {action}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  )
}
