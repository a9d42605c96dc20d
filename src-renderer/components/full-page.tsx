/** One statement that fills a screen: failed, not found, empty, needs a code. Left-aligned, with its next steps below. */

import type { ReactNode } from 'react'
import classes from './full-page.module.css'

export interface FullPageProps {
  readonly title: string
  readonly body?: ReactNode
  readonly detail?: string
  /** Stands above the title, e.g. the logo where there is no frame. */
  readonly mark?: ReactNode
  readonly tone?: 'plain' | 'bad'
  readonly children?: ReactNode
}

export function FullPage({ title, body, detail, mark, tone = 'plain', children }: FullPageProps) {
  return (
    <div className={classes.page}>
      <div className={classes.sheet} data-tone={tone}>
        {mark === undefined ? null : <div className={classes.mark}>{mark}</div>}
        <h1 className={classes.title}>{title}</h1>
        {body === undefined ? null : <div className={classes.body}>{body}</div>}
        {detail === undefined ? null : <pre className={classes.detail}>{detail}</pre>}
        {children === undefined ? null : <div className={classes.actions}>{children}</div>}
      </div>
    </div>
  )
}
