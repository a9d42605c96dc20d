/**
 * Every order of events in a small cluster, one after another (reliability 5.7): three nodes, so many campaigns, proposals and crashes. What was said
 * once may arrive at any time, never, or again, so loss, delay, reordering and doubling are all in it. States that were seen are not
 * gone through again. After each event: election safety, log matching, leader completeness, state machine safety (thesis figure 3.2).
 */

import type { Message } from '../../src-node/raft/types.ts'
import { messageLine } from './script-trace.ts'
import { createSmallNodes, type Death, type DiskAtRestart, type Input, type NodeState, type Outcome } from './small-node.ts'

export interface SmallWorldBounds {
  readonly terms: number
  readonly proposals: number
  readonly crashes: number
  /** Questions for a read index, asked of whoever takes itself for the leader. */
  readonly reads: 0 | 1
  /** `led`: node 1 leads term 1 and everything it said has arrived; `new`: nobody has ever led. */
  readonly from: 'new' | 'led'
  /** Gives up beyond so many states; a test checks that it was not needed. */
  readonly statesMax: number
}

export interface Exploration {
  readonly states: number
  readonly nodeStates: number
  readonly transitions: number
  /** All states within the bounds were seen. */
  readonly complete: boolean
  /** The broken promise and the events that lead to it, shortest first. */
  readonly violation: { readonly what: string; readonly events: readonly string[] } | null
  /** What was reached at least once: a world in which nothing happens proves nothing. */
  readonly reached: ReadonlySet<string>
}

/** What the past decided, beyond the states of the nodes. */
interface History {
  readonly number: number
  /** Leader of each term, 0 = none yet. */
  readonly leaders: readonly number[]
  /** Committed entries in order, each with the term in which it was first seen committed. */
  readonly committed: readonly string[]
  readonly committedIn: readonly number[]
}

interface WorldState {
  readonly nodes: readonly NodeState[]
  readonly said: SaidSet
  readonly proposals: number
  readonly crashes: number
  readonly reads: number
  /** Who asked it, and how much was committed anywhere by then. */
  readonly question: { readonly by: number; readonly floor: number } | null
  readonly history: History
  readonly before: WorldState | null
  readonly event: string
}

/** A set of message numbers, interned so that equal sets are one object. */
interface SaidSet {
  readonly number: number
  readonly members: readonly number[]
  /** The set after an outcome, by the number of the outcome. */
  readonly after: Map<number, SaidSet>
  /** The set without what is vain for a state of a node, by the number of that state. */
  readonly useful: Map<number, SaidSet>
}

/**
 * What need not be kept, since it can change nothing that something else said cannot: pre-votes (they promise nothing, and are granted unasked
 * here), votes for an election that is over, and acknowledgements and commit indexes that a later one of the same term exceeds.
 */
const isVain = (message: Message, to: NodeState): boolean => {
  if (message.type === 'vote-reply' && !message.granted && message.term === to.term) return true
  if (message.type === 'vote-reply') return message.term < to.term || (message.term === to.term && to.role !== 'candidate')
  if (message.type === 'append-reply') return message.term < to.term || (message.term === to.term && to.role !== 'leader')
  return message.type.startsWith('pre-vote')
}
const isExceeded = (message: Message, by: Message): boolean => {
  if (message === by || message.from !== by.from || message.to !== by.to || message.term !== by.term) return false
  if (message.type === 'append-reply' && by.type === 'append-reply') return message.ok && by.ok && message.index <= by.index
  if (message.type !== 'heartbeat' || by.type !== 'heartbeat') return false
  // Answers to different rounds confirm different reads.
  return message.commit <= by.commit && message.match <= by.match && (message.round === 0 || message.round === by.round)
}

function createSaidSets() {
  const messages: Message[] = []
  const numbers = new Map<string, number>()
  const sets = new Map<string, SaidSet>()
  const intern = (members: readonly number[]): SaidSet => {
    const key = members.join()
    let set = sets.get(key)
    if (set === undefined) {
      set = { number: sets.size, members, after: new Map(), useful: new Map() }
      sets.set(key, set)
    }
    return set
  }
  const numberOf = (message: Message): number => {
    const key = messageLine(message)
    let number = numbers.get(key)
    if (number === undefined) {
      number = messages.length
      messages.push(message)
      numbers.set(key, number)
    }
    return number
  }
  const message = (number: number): Message => messages[number]!
  return {
    empty: intern([]),
    message,
    after(set: SaidSet, { number, said }: Pick<Outcome, 'number' | 'said'>): SaidSet {
      let next = set.after.get(number)
      if (next === undefined) {
        const fresh = said.map(numberOf).filter((one) => !set.members.includes(one))
        const all = [...new Set([...set.members, ...fresh])]
        const exceeded = (one: number, by: readonly number[]) => by.some((other) => isExceeded(message(one), message(other)))
        next = fresh.length === 0 ? set : intern(all.filter((one) => !exceeded(one, fresh.includes(one) ? all : fresh)).sort((a, b) => a - b))
        set.after.set(number, next)
      }
      return next
    },
    usefulTo(set: SaidSet, node: NodeState): SaidSet {
      let next = set.useful.get(node.number)
      if (next === undefined) {
        const left = set.members.filter((one) => message(one).to !== node.id || !isVain(message(one), node))
        next = left.length === set.members.length ? set : intern(left)
        set.useful.set(node.number, next)
      }
      return next
    },
  }
}

const violated = (what: string): never => {
  throw new Error(what)
}

function createHistories() {
  const histories = new Map<string, History>()
  const intern = (history: Omit<History, 'number'>): History => {
    const key = JSON.stringify(history)
    let known = histories.get(key)
    if (known === undefined) {
      known = { ...history, number: histories.size }
      histories.set(key, known)
    }
    return known
  }
  return {
    empty: intern({ leaders: [], committed: [], committedIn: [] }),
    /** The history once `node` is in this state, or a violation. */
    after(history: History, { id, role, term, commit, log }: NodeState): History {
      let { leaders, committed, committedIn } = history
      for (let at = 0; at < Math.min(commit, committed.length); at++) {
        if (log[at] !== committed[at])
          violated(`state machine safety: node ${id} commits ${log[at]} at ${at + 1}, where ${committed[at]} was committed`)
      }
      if (role === 'leader') {
        const other = leaders[term] ?? 0
        if (other !== 0 && other !== id) violated(`election safety: nodes ${other} and ${id} both lead term ${term}`)
        if (other === 0) leaders = Array.from({ length: Math.max(leaders.length, term + 1) }, (_, at) => (at === term ? id : (leaders[at] ?? 0)))
        for (const [at, entry] of committed.entries()) {
          if (committedIn[at]! < term && log[at] !== entry)
            violated(`leader completeness: node ${id} leads term ${term} without the committed entry ${at + 1}`)
        }
      }
      if (commit > committed.length) {
        committedIn = [...committedIn, ...log.slice(committed.length, commit).map(() => term)]
        committed = log.slice(0, commit)
      }
      return leaders === history.leaders && committed === history.committed ? history : intern({ leaders, committed, committedIn })
    },
  }
}

const checkMatching = (nodes: readonly NodeState[], changed: NodeState): void => {
  for (const other of nodes) {
    if (other === changed) continue
    let agreed = false
    for (let at = Math.min(other.log.length, changed.log.length) - 1; at >= 0; at--) {
      agreed ||= other.entries[at]!.term === changed.entries[at]!.term
      if (agreed && other.log[at] !== changed.log[at])
        violated(`log matching: nodes ${other.id} and ${changed.id} differ at ${at + 1} beneath an equal entry`)
    }
  }
}

const lines = new WeakMap<Message, string>()
const lineOf = (message: Message): string => {
  const line = lines.get(message) ?? messageLine(message)
  lines.set(message, line)
  return line
}

const deaths: readonly Death[] = ['before-save', 'after-save']

const eventsTo = (state: WorldState): readonly string[] => {
  const events: string[] = []
  for (let at: WorldState | null = state; at !== null && at.before !== null; at = at.before) events.unshift(at.event)
  return events
}

/** Goes through all states within `bounds`, nearest first. */
export function exploreSmallWorld(bounds: SmallWorldBounds, atRestart: DiskAtRestart = 'kept'): Exploration {
  const nodes = createSmallNodes(atRestart)
  const sets = createSaidSets()
  const histories = createHistories()
  const seen = new Set<string>()
  const reached = new Set<string>()
  const queue: WorldState[] = []
  let transitions = 0

  const visit = (state: WorldState): void => {
    const key = `${state.nodes[0]!.number},${state.nodes[1]!.number},${state.nodes[2]!.number},${state.said.number},${state.proposals},${state.crashes},${state.reads},${state.question?.by ?? 0},${state.question?.floor ?? 0},${state.history.number}`
    if (seen.has(key)) return
    seen.add(key)
    queue.push(state)
  }
  const moved = (from: WorldState, outcome: Outcome, event: string, proposals: number, crashes: number): void => {
    transitions++
    const { node } = outcome
    const at = node.id - 1
    if (from.nodes[at] === node && outcome.said.length === 0 && outcome.reads.length === 0) return
    const moved = from.nodes.map((each, index) => (index === at ? node : each))
    const said = moved.reduce((left, each) => sets.usefulTo(left, each), sets.after(from.said, outcome))
    if (from.nodes[at] === node && said === from.said && outcome.reads.length === 0) return
    judgeReads(from, outcome, reached)
    const history = histories.after(from.history, node)
    checkMatching(moved, node)
    mark(reached, node, history, crashes === 1)
    visit({
      nodes: moved,
      said,
      proposals: from.proposals - proposals,
      crashes: from.crashes - crashes,
      reads: from.reads,
      question: from.question,
      history,
      before: from,
      event,
    })
  }
  const tryInput = (state: WorldState, node: NodeState, input: Input, event: string, proposals = 0): void => {
    const outcome = nodes.give(node, input, 'none')
    if (outcome === null) return
    moved(state, outcome, event, proposals, 0)
    if (state.crashes === 0) return
    for (const death of deaths) {
      const cut = nodes.give(node, input, death)
      if (cut !== null) moved(state, cut, `${event}, dies ${death}`, proposals, 1)
    }
  }
  const arrives = (state: WorldState, number: number): void => {
    const message = sets.message(number)
    tryInput(state, state.nodes[message.to - 1]!, { kind: 'message', message, number }, lineOf(message))
  }
  const asks = (state: WorldState, node: NodeState): void => {
    const asked = { ...state, reads: state.reads - 1, question: { by: node.id, floor: state.history.committed.length } }
    tryInput(asked, node, { kind: 'read' }, `${node.id} asks for a read index`)
  }
  const expand = (state: WorldState): void => {
    for (const node of state.nodes) {
      // Who asks first is the same as who is called node 1.
      const first = state.nodes.every(({ term }) => term === 0)
      if (node.term < bounds.terms && (!first || node.id === 1)) tryInput(state, node, { kind: 'campaign' }, `${node.id} campaigns`)
      const text = String.fromCharCode(96 + state.proposals)
      if (state.proposals > 0) tryInput(state, node, { kind: 'propose', text }, `${node.id} proposes ${text}`, 1)
      if (state.crashes > 0) moved(state, nodes.restart(node), `${node.id} crashes`, 0, 1)
    }
    for (const number of state.said.members) arrives(state, number)
    if (state.reads > 0) for (const node of state.nodes) if (node.role === 'leader') asks(state, node)
  }

  const fresh = { nodes: nodes.fresh, said: sets.empty, question: null, history: histories.empty, before: null, event: '' }
  if (bounds.from === 'new') visit({ ...fresh, proposals: bounds.proposals, crashes: bounds.crashes, reads: bounds.reads })
  else {
    // The same moves, taken in one order: each new state replaces the one before.
    visit({ ...fresh, proposals: 0, crashes: 0, reads: 0 })
    tryInput(queue.pop()!, nodes.fresh[0]!, { kind: 'campaign' }, '1 campaigns')
    let led = queue.pop()!
    for (let next: WorldState | undefined = led; next !== undefined; next = queue.pop()) {
      led = next
      for (const number of led.said.members) if (queue.length === 0) arrives(led, number)
    }
    seen.clear()
    reached.clear()
    transitions = 0
    visit({ ...led, proposals: bounds.proposals, crashes: bounds.crashes, reads: bounds.reads, before: null })
  }
  let violation: Exploration['violation'] = null
  let at = 0
  for (; at < queue.length && seen.size <= bounds.statesMax && violation === null; at++) {
    const state = queue[at]!
    try {
      expand(state)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      violation = { what: error.message, events: eventsTo(state) }
    }
  }
  return { states: seen.size, nodeStates: nodes.count(), transitions, complete: at === queue.length, violation, reached }
}

/** An answer, and each copy of it that comes later, must not be older than what was committed at the question (invariant 18). */
function judgeReads({ question, history }: WorldState, { node, reads }: Outcome, reached: Set<string>): void {
  for (const index of reads) {
    if (question === null || question.by !== node.id) violated(`node ${node.id} hears of a read that it did not ask for`)
    else if (index < question.floor) violated(`stale read: node ${node.id} may answer at ${index}, but ${question.floor} was committed when it asked`)
    reached.add(history.leaders.filter((id) => id !== 0).length > 1 ? 'a read answered after a leader change' : 'a read answered')
  }
}

function mark(reached: Set<string>, node: NodeState, history: History, crashed: boolean): void {
  reached.add(`${node.role} in term ${node.term}`)
  if (history.committed.length > 0) reached.add(`${history.committed.length} committed`)
  if (history.leaders.filter((id) => id !== 0).length > 1) reached.add('a second leader')
  if (crashed) reached.add('a crash')
}
