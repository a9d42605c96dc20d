/**
 * One node of the exhaustive world: the real core as a value. A state of a node is data (its core's fields, its disk) under a number; what an
 * input does to it is computed once and remembered. Clocks are taken out: contact with a leader counts as lapsed, a timeout may come at any
 * moment, so what holds here holds for every timing.
 */

import { raftDefaults } from '../../src-node/raft/options.ts'
import { createRaft, type Raft } from '../../src-node/raft/raft.ts'
import { type Entry, type HardState, logIndex, type Message, nodeId, type Ready, type Role, term } from '../../src-node/raft/types.ts'
import { stableLog } from './core-net.ts'

const voters = [1, 2, 3].map(nodeId)

export interface NodeState {
  readonly number: number
  readonly id: number
  readonly fields: Readonly<Record<string, unknown>>
  readonly hardState: HardState
  readonly entries: readonly Entry[]
  /** Read from the fields, for the judge. */
  readonly role: Role
  readonly term: number
  readonly commit: number
  /** Entries as text, for comparing. */
  readonly log: readonly string[]
  /** What inputs did to it, by their keys. */
  readonly outcomes: Map<string, Outcome | null>
}

export type Input =
  | { readonly kind: 'campaign' }
  | { readonly kind: 'propose'; readonly text: string }
  /** Asks where a read is linearizable. */
  | { readonly kind: 'read' }
  /** `number` stands for the message: equal messages have equal numbers. */
  | { readonly kind: 'message'; readonly message: Message; readonly number: number }
/** Where the process dies while it carries out what an input asks for. */
export type Death = 'none' | 'before-save' | 'after-save'
/** What the restarted node finds; all but `kept` are sabotage, to prove that the judge sees it. */
export type DiskAtRestart = 'kept' | 'vote-forgotten' | 'last-entry-lost'

export interface Outcome {
  readonly number: number
  readonly node: NodeState
  readonly said: readonly Message[]
  /** Indexes at which its read may be answered. */
  readonly reads: readonly number[]
}

export interface SmallNodes {
  readonly fresh: readonly NodeState[]
  /** Null where the input means nothing to a node in this state, or it does not live long enough to die there. */
  give(node: NodeState, input: Input, death: Death): Outcome | null
  restart(node: NodeState): Outcome
  count(): number
}

/** Neither data that a state consists of, nor rebuilt from the disk by a start. */
const notState = new Set(['options', 'peers', 'log', 'random', 'messages', 'afterPersist', 'events'])
/** One value for each clock. */
const clocks: Readonly<Record<string, number>> = { contactTicks: 2, electionTicks: 0, electionTimeoutTicks: 2, heartbeatTicks: 0, quorumTicks: 0 }

const copy = (value: unknown): unknown => {
  if (typeof value === 'function') throw new Error('a function is no state: take its field out of what is copied')
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, copy(each)]))
  if (value instanceof Set) return new Set(value)
  if (Array.isArray(value)) return value.map(copy)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]))
}

const spell = (value: unknown): unknown => (value instanceof Map || value instanceof Set ? [...value].map(spell) : value)
const entryText = ({ term: at, kind, data }: Entry): string => `${at}:${kind}:${String.fromCharCode(...data)}`

const fieldsOf = (core: Raft): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(core.view)) if (!notState.has(key)) fields[key] = copy(value)
  for (const [clock, value] of Object.entries(clocks)) {
    if (!(clock in fields)) throw new Error(`the core has no field ${clock}`)
    fields[clock] = value
  }
  return fields
}

const start = (id: number, hardState: HardState, entries: Entry[]): Raft =>
  createRaft({
    options: { ...raftDefaults, heartbeatTicks: 1, electionTicksMin: 2, electionTicksMax: 2, id: nodeId(id), voters, seed: 1 },
    log: stableLog({ hardState, entries }),
    hardState,
    applied: logIndex(0),
  })

interface Running {
  readonly core: Raft
  hardState: HardState
  readonly entries: Entry[]
  readonly said: Message[]
  readonly reads: number[]
}

/** Carries out what the core wants done; true if the process died on the way. */
const carryOut = (running: Running, death: Death): boolean => {
  const { core, entries, said, reads } = running
  for (let ready: Ready | null = core.ready(); ready !== null; ready = core.ready()) {
    said.push(...ready.messages)
    reads.push(...ready.reads.map(({ index }) => index))
    if (ready.hardState !== null || ready.entries.length > 0) {
      if (death === 'before-save') return true
      if (ready.hardState !== null) running.hardState = ready.hardState
      const first = ready.entries[0]?.index
      if (first !== undefined) entries.splice(first - 1, Number.POSITIVE_INFINITY, ...ready.entries)
      if (death === 'after-save') return true
      core.persisted()
    }
    said.push(...ready.afterPersist)
  }
  return false
}

/** The node asks for votes: ticks until it asks for pre-votes, and one is granted. Pre-votes promise nothing, so none is left out by this. */
const campaign = (core: Raft): void => {
  for (let ticks = 0; ticks < 3 && core.view.role !== 'pre-candidate'; ticks++) core.tick()
  core.ready()
  const other = voters.find((id) => id !== core.view.vote && id !== ownId(core))!
  core.step({ type: 'pre-vote-reply', from: other, to: ownId(core), term: term(core.view.term + 1), granted: true, refusal: null })
}
const ownId = (core: Raft) => (core.view as unknown as { readonly options: { readonly id: ReturnType<typeof nodeId> } }).options.id

const inputKey = (input: Input): string => {
  if (input.kind === 'message') return `${input.number}`
  return input.kind === 'propose' ? `propose ${input.text}` : input.kind
}

export function createSmallNodes(atRestart: DiskAtRestart = 'kept'): SmallNodes {
  const known = new Map<string, NodeState>()
  let outcomeCount = 0

  const intern = (id: number, core: Raft, hardState: HardState, entries: readonly Entry[]): NodeState => {
    const fields = fieldsOf(core)
    const log = entries.map(entryText)
    const key = JSON.stringify([id, fields, hardState, log], (_, value) => spell(value))
    let node = known.get(key)
    if (node === undefined) {
      const { role, term: inTerm, commit } = core.view
      node = { number: known.size, id, fields, hardState, entries: [...entries], role, term: inTerm, commit, log, outcomes: new Map() }
      known.set(key, node)
    }
    return node
  }
  const boot = (id: number, hardState: HardState, entries: readonly Entry[]) => intern(id, start(id, hardState, [...entries]), hardState, entries)

  const restart = (id: number, hardState: HardState, entries: readonly Entry[]): NodeState => {
    if (atRestart === 'vote-forgotten') return boot(id, { ...hardState, vote: null }, entries)
    return boot(id, hardState, atRestart === 'last-entry-lost' ? entries.slice(0, -1) : entries)
  }
  const give = (node: NodeState, input: Input, death: Death): Outcome | null => {
    const entries = [...node.entries]
    const core = start(node.id, node.hardState, entries)
    // A state is at rest: its disk holds the whole log, so a start and the fields are all there is to it.
    Object.assign(core.view, copy(node.fields))
    const running: Running = { core, hardState: node.hardState, entries, said: [], reads: [] }
    if (input.kind === 'message') core.step(input.message)
    else if (input.kind === 'campaign') campaign(core)
    else if (input.kind === 'read') core.readIndex(1)
    else core.propose([new TextEncoder().encode(input.text)])
    const died = carryOut(running, death)
    if (death !== 'none' && !died) return null
    return {
      number: outcomeCount++,
      node: died ? restart(node.id, running.hardState, entries) : intern(node.id, core, running.hardState, running.entries),
      said: running.said,
      reads: running.reads,
    }
  }
  return {
    fresh: voters.map((id) => boot(id, { term: term(0), vote: null }, [])),
    restart(node) {
      let outcome = node.outcomes.get('restart')
      if (!outcome) {
        outcome = { number: outcomeCount++, node: restart(node.id, node.hardState, node.entries), said: [], reads: [] }
        node.outcomes.set('restart', outcome)
      }
      return outcome
    },
    count: () => known.size,
    give(node, input, death) {
      if (input.kind === 'campaign' ? node.role === 'leader' : input.kind === 'propose' && node.role !== 'leader') return null
      const key = `${death} ${inputKey(input)}`
      let outcome = node.outcomes.get(key)
      if (outcome === undefined) {
        outcome = give(node, input, death)
        node.outcomes.set(key, outcome)
      }
      return outcome
    },
  }
}
