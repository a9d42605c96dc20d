/** What becomes of each write (invariants 5, 9, 13, 22, 26 of reliability 3): what is applied, what callers hear, what state comes of it. */

import { payloadOf, stampOf } from '../../../src-node/raft-driver/envelope.ts'
import type { CommittedCommand } from '../../../src-node/raft-driver/ports.ts'
import { platterChain, platterLast } from '../raft-disk.ts'
import { type Facts, majorityOf, textOf } from './facts.ts'

export interface WriteRecord {
  readonly id: number
  /** A client may send it again under its request id: only then it may stand in the log more than once. */
  readonly repeatable: boolean
  /** Of its entries, in the order of the log. */
  readonly indexes: number[]
  attempts: number
  refusals: number
  outcome: 'open' | 'applied' | 'refused' | 'unknown'
}

interface Place {
  readonly node: number
  readonly run: number
  /** Virtual ms by which there must be an answer, if the node lives. */
  readonly dueMs: number
}
interface Entrance extends Place {
  readonly repeatable: boolean
}

/** One of the times that a client sent the write; a node answers each by itself. */
export interface Attempt extends Place {
  readonly write: WriteRecord
  /** Highest index acknowledged to anybody before this attempt began: its entry must come after it. */
  readonly afterIndex: number
  readonly beganMs: number
  outcome: WriteRecord['outcome']
}

export interface WriteJudge {
  onApply(node: number, run: readonly CommittedCommand[]): void
  onState(index: number, stateHash: string): void
  /** The state came from a snapshot: it must be one that replay has given before (14). */
  onInstalledState(node: number, index: number, stateHash: string): void
  /** The same bytes again are another attempt of the same write. */
  begin(payload: Uint8Array, entry: Entrance): Attempt
  /** A node has had its turn, and was left in peace for a while. */
  onPeace(node: number, run: number): void
  end(attempt: Attempt, outcome: WriteRecord['outcome'], index: number): void
  records(): Iterable<WriteRecord>
  /** Of what was asked before then, nobody who lives waits any more for an answer. */
  isAnswered(beforeMs: number, runOf: (node: number) => number): boolean
}

export function createWriteJudge(facts: Facts): WriteJudge {
  const { world, platters, chains, commitVoters, platterOf, fail } = facts
  const stateHashes = new Map<number, string>()
  const writes = new Map<string, WriteRecord>()
  const openWrites: WriteRecord[] = []
  /** By node, the oldest first. */
  const waiting = platters.map(() => new Set<Attempt>())
  let ackedIndex = 0
  let records = 0

  /** 5: what the state machine gets is what the disk holds, to the byte. */
  const checkCommand = (node: number, { index, term, stampMs, payload }: CommittedCommand) => {
    const entry = platterOf(node).entries[index - 1]!
    if (entry.term !== term) fail(`5: node ${node} applies ${index} as of term ${term}, on its disk it is of ${entry.term}`)
    if ((entry.kind !== 'command') !== (payload === null)) fail(`5: node ${node} applies ${index}, a ${entry.kind}, as another kind`)
    if (payload === null) return
    if (stampOf(entry.data) !== stampMs) fail(`5: node ${node} applies ${index} with stamp ${stampMs}, not ${stampOf(entry.data)}`)
    if (textOf(payloadOf(entry.data)) !== textOf(payload)) fail(`5: node ${node} applies ${index} with other bytes than its disk holds`)
  }

  const onRefused = (write: WriteRecord) => {
    if (++write.refusals < write.attempts) return
    write.outcome = 'refused'
    if (write.indexes.length > 0) fail(`write ${write.id} was refused, but stands at ${write.indexes}`)
  }

  const onAcknowledged = ({ write, afterIndex }: Attempt, index: number) => {
    if (!write.indexes.includes(index)) fail(`write ${write.id} is answered with index ${index}, stands at ${write.indexes}`)
    if (index <= afterIndex) fail(`write ${write.id} stands at ${index}, before ${afterIndex}, acknowledged before it began`)
    if (index > chains.length) fail(`write ${write.id} is acknowledged at ${index}, committed is ${chains.length}`)
    const voters = commitVoters[index - 1]!
    const holders = voters.filter((voter) => platterChain(platterOf(voter), index) === chains[index - 1]).length
    if (holders < majorityOf(voters)) fail(`13: write ${write.id} is acknowledged, ${holders} disks hold it`)
    ackedIndex = Math.max(ackedIndex, index)
  }

  return {
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
        if (record.indexes.includes(index)) continue
        if (record.indexes.length > 0 && !record.repeatable) fail(`write ${record.id} appears at ${record.indexes} and at ${index}`)
        record.indexes.push(index)
      }
    },
    onState(index, stateHash) {
      const known = stateHashes.get(index)
      if (known === undefined) stateHashes.set(index, stateHash)
      else if (known !== stateHash) fail(`26: two states at applied index ${index}`)
    },
    onInstalledState(node, index, stateHash) {
      const known = stateHashes.get(index)
      if (known !== stateHash)
        fail(`14: node ${node} installs a state at ${index} that replay ${known === undefined ? 'never gave' : 'gives otherwise'}`)
      world.mark('snapshot/installed')
    },
    begin(payload, { repeatable, ...entrance }) {
      const name = textOf(payload)
      const known = writes.get(name)
      const write: WriteRecord = known ?? { id: ++records, repeatable, indexes: [], attempts: 0, refusals: 0, outcome: 'open' }
      if (known === undefined) openWrites.push(write)
      writes.set(name, write)
      write.attempts++
      if (write.outcome === 'refused') write.outcome = 'open'
      const attempt: Attempt = { ...entrance, write, afterIndex: ackedIndex, beganMs: world.now(), outcome: 'open' }
      waiting[attempt.node - 1]!.add(attempt)
      return attempt
    },
    end(attempt, outcome, index) {
      const { write } = attempt
      if (attempt.outcome !== 'open') fail(`write ${write.id} is answered twice: ${attempt.outcome}, ${outcome}`)
      attempt.outcome = outcome
      waiting[attempt.node - 1]!.delete(attempt)
      world.mark(`write/${outcome}`)
      if (outcome === 'refused') onRefused(write)
      else if (write.outcome !== 'applied') write.outcome = outcome
      if (outcome === 'applied') onAcknowledged(attempt, index)
    },
    onPeace(node, run) {
      const open = waiting[node - 1]!
      for (const attempt of open) {
        const lateMs = world.now() - attempt.dueMs
        if (attempt.run !== run) open.delete(attempt)
        else if (lateMs <= 0) return
        else fail(`4.28: write ${attempt.write.id} at node ${node} is not answered, ${lateMs.toFixed(0)} ms after its last moment`)
      }
    },
    records: () => openWrites,
    isAnswered: (beforeMs, runOf) => waiting.every((open) => [...open].every(({ beganMs, node, run }) => beganMs >= beforeMs || run !== runOf(node))),
  }
}
