/**
 * A table of pure cores with wires between them, for scripts: nothing moves unless the script says so. Disks are arrays; a
 * core's Ready is carried out in the order that its contract demands.
 */

import type { MembershipChange } from '../../src-node/raft/membership.ts'
import { type RaftTuning, raftDefaults } from '../../src-node/raft/options.ts'
import { createRaft, type Raft } from '../../src-node/raft/raft.ts'
import {
  type Entry,
  type HardState,
  type LogBase,
  type LogIndex,
  logIndex,
  type Message,
  type NodeId,
  nodeId,
  type Ready,
  type SafeRead,
  type StableLog,
  type StoredMembership,
  term,
} from '../../src-node/raft/types.ts'

export interface CoreDisk {
  hardState: HardState
  entries: Entry[]
  /** What is compacted away; left out as long as that is nothing. */
  base?: LogBase
  /** The newest configuration in what is compacted away. */
  membership?: StoredMembership | null
}

export interface CoreNode {
  readonly id: NodeId
  core: Raft
  readonly disk: CoreDisk
  readonly causes: string[]
  /** What was answered to its questions for a read index. */
  readonly reads: SafeRead[]
  /** Puts what the core wants to save aside instead of on the disk; `sync` ends it. */
  slowDisk: boolean
  pending: Ready | null
}

export interface CoreNet {
  readonly nodes: readonly CoreNode[]
  readonly wire: Message[]
  node(id: number): CoreNode
  /** Carries out whatever a core wants done now. */
  drain(node: CoreNode): void
  sync(node: CoreNode): void
  tick(id: number, times?: number): void
  /** Delivers everything that matches, also what that causes, until the wires are silent. */
  settle(pass?: (message: Message) => boolean): void
  step(id: number, message: Message): void
  propose(id: number, ...texts: string[]): void
  /** What the core answers to a wish for another configuration. */
  change(id: number, kind: MembershipChange['kind'], member: number): LogIndex | string
  restart(id: number): void
  gone(id: number, peer: number): void
  /** Ticks one node into leading, with everything delivered. */
  elect(id: number, pass?: (message: Message) => boolean): void
  terms(id: number): number[]
}

const start: LogBase = { index: logIndex(0), term: term(0) }

export const stableLog = (disk: CoreDisk): StableLog => {
  const base = () => disk.base ?? start
  return {
    firstIndex: () => logIndex(base().index + 1),
    lastIndex: () => logIndex(base().index + disk.entries.length),
    termAt: (index) => (index === base().index ? base().term : (disk.entries[index - base().index - 1]?.term ?? null)),
    entries: (from, to) => disk.entries.slice(from - base().index - 1, to - base().index),
    memberships: () => [...(disk.membership ? [disk.membership] : []), ...disk.entries.filter(({ kind }) => kind === 'config')],
  }
}

/** Forgets everything up to `index`. */
export const compact = (disk: CoreDisk, index: number): void => {
  const before = (disk.base ?? start).index
  const last = disk.entries[index - before - 1]
  if (last === undefined) throw new Error(`there is no entry ${index} to forget`)
  disk.membership =
    stableLog(disk)
      .memberships()
      .findLast((each) => each.index <= index) ?? null
  disk.entries.splice(0, index - before)
  disk.base = { index: last.index, term: last.term }
}

export const entry = (atTerm: number, index: number, text = ''): Entry => ({
  term: term(atTerm),
  index: logIndex(index),
  kind: 'command',
  data: new TextEncoder().encode(text),
})

/** A log given by the terms of its entries; the hard state has the last of them unless `inTerm` says more. */
export const diskOf = (terms: number[], inTerm = terms.at(-1) ?? 0): CoreDisk => ({
  hardState: { term: term(inTerm), vote: null },
  entries: terms.map((atTerm, i) => entry(atTerm, i + 1, `${atTerm}.${i + 1}`)),
})

/** Node n has disk n; the first `founders` of them are voters, the others stand outside. */
export function createCoreNet(disks: CoreDisk[], tuning: Partial<RaftTuning> = {}, founders = disks.length): CoreNet {
  const all = disks.map((_, i) => nodeId(i + 1))
  const voters = all.slice(0, founders)
  const wire: Message[] = []
  const boot = (id: NodeId, disk: CoreDisk) =>
    createRaft({
      options: { ...raftDefaults, ...tuning, id, voters, seed: id * 7 },
      log: stableLog(disk),
      hardState: disk.hardState,
      applied: disk.base?.index ?? logIndex(0),
    })
  const nodes: CoreNode[] = disks.map((disk, i) => ({
    id: all[i]!,
    core: boot(all[i]!, disk),
    disk,
    causes: [],
    reads: [],
    slowDisk: false,
    pending: null,
  }))
  const node = (id: number) => nodes[id - 1]!

  const drain = (of: CoreNode) => {
    if (of.pending !== null) return
    for (let ready = of.core.ready(); ready !== null; ready = of.core.ready()) {
      for (const event of ready.events) if (event.type === 'role') of.causes.push(`${event.role}: ${event.cause}`)
      of.reads.push(...ready.reads)
      wire.push(...ready.messages)
      if (ready.snapshot === null && ready.hardState === null && ready.entries.length === 0) wire.push(...ready.afterPersist)
      else {
        of.pending = ready
        if (of.slowDisk) return
        save(of)
      }
    }
  }
  const save = (of: CoreNode) => {
    const ready = of.pending!
    of.pending = null
    if (ready.snapshot !== null) {
      const { index, term: atTerm, membership } = ready.snapshot
      of.disk.base = { index, term: atTerm }
      of.disk.membership = membership
      of.disk.entries.length = 0
    }
    if (ready.hardState !== null) of.disk.hardState = ready.hardState
    const first = ready.entries[0]?.index
    if (first !== undefined) of.disk.entries.splice(first - 1 - (of.disk.base?.index ?? 0), Number.POSITIVE_INFINITY, ...ready.entries)
    of.core.persisted()
    wire.push(...ready.afterPersist)
  }
  const tick = (id: number, times = 1) => {
    for (let i = 0; i < times; i++) {
      node(id).core.tick()
      drain(node(id))
    }
  }
  const settle: CoreNet['settle'] = (pass = () => true) => {
    for (let steps = 0; wire.length > 0; steps++) {
      if (steps > 10_000) throw new Error('the wires never fall silent')
      const message = wire.shift()!
      if (!pass(message) || node(message.to).pending !== null) continue
      node(message.to).core.step(message)
      drain(node(message.to))
    }
  }
  return {
    nodes,
    wire,
    node,
    drain,
    sync(of) {
      save(of)
      drain(of)
    },
    tick,
    settle,
    step(id, message) {
      node(id).core.step(message)
      drain(node(id))
    },
    propose(id, ...texts) {
      node(id).core.propose(texts.map((text) => new TextEncoder().encode(text)))
      drain(node(id))
    },
    change(id, kind, member) {
      const answer = node(id).core.changeMembership({ kind, id: nodeId(member) })
      drain(node(id))
      return answer
    },
    restart(id) {
      const of = node(id)
      of.pending = null
      of.core = boot(of.id, of.disk)
    },
    gone(id, peer) {
      node(id).core.peerGone(nodeId(peer))
      drain(node(id))
    },
    elect(id, pass) {
      tick(id, raftDefaults.electionTicksMax)
      settle(pass)
    },
    terms: (id) => node(id).disk.entries.map((each) => Number(each.term)),
  }
}
