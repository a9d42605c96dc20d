/**
 * What a node does that does not belong to the cluster, no more or not yet: it waits for nobody, since no leader will ever answer it.
 * Writes that a leader may have keep their rules (waiting-writes.ts). Only a committed configuration counts: another may be undone.
 */

import type { Raft } from '../raft/raft.ts'
import type { RaftEvent } from './ports.ts'
import type { WaitingReads } from './waiting-reads.ts'
import type { WaitingWrites } from './waiting-writes.ts'

export interface OwnMembership {
  start(): void
  /** Once a drain, before anything that waits is handed on. */
  look(): void
}

export interface OwnMembershipParts {
  readonly core: Pick<Raft, 'outsideBy'>
  readonly writes: Pick<WaitingWrites<unknown>, 'refuseQueued'>
  readonly reads: Pick<WaitingReads, 'refuse'>
  readonly onEvent: (event: RaftEvent) => void
}

export function createOwnMembership({ core, writes, reads, onEvent }: OwnMembershipParts): OwnMembership {
  let outside = false
  /** A newcomer, who goes by the founding configuration, has left nothing. */
  const tell = (index: ReturnType<Raft['outsideBy']>) => {
    if (index !== null && index > 0 && !outside) onEvent({ type: 'left', index })
    outside = index !== null
  }
  return {
    start: () => tell(core.outsideBy()),
    look() {
      const index = core.outsideBy()
      tell(index)
      if (index === null) return
      writes.refuseQueued('not_member')
      reads.refuse('not_member')
    },
  }
}
