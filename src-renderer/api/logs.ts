/** Hook of the merged log. */

import { useState, useSyncExternalStore } from 'react'
import type { LogSnapshot } from './log-store.ts'
import { useApi } from './provider.tsx'

export interface LogLines extends LogSnapshot {
  /** Lines that came since `paused` became true. */
  readonly pending: number
}

/** Up to 50,000 lines. While `paused`, `lines` stands still (the same array) and `pending` counts what waits; the stream goes on. */
export function useLogLines(options: { readonly paused: boolean }): LogLines {
  const { logs } = useApi()
  const live = useSyncExternalStore(logs.subscribe, logs.snapshot)
  const [held, setHeld] = useState<LogSnapshot | null>(null)
  if (options.paused && held === null) setHeld(live)
  if (!options.paused && held !== null) setHeld(null)
  const shown = options.paused && held ? held : live
  return { ...shown, pending: Math.max(0, live.received - shown.received) }
}
