/** The one dialog before an effect that cannot be undone: it names the object and the effect; the focus stands on Cancel. */

import { modals } from '@mantine/modals'
import i18next from 'i18next'
import type { ReactNode } from 'react'
import classes from './confirm.module.css'

export interface ConfirmOptions {
  /** A question that names the object: "Kill node-2?" */
  readonly title: string
  /** What will happen, in sentences. */
  readonly effect: ReactNode
  /** A verb: "Kill node-2". */
  readonly action: string
  readonly danger?: boolean
}

/** Resolves true if the user went on, false on Cancel, Esc or a press beside the dialog. */
export function confirm({ title, effect, action, danger = false }: ConfirmOptions): Promise<boolean> {
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title,
      children: <div className={classes.effect}>{effect}</div>,
      labels: { confirm: action, cancel: i18next.t('confirm.cancel', { ns: 'frame' }) },
      size: 420,
      withCloseButton: false,
      classNames: { content: classes.content ?? '', header: classes.header ?? '', title: classes.title ?? '' },
      groupProps: { mt: 'lg', gap: 'xs' },
      cancelProps: { 'data-autofocus': true, variant: 'default' } as Record<string, unknown>,
      confirmProps: danger ? { className: classes.danger ?? '' } : {},
      onConfirm: () => resolve(true),
      onClose: () => resolve(false),
    })
  })
}
