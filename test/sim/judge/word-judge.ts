/** What a node says (invariants 2, 10, 12 of reliability 3): every outgoing message against the sender's disk at that moment. */

import type { Append, AppendReply } from '../../../src-node/raft/types.ts'
import type { PeerFrame } from '../../../src-node/raft-driver/ports.ts'
import { chainAfter, platterChain, platterLast } from '../raft-disk.ts'
import type { Facts } from './facts.ts'

export interface WordJudge {
  onSend(node: number, frame: PeerFrame): void
}

export function createWordJudge(facts: Facts): WordJudge {
  const { world, ledgers, platterOf, fail } = facts
  /** 2, 12: what a leader of a term has sent so far, on top of the log that it won with, only grows. */
  const onAppend = ({ term, prevIndex, prevTerm, entries }: Append) => {
    const ledger = ledgers.get(term) ?? fail(`an append of term ${term}, which nobody leads`)
    let index: number = prevIndex
    if (index > ledger.length) fail(`2: the leader of term ${term} sends ${index + 1}, but never sent what comes before`)
    for (const entry of entries) {
      const chain = chainAfter(ledger[index - 1] ?? 0, entry)
      if (index < ledger.length && ledger[index] !== chain) fail(`2: the leader of term ${term} sends another entry ${entry.index} than before`)
      ledger[index++] = chain
    }
    if (entries.length > 0) world.mark('append/judged')
    const before = entries[0]
    if (before !== undefined && prevTerm > before.term) fail(`10: term falls at ${before.index} of an append`)
  }

  /** 12: an acknowledgement means the whole prefix: the sender's disk equals what the leader of that term sent, up to there. */
  const onAcknowledged = (node: number, { term, index }: AppendReply) => {
    const ledger = ledgers.get(term) ?? fail(`12: node ${node} acknowledges ${index} to a leader of term ${term}, which nobody is`)
    if (index > ledger.length) fail(`12: node ${node} acknowledges ${index}, the leader of term ${term} sent no more than ${ledger.length}`)
    if (index > 0 && platterChain(platterOf(node), index) !== ledger[index - 1])
      fail(`12: node ${node} acknowledges ${index} of term ${term}, its disk holds another history`)
    world.mark('append/acknowledged')
  }

  /** Thesis 3.10: leadership is offered to a node that holds everything; one that went on to another term may have cut it. */
  const onHandOver = (node: number, target: number, term: number) => {
    const last = platterLast(platterOf(node))
    if (platterOf(target).hardState.term > term) return
    if (platterChain(platterOf(target), last) !== platterChain(platterOf(node), last))
      fail(`3.10: node ${node} hands over to node ${target}, which does not hold entry ${last}`)
    world.mark('transfer/target-told')
  }

  return {
    onSend(node, frame) {
      if (frame.type === 'forward' || frame.type === 'forward-refused' || frame.type === 'transfer-request') return
      const platter = platterOf(node)
      const { term, vote } = platter.hardState
      const spoken = frame.type === 'pre-vote' || (frame.type === 'pre-vote-reply' && frame.granted) ? frame.term - 1 : frame.term
      if (frame.type !== 'pre-vote-reply' && term < spoken) fail(`12: node ${node} speaks of term ${spoken} (${frame.type}), its disk knows ${term}`)
      if (frame.type === 'vote' && (term !== frame.term || vote !== node)) fail(`12: node ${node} asks for votes before its own is on disk`)
      if (frame.type === 'vote-reply' && frame.granted && (term !== frame.term || vote !== frame.to))
        fail(`12: node ${node} grants a vote that is not on disk`)
      if (frame.type === 'snapshot-chunk' && facts.leaders.get(frame.term) !== node) fail(`node ${node} sends a snapshot without leading`)
      if (frame.type === 'append') onAppend(frame)
      if (frame.type === 'timeout-now') onHandOver(node, frame.to, frame.term)
      if (frame.type === 'append-reply' && frame.ok) onAcknowledged(node, frame)
      if (frame.type === 'append-reply' && !frame.ok && frame.index > 0) world.mark('append/rejected')
      if (frame.type === 'pre-vote-reply' && frame.refusal !== null) world.mark(`pre-vote/refused-${frame.refusal}`)
      if (frame.type === 'append' && frame.entries.length > 0 && frame.commit > frame.prevIndex) world.mark('append/commit-beyond-prev')
    },
  }
}
