/** Binds the keys of the action table to the window. A key whose action nobody offers is left to the browser. */

import { tinykeys } from 'tinykeys'
import { canRun, runAction } from './registry.ts'
import { actionTable } from './table.ts'

function typing(event: KeyboardEvent): boolean {
  const target = event.target
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]), textarea, select, [role=textbox]')
}

/** Single letters and sequences rest while a dialog or a menu is open: those have keys of their own. */
const floating = (): boolean => document.querySelector('[role=dialog][aria-modal=true], [role=menu]') !== null

/** Starts listening; the returned function stops it. */
export function bindKeys(target: Window = window): () => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {}
  for (const { id, keys, inFields } of actionTable) {
    if (keys === null) continue
    const before = bindings[keys]
    bindings[keys] = (event) => {
      before?.(event)
      if (event.defaultPrevented || !canRun(id)) return
      if (!inFields && (typing(event) || floating())) return
      event.preventDefault()
      runAction(id)
    }
  }
  return tinykeys(target, bindings, { ignore: (event) => event.isComposing })
}
