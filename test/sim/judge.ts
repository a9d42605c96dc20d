/**
 * Every promise, checked as it is made: invariants 1-13 and 26 of reliability 3, and what callers were told. It sees the
 * platters (what a crash would leave), every outgoing message, every applied run, and each node's own view after each event.
 */

import type { Append, AppendReply, Entry, HardState } from '../../src-node/raft/types.ts'
import { payloadOf, stampOf } from '../../src-node/raft-driver/envelope.ts'
import type { CommittedCommand, PeerFrame, RaftStatus } from '../../src-node/raft-driver/ports.ts'
import { chainAfter, type Platter, platterChain, platterLast, platterTerm } from './disk.ts'
import { SimFailure, type World } from './world.ts'

export interface WriteRecord {
  readonly id: number
  readonly entryNode: number
  /** Highest index acknowledged to anybody before this write began: it must come after it. */
  readonly afterIndex: number
  index: number
  outcome: 'open' | 'applied' | 'refused' | 'unknown'
}

interface Seen {
  run: number
  term: number
  vote: number | null
  commit: number
  applied: number
  role: RaftStatus['role']
}

export interface Judge {
  onPersist(node: number, hardState: HardState | null, entries: readonly Entry[]): void
  onWritten(node: number, entries: readonly Entry[]): void
  onSend(node: number, frame: PeerFrame): void
  onApply(node: number, run: readonly CommittedCommand[]): void
  onState(index: number, stateHash: string): void
  onStatus(node: number, run: number, status: RaftStatus): void
  begin(payload: Uint8Array, entryNode: number): WriteRecord
  end(record: WriteRecord, outcome: WriteRecord['outcome'], index: number): void
  committed(): number
  records(): Iterable<WriteRecord>
}

const textOf = (payload: Uint8Array) => Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('latin1')

export function createJudge(world: World, platters: readonly Platter[]): Judge {
  const quorum = Math.floor(platters.length / 2) + 1
  const leaders = new Map<number, number>()
  /** Chain hashes of what each term's leader has, as far as it was on its disk when it won, or was sent since. */
  const ledgers = new Map<number, number[]>()
  const chainOf = new Map<number, number>()
  const chains: number[] = []
  /** Term of the leader that committed it, which may be later than the entry's own. */
  const commitTerms: number[] = []
  const seen: Seen[] = platters.map(() => ({ run: -1, term: 0, vote: null, commit: 0, applied: 0, role: 'follower' }))
  const stateHashes = new Map<number, string>()
  const writes = new Map<string, WriteRecord>()
  const openWrites: WriteRecord[] = []
  let ackedIndex = 0
  let records = 0

  const fail = (what: string): never => {
    throw new SimFailure(what)
  }
  const platterOf = (node: number) => platters[node - 1]!

  /** 13, 7: an index counts as committed only if a quorum of disks holds it, in the leader's own term. */
  const commitBy = (status: RaftStatus) => {
    const from = chains.length
    const to = status.commitIndex
    const holders = platters.filter((platter) => platterTerm(platter, to) === status.term)
    if (holders.length < quorum) fail(`13: node ${status.id} commits ${to} in term ${status.term}, held by ${holders.length} disks only`)
    for (let i = from + 1; i <= to; i++) {
      chains.push(platterChain(holders[0]!, i))
      commitTerms.push(status.term)
    }
    for (const holder of holders) if (platterChain(holder, to) !== chains[to - 1]) fail(`3: disks disagree about ${to}`)
  }

  const checkLeader = (status: RaftStatus) => {
    const known = leaders.get(status.term)
    if (known !== undefined && known !== status.id) fail(`1: nodes ${known} and ${status.id} lead term ${status.term}`)
    leaders.set(status.term, status.id)
    if (known === undefined) {
      ledgers.set(status.term, platterOf(status.id).chains.slice())
      // A node that wakes up late may win a term after a later leader has committed more.
      const last = commitTerms.findLastIndex((committedIn) => committedIn < status.term) + 1
      if (last > 0 && platterChain(platterOf(status.id), last) !== chains[last - 1])
        fail(`4: node ${status.id} leads term ${status.term} without committed entry ${last}`)
    }
    if (status.commitIndex > chains.length) commitBy(status)
  }

  /** 5: what the state machine gets is what the disk holds, to the byte. */
  const checkCommand = (node: number, { index, term, stampMs, payload }: CommittedCommand) => {
    const entry = platterOf(node).entries[index - 1]!
    if (entry.term !== term) fail(`5: node ${node} applies ${index} as of term ${term}, on its disk it is of ${entry.term}`)
    if ((entry.kind === 'noop') !== (payload === null)) fail(`5: node ${node} applies ${index}, a ${entry.kind}, as another kind`)
    if (payload === null) return
    if (stampOf(entry.data) !== stampMs) fail(`5: node ${node} applies ${index} with stamp ${stampMs}, not ${stampOf(entry.data)}`)
    if (textOf(payloadOf(entry.data)) !== textOf(payload)) fail(`5: node ${node} applies ${index} with other bytes than its disk holds`)
  }

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

  return {
    onPersist(node, hardState, entries) {
      const platter = platterOf(node)
      if (hardState !== null) {
        const before = platter.hardState
        if (hardState.term < before.term) fail(`6: node ${node} saves term ${hardState.term} after ${before.term}`)
        if (hardState.term === before.term && before.vote !== null && hardState.vote !== before.vote)
          fail(`7: node ${node} changes its vote in term ${before.term}`)
      }
      const first = entries[0]
      if (first === undefined) return
      const kept = Math.min(platterLast(platter), chains.length)
      if (first.index <= kept && platterChain(platter, first.index) === chains[first.index - 1])
        fail(`11: node ${node} cuts committed entry ${first.index}`)
      if (first.index <= platterLast(platter)) {
        if (seen[node - 1]!.role === 'leader') fail(`2: node ${node} leads, and overwrites its own log from ${first.index} on`)
        world.mark('log/tail-cut')
      }
      let previous = platterTerm(platter, first.index - 1)
      let index = first.index - 1
      for (const entry of entries) {
        if (entry.index !== ++index) fail(`entries are not consecutive at ${entry.index}`)
        if (entry.term < previous) fail(`10: term falls at ${entry.index} of node ${node}`)
        previous = entry.term
      }
      if (previous > Math.max(hardState?.term ?? 0, platter.hardState.term)) fail(`node ${node} saves an entry of term ${previous} before the term`)
    },
    onWritten(node, entries) {
      for (const { index, term } of entries) {
        const key = term * 1e6 + index
        const chain = platterChain(platterOf(node), index)
        const known = chainOf.get(key)
        if (known === undefined) chainOf.set(key, chain)
        else if (known !== chain) fail(`3: entry ${index} of term ${term} on node ${node} follows another history`)
      }
    },
    onSend(node, frame) {
      if (frame.type === 'forward' || frame.type === 'forward-refused') return
      const platter = platterOf(node)
      const { term, vote } = platter.hardState
      const spoken = frame.type === 'pre-vote' || (frame.type === 'pre-vote-reply' && frame.granted) ? frame.term - 1 : frame.term
      if (frame.type !== 'pre-vote-reply' && term < spoken) fail(`12: node ${node} speaks of term ${spoken} (${frame.type}), its disk knows ${term}`)
      if (frame.type === 'vote' && (term !== frame.term || vote !== node)) fail(`12: node ${node} asks for votes before its own is on disk`)
      if (frame.type === 'vote-reply' && frame.granted && (term !== frame.term || vote !== frame.to))
        fail(`12: node ${node} grants a vote that is not on disk`)
      if (frame.type === 'append') onAppend(frame)
      if (frame.type === 'append-reply' && frame.ok) onAcknowledged(node, frame)
      if (frame.type === 'append-reply' && !frame.ok && frame.index > 0) world.mark('append/rejected')
      if (frame.type === 'pre-vote-reply' && frame.refusal !== null) world.mark(`pre-vote/refused-${frame.refusal}`)
      if (frame.type === 'append' && frame.entries.length > 0 && frame.commit > frame.prevIndex) world.mark('append/commit-beyond-prev')
    },
    onApply(node, run) {
      for (const command of run) {
        const { index, term, payload } = command
        if (index > platterLast(platterOf(node))) fail(`9: node ${node} applies ${index} before it is on its disk`)
        if (index > chains.length) fail(`5: node ${node} applies ${index}, which no leader committed`)
        if (platterChain(platterOf(node), index) !== chains[index - 1]) fail(`5: node ${node} applies another entry ${index} of term ${term}`)
        checkCommand(node, command)
        if (payload === null) continue
        const record = writes.get(textOf(payload))
        if (record === undefined) return fail(`entry ${index} holds a command that nobody wrote`)
        if (record.outcome === 'refused') fail(`write ${record.id} was refused and appears at ${index}`)
        if (record.index !== 0 && record.index !== index) fail(`write ${record.id} appears at ${record.index} and at ${index}`)
        record.index = index
      }
    },
    onState(index, stateHash) {
      const known = stateHashes.get(index)
      if (known === undefined) stateHashes.set(index, stateHash)
      else if (known !== stateHash) fail(`26: two states at applied index ${index}`)
    },
    onStatus(node, run, status) {
      const before = seen[node - 1]!
      if (before.run === run) {
        if (status.term < before.term) fail(`6: term of node ${node} falls from ${before.term} to ${status.term}`)
        if (status.term === before.term && before.vote !== null && status.vote !== before.vote)
          fail(`7: node ${node} changes its vote in term ${status.term}`)
        if (status.commitIndex < before.commit) fail(`8: commit of node ${node} falls from ${before.commit} to ${status.commitIndex}`)
        if (status.appliedIndex < before.applied) fail(`applied of node ${node} falls from ${before.applied} to ${status.appliedIndex}`)
      }
      if (status.appliedIndex > status.commitIndex || status.commitIndex > status.lastIndex)
        fail(`9: node ${node} applied ${status.appliedIndex}, commit ${status.commitIndex}, last ${status.lastIndex}`)
      if (status.role === 'leader') checkLeader(status)
      else if (status.commitIndex > chains.length)
        fail(`node ${node} follows a commit index ${status.commitIndex} that no leader reached (${chains.length})`)
      if (before.role === 'leader' && status.role !== 'leader' && before.run === run) world.mark('role/leader-lost')
      before.run = run
      before.term = status.term
      before.vote = status.vote
      before.commit = status.commitIndex
      before.applied = status.appliedIndex
      before.role = status.role
    },
    begin(payload, entryNode) {
      const record: WriteRecord = { id: ++records, entryNode, afterIndex: ackedIndex, index: 0, outcome: 'open' }
      writes.set(textOf(payload), record)
      openWrites.push(record)
      return record
    },
    end(record, outcome, index) {
      if (record.outcome !== 'open') fail(`write ${record.id} is answered twice: ${record.outcome}, ${outcome}`)
      record.outcome = outcome
      world.mark(`write/${outcome}`)
      if (outcome === 'refused' && record.index !== 0) fail(`write ${record.id} was refused, but stands at ${record.index}`)
      if (outcome !== 'applied') return
      if (record.index !== index) fail(`write ${record.id} is answered with index ${index}, stands at ${record.index}`)
      if (index <= record.afterIndex) fail(`write ${record.id} stands at ${index}, before ${record.afterIndex}, acknowledged before it began`)
      if (index > chains.length) fail(`write ${record.id} is acknowledged at ${index}, committed is ${chains.length}`)
      const holders = platters.filter((platter) => platterChain(platter, index) === chains[index - 1]).length
      if (holders < quorum) fail(`13: write ${record.id} is acknowledged, ${holders} disks hold it`)
      ackedIndex = Math.max(ackedIndex, index)
    },
    committed: () => chains.length,
    records: () => openWrites,
  }
}
