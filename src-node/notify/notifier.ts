/**
 * The leader's side: collects what changes, and after a short pause tells every follower, once for all of it. Owns the collecting; each
 * follower's notices are its own (follower-notices.ts). Costs a leader without followers, and every follower, one comparison a batch.
 * It must never stand between a write and its answer, and knows of its followers only while its node leads.
 */

import type { ConfigChanged } from '../state-machine/types.ts'
import { createChangedKeys } from './changed-keys.ts'
import {
  createFollowerNotices,
  type Follower,
  type FollowerNotices,
  type FollowerNoticesParts,
  type FollowerView,
  type SentCounters,
} from './follower-notices.ts'

export interface NotifierParts extends Omit<FollowerNoticesParts, 'counters'> {
  /** Whom to tell from now on: nobody, unless this node leads. */
  followers(): readonly Follower[]
  /** Every write up to here has its answer: applied and, where storage is shared, stored there too. A follower may look from then on. */
  answeredIndex(): number
}

export interface NotifierView {
  readonly sent: Readonly<SentCounters>
  readonly followers: readonly FollowerView[]
}

export interface Notifier {
  /** One applied batch, after its writers have their answers. */
  changed(changes: readonly ConfigChanged[]): void
  /** Who leads, or who belongs to the cluster, or where, may be different now. */
  refresh(): void
  /** A connection to that node was just made. */
  seenAlive(id: number): void
  view(): NotifierView
  close(): void
}

export const createNotifier = (parts: NotifierParts): Notifier => {
  const { options, clock } = parts
  const counters: SentCounters = { notices: 0, keys: 0, everything: 0, failures: 0, retries: 0 }
  const followers = new Map<number, FollowerNotices>()
  /** What comes now. */
  let open = createChangedKeys(options.keysMax)
  /** What came before the last pause, and is told as a whole once all of it is answered: new changes cannot hold it back. */
  let closed = createChangedKeys(options.keysMax)
  let timer: { cancel(): void } | null = null
  let ended = false

  const arm = (): void => {
    timer ??= clock.after(options.pauseMs, turn)
  }

  const turn = (): void => {
    timer = null
    if (closed.isEmpty()) [open, closed] = [closed, open]
    if (closed.index() <= parts.answeredIndex()) {
      while (!closed.isEmpty()) {
        const notice = closed.take()
        for (const follower of followers.values()) follower.tell(notice)
      }
    }
    if (!open.isEmpty() || !closed.isEmpty()) arm()
  }

  const forget = (): void => {
    open.clear()
    closed.clear()
    timer?.cancel()
    timer = null
  }

  const refresh = (): void => {
    if (ended) return
    const wanted = new Map(parts.followers().map((follower) => [follower.id, follower]))
    for (const [id, follower] of followers) {
      const to = wanted.get(id)
      if (to === undefined) {
        follower.stop()
        followers.delete(id)
      } else follower.moved(to)
    }
    for (const [id, follower] of wanted) if (!followers.has(id)) followers.set(id, createFollowerNotices(follower, { ...parts, counters }))
    if (followers.size === 0) forget()
  }

  return {
    changed: (changes) => {
      if (followers.size === 0) return
      for (const change of changes) open.add(change)
      if (!open.isEmpty()) arm()
    },
    refresh,
    seenAlive: (id) => followers.get(id)?.seenAlive(),
    view: () => ({ sent: { ...counters }, followers: [...followers.values()].map((follower) => follower.view()) }),
    close: () => {
      ended = true
      for (const follower of followers.values()) follower.stop()
      followers.clear()
      forget()
    },
  }
}
