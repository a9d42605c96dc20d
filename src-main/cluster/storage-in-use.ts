/**
 * Which storage the nodes start with, and the way to another one while the cluster runs: all stop, all start. Owns the word of it in this
 * process; whether it is kept beyond is not its business.
 */

import { exitCodes, type MysqlStart } from '../../src-node/observe/channel.ts'
import { identityHeaders } from './own-identity.ts'
import type { StoreProgress } from './storage-move.ts'
import type { NodePlace } from './types.ts'

export interface StorageInUse {
  /** Undefined: SQLite. For the workers' channel: it holds a password. */
  readonly current: () => MysqlStart | undefined
  /** Resolves when a quorum serves with it; false: not within `backMs`. */
  readonly use: (mysql: MysqlStart | undefined) => Promise<boolean>
  /** What it uses is kept now. */
  readonly settled: () => void
  /** A node has ended with this code. */
  readonly ended: (exit: { readonly code: number | null; readonly reason: string }) => void
  /** Its words, since the last `use`. */
  readonly refusedBy: () => string | null
}

export interface StorageInUseParts {
  /** What a start without a move goes by. */
  readonly kept: () => MysqlStart | undefined
  readonly stop: () => Promise<void>
  readonly start: () => void
  /** Resolves null when the cluster is stopped meanwhile. */
  readonly ready: (quorumAfterMs: number) => Promise<unknown>
}

const quorumAfterMs = 5_000
const backMs = 60_000

export const createStorageInUse = ({ kept, stop, start, ready }: StorageInUseParts): StorageInUse => {
  /** A move's own; null: it is as kept. */
  let moved: { readonly mysql: MysqlStart | undefined } | null = null
  let refusal: string | null = null
  return {
    current: () => (moved === null ? kept() : moved.mysql),
    use: async (mysql) => {
      await stop()
      // Back to what is kept, or kept now: whatever is chosen later counts.
      moved = mysql === kept() ? null : { mysql }
      refusal = null
      start()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), backMs)
      })
      try {
        return (await Promise.race([ready(quorumAfterMs), late])) !== null
      } finally {
        clearTimeout(timer)
      }
    },
    settled: () => {
      moved = null
    },
    ended: ({ code, reason }) => {
      if (code === exitCodes.storeRefused) refusal ??= reason
    },
    refusedBy: () => refusal,
  }
}

const stateLimitMs = 2_000

interface ShownState {
  readonly state: string
  readonly appliedIndex: number
  readonly storage: { readonly kind: string; readonly storeAppliedIndex?: number; readonly available?: boolean; readonly trouble?: string | null }
}

const stateOf = async ({ host, httpPort }: Pick<NodePlace, 'host' | 'httpPort'>): Promise<ShownState | null> => {
  try {
    const answer = await fetch(`http://${host}:${httpPort}/nacos/v1/ns/raft/state`, {
      headers: identityHeaders({ host, httpPort }),
      signal: AbortSignal.timeout(stateLimitMs),
    })
    return answer.ok ? ((await answer.json()) as ShownState) : null
  } catch {
    return null
  }
}

/** As the leader has it; null: nobody leads, or it does not answer. */
export const storeProgressAt = async (places: readonly Pick<NodePlace, 'host' | 'httpPort'>[]): Promise<StoreProgress | null> => {
  const states = await Promise.all(places.map(stateOf))
  const leader = states.find((state) => state?.state === 'LEADER' && state.storage.kind === 'mysql')
  if (leader === null || leader === undefined) return null
  const { storeAppliedIndex = 0, available = false, trouble = null } = leader.storage
  return { available, storedIndex: storeAppliedIndex, appliedIndex: leader.appliedIndex, trouble }
}
