/** Consensus for people: each event of the driver as one line of the log. Pure; knows no file and no clock. */

import type { NodeId } from '../raft/types.ts'
import type { RaftEvent, SnapshotEvent } from '../raft-driver/ports.ts'
import type { LogLevel } from './log-file.ts'

export interface RaftLine {
  readonly level: LogLevel
  readonly text: string
}

const node = (id: NodeId | number): string => `node-${id}`

type RoleEvent = Extract<RaftEvent, { type: 'role' }>
type MembershipEvent = Extract<RaftEvent, { type: 'membership' }>
type VoteEvent = Extract<RaftEvent, { type: 'vote' }>

const roleWords = (self: number, event: RoleEvent): string => {
  const why = event.cause === '' ? '' : `: ${event.cause}`
  switch (event.role) {
    case 'leader':
      return `${node(self)} became leader of term ${event.term}${why}`
    case 'candidate':
      return `${node(self)} started an election for term ${event.term}${why}`
    case 'pre-candidate':
      return `${node(self)} asks for pre-votes, still in term ${event.term}${why}`
    case 'follower':
      return event.leaderId === null
        ? `${node(self)} became follower in term ${event.term}, no leader known${why}`
        : `${node(self)} follows ${node(event.leaderId)}, leader of term ${event.term}${why}`
  }
}

const voteWords = (self: number, event: VoteEvent): string => {
  const kind = event.pre ? 'pre-vote' : 'vote'
  const why = event.reason === null ? '' : `: ${event.reason}`
  return `${node(self)} ${event.granted ? 'granted' : 'refused'} its ${kind} for term ${event.term} to ${node(event.for)}${why}`
}

const membershipWords = (self: number, { phase, index, voters, learners }: MembershipEvent): string => {
  const what = `voters ${voters.map(node).join(', ')}${learners.length === 0 ? '' : `, learners ${learners.map(node).join(', ')}`}`
  switch (phase) {
    case 'appended':
      return `${node(self)} goes by the configuration of entry ${index} from now on, committed or not: ${what}`
    case 'committed':
      return `${node(self)} knows that the configuration of entry ${index} is committed: ${what}`
    case 'undone':
      return `${node(self)} gave up the configuration of entry ${index}, which a new leader does not have; in force again: ${what}`
  }
}

const withoutRoom = {
  log: 'it takes no writes, gives no votes and acknowledges nothing',
  state: 'it takes no writes, applies nothing and does not lead; it still votes and keeps its log',
} as const

const failedWords = {
  failed: 'it could not be made',
  damaged: 'it came in damaged',
  disk_full: 'the disk is full',
  refused: 'it was refused',
} as const

const snapshotLine = (self: number, event: SnapshotEvent): RaftLine => {
  switch (event.type) {
    case 'snapshot-made':
      return { level: 'info', text: `${node(self)} made a snapshot of its state at entry ${event.index}, ${event.bytes} bytes` }
    case 'snapshot-failed': {
      const peer = event.peer === null ? '' : ` with ${node(event.peer)}`
      return { level: 'warn', text: `${node(self)} has no luck with a snapshot${peer}: ${failedWords[event.why]}` }
    }
    case 'snapshot-sent':
      return { level: 'info', text: `${node(self)} has brought ${node(event.to)} up to entry ${event.index} by a snapshot` }
    case 'snapshot-installed':
      return {
        level: 'info',
        text: `${node(self)} took over the state at entry ${event.index} of term ${event.term} from a snapshot${unknownWords(event)}`,
      }
    case 'snapshot-ignored':
      return { level: 'info', text: `${node(self)} needs the snapshot of entry ${event.index} no more` }
  }
}
const unknownWords = ({ unknownWrites }: { readonly unknownWrites: number }): string =>
  unknownWrites === 0 ? '' : `; the outcome of ${unknownWrites} waiting writes is unknown`

/** @param self id of the node that tells it */
export const raftLine = (self: number, event: RaftEvent): RaftLine => {
  switch (event.type) {
    case 'role':
      return { level: 'info', text: roleWords(self, event) }
    case 'vote':
      return { level: 'info', text: voteWords(self, event) }
    case 'transfer':
      return event.phase === 'started'
        ? { level: 'info', text: `${node(self)} hands leadership of term ${event.term} over to ${node(event.target)}` }
        : { level: 'warn', text: `${node(self)} leads on in term ${event.term}: ${node(event.target)} did not take over in time` }
    case 'missed-heartbeat': {
      const leader = event.leaderId === null ? 'a leader' : node(event.leaderId)
      return {
        level: 'warn',
        text: `${node(self)} missed a heartbeat of ${leader} in term ${event.term}: silent for ${event.silentMs.toFixed(0)} ms`,
      }
    }
    case 'heartbeats': {
      const leads = event.leaderId === self
      const what = leads ? `sent ${event.count} heartbeats` : `heard ${event.count} heartbeats of ${node(event.leaderId)}`
      return { level: 'info', text: `${node(self)} ${what} in term ${event.term} in the last ${(event.inLastMs / 1000).toFixed(1)} s` }
    }
    case 'peer':
      return { level: event.up ? 'info' : 'warn', text: `${node(self)} ${event.up ? 'is connected to' : 'lost its connection to'} ${node(event.id)}` }
    case 'disk-full': {
      const file = event.disk === 'log' ? 'its Raft log' : 'its state store'
      return event.on
        ? { level: 'error', text: `${node(self)} finds no room on the disk for ${file}: until there is, ${withoutRoom[event.disk]}` }
        : { level: 'info', text: `${node(self)} has room for ${file} again` }
    }
    case 'membership':
      return { level: 'info', text: membershipWords(self, event) }
    case 'left':
      return {
        level: 'warn',
        text: `${node(self)} is no member of the cluster by the configuration of entry ${event.index}, which is committed: it refuses writes and linearizable reads`,
      }
    case 'compacted':
      return { level: 'info', text: `${node(self)} cut its log: it holds entries ${event.firstIndex} to ${event.lastIndex} now` }
    case 'snapshot-made':
    case 'snapshot-failed':
    case 'snapshot-sent':
    case 'snapshot-installed':
    case 'snapshot-ignored':
      return snapshotLine(self, event)
    case 'slow-turn':
      return { level: 'warn', text: `${node(self)} was busy for ${event.ms.toFixed(0)} ms in one turn: ${event.during}` }
    case 'reproposed':
      return { level: 'info', text: `${node(self)} proposes ${event.count} writes again in term ${event.term}: their leader lost them` }
  }
}
