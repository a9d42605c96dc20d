/**
 * A wish to move leadership, taken at any node: the leader begins (thesis 3.10), another node asks the leader, and whoever took the wish
 * watches who leads. One at a time; always answered.
 */

import type { Raft } from '../raft/raft.ts'
import type { NodeId } from '../raft/types.ts'
import type { DriverOptions } from './options.ts'
import type { PeerTransport, TransferOutcome, TransferRequest } from './ports.ts'

export interface Transfers {
  /** In a drain: begins, or asks the leader to. */
  want(target: NodeId, nowMs: number, done: (outcome: TransferOutcome) => void): void
  /** Another node took the wish. A leader of another term, or one that hands over already, ignores it. */
  requested(request: TransferRequest): void
  /** Once a drain, and whenever time has passed. */
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
  const answer = (outcome: TransferOutcome) => {
    const answered = wish
    wish = null
    answered?.done(outcome)
  }

  return {
    want(target, nowMs, done) {
      const { leaderId, term } = view
      if (!core.membership().voters.includes(target)) done({ kind: 'refused', code: 'unknown_target' })
      else if (leaderId === target) done({ kind: 'done', term })
      else if (wish !== null || view.transfer !== null) done({ kind: 'refused', code: 'busy' })
      else if (leaderId === null) done({ kind: 'refused', code: 'no_quorum' })
      else {
        wish = { target, sinceMs: nowMs, done }
        if (view.role !== 'leader') transport.send(leaderId, [{ type: 'transfer-request', term, target }])
        else core.transferTo(target)
      }
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
