/** What is seen of a node from outside, wired: counters, the lines of Raft in the log, the supervisor's view. It reads, and changes nothing. */

import type { PollTable } from '../notify/poll-table.ts'
import { type Counters, createCounters } from '../observe/counters.ts'
import { raftLine } from '../observe/raft-lines.ts'
import { createStatusReporter, type StatusReporter } from '../observe/status.ts'
import type { RaftEvent } from '../raft-driver/ports.ts'
import { storeStatusOf } from '../store-report.ts'
import type { Consensus } from './consensus.ts'
import type { LocalData } from './local-data.ts'
import type { NodeParts } from './node-parts.ts'

export interface Observation extends Omit<StatusReporter, 'event'> {
  readonly counters: Counters
  onEvent(event: RaftEvent): void
}

export interface ObservedParts {
  readonly data: LocalData
  readonly consensus: Consensus
  readonly polls: PollTable
  /** The ports are open. */
  listening(): boolean
}

const countEvent = (counters: Counters, event: RaftEvent): void => {
  if (event.type === 'role' && event.role === 'leader') counters.elected++
  else if (event.type === 'missed-heartbeat') counters.leaderMissed++
  else if (event.type === 'slow-turn') counters.slowTurns++
}

export const createObservation = ({ start, log, clock, send }: NodeParts, { data, consensus, polls, listening }: ObservedParts): Observation => {
  const counters = createCounters()
  const { machine } = data.state
  const { driver, sharedStore } = consensus
  const view = { raft: driver.status, meta: machine.meta, configCount: machine.size, longPolls: polls.size, listening }
  const store = () => (sharedStore === null ? undefined : storeStatusOf(sharedStore.status()))
  const { event: reported, ...reporter } = createStatusReporter({ ...view, store, counters, send, clock })
  return {
    ...{ ...reporter, counters },
    synced: (ms) => {
      counters.logSyncs++
      counters.logSyncMs += ms
      reporter.synced(ms)
    },
    onEvent: (event) => {
      const line = raftLine(start.id, event)
      log.write(line.level, 'raft', line.text)
      countEvent(counters, event)
      reported(event)
    },
  }
}
