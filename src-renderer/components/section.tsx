/** A titled part of a screen, and its rows of facts. */

import type { ReactNode } from 'react'
import { useId } from 'react'
import classes from './section.module.css'

export function Section({ title, lead, action, children }: { title: string; lead?: string; action?: ReactNode; children?: ReactNode }) {
  const id = useId()
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <div className={classes.headWords}>
          <h2 className={classes.title} id={id}>
            {title}
          </h2>
          {lead === undefined ? null : <p className={classes.lead}>{lead}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  )
}

export interface FactRow {
  readonly name: string
  readonly value: ReactNode
  readonly tone?: 'bad' | 'warn'
}

export function Facts({ rows }: { rows: readonly FactRow[] }) {
  return (
    <dl className={classes.facts}>
      {rows.map(({ name, value, tone }) => (
        <div key={name} className={classes.fact}>
          <dt>{name}</dt>
          <dd data-tone={tone}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
