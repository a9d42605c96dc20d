/** Keys of an open dialog, wherever in it the focus stands. */

import { useEffect, useRef } from 'react'
import type { DiffHandle } from './diff-view.tsx'

/** `act` returns true for a key that it took. */
export function useDialogKeys(act: (event: KeyboardEvent) => boolean): void {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.isComposing || !latest.current(event)) return
      event.preventDefault()
      event.stopPropagation()
    }
    addEventListener('keydown', onKeyDown, { capture: true })
    return () => removeEventListener('keydown', onKeyDown, { capture: true })
  }, [])
}

/** Alt+Down and Alt+Up: the next and the previous change. */
export function stepBy(event: KeyboardEvent, diff: DiffHandle | null): boolean {
  if (!event.altKey || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return false
  if (event.key === 'ArrowDown') diff?.next()
  else diff?.previous()
  return true
}
