/**
 * What must hold in every script after every step, whatever its expected trace says (reliability 3: 1, 3, 4, 5, 6, 7, 8, 9, 12, 14, 18). A rewritten
 * expectation can hide a change of behaviour from a careless reader; it cannot hide a broken promise from this.
 */

import type { Entry, HardState, LogBase, Message, SafeRead } from '../../src-node/raft/types.ts'
import { entryLine, messageLine } from './script-trace.ts'

export interface JudgedNode {
  readonly id: number
  readonly view: { readonly term: number; readonly vote: number | null; readonly role: string; readonly commit: number } | null
  readonly disk: { readonly hardState: HardState; readonly entries: readonly Entry[]; readonly base?: LogBase }
}

export interface Judge {
  /** At the moment at which `message` leaves its sender. */
  leaves(message: Message, sender: JudgedNode): void
  applies(id: number, entry: Entry): void
  /** Its state becomes what these entries made of it (invariant 14). */
  installs(id: number, applied: readonly Entry[]): void
  asks(id: number, context: number, nodes: readonly JudgedNode[]): void
  safeRead(id: number, read: SafeRead): void
  /** After each step of any node. */
  step(nodes: readonly JudgedNode[]): void
  /** A node starts again: what it knew beyond its disk is gone, what it promised is not. */
  restarted(id: number): void
}

const wrong = (what: string): never => {
  throw new Error(`invariant: ${what}`)
}

export function createJudge(): Judge {
  const leaders = new Map<number, number>()
  const applied = new Map<number, string>()
  const last = new Map<number, { term: number; vote: number | null; commit: number }>()
  const promised = new Map<string, number>()
  /** What was committed anywhere when the question was asked. */
  const floors = new Map<string, number>()
  let committed = 0

  const judgeNode = ({ id, view, disk }: JudgedNode) => {
    if (view === null) return
    const before = last.get(id)
    if (before !== undefined) {
      if (view.term < before.term) wrong(`the term of node ${id} fell from ${before.term} to ${view.term}`)
      if (view.term === before.term && before.vote !== null && view.vote !== before.vote) wrong(`node ${id} changed its vote in term ${view.term}`)
      if (view.commit < before.commit) wrong(`the commit index of node ${id} fell from ${before.commit} to ${view.commit}`)
    }
    last.set(id, { term: view.term, vote: view.vote, commit: view.commit })
    if (view.role !== 'leader') return
    const other = leaders.get(view.term)
    if (other !== undefined && other !== id) wrong(`nodes ${other} and ${id} both lead term ${view.term}`)
    if (other === undefined) {
      leaders.set(view.term, id)
      const held = new Set(disk.entries.map(entryLine))
      for (const [index, line] of applied)
        if (index > (disk.base?.index ?? 0) && !held.has(line)) wrong(`node ${id} leads term ${view.term} without the applied entry ${line}`)
    }
  }
  return {
    leaves(message, { disk }) {
      const said = messageLine(message)
      if (message.type !== 'pre-vote' && !(message.type === 'pre-vote-reply' && message.granted) && message.term > disk.hardState.term)
        wrong(`said ahead of the disk: ${said}`)
      if (message.type === 'vote-reply' && message.granted) {
        if (disk.hardState.vote !== message.to) wrong(`promised without being saved: ${said}`)
        const vote = `${message.from} in ${message.term}`
        if ((promised.get(vote) ?? message.to) !== message.to) wrong(`node ${message.from} votes twice: ${said}`)
        promised.set(vote, message.to)
      }
      if (message.type === 'vote' && disk.hardState.vote !== message.from) wrong(`asked without its own vote being saved: ${said}`)
      if (message.type === 'append-reply' && message.ok && message.index > lastOnDisk(disk)) wrong(`acknowledged without being saved: ${said}`)
    },
    applies(id, entry) {
      const line = entryLine(entry)
      const before = applied.get(entry.index)
      if (before !== undefined && before !== line) wrong(`node ${id} applies ${line}, another node applied ${before}`)
      applied.set(entry.index, line)
    },
    installs(id, entries) {
      for (const [at, entry] of entries.entries()) {
        const line = entryLine(entry)
        if (entry.index !== at + 1) wrong(`node ${id} installs a snapshot that leaves out entry ${at + 1}`)
        if ((applied.get(entry.index) ?? line) !== line) wrong(`node ${id} installs ${line}, another node applied ${applied.get(entry.index)}`)
      }
    },
    asks(id, context, nodes) {
      committed = Math.max(committed, ...nodes.map(({ view }) => view?.commit ?? 0))
      floors.set(`${id} ${context}`, committed)
    },
    safeRead(id, { context, index }) {
      const floor = floors.get(`${id} ${context}`) ?? wrong(`node ${id} hears of a read ${context} that nobody asked`)
      if (index < floor) wrong(`stale read ${context} at node ${id}: index ${index}, but ${floor} was committed when it was asked`)
    },
    step(nodes) {
      committed = Math.max(committed, ...nodes.map(({ view }) => view?.commit ?? 0))
      for (const node of nodes) judgeNode(node)
      for (const one of nodes) for (const other of nodes) if (one.id < other.id) judgeMatching(one, other)
    },
    restarted: (id) => void last.delete(id),
  }
}

const lastOnDisk = ({ base, entries }: JudgedNode['disk']): number => (base?.index ?? 0) + entries.length

/** Log matching (thesis 3.5): logs that agree on one entry's index and term agree on all before it. */
function judgeMatching(one: JudgedNode, other: JudgedNode): void {
  const others = new Map(other.disk.entries.map((entry) => [entry.index, entry]))
  let agreed = false
  for (const a of one.disk.entries.toReversed()) {
    const b = others.get(a.index)
    if (b === undefined) continue
    agreed ||= a.term === b.term
    if (agreed && entryLine(a) !== entryLine(b))
      wrong(`the logs of nodes ${one.id} and ${other.id} agree above ${a.index}, but hold ${entryLine(a)} and ${entryLine(b)}`)
  }
}
