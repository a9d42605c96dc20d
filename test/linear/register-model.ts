/**
 * One configuration as a register of md5s: publish and delete, each with or without compare-and-set, and read. Contents must be unique,
 * or a stale value cannot be told from a fresh one.
 */

import { type Judgement, judge, type Model } from './checker.ts'
import type { Operation } from './history.ts'
import { tellHistory } from './picture.ts'

/** `''` is an absent configuration, as an md5 and as a demand. */
export type RegisterInput =
  | { readonly kind: 'publish'; readonly md5: string; readonly expectedMd5: string | null }
  | { readonly kind: 'delete'; readonly expectedMd5: string | null }
  | { readonly kind: 'read' }

/**
 * What is left out was not told, and is not judged. `index` is the position in the log that the reply names, `existed` whether there was
 * anything before the write. Refusals are no outcome: they are dropped.
 */
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
 * Judges the history of one key. An unknown publish that nobody met can only have made the configuration exist, with a content that no
 * answer can tell from another such: they all get one md5, which makes them alike to the checker.
 */
export function judgeRegister(operations: readonly RegisterOperation[], budget?: number): Judgement {
  const met = metMd5s(operations)
  const alike = operations.map((operation) => {
    const { input, output } = operation
    return output === null && input.kind === 'publish' && !met.has(input.md5) ? { ...operation, input: { ...input, md5: 'unmet' } } : operation
  })
  return judge(registerModel, alike, budget)
}

/** An operation in a few words, md5s by their first signs. */
export function wordsOf(input: RegisterInput, output: RegisterOutput | null): string {
  const short = (md5: string) => (md5 === '' ? 'absent' : md5.slice(0, 6))
  const asked = input.kind === 'publish' ? `publish ${short(input.md5)}` : input.kind
  const demand = input.kind === 'read' || input.expectedMd5 === null ? '' : ` if ${short(input.expectedMd5)}`
  if (output === null) return `${asked}${demand}: unknown`
  if (output.kind === 'value') return `${asked}: ${short(output.md5)}`
  const place = output.index === undefined ? '' : ` at ${output.index}`
  const current = output.kind === 'cas-conflict' && output.currentMd5 !== undefined ? ` with ${short(output.currentMd5)}` : ''
  return `${asked}${demand}: ${output.kind}${current}${place}`
}

/** An illegal history in lines, `order` being the longest that came about. */
export const describeRegister = (title: string, operations: readonly RegisterOperation[], order: readonly number[]): string =>
  tellHistory(operations, { title, order, textOf: wordsOf })
