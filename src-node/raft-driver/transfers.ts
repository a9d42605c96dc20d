/**
 * A wish to move leadership, taken at any node: the leader begins (thesis 3.10), another node asks the leader, and whoever took the wish
 * watches who leads. One at a time; always answered.
 */

import type { Raft } from '../raft/raft.ts'
import type { NodeId } from '../raft/types.ts'
import type { DriverOptions } from './options.ts'
import type { PeerTransport, TransferOutcome, TransferRequest } from './ports.ts'

export interface Transfers {
  /** Refuses what cannot be, else waits for the next drain. */
  add(target: NodeId, nowMs: number, done: (outcome: TransferOutcome) => void): void
  /** In a drain: begins, or asks the leader to. */
  flush(): void
  /** Another node took the wish. A leader of another term, or one that hands over already, ignores it. */
  requested(request: TransferRequest): void
  /** After every drain, and at every tick: a full disk, which stops the drains, must not leave anybody without an answer. */
  watch(nowMs: number): void
  stop(): void
}

interface Wish {
  readonly target: NodeId
  readonly sinceMs: number
  readonly done: (outcome: TransferOutcome) => void
}

export interface TransferParts {
  readonly core: Raft
  readonly transport: PeerTransport
  readonly options: DriverOptions
}

export function createTransfers({ core, transport, options }: TransferParts): Transfers {
  const { view } = core
  let wish: Wish | null = null
  let begun = false
  const answer = (outcome: TransferOutcome) => {
    const answered = wish
    wish = null
    answered?.done(outcome)
  }

  return {
    add(target, nowMs, done) {
      const { leaderId, term } = view
      if (!core.membership().voters.includes(target)) done({ kind: 'refused', code: 'unknown_target' })
      else if (leaderId === target) done({ kind: 'done', term })
      else if (wish !== null || view.transfer !== null) done({ kind: 'refused', code: 'busy' })
      else if (leaderId === null) done({ kind: 'refused', code: 'no_quorum' })
      else {
        wish = { target, sinceMs: nowMs, done }
        begun = false
      }
    },
    flush() {
      if (wish === null || begun || view.leaderId === null) return
      begun = true
      if (view.role === 'leader') core.transferTo(wish.target)
      else transport.send(view.leaderId, [{ type: 'transfer-request', term: view.term, target: wish.target }])
    },
    requested({ term, target }) {
      if (view.role === 'leader' && view.term === term) core.transferTo(target)
    },
    watch(nowMs) {
      if (wish === null) return
      if (view.leaderId === wish.target) answer({ kind: 'done', term: view.term })
      else if (nowMs - wish.sinceMs >= options.transferWaitMs) answer({ kind: 'refused', code: 'not_taken_over' })
    },
    stop: () => answer({ kind: 'refused', code: 'no_quorum' }),
  }
}
