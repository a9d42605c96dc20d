/**
 * Writes that other nodes sent here because this one leads: kept until the loop lets them in, then appended, or sent back if they were certainly not.
 * Taken only in exactly the term that the sender means: this is what lets it know later that a write is lost.
 */

import type { RaftView } from '../raft/raft.ts'
import type { NodeId } from '../raft/types.ts'
import { counterOf, isEnvelope, lifeOf, payloadOf } from './envelope.ts'
import type { ForwardFrame, ForwardRefusal, PeerTransport } from './ports.ts'

export interface ForwardedWrites {
  add(from: NodeId, frame: ForwardFrame): void
  /** Writes, not frames. */
  waiting(): number
  /** Whether this node leads, or still does, is looked at now. */
  letIn(): void
  /** Of a frame that nothing was taken of. */
  sendBack(to: NodeId, frame: ForwardFrame, reason: ForwardRefusal['reason']): void
}

export interface ForwardedWritesParts {
  readonly view: RaftView
  readonly transport: PeerTransport
  /** Entries that the leader may append just now. */
  room(): number
  /** Appends them all. */
  append(proposals: readonly Uint8Array[]): void
  /** See `StoreWatch`. */
  storeRefuses(payload: Uint8Array): boolean
  stateFull(): boolean
}

export const createForwardedWrites = (parts: ForwardedWritesParts): ForwardedWrites => {
  const { view, transport } = parts
  let frames: { readonly from: NodeId; readonly frame: ForwardFrame }[] = []
  let count = 0

  const sendBack = (to: NodeId, proposals: readonly Uint8Array[], reason: ForwardRefusal['reason']) => {
    const [first] = proposals
    if (first !== undefined) transport.send(to, [{ type: 'forward-refused', life: lifeOf(first), counters: proposals.map(counterOf), reason }])
  }

  const take = (from: NodeId, frame: ForwardFrame) => {
    const all = frame.proposals.filter(isEnvelope)
    const withoutStore = all.filter((proposal) => parts.storeRefuses(payloadOf(proposal)))
    sendBack(from, withoutStore, 'storage_unavailable')
    const proposals = withoutStore.length === 0 ? all : all.filter((proposal) => !withoutStore.includes(proposal))
    const leads = view.role === 'leader' && view.term === frame.term && view.transfer === null
    if (!leads) {
      sendBack(from, proposals, parts.stateFull() ? 'disk_full' : 'not_leader')
      return
    }
    const room = Math.max(0, parts.room())
    parts.append(proposals.slice(0, room))
    sendBack(from, proposals.slice(room), 'overloaded')
  }

  return {
    add(from, frame) {
      frames.push({ from, frame })
      count += frame.proposals.length
    },
    waiting: () => count,
    letIn() {
      const all = frames
      frames = []
      count = 0
      for (const { from, frame } of all) take(from, frame)
    },
    sendBack: (to, frame, reason) => sendBack(to, frame.proposals.filter(isEnvelope), reason),
  }
}
