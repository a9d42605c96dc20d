/** A matter that people should see where it belongs: what it is, what to do, and small below it the words of whoever reported it. */

import { CloseButton } from '@mantine/core'
import { CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './callout.module.css'

const icons = { bad: CircleAlert, warn: TriangleAlert, ok: CircleCheck, busy: LoaderCircle } as const

export interface CalloutProps {
  readonly tone: keyof typeof icons
  readonly title: ReactNode
  /** Untranslated: codes, and words of others. */
  readonly detail?: string | undefined
  readonly actions?: ReactNode
  /** The words of the button that takes it away; absent: it stays as long as it is true. */
  readonly dismiss?: { readonly label: string; readonly act: () => void } | undefined
  readonly children?: ReactNode
}

export function Callout({ tone, title, detail, actions, dismiss, children }: CalloutProps) {
  const Icon = icons[tone]
  return (
    <div className={classes.callout} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={16} className={classes.icon} aria-hidden="true" />
      <div className={classes.body}>
        <div className={classes.title}>{title}</div>
        {children === undefined ? null : <div>{children}</div>}
        {detail === undefined || detail === '' ? null : <div className={classes.detail}>{detail}</div>}
        {actions === undefined ? null : <div className={classes.actions}>{actions}</div>}
      </div>
      {dismiss === undefined ? null : <CloseButton size="sm" aria-label={dismiss.label} onClick={dismiss.act} />}
    </div>
  )
}
