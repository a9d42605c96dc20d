/**
 * Rows of history that others wrote to the shared database go by their age, as an official server takes them away; by the leader, in pieces. Rows of
 * ours never go this way, since the newest of a configuration and what a snapshot needs stay: those go with the command that every node carries out.
 */

import type { StoreSink } from '../storage/sink.ts'
import type { DriverClock } from './ports.ts'

export interface OthersHistoryParts {
  readonly sink: Pick<StoreSink, 'forgetOld'>
  /** Where this node, as leader, has written the database to; null: it does not lead, or does not have it. */
  stands(): { readonly term: number } | null
  /** Of the machine: a row of this number and above may be one that is not known here yet. */
  nextHistoryId(): number
  /** This node's store has a row of this number: it is ours. */
  hasHistory(nid: number): boolean
  readonly clock: Pick<DriverClock, 'after'>
  tell(level: 'info' | 'warn', words: string): void
}

/** The database has other things to do: at most 2,000 rows a second. */
const pauseMs = 100

/** One at a time; the caller says between any two pieces whether it may go on. Resolves when nothing is left to do, and never rejects for a database that is away. */
export type ForgetOthers = (beforeMs: number, mayGoOn: () => boolean) => Promise<void>

export const createOthersHistory = ({ sink, stands, nextHistoryId, hasHistory, clock, tell }: OthersHistoryParts): ForgetOthers => {
  let busy = false
  const pause = (): Promise<void> => new Promise((go) => void clock.after(pauseMs, go))
  return async (beforeMs, mayGoOn) => {
    const from = stands()
    if (busy || from === null) return
    busy = true
    const isStill = (): boolean => mayGoOn() && stands()?.term === from.term
    try {
      const outcome = await sink.forgetOld({
        ...{ beforeMs, belowNid: nextHistoryId(), term: from.term },
        choose: async (nids) => {
          await pause()
          return isStill() ? nids.filter((nid) => !hasHistory(nid)) : null
        },
      })
      if (outcome.kind === 'unavailable') tell('warn', `history of others in the shared database stays for now: ${outcome.trouble.detail}`)
      else if (outcome.removed > 0)
        tell('info', `${outcome.removed} rows of history that others wrote to the shared database are removed, by their age`)
    } finally {
      busy = false
    }
  }
}
