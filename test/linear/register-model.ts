/**
 * One configuration as a register of md5s: publish and delete, each with or without compare-and-set, and read. Contents must be unique,
 * or a stale value cannot be told from a fresh one.
 */

import { type Judgement, judge, type Model } from './checker.ts'
import type { Operation } from './history.ts'

/** `''` is an absent configuration, as an md5 and as a demand. */
export type RegisterInput =
  | { readonly kind: 'publish'; readonly md5: string; readonly expectedMd5: string | null }
  | { readonly kind: 'delete'; readonly expectedMd5: string | null }
  | { readonly kind: 'read' }

/** What is left out was not told, and is not judged. `index` is the position in the log that the reply names. Refusals are no outcome: they are dropped. */
export type RegisterOutput =
  | { readonly kind: 'applied'; readonly index?: number; readonly existed?: boolean }
  | { readonly kind: 'cas-conflict'; readonly currentMd5?: string; readonly index?: number }
  | { readonly kind: 'value'; readonly md5: string }

export type RegisterOperation = Operation<RegisterInput, RegisterOutput>

interface Register {
  readonly md5: string
  /** Highest position that a reply has named so far: replies name them in the order of their effects. */
  readonly index: number
}

const applyWrite = (state: Register, input: Exclude<RegisterInput, { kind: 'read' }>): Register | null =>
  input.expectedMd5 !== null && input.expectedMd5 !== state.md5 ? null : { md5: input.kind === 'publish' ? input.md5 : '', index: state.index }

const stepOf = (state: Register, input: RegisterInput, output: RegisterOutput | null): Register | null => {
  if (input.kind === 'read') {
    if (output === null) return state
    return output.kind === 'value' && output.md5 === state.md5 ? state : null
  }
  const after = applyWrite(state, input)
  if (output === null) return after ?? state
  if (output.kind === 'value') return null
  const index = output.index ?? state.index
  if (index < state.index || (output.index !== undefined && index === state.index)) return null
  if (output.kind === 'cas-conflict') {
    const told = output.currentMd5
    return after === null && (told === undefined || told === state.md5) ? { ...state, index } : null
  }
  if (after === null || (output.existed !== undefined && output.existed !== (state.md5 !== ''))) return null
  return { ...after, index }
}

export const registerModel: Model<Register, RegisterInput, RegisterOutput> = {
  initial: { md5: '', index: 0 },
  step: stepOf,
  textOf: ({ md5, index }) => `${md5}/${index}`,
}

/** Every md5 that some operation has met. */
function metMd5s(operations: readonly RegisterOperation[]): ReadonlySet<string> {
  const met = new Set<string>()
  for (const { input, output } of operations) {
    if (output?.kind === 'value') met.add(output.md5)
    if (output?.kind === 'cas-conflict' && output.currentMd5 !== undefined) met.add(output.currentMd5)
    if (input.kind !== 'read' && input.expectedMd5 !== null) met.add(input.expectedMd5)
  }
  return met
}

/**
 * Judges the history of one key, in two goes. An unknown operation may never have happened, so the history without the unknown publishes
 * that nobody met is tried first: legal without them is legal. Only the whole history can be illegal.
 */
export function judgeRegister(operations: readonly RegisterOperation[], budget?: number): Judgement {
  const met = metMd5s(operations)
  const kept = operations.flatMap(({ input, output }, i) => {
    if (output !== null) return [i]
    return input.kind === 'delete' || (input.kind === 'publish' && met.has(input.md5)) ? [i] : []
  })
  const lean = judge(
    registerModel,
    kept.map((i) => operations[i]!),
    budget,
  )
  if (lean.verdict === 'legal' || kept.length === operations.length) return { ...lean, order: lean.order.map((i) => kept[i]!) }
  return judge(registerModel, operations, budget)
}
