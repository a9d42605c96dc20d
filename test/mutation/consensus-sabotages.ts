/** Sabotages of the core and of what it promises to others: votes, terms, log, commit. */

import { cutAppends } from './lives.ts'
import type { Sabotage } from './sabotages.ts'

const election = 'src-node/raft/election.ts'
const replication = 'src-node/raft/replication.ts'
const coreState = 'src-node/raft/core-state.ts'
const raft = 'src-node/raft/raft.ts'
const quorum = 'src-node/raft/quorum.ts'
const progress = 'src-node/raft/progress.ts'
const logView = 'src-node/raft/log-view.ts'

const votes: readonly Sabotage[] = [
  {
    name: 'vote not persisted',
    file: election,
    find: 'if (s.vote === null) s.hardStateChanged = true',
    instead: '',
    breaks: 'a granted vote is on disk before it is told (thesis 3.4; catalogue 2)',
  },
  {
    name: 'own vote not persisted',
    file: election,
    find: 's.vote = s.options.id',
    instead: '',
    breaks: 'a candidate votes for itself, on disk (catalogue 2)',
  },
  {
    name: 'vote forgotten on step-down',
    file: election,
    find: "if (s.role !== 'follower') becomeFollower(s, null, cause)",
    instead: "s.vote = null\n  if (s.role !== 'follower') becomeFollower(s, null, cause)",
    breaks: 'one vote a term, whatever roles come and go in it (catalogue 2)',
  },
  {
    name: 'second vote in a term',
    file: election,
    find: 'if (s.vote !== null && s.vote !== m.from)',
    instead: 'if (s.vote === s.options.id)',
    breaks: 'one vote a term (thesis 3.4)',
  },
  {
    name: 'vote kept into the next term',
    file: coreState,
    find: '  s.vote = null\n',
    instead: '',
    breaks: 'a new term starts without a vote',
  },
  {
    name: 'new term not persisted',
    file: coreState,
    find: '  s.hardStateChanged = true\n',
    instead: '',
    breaks: 'a term is on disk before it is spoken of (catalogue 1)',
  },
  {
    name: 'words of an old term left in',
    file: coreState,
    find: '  s.afterPersist = []\n  s.safeReads',
    instead: '  s.safeReads',
    breaks: 'what was to be said in an older term is dropped',
  },
  {
    name: 'up-to-date check by length alone',
    file: election,
    find: 'return lastTerm > ourTerm || (lastTerm === ourTerm && lastIndex >= s.log.lastIndex())',
    instead: 'return lastIndex >= s.log.lastIndex() || lastTerm > ourTerm + 1',
    breaks: 'the later term decides whose log is newer (thesis 3.6.1)',
  },
  {
    name: 'up-to-date check left out of votes',
    file: election,
    find: "else if (!logIsUpToDate(s, m.lastTerm, m.lastIndex)) reason = 'its log is shorter'",
    instead: '',
    breaks: 'only a log with everything committed may win (thesis 3.6.1)',
  },
  {
    name: 'majority off by one',
    file: quorum,
    find: 'return Math.floor(voters / 2) + 1',
    instead: 'return Math.floor(voters / 2)',
    breaks: 'two majorities share a member',
  },
  {
    name: 'pre-vote changes the term',
    file: election,
    find: '  const granted = refusal === null\n',
    instead: "  const granted = refusal === null\n  if (granted) enterTermAsFollower(s, m.term, 'asked for a pre-vote')\n",
    breaks: 'asking disturbs nobody (thesis 9.6; catalogue 10)',
  },
  {
    name: 'stickiness off',
    file: election,
    find: 'if (m.transfer || !inContact(s)) return true',
    instead: 'return true',
    breaks: 'a node that hears its leader gives no vote (thesis 4.2.3)',
  },
  {
    name: 'CheckQuorum off',
    file: raft,
    find: "if (heard.filter(Boolean).length < majority(heard.length)) stepDown(s, 'heard no majority for an election timeout')",
    instead: '',
    breaks: 'a leader that hears no majority steps down (thesis 6.2; catalogue 11)',
  },
  {
    name: 'stale leader left in the dark',
    file: raft,
    find: "if (m.type === 'append' || m.type === 'heartbeat') answerStaleLeader(s, m)",
    instead: "if (m.type === 'append' || m.type === 'heartbeat') return",
    breaks: 'a leader of an older term hears of the newer one (catalogue 11)',
  },
]

const logs: readonly Sabotage[] = [
  {
    name: 'commit counts old-term entries',
    file: replication,
    find: 'if (index > s.commit && s.log.termAt(index) === s.term)',
    instead: 'if (index > s.commit)',
    breaks: 'only entries of the own term are committed by counting (thesis 3.6.2, figure 3.7; catalogue 7)',
  },
  {
    name: 'quorum of acknowledgements off by one',
    file: quorum,
    find: 'return matches[majority(matches.length) - 1] ?? 0',
    instead: 'return matches[Math.max(0, majority(matches.length) - 2)] ?? 0',
    breaks: 'committed means: on the disks of a majority',
  },
  {
    name: 'leader counts what it has not synced',
    file: replication,
    find: 'const index = quorumIndex(ofVoters(s, s.log.persistedIndex(), (progress) => progress.match))',
    instead: 'const index = quorumIndex(ofVoters(s, s.log.lastIndex(), (progress) => progress.match))',
    breaks: "the leader's own disk counts once it has synced (catalogue 3)",
  },
  {
    name: 'acknowledged before synced',
    file: replication,
    find: "if (earlier?.type !== 'append-reply') s.afterPersist.push(reply)",
    instead: "if (earlier?.type !== 'append-reply') s.messages.push(reply)",
    breaks: 'an acknowledgement means: on disk (catalogue 3)',
  },
  {
    name: 'promises sent before persist',
    file: raft,
    find: 'messages: all ? [] : s.messages,',
    instead: 'messages: s.messages.concat(s.afterPersist),',
    breaks: 'nothing a node says runs ahead of its disk (thesis figure 3.1)',
  },
  {
    name: 'no no-op',
    file: election,
    find: "s.log.extend(s.term, 'noop', [nothing])",
    instead: '',
    breaks: 'a new leader commits an entry of its own term at once (thesis 6.4)',
  },
  {
    name: 'commit as the leader says, in appends',
    file: replication,
    find: 'commitTo(s, Math.min(m.commit, verified))',
    instead: 'commitTo(s, Math.min(m.commit, s.log.lastIndex()))',
    breaks: 'a follower commits only what this message verified (catalogue 6)',
    lives: cutAppends,
  },
  {
    name: 'commit as the leader says, in heartbeats',
    file: replication,
    find: 'commitTo(s, Math.min(m.commit, m.match))',
    instead: 'commitTo(s, Math.min(m.commit, s.log.lastIndex()))',
    breaks: 'a heartbeat commits only what the follower is known to hold (catalogue 6)',
  },
  {
    name: 'short append cuts what agrees',
    file: replication,
    find: 'const news = entries.find((entry) => log.termAt(entry.index) !== entry.term)',
    instead: 'const news = entries[0]',
    breaks: 'only a conflict cuts the log (catalogue 4)',
  },
  {
    name: 'tail not cut at a conflict',
    file: replication,
    find: '    log.replaceTail(tail)\n',
    instead: '    if (news.index > log.lastIndex()) log.replaceTail(tail)\n',
    breaks: 'entries that conflict are replaced (catalogue 5)',
  },
  {
    name: 'term of the previous entry not compared',
    file: replication,
    find: '} else if (log.termAt(prevIndex) !== m.prevTerm) {',
    instead: '} else if (log.termAt(prevIndex) === null) {',
    breaks: 'an append follows an entry of the same term (log matching, thesis 3.5)',
  },
  {
    name: 'match raised by a rejection',
    file: replication,
    find: '  if (m.index <= progress.match) return\n',
    instead: '  if (m.index <= progress.match) return\n  progress.match = Math.max(progress.match, m.hintIndex)\n',
    breaks: "a rejection's hint is a guess, no acknowledgement",
  },
  {
    name: 'rejected append sent again as it was',
    file: replication,
    find: 'probeFrom(progress, agree + 1)',
    instead: 'probeFrom(progress, progress.next)',
    breaks: 'logs that differ find the place where they agree (catalogue 26)',
  },
  {
    name: 'lost appends never missed',
    file: progress,
    find: "if (progress.state === 'replicate' && oldest !== 0 && oldest === progress.beatOldest && progress.match === progress.beatMatch) {",
    instead: "if (progress.state !== 'replicate' && progress.state !== 'probe') {",
    breaks: 'appends that were lost without a closed connection are sent again',
  },
  {
    name: 'replaced tail believed synced',
    file: logView,
    find: '        persisted = Math.min(persisted, first - 1)\n',
    instead: '',
    breaks: 'a new tail is unsynced until its own transaction ends',
  },
]

export const consensusSabotages: readonly Sabotage[] = [...votes, ...logs]
