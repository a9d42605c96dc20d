/** Orders from a dialog: one at a time, and what was refused stands there until the next one. */

import { useState } from 'react'
import type { Refusal } from '../../src-main/contract/index.ts'
import { refusalOf } from '../api/refusal.ts'

export interface Attempts {
  /** True: it was done. */
  readonly attempt: (act: () => Promise<unknown>) => Promise<boolean>
  readonly busy: boolean
  readonly refusal: Refusal | null
}

export function useAttempts(): Attempts {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal | null>(null)
  const attempt = async (act: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setRefusal(null)
    try {
      await act()
      return true
    } catch (error) {
      setRefusal(refusalOf(error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { attempt, busy, refusal }
}
