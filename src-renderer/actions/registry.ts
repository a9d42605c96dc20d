/** Which actions can be run now, and how. The frame and the screen that is shown offer handlers; the newest offer wins. */

import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { ActionId } from './table.ts'

type Handler = () => void

let offers: readonly { id: ActionId; handler: Handler }[] = []
const watchers = new Set<() => void>()

function setOffers(next: typeof offers): void {
  offers = next
  for (const watcher of watchers) watcher()
}

const handlerOf = (id: ActionId): Handler | undefined => offers.findLast((offer) => offer.id === id)?.handler

/** Runs an action if somebody offers it; false if not. */
export function runAction(id: ActionId): boolean {
  const handler = handlerOf(id)
  handler?.()
  return handler !== undefined
}

/** True while the action can be run. */
export const canRun = (id: ActionId): boolean => handlerOf(id) !== undefined

/** Offers an action while the component is mounted; null withdraws it (the action is then absent from palette and sheet). */
export function useAction(id: ActionId, handler: Handler | null): void {
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  const offered = handler !== null
  useEffect(() => {
    if (!offered) return
    const offer = { id, handler: () => latest.current?.() }
    setOffers([...offers, offer])
    return () => setOffers(offers.filter((other) => other !== offer))
  }, [id, offered])
}

/** Re-renders when offers change; returns the test of what can be run. */
export function useRunnable(): (id: ActionId) => boolean {
  useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => offers,
  )
  return canRun
}
