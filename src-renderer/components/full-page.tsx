/** One statement that fills a screen: failed, not found, empty, needs a code. Left-aligned, with its next steps below. */

import type { ReactNode } from 'react'
import classes from './full-page.module.css'

export interface FullPageProps {
  readonly title: string
  readonly body?: ReactNode
  readonly detail?: string
  readonly tone?: 'plain' | 'bad'
  readonly children?: ReactNode
}

export function FullPage({ title, body, detail, tone = 'plain', children }: FullPageProps) {
  return (
    <div className={classes.page}>
      <div className={classes.sheet} data-tone={tone}>
        <h1 className={classes.title}>{title}</h1>
        {body === undefined ? null : <div className={classes.body}>{body}</div>}
        {detail === undefined ? null : <pre className={classes.detail}>{detail}</pre>}
        {children === undefined ? null : <div className={classes.actions}>{children}</div>}
      </div>
    </div>
  )
}
