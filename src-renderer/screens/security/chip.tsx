/** A role of a user, or a permission of a role, that can be taken away. */

import { UnstyledButton } from '@mantine/core'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './chip.module.css'

export interface ChipProps {
  /** What the cross does, for who cannot see it beside its chip. */
  readonly label: string
  /** Null: it stays. */
  readonly onDrop: (() => void) | null
  readonly children: ReactNode
}

export function Chip({ label, onDrop, children }: ChipProps) {
  return (
    <span className={classes.chip}>
      <span className={classes.words}>{children}</span>
      {onDrop === null ? null : (
        <UnstyledButton className={classes.drop} aria-label={label} title={label} onClick={onDrop}>
          <X size={12} aria-hidden="true" />
        </UnstyledButton>
      )}
    </span>
  )
}
