/**
 * The parts of one node that can be made to fail, and every switch in one hand: takes the whole wanted set, refuses what is out of
 * bounds, writes each change down. It owns no fault itself; those stand where the traffic, the disks and the clock are.
 */

import type { NodeState } from './node-state.ts'
import { type LinkFault, type NodeFaults, type NodeStart, noFaults, type PeerAddress } from './observe/channel.ts'
import type { NodeLog } from './observe/log-file.ts'
import { faultWords, readFaults } from './observe/node-faults.ts'
import type { Applier, DriverClock, RaftLogStore } from './raft-driver/ports.ts'
import { createFaultyRaftLog } from './raft-log/faulty-raft-log.ts'
import { createStateFaults } from './storage/state-faults.ts'
import type { StateStore } from './storage/types.ts'

export interface FaultyParts {
  readonly store: StateStore
  readonly raftLog: RaftLogStore
  /** With a wall time that can be set wrong; its monotonic time never jumps. */
  readonly clock: DriverClock
  applier<R>(inner: Applier<R>): Applier<R>
  /** This set and no other from now on. One that is out of bounds changes nothing and is told in the log. */
  set(wanted: NodeFaults): void
  /** Nodes come and go: what is wanted of a line holds while the node at its other end is among the members. */
  setMembers(members: readonly PeerAddress[]): void
}

export interface FaultyPartsOptions {
  readonly state: NodeState
  readonly start: NodeStart
  readonly log: NodeLog
  readonly clock: DriverClock
  /** Faults between nodes have their place in the transport. */
  setLinks(faults: readonly LinkFault[]): void
}

export const createFaultyParts = ({ state, start, log, clock, setLinks }: FaultyPartsOptions): FaultyParts => {
  const raftLog = createFaultyRaftLog(state.raftLog, clock)
  const stateFaults = createStateFaults(clock)
  const othersOf = (members: readonly PeerAddress[]): number[] => members.flatMap(({ id }) => (id === start.id ? [] : [id]))
  let peers = othersOf(start.members)
  let last = noFaults
  let clockOffsetMs = 0
  let said: readonly string[] = []

  const apply = (faults: NodeFaults): void => {
    setLinks(faults.links)
    raftLog.setFault(faults.raftLog)
    stateFaults.set(faults.stateStore)
    clockOffsetMs = faults.clockOffsetMs
  }
  const tell = (words: readonly string[]): void => {
    for (const word of said) if (!words.includes(word)) log.write('warn', 'fault', `over: ${word}`)
    for (const word of words) if (!said.includes(word)) log.write('warn', 'fault', `as asked: ${word}`)
    said = words
  }
  const set = (wanted: NodeFaults): void => {
    const result = readFaults(wanted, peers)
    if (result.ok) {
      last = wanted
      tell(faultWords(result.faults))
      apply(result.faults)
    } else log.write('warn', 'fault', `a fault was not set: ${result.problem}`)
  }

  return {
    ...{ raftLog, store: stateFaults.store(state.store), applier: stateFaults.applier },
    clock: { ...clock, wallMs: () => clock.wallMs() + clockOffsetMs },
    set,
    setMembers: (members) => {
      peers = othersOf(members)
      set(last)
    },
  }
}
