/**
 * Who leads: PreVote (thesis 9.6), votes (3.4), leader stickiness (4.2.3), and the socket-close rule of design 4.
 * A role changes only in the become... functions here. A pre-vote never changes a term.
 */

import { mayBeVoter, voters } from './configuration.ts'
import { type CoreState, enterTerm } from './core-state.ts'
import { broken } from './invariant.ts'
import { createProgress } from './progress.ts'
import { tally } from './quorum.ts'
import { logIndex, type NodeId, type PreVote, type PreVoteReply, type Role, type Term, term, type Vote, type VoteReply } from './types.ts'

const nothing = new Uint8Array(0)

function setRole(s: CoreState, role: Role, cause: string): void {
  s.role = role
  s.events.push({ type: 'role', role, term: s.term, leaderId: s.leaderId, cause })
}

export function resetElectionTimer(s: CoreState): void {
  s.electionTicks = 0
  s.electionTimeoutTicks = s.random.between(s.options.electionTicksMin, s.options.electionTicksMax)
}

function clearHint(s: CoreState): void {
  s.hintTicks = 0
  s.hintRetries = 0
}

/** Follows `leader` of the current term, or waits for one. */
export function becomeFollower(s: CoreState, leader: NodeId | null, cause: string): void {
  const changed = s.role !== 'follower' || s.leaderId !== leader
  s.leaderId = leader
  s.votes.clear()
  s.progress.clear()
  s.pendingReads = []
  s.transfer = null
  clearHint(s)
  resetElectionTimer(s)
  if (changed) setRole(s, 'follower', cause)
}

/** A message of `from`, who leads the current term: contact, and the end of any campaign of ours. */
export function hearLeader(s: CoreState, from: NodeId): void {
  if (s.role === 'leader' || (s.termLeader !== null && s.termLeader !== from)) {
    broken(`two leaders in term ${s.term}: ${s.role === 'leader' ? s.options.id : s.termLeader} and ${from}`)
  }
  s.termLeader = from
  s.contactTicks = 0
  if (s.role !== 'follower' || s.leaderId !== from) becomeFollower(s, from, `node ${from} leads term ${s.term}`)
  else s.electionTicks = 0
}

/** This node could lead if it won. A learner, or a node that knows it was removed, leaves that to others (thesis 4.2.1, 4.2.2). */
export function mayCampaign(s: CoreState): boolean {
  return s.mayLead && mayBeVoter(s)
}

/** Those whose votes are asked for. */
function otherVoters(s: CoreState): NodeId[] {
  return voters(s).filter((id) => id !== s.options.id)
}

/** Leads, or has heard a leader so lately that no vote may disturb it. */
function inContact(s: CoreState): boolean {
  return s.role === 'leader' || (s.leaderId !== null && s.contactTicks < s.options.electionTicksMin)
}

function logIsUpToDate(s: CoreState, lastTerm: number, lastIndex: number): boolean {
  const ourTerm = s.log.lastTerm()
  return lastTerm > ourTerm || (lastTerm === ourTerm && lastIndex >= s.log.lastIndex())
}

function askForPreVotes(s: CoreState): void {
  for (const to of otherVoters(s)) {
    if (s.votes.get(to) === true) continue
    s.messages.push({
      type: 'pre-vote',
      from: s.options.id,
      to,
      term: term(s.term + 1),
      lastIndex: logIndex(s.log.lastIndex()),
      lastTerm: s.log.lastTerm(),
    })
  }
}

/** Asks whether an election could be won, without disturbing anybody. */
export function startPreVote(s: CoreState, cause: string): void {
  s.leaderId = null
  s.votes.clear()
  s.votes.set(s.options.id, true)
  resetElectionTimer(s)
  // A node that is alone asks several times a second; once is news.
  if (s.role !== 'pre-candidate') setRole(s, 'pre-candidate', cause)
  askForPreVotes(s)
  settle(s)
}

/** Asks for real votes. `transfer`: the leader itself wants it. */
export function startCampaign(s: CoreState, cause: string, transfer: boolean): void {
  enterTerm(s, term(s.term + 1))
  s.leaderId = null
  s.vote = s.options.id
  s.votes.clear()
  s.votes.set(s.options.id, true)
  clearHint(s)
  resetElectionTimer(s)
  setRole(s, 'candidate', cause)
  const lastIndex = logIndex(s.log.lastIndex())
  const lastTerm = s.log.lastTerm()
  for (const to of otherVoters(s)) s.afterPersist.push({ type: 'vote', from: s.options.id, to, term: s.term, lastIndex, lastTerm, transfer })
}

/** This node's own vote is on its disk, and counts from here on: a sole voter must not lead a term that a crash takes back (reliability 4.3). */
export function onVotePersisted(s: CoreState): void {
  if (s.role === 'candidate') settle(s)
}

function becomeLeader(s: CoreState): void {
  if (s.termLeader !== null) broken(`won term ${s.term}, which node ${s.termLeader} leads already`)
  s.leaderId = s.options.id
  s.termLeader = s.options.id
  clearHint(s)
  s.heartbeatTicks = 0
  s.quorumTicks = 0
  s.progress.clear()
  for (const id of s.peers) s.progress.set(id, createProgress(id, s.log.lastIndex() + 1))
  // Thesis 6.4: only an entry of its own term lets a leader commit, so it appends one at once.
  s.log.extend(s.term, 'noop', [nothing])
  setRole(
    s,
    'leader',
    `won the votes of ${[...s.votes]
      .filter(([, granted]) => granted)
      .map(([id]) => id)
      .join(', ')}`,
  )
}

/** Acts on the votes as they stand. */
function settle(s: CoreState): void {
  const outcome = tally(s.votes, voters(s))
  if (outcome === 'won') {
    if (s.role === 'pre-candidate') startCampaign(s, `a majority would vote for this node in term ${s.term + 1}`, false)
    else becomeLeader(s)
  } else if (outcome === 'lost' && s.hintTicks === 0) {
    becomeFollower(s, null, s.role === 'candidate' ? 'a majority refused its vote' : 'a majority would refuse its vote')
  }
}

/**
 * Lost this term's election, and nobody is known to have won it. All who refuse one node campaign in the same moment, and of five that splits
 * the votes: who stood and lost waits for its own timeout, which chance sets apart from the others' (thesis 3.4), however often a node with a
 * shorter log and a fast clock asks.
 */
function stoodInVain(s: CoreState): boolean {
  return s.vote === s.options.id && s.termLeader === null
}

export function onPreVote(s: CoreState, m: PreVote): void {
  let refusal: PreVoteReply['refusal'] = null
  if (m.term <= s.term) refusal = 'term'
  else if (inContact(s)) refusal = 'contact'
  else if (!logIsUpToDate(s, m.lastTerm, m.lastIndex)) refusal = 'log'
  const granted = refusal === null
  s.events.push({ type: 'vote', term: m.term, for: m.from, granted, pre: true, reason: refusal })
  // A grant speaks of the term asked for, a refusal of the term that we are in, so that a late node learns it.
  s.afterPersist.push({ type: 'pre-vote-reply', from: s.options.id, to: m.from, term: granted ? m.term : s.term, granted, refusal })
  // Our log is longer and no leader is heard: nobody is better placed (design 4).
  if (refusal === 'log' && s.role === 'follower' && mayCampaign(s) && !stoodInVain(s)) startPreVote(s, `refused node ${m.from} for its shorter log`)
}

export function onPreVoteReply(s: CoreState, m: PreVoteReply): void {
  if (s.role !== 'pre-candidate') return
  if (m.granted && m.term !== s.term + 1) return
  if (m.refusal === 'contact' && s.hintRetries > 0) {
    // It has not seen the leader's socket close yet: that takes a few milliseconds, so ask again.
    if (s.hintTicks === 0) {
      s.hintTicks = s.options.hintRetryTicks
      s.hintRetries--
    }
    return
  }
  if (s.votes.get(m.from) !== true) s.votes.set(m.from, m.granted)
  settle(s)
}

/** A vote request of the current term; raft.ts has dealt with older and newer ones. */
export function onVote(s: CoreState, m: Vote): void {
  let reason: string | null = null
  if (s.vote !== null && s.vote !== m.from) reason = `voted for node ${s.vote} in this term`
  else if (s.termLeader !== null) reason = `node ${s.termLeader} leads this term`
  else if (!logIsUpToDate(s, m.lastTerm, m.lastIndex)) reason = 'its log is shorter'
  const granted = reason === null
  if (granted) {
    if (s.vote === null) s.hardStateChanged = true
    s.vote = m.from
    resetElectionTimer(s)
    clearHint(s)
  }
  s.events.push({ type: 'vote', term: s.term, for: m.from, granted, pre: false, reason })
  s.afterPersist.push({ type: 'vote-reply', from: s.options.id, to: m.from, term: s.term, granted })
}

/** Whether a request for votes in a newer term may move us there; a heard leader forbids it. */
export function admitsVote(s: CoreState, m: Vote): boolean {
  if (m.transfer || !inContact(s)) return true
  s.events.push({ type: 'vote', term: m.term, for: m.from, granted: false, pre: false, reason: 'a leader is heard' })
  return false
}

export function onVoteReply(s: CoreState, m: VoteReply): void {
  if (s.role !== 'candidate' || m.term !== s.term) return
  if (!s.votes.has(m.from)) s.votes.set(m.from, m.granted)
  settle(s)
}

/** The socket-close rule: a hint, for this node alone, that its leader died. */
export function onLeaderGone(s: CoreState, leader: NodeId): void {
  if (!mayCampaign(s)) {
    becomeFollower(s, null, "the leader's socket closed")
    return
  }
  s.leaderId = null
  s.hintRetries = s.options.hintRetriesMax
  const survivors = voters(s).filter((voter) => voter !== leader && !s.gone.has(voter))
  const first = survivors.length === 0 ? s.options.id : Math.min(...survivors)
  if (s.options.id === first) startHintedPreVote(s)
  else {
    s.hintTicks = s.options.hintDelayTicks
    setRole(s, 'follower', `the leader's socket closed, node ${first} asks first`)
  }
}

function startHintedPreVote(s: CoreState): void {
  startPreVote(s, "the leader's socket closed")
}

/** One tick of a node that does not lead. */
export function tickElection(s: CoreState): void {
  s.contactTicks++
  s.electionTicks++
  if (s.hintTicks > 0 && --s.hintTicks === 0) {
    if (s.role === 'pre-candidate') askForPreVotes(s)
    else if (s.role === 'follower') startHintedPreVote(s)
    return
  }
  if (s.electionTicks < s.electionTimeoutTicks) return
  clearHint(s)
  const cause = s.leaderId === null ? 'no leader within the election timeout' : `node ${s.leaderId} was silent for the election timeout`
  if (mayCampaign(s)) startPreVote(s, cause)
  else becomeFollower(s, null, cause)
}

/** Gives up a role in the running term. */
export function stepDown(s: CoreState, cause: string): void {
  if (s.role !== 'follower') becomeFollower(s, null, cause)
}

/** Gives up leading and every plan to lead. */
export function leaveToOthers(s: CoreState, cause: string): void {
  clearHint(s)
  stepDown(s, cause)
}

export function enterTermAsFollower(s: CoreState, newTerm: Term, cause: string): void {
  enterTerm(s, newTerm)
  becomeFollower(s, null, cause)
}
