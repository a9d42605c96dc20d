/** Keys as caps, and a tooltip that ends in them. */

import { Tooltip } from '@mantine/core'
import type { ReactElement } from 'react'
import { type ActionId, actionTable, keyCaps, onMac } from '../actions/table.ts'
import classes from './key-caps.module.css'

export function KeyCaps({ keys }: { keys: string }) {
  return (
    <span className={classes.caps}>
      {keyCaps(keys, onMac).map((press) => (
        <span key={press.join('+')} className={classes.press}>
          {press.map((cap) => (
            <kbd key={cap} className={classes.cap}>
              {cap}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  )
}

/** A tooltip that shows the key of an action behind its words. */
export function ActionTooltip({ action, label, children }: { action: ActionId; label: string; children: ReactElement<Record<string, unknown>> }) {
  const keys = actionTable.find((row) => row.id === action)?.keys ?? null
  const body = (
    <span className={classes.tip}>
      {label}
      {keys === null ? null : <KeyCaps keys={keys} />}
    </span>
  )
  return <Tooltip label={body}>{children}</Tooltip>
}
