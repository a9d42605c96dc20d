/** Results of actions, bottom right: five at most, five seconds, paused under the pointer, with Undo where it is possible. */

import { Button, CloseButton } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { CircleAlert, CircleCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './toast.module.css'

export const toastLimit = 5
/** Under dialogs (200), whose buttons stand where toasts appear: an old piece of news must not cover Publish. */
export const toastLayer = 150
const shownMs = 5_000
/** Something that went wrong, or that can be undone, is worth a longer look. */
const shownLongMs = 9_000

export interface ToastOptions {
  readonly message: ReactNode
  /** A second, quieter line: the node's own words, the path. */
  readonly detail?: ReactNode
  /** What it speaks of: a newer result of the same topic takes the place of the older one, which may no longer be true. */
  readonly topic?: string
  /** What is said after Undo: names the object. */
  readonly undone?: string
  /** Takes the action back. A rejected promise shows "Undo failed". */
  readonly undo?: () => Promise<unknown> | unknown
}

/** One entry a topic; topics are few and written in the code. */
const newestOf = new Map<string, string>()

function show(kind: 'success' | 'error', { message, detail, topic, undone, undo }: ToastOptions): void {
  const id = crypto.randomUUID()
  if (topic !== undefined) {
    const older = newestOf.get(topic)
    if (older !== undefined) notifications.hide(older)
    newestOf.set(topic, id)
  }
  notifications.show({
    id,
    autoClose: kind === 'error' || undo !== undefined ? shownLongMs : shownMs,
    withCloseButton: false,
    classNames: { root: classes.root ?? '', body: classes.body ?? '' },
    'data-kind': kind,
    role: kind === 'error' ? 'alert' : 'status',
    message: <ToastBody kind={kind} message={message} detail={detail} undone={undone} undo={undo} close={() => notifications.hide(id)} />,
  })
}

/** Says how an action ended. */
export const toast = {
  success: (options: ToastOptions): void => show('success', options),
  error: (options: ToastOptions): void => show('error', options),
}

function ToastBody({
  kind,
  message,
  detail,
  undone,
  undo,
  close,
}: {
  kind: 'success' | 'error'
  message: ReactNode
  detail: ReactNode
  undone: string | undefined
  undo: ToastOptions['undo']
  close: () => void
}) {
  const { t } = useTranslation('frame')
  const Icon = kind === 'error' ? CircleAlert : CircleCheck
  const takeBack = async () => {
    close()
    try {
      await undo?.()
      toast.success({ message: undone ?? t('toast.undone') })
    } catch (error) {
      toast.error({ message: t('toast.undoFailed'), detail: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <div className={classes.line}>
      <Icon size={16} className={classes.icon} data-kind={kind} aria-hidden="true" />
      <div className={classes.text}>
        <div>{message}</div>
        {detail === undefined ? null : <div className={classes.detail}>{detail}</div>}
      </div>
      {undo === undefined ? null : (
        <Button size="compact-xs" variant="default" onClick={() => void takeBack()}>
          {t('toast.undo')}
        </Button>
      )}
      <CloseButton size="sm" aria-label={t('sheet.close')} onClick={close} />
    </div>
  )
}
