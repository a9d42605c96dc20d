/**
 * Is there an order of these operations, each at a moment between its call and its return, that the model allows? Wing and Gong's search
 * with Lowe's memoisation, in the manner of anishathalye/porcupine. It never guesses: beyond its budget it says `undecided`.
 */

import { createRandom } from '../../src-node/raft/random.ts'
import type { Operation } from './history.ts'

export interface Model<S, I, O> {
  readonly initial: S
  /** The state after the operation, or null if it cannot happen in this state with this output. An unknown output allows every effect. */
  step(state: S, input: I, output: O | null): S | null
  /** Equal states, and only they, have equal text. */
  textOf(state: S): string
}

export interface Judgement {
  readonly verdict: 'legal' | 'illegal' | 'undecided'
  readonly steps: number
  /** Positions of the operations in the order found; if illegal, the longest one that came about. */
  readonly order: readonly number[]
}

export const stepsMax = 5_000_000

/** A call or a return, in a doubly linked list by time. */
interface Node {
  readonly operation: number
  /** The return of a call; null for a return, and for a call that has none. */
  readonly match: Node | null
  readonly isCall: boolean
  before: Node
  next: Node | null
}

/** The list behind a head that belongs to no operation. At equal times calls come first: touching operations overlap. */
function linkUp<I, O>(operations: readonly Operation<I, O>[]): Node {
  const records: { node: Node; at: number }[] = []
  const head: Node = { operation: -1, match: null, isCall: false, before: null as unknown as Node, next: null }
  operations.forEach(({ callAt, returnAt, output }, operation) => {
    if (returnAt < callAt) throw new Error(`operation ${operation} returns before its call`)
    const end: Node | null = output === null ? null : { operation, match: null, isCall: false, before: head, next: null }
    records.push({ node: { operation, match: end, isCall: true, before: head, next: null }, at: callAt })
    if (end !== null) records.push({ node: end, at: returnAt })
  })
  records.sort((a, b) => a.at - b.at || Number(b.node.isCall) - Number(a.node.isCall))
  let last = head
  for (const { node } of records) {
    last.next = node
    node.before = last
    last = node
  }
  return head
}

/**
 * For each operation of unknown outcome the one called before it that asked for the same, or -1. Either of the two may have happened, both
 * at any time after the later call: it is enough to try them in the order of their calls.
 */
function twinsOf<I, O>(operations: readonly Operation<I, O>[]): readonly number[] {
  const newest = new Map<string, number>()
  const twins = operations.map(() => -1)
  const unknown = operations.flatMap(({ output, callAt }, i) => (output === null ? [{ i, callAt }] : []))
  for (const { i } of unknown.toSorted((a, b) => a.callAt - b.callAt)) {
    const text = JSON.stringify(operations[i]!.input)
    twins[i] = newest.get(text) ?? -1
    newest.set(text, i)
  }
  return twins
}

const unlink = (node: Node): void => {
  node.before.next = node.next
  if (node.next !== null) node.next.before = node.before
}
const relink = (node: Node): void => {
  node.before.next = node
  if (node.next !== null) node.next.before = node
}
const lift = (call: Node): void => {
  unlink(call)
  if (call.match !== null) unlink(call.match)
}
const lower = (call: Node): void => {
  if (call.match !== null) relink(call.match)
  relink(call)
}

/** (set of done operations, state) pairs that were tried; the set's hash is kept by one xor per change (Zobrist). */
function createSeen(operations: number) {
  const random = createRandom(1)
  const marks = Int32Array.from({ length: operations }, () => random.between(0, 0x3fffffff) ^ (random.between(0, 0x3fffffff) << 2))
  const done = new Uint32Array(Math.max(1, Math.ceil(operations / 32)))
  const buckets = new Map<number, { readonly done: Uint32Array; readonly state: number }[]>()
  let hash = 0
  return {
    has: (operation: number): boolean => (done[operation >>> 5]! & (1 << (operation & 31))) !== 0,
    flip(operation: number): void {
      done[operation >>> 5]! ^= 1 << (operation & 31)
      hash ^= marks[operation]!
    },
    /** True the first time that the present set comes with this state. */
    isNew(state: number): boolean {
      const place = hash ^ Math.imul(state + 1, 0x9e3779b1)
      const bucket = buckets.get(place)
      if (bucket?.some((entry) => entry.state === state && entry.done.every((word, i) => word === done[i]))) return false
      const entry = { done: done.slice(), state }
      if (bucket === undefined) buckets.set(place, [entry])
      else bucket.push(entry)
      return true
    },
  }
}

function createStates<S, I, O>(model: Model<S, I, O>) {
  const numbers = new Map<string, number>()
  const states: S[] = []
  return {
    at: (number: number): S => states[number]!,
    numberOf(state: S): number {
      const text = model.textOf(state)
      const known = numbers.get(text)
      if (known !== undefined) return known
      numbers.set(text, states.length)
      return states.push(state) - 1
    },
  }
}

/**
 * Judges one history, best of one key. `budget` counts looks at a list record. An operation with a known output must find a place; one
 * without may be left out.
 */
export function judge<S, I, O>(model: Model<S, I, O>, operations: readonly Operation<I, O>[], budget: number = stepsMax): Judgement {
  const head = linkUp(operations)
  const seen = createSeen(operations.length)
  const states = createStates(model)
  const twins = twinsOf(operations)
  const chosen: { readonly call: Node; readonly stateBefore: number }[] = []
  let longest: number[] = []
  let state = states.numberOf(model.initial)
  let missing = operations.filter(({ output }) => output !== null).length
  let steps = 0
  let node = head.next
  const orderNow = () => chosen.map(({ call }) => call.operation)

  while (missing > 0) {
    if (++steps > budget) return { verdict: 'undecided', steps, order: longest }
    if (node?.isCall) {
      const { input, output } = operations[node.operation]!
      const twin = twins[node.operation]!
      const after = twin >= 0 && !seen.has(twin) ? null : model.step(states.at(state), input, output)
      const number = after === null ? -1 : states.numberOf(after)
      // An unknown operation without effect might as well be left out.
      if (after !== null && (output !== null || number !== state)) {
        seen.flip(node.operation)
        if (seen.isNew(number)) {
          chosen.push({ call: node, stateBefore: state })
          state = number
          if (node.match !== null) missing--
          lift(node)
          node = head.next
          continue
        }
        seen.flip(node.operation)
      }
      node = node.next
      continue
    }
    // A return that is still here (or the list's end): nothing more can come before it, so the last choice was wrong.
    if (chosen.length > longest.length) longest = orderNow()
    const last = chosen.pop()
    if (last === undefined) return { verdict: 'illegal', steps, order: longest }
    state = last.stateBefore
    seen.flip(last.call.operation)
    if (last.call.match !== null) missing++
    lower(last.call)
    node = last.call.next
  }
  return { verdict: 'legal', steps, order: orderNow() }
}
