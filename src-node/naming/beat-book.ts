/**
 * When each instance that lives by beats was last heard of: kept by the leader alone, in memory, by its monotonic clock. Whoever was never heard of, or has
 * registered since, counts as heard of now, and after `forgetAll` everybody does: a new leader, a machine that slept and a cluster that starts take no
 * silence for death.
 */

import type { InstanceRow, ServiceState } from '../state-machine/areas/naming-words.ts'

export interface BeatBook {
  heard(state: ServiceState, address: string, row: InstanceRow): void
  /** ms; begins to count with the first question. */
  silentMs(state: ServiceState, address: string, row: InstanceRow): number
  /** Instances that are there no more are forgotten. */
  prune(state: ServiceState): void
  forgetAll(): void
}

interface Line {
  /** Of the registration that was heard of. */
  readonly index: number
  readonly atMs: number
}

export const createBeatBook = (monotonicMs: () => number): BeatBook => {
  let lines = new WeakMap<ServiceState, Map<string, Line>>()

  const heard: BeatBook['heard'] = (state, address, { index }) => {
    const line: Line = { index, atMs: monotonicMs() }
    const known = lines.get(state)
    if (known === undefined) lines.set(state, new Map([[address, line]]))
    else known.set(address, line)
  }

  return {
    heard,
    silentMs: (state, address, row) => {
      const line = lines.get(state)?.get(address)
      if (line?.index === row.index) return monotonicMs() - line.atMs
      heard(state, address, row)
      return 0
    },
    prune: (state) => {
      const known = lines.get(state)
      if (known === undefined || known.size <= state.instances.size) return
      for (const address of known.keys()) if (!state.instances.has(address)) known.delete(address)
    },
    forgetAll: () => {
      lines = new WeakMap()
    },
  }
}
