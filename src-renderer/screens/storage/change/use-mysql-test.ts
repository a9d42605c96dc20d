/** Runs one connection test at a time and keeps its picture; a new one, a change of mind or leaving the form ends the one before. */

import { useEffect, useRef, useState } from 'react'
import { useApi } from '../../../api/provider.tsx'
import { advanced, started, type TestState } from './test-state.ts'

export interface TestOrder {
  readonly url: string
  readonly password: string | null
  /** As the nodes name them. */
  readonly addresses: readonly string[]
}

export interface MysqlTestRun {
  readonly state: TestState
  /** What the state speaks of; null before the first. */
  readonly order: TestOrder | null
  readonly run: (order: TestOrder) => Promise<void>
  readonly stop: () => void
}

export function useMysqlTest(): MysqlTestRun {
  const { client } = useApi()
  const [state, setState] = useState<TestState>({ kind: 'idle' })
  const [order, setOrder] = useState<TestOrder | null>(null)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const run = async (next: TestOrder) => {
    running.current?.abort()
    const own = new AbortController()
    running.current = own
    setOrder(next)
    setState(started(next.addresses))
    const set = (change: (before: TestState) => TestState) => {
      if (running.current === own) setState(change)
    }
    try {
      const { url, password } = next
      const updates = await client.storage.testMysql({ url, password }, { signal: own.signal })
      for await (const update of updates) set((before) => advanced(before, update))
    } catch {
      if (!own.signal.aborted) set(() => ({ kind: 'lost' }))
    }
  }
  const stop = () => {
    running.current?.abort()
    running.current = null
    setState({ kind: 'idle' })
  }
  return { state, order, run, stop }
}
