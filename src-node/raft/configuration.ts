/**
 * Which configuration is in force on this node: the latest one in its log, committed or not (thesis 4.1). It keeps the newest one known to
 * be committed and every later one, so that a tail that is cut takes its configurations with it. Asked by whoever counts votes or
 * acknowledgements; nobody counts in any other way.
 */

import type { CoreState } from './core-state.ts'
import { broken } from './invariant.ts'
import { decodeMembership, isMember, type Membership, membershipOf, votersApart } from './membership.ts'
import type { Progress } from './progress.ts'
import { type Entry, type LogIndex, logIndex, type NodeId, type StoredMembership } from './types.ts'

/** A configuration and the log entry that brought it; 0: the founding one, which stands in no log. */
export interface Configuration {
  readonly index: LogIndex
  readonly membership: Membership
}

/** Oldest first: one that is known to be committed, then those that are not. Never empty. */
export type Configurations = readonly [Configuration, ...Configuration[]]

const founding = (founders: readonly NodeId[]): Configuration => ({ index: logIndex(0), membership: membershipOf(founders) })

/** What a node knows at its start: everything up to `applied` is committed. */
export function configurationsAtStart(founders: readonly NodeId[], stored: readonly StoredMembership[], applied: LogIndex): Configurations {
  const known = [founding(founders)]
  for (const { index, data } of stored) known.push({ index, membership: decodeMembership(data) })
  return since(known, applied)
}

function since(known: readonly Configuration[], commit: number): Configurations {
  const newest = known.findLastIndex(({ index }) => index <= commit)
  const [first, ...later] = known.slice(Math.max(0, newest))
  return [first ?? broken('no configuration is known'), ...later]
}

/** Everybody who is in any of these configurations, but this node: whom it sends to. */
export function peersOf(configurations: Configurations, self: NodeId): NodeId[] {
  const ids = new Set(configurations.flatMap(({ membership }) => [...membership.voters, ...membership.learners]))
  ids.delete(self)
  return [...ids].toSorted((a, b) => a - b)
}

function setConfigurations(s: CoreState, configurations: Configurations): void {
  s.configurations = configurations
  s.peers = peersOf(configurations, s.options.id)
}

export function inForce(s: CoreState): Configuration {
  return s.configurations.at(-1) ?? s.configurations[0]
}

export function voters(s: CoreState): readonly NodeId[] {
  return inForce(s).membership.voters
}

export function isVoter(s: CoreState, id: NodeId): boolean {
  return voters(s).includes(id)
}

/** The entry of the configuration in force (0: the founding one) if that is committed and names this node neither voter nor learner, else null. */
export function outsideBy(s: CoreState): LogIndex | null {
  const { index, membership } = inForce(s)
  return index <= s.commit && !isMember(membership, s.options.id) ? index : null
}

/** True while some configuration that may still turn out to be the one in force has this node as a voter (thesis 4.2.2). */
export function mayBeVoter(s: CoreState): boolean {
  return s.configurations.some(({ membership }) => membership.voters.includes(s.options.id))
}

/** One number per voter of the configuration in force, for a majority to be found in: this node's own, the others' by their progress (invariant 16). */
export function ofVoters(s: CoreState, own: number, of: (progress: Progress) => number): number[] {
  return voters(s).map((id) => (id === s.options.id ? own : of(s.progress.get(id) ?? broken(`no progress is kept of voter ${id}`))))
}

/** Entries were added at the end; what stood from the first of them on is gone. */
export function followTail(s: CoreState, entries: readonly Entry[]): void {
  const first = entries[0]?.index ?? broken('an empty tail has no configurations')
  if (inForce(s).index >= first) cutFrom(s, first)
  for (const entry of entries) if (entry.kind === 'config') takeEffect(s, entry)
}

function cutFrom(s: CoreState, first: number): void {
  const kept = s.configurations.filter(({ index }) => index < first)
  const [oldest, ...later] = kept
  if (oldest === undefined) broken(`committed configuration ${s.configurations[0].index} would be cut off`)
  const undone = inForce(s).index
  setConfigurations(s, [oldest, ...later])
  s.events.push({ type: 'membership', phase: 'undone', index: undone, ...inForce(s).membership })
}

/** Invariant 17, on every node: configurations follow each other in the log by one voter. */
export function takeEffect(s: CoreState, { index, data }: StoredMembership): void {
  const membership = decodeMembership(data)
  const before = inForce(s)
  const apart = votersApart(before.membership, membership)
  if (apart > 1) broken(`configuration ${index} differs from ${before.index} by ${apart} voters`)
  const news = membership.voters.find((id) => !before.membership.voters.includes(id))
  if (news !== undefined && !isMember(before.membership, news)) broken(`configuration ${index} makes node ${news} a voter, which was no learner`)
  setConfigurations(s, [...s.configurations, { index, membership }])
  s.events.push({ type: 'membership', phase: 'appended', index, ...membership })
}

/** A snapshot takes the place of the log: what it knows is committed, and nothing else is known. */
export function restoreConfigurations(s: CoreState, stored: StoredMembership | null): void {
  const first: Configuration = stored === null ? founding(s.options.voters) : { index: stored.index, membership: decodeMembership(stored.data) }
  const known = inForce(s).index === first.index
  setConfigurations(s, [first])
  if (!known) s.events.push({ type: 'membership', phase: 'committed', index: first.index, ...first.membership })
}

/** The commit index has risen: configurations before the newest committed one cannot come back. */
export function settleConfigurations(s: CoreState): void {
  const known = s.configurations
  if (known.length === 1 || known[1] === undefined || known[1].index > s.commit) return
  const settled = since(known, s.commit)
  setConfigurations(s, settled)
  s.events.push({ type: 'membership', phase: 'committed', index: settled[0].index, ...settled[0].membership })
}
