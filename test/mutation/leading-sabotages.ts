/** Sabotages of what a leader may do: linearizable reads, handing over, changing the members. */

import { manyReads } from './lives.ts'
import type { Sabotage } from './sabotages.ts'

const readIndex = 'src-node/raft/read-index.ts'
const transfer = 'src-node/raft/transfer.ts'
const election = 'src-node/raft/election.ts'
const configuration = 'src-node/raft/configuration.ts'
const membershipChange = 'src-node/raft/membership-change.ts'
const driver = 'src-node/raft-driver/raft-driver.ts'
const waitingReads = 'src-node/raft-driver/waiting-reads.ts'

const reads: readonly Sabotage[] = [
  {
    name: 'ReadIndex without a quorum round',
    file: readIndex,
    find: 'if (read.round === 0 || read.round > confirmed || read.index === 0) break',
    instead: 'if (read.round === 0 || read.index === 0) break',
    breaks: 'a leader asks a majority before it answers a read (thesis 6.4; catalogue 12)',
    lives: manyReads,
  },
  {
    name: 'read confirmed by an older round',
    file: readIndex,
    find: '      s.readRoundDue = true\n      s.round++\n',
    instead: '      s.readRoundDue = true\n',
    breaks: 'only answers to a heartbeat that left after the question confirm it (thesis 6.4)',
    lives: {},
  },
  {
    name: 'ReadIndex before the no-op',
    file: readIndex,
    find: '  if (!ownTermCommitted) return\n',
    instead: '',
    breaks: "a leader's commit index is the newest only once an entry of its term is committed (thesis 6.4; catalogue 13)",
  },
  {
    name: 'read answered before it is applied',
    file: waitingReads,
    find: "if (index <= applied) settle(question.readers, { kind: 'safe' })",
    instead: "if (index <= applied + 1) settle(question.readers, { kind: 'safe' })",
    breaks: 'the state holds everything up to the read index',
  },
  {
    name: 'late answer serves a later question',
    file: waitingReads,
    find: 'const question = asked.get(context)',
    instead: 'const question = asked.get(context) ?? questions[0]',
    breaks: 'an answer counts for its own question, of this term, and for no other (catalogue 14)',
  },
]

const transfers: readonly Sabotage[] = [
  {
    name: 'transfer told without catch-up',
    file: transfer,
    find: 'if (transfer === null || transfer.told || s.progress.get(transfer.target)?.match !== s.log.lastIndex()) return',
    instead: 'if (transfer === null || transfer.told) return',
    breaks: "the target holds the leader's whole log before it campaigns (thesis 3.10)",
  },
  {
    name: 'proposals taken while handing over',
    file: driver,
    find: '      if (view.transfer !== null) return\n',
    instead: '',
    breaks: 'a leader that hands over takes no proposals (thesis 3.10)',
  },
  {
    name: 'transfer never given up',
    file: transfer,
    find: '  s.transfer = null\n',
    instead: '',
    breaks: 'a transfer ends after one election timeout (catalogue 27)',
  },
  {
    name: 'transfer refused for stickiness',
    file: election,
    find: 'if (m.transfer || !inContact(s)) return true',
    instead: 'if (!inContact(s)) return true',
    breaks: 'a transfer passes stickiness (thesis 4.2.3)',
  },
]

const members: readonly Sabotage[] = [
  {
    name: 'learners count for commit',
    file: configuration,
    find: 'return voters(s).map((id) =>',
    instead: 'return [...voters(s), ...inForce(s).membership.learners].map((id) =>',
    breaks: 'a learner counts for nothing (thesis 4.2.1)',
  },
  {
    name: 'votes of anybody count',
    file: election,
    find: 'const outcome = tally(s.votes, voters(s))',
    instead: 'const outcome = tally(s.votes, [...new Set([...s.votes.keys(), ...voters(s).slice(0, 1)])])',
    breaks: "only a majority of the voters' votes makes a leader",
  },
  {
    name: 'configuration in force once committed',
    file: configuration,
    find: 'return s.configurations.at(-1) ?? s.configurations[0]',
    instead: 'return s.configurations[0]',
    breaks: 'the latest configuration in the log counts, committed or not (thesis 4.1)',
  },
  {
    name: 'configuration outlives its cut entry',
    file: configuration,
    find: '  if (inForce(s).index >= first) cutFrom(s, first)\n',
    instead: '',
    breaks: 'a tail that is cut takes its configurations with it (thesis 4.1)',
  },
  {
    name: 'two changes at once',
    file: membershipChange,
    find: 'if (s.transfer !== null || index > s.commit || s.log.termAt(s.commit) !== s.term)',
    instead: 'if (s.transfer !== null || s.log.termAt(s.commit) !== s.term)',
    breaks: 'a change waits until the one before is committed (thesis 4.1)',
  },
  {
    name: 'change before the no-op',
    file: membershipChange,
    find: 'if (s.transfer !== null || index > s.commit || s.log.termAt(s.commit) !== s.term)',
    instead: 'if (s.transfer !== null || index > s.commit)',
    breaks: 'a change waits for a committed entry of the own term (Ongaro 2015; catalogue 15)',
  },
  {
    name: 'learner promoted early',
    file: membershipChange,
    find: "  if (change.kind === 'promote' && !hasCaughtUp(s, change.id)) return 'not_caught_up'\n",
    instead: '',
    breaks: 'a learner votes once it has caught up (thesis 4.2.1; catalogue 17)',
  },
  {
    name: 'removed leader leads on',
    file: membershipChange,
    find: "  if (!isVoter(s, s.options.id) && inForce(s).index <= s.commit) stepDown(s, 'the configuration without this node is committed')\n",
    instead: '',
    breaks: 'a leader that is no voter any more steps down (thesis 4.2.2; catalogue 16)',
  },
]

const restless: readonly Sabotage[] = [
  {
    name: 'heartbeats answered with heartbeats',
    file: 'src-node/raft/replication.ts',
    find: '  if (m.round > progress.round) progress.round = m.round\n',
    instead: '  if (m.round > progress.round) progress.round = m.round\n  s.beatDue = true\n',
    breaks: 'a quiet cluster says little (invariant 30, catalogue 26)',
  },
]

export const leadingSabotages: readonly Sabotage[] = [...restless, ...reads, ...transfers, ...members]
