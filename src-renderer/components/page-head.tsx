/** The head of a screen: one true sentence, a second line, and the next steps at the right. */

import type { ReactNode } from 'react'
import classes from './page-head.module.css'

export function PageHead({ title, line, children }: { title: ReactNode; line?: ReactNode; children?: ReactNode }) {
  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <h1 className={classes.title}>{title}</h1>
        {line === undefined ? null : <p className={classes.line}>{line}</p>}
      </div>
      {children === undefined ? null : <div className={classes.actions}>{children}</div>}
    </div>
  )
}
