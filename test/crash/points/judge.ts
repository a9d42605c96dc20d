/**
 * Opens a folder as the product does and holds what it finds against what was promised. A broken promise comes back as a sentence; the folder is
 * of no use afterwards.
 */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeState } from '../../../src-node/node-state.ts'
import { logIndex, nodeId, term } from '../../../src-node/raft/types.ts'
import type { RaftLogStore } from '../../../src-node/raft-driver/ports.ts'
import type { LogFacts, Promises } from './promises.ts'
import { applyEntries, entryOf, openLifeState, orThrow } from './small-life.ts'

/** Entries of this size were made large. */
const largeBytes = 100_000

const factsOf = (log: RaftLogStore): LogFacts => {
  const { index, term: at } = log.base()
  const entries = log.entries(log.firstIndex(), log.lastIndex(), Number.MAX_SAFE_INTEGER)
  for (const entry of entries) {
    const meant = entryOf(entry.index, entry.term, entry.data.length > largeBytes)
    if (entry.kind !== meant.kind || Buffer.compare(entry.data, meant.data) !== 0) throw new Error(`entry ${entry.index} is not what was written`)
  }
  const { term: current, vote } = log.hardState()
  return {
    base: [index, at],
    terms: entries.map((entry) => entry.term),
    hard: [current, vote],
    members: log.memberships().map((member) => member.index),
  }
}

const textOf = ({ base, terms, hard, members }: LogFacts): string => JSON.stringify({ base, terms, hard, members })

const broken = ({ raftLog, machine }: NodeState, { logs, states, installing }: Promises): string | null => {
  const log = textOf(factsOf(raftLog))
  const { appliedIndex, stateHash } = machine.meta()
  if (installing !== null && installing.state.applied === appliedIndex && installing.state.hash === stateHash)
    return log === textOf(installing.log) ? null : `the state was installed, and the log has not followed: ${log}`
  const meant = logs.map(textOf)
  if (!meant.includes(log)) return `the log holds ${log}, promised was ${meant.join(' or ')}`
  if (states.some(({ applied, hash }) => applied === appliedIndex && hash === stateHash)) return null
  return `the state is that of ${appliedIndex} (${stateHash}), promised was one of ${states.map(({ applied, hash }) => `${applied} (${hash})`).join(', ')}`
}

/** What is found must also be of use: what the log holds is applied, one more entry is written. */
const goOn = ({ raftLog, store, machine }: NodeState): void => {
  const apply = (): void => {
    machine.begin()
    const from = logIndex(machine.meta().appliedIndex + 1)
    const writes = applyEntries(machine, raftLog.entries(from, raftLog.lastIndex(), Number.MAX_SAFE_INTEGER))
    orThrow(store.commit(writes, machine.pendingMeta()))
    machine.publish()
  }
  apply()
  const at = raftLog.hardState().term + 1
  raftLog.persist({ term: term(at), vote: nodeId(1) }, [entryOf(raftLog.lastIndex() + 1, at)], orThrow)
  apply()
}

const leftIn = (dir: string): string | null => {
  const left = ['state.db.incoming', 'state.db.snapshot', 'state.db.incoming-journal'].filter((name) => existsSync(join(dir, 'data', name)))
  return left.length === 0 ? null : `a start leaves ${left.join(', ')} lying about`
}

/** Null: every promise was kept. */
export const judge = (dir: string, promises: Promises): string | null => {
  try {
    const state = openLifeState(dir)
    try {
      const problem = broken(state, promises) ?? leftIn(dir)
      if (problem === null) goOn(state)
      return problem
    } finally {
      state.raftLog.close()
      state.store.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
