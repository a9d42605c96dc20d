/** What becomes of each write (invariants 5, 9, 13, 22, 26 of reliability 3): what is applied, what callers hear, what state comes of it. */

import { payloadOf, stampOf } from '../../../src-node/raft-driver/envelope.ts'
import type { CommittedCommand } from '../../../src-node/raft-driver/ports.ts'
import { platterChain, platterLast } from '../raft-disk.ts'
import { type Facts, majorityOf, textOf } from './facts.ts'

export interface WriteRecord {
  readonly id: number
  readonly entryNode: number
  /** Highest index acknowledged to anybody before this write began: it must come after it. */
  readonly afterIndex: number
  index: number
  outcome: 'open' | 'applied' | 'refused' | 'unknown'
}

export interface WriteJudge {
  onApply(node: number, run: readonly CommittedCommand[]): void
  onState(index: number, stateHash: string): void
  begin(payload: Uint8Array, entryNode: number): WriteRecord
  end(record: WriteRecord, outcome: WriteRecord['outcome'], index: number): void
  records(): Iterable<WriteRecord>
}

export function createWriteJudge(facts: Facts): WriteJudge {
  const { world, chains, commitVoters, platterOf, fail } = facts
  const stateHashes = new Map<number, string>()
  const writes = new Map<string, WriteRecord>()
  const openWrites: WriteRecord[] = []
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
        if (record.index !== 0 && record.index !== index) fail(`write ${record.id} appears at ${record.index} and at ${index}`)
        record.index = index
      }
    },
    onState(index, stateHash) {
      const known = stateHashes.get(index)
      if (known === undefined) stateHashes.set(index, stateHash)
      else if (known !== stateHash) fail(`26: two states at applied index ${index}`)
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
      const voters = commitVoters[index - 1]!
      const holders = voters.filter((voter) => platterChain(platterOf(voter), index) === chains[index - 1]).length
      if (holders < majorityOf(voters)) fail(`13: write ${record.id} is acknowledged, ${holders} disks hold it`)
      ackedIndex = Math.max(ackedIndex, index)
    },
    records: () => openWrites,
  }
}
