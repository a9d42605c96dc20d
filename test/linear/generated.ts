/** Histories made for the checker's tests: legal by construction from a chosen order, or scrambled. Seeded; no other source of chance. */

import { createDice, type Dice } from '../sim/world.ts'
import { type RegisterInput, type RegisterOperation, type RegisterOutput, registerModel } from './register-model.ts'

export interface Shape {
  readonly operations: number
  readonly clients: number
  /** Chance that an answer never came; half of those operations never took effect. */
  readonly unknown: number
  /** Contents written: `unique`, or so many different ones. */
  readonly values: 'unique' | number
  /** Answers name their positions, and conflicts the md5 that was in the way. */
  readonly told: boolean
}

const drawInput = (dice: Dice, current: string, value: string): RegisterInput => {
  const kind = dice.pick(['publish', 'publish', 'read', 'read', 'delete'] as const)
  if (kind === 'read') return { kind }
  const expectedMd5 = dice.chance(0.5) ? (dice.chance(0.7) ? current : 'other') : null
  return kind === 'publish' ? { kind, md5: value, expectedMd5 } : { kind, expectedMd5 }
}

const outputOf = (input: RegisterInput, current: string, index: number | null): RegisterOutput => {
  if (input.kind === 'read') return { kind: 'value', md5: current }
  const place = index === null ? {} : { index }
  if (input.expectedMd5 === null || input.expectedMd5 === current)
    return { kind: 'applied', ...place, ...(input.kind === 'delete' ? { existed: current !== '' } : {}) }
  return { kind: 'cas-conflict', ...place, ...(index === null ? {} : { currentMd5: current }) }
}

/**
 * Operations that take effect one after another, each somewhere inside an interval that overlaps its neighbours': moment `i + 1` is
 * the effect of operation `i`. A client's own intervals never overlap; one with an unknown outcome goes on under another name.
 */
export function legalHistory(seed: number, shape: Shape): RegisterOperation[] {
  const dice = createDice(seed)
  const freeAt = new Map<string, number>()
  const names = Array.from({ length: shape.clients }, (_, client) => `${client}.0`)
  const history: RegisterOperation[] = []
  let current = ''
  let named = names.length
  for (let i = 0; i < shape.operations; i++) {
    const effectAt = i + 1
    const fitting = names.flatMap((name, slot) => ((freeAt.get(name) ?? 0) < effectAt ? [slot] : []))
    const slot = fitting.length === 0 ? dice.between(0, names.length - 1) : dice.pick(fitting)
    if (fitting.length === 0) names[slot] = `${named++}.0`
    const client = names[slot]!
    const value = shape.values === 'unique' ? `v${i}` : `v${dice.between(1, shape.values)}`
    const input = drawInput(dice, current, value)
    const callAt = Math.max(freeAt.get(client) ?? 0, effectAt - dice.float(0.01, shape.clients))
    const returnAt = effectAt + dice.float(0.01, shape.clients)
    const lost = dice.chance(shape.unknown)
    if (lost) names[slot] = `${named++}.0`
    freeAt.set(client, returnAt)
    const output = outputOf(input, current, shape.told ? effectAt : null)
    if (!lost || dice.chance(0.5)) current = registerModel.step({ md5: current, index: 0 }, input, output)?.md5 ?? current
    history.push({ client, key: 'k', input, output: lost ? null : output, callAt, returnAt: lost ? Number.POSITIVE_INFINITY : returnAt })
  }
  return history
}

/** A read of the value before the last one, begun after everything that it contradicts had ended: never legal when values are unique. */
export function withStaleRead(history: readonly RegisterOperation[], seed: number): RegisterOperation[] {
  const dice = createDice(seed)
  const places = history.flatMap((operation, i) =>
    operation.input.kind === 'publish' && operation.output?.kind === 'applied' && i > history.length / 4 ? [i] : [],
  )
  const fresh = history[dice.pick(places)]!
  // The stale value was replaced by the fresh one or before: its own write had ended before the fresh one's began.
  const stale = history.findLast(({ input, output, returnAt }) => input.kind === 'publish' && output?.kind === 'applied' && returnAt < fresh.callAt)
  const md5 = stale?.input.kind === 'publish' ? stale.input.md5 : ''
  const callAt = fresh.returnAt + 0.001
  const read: RegisterOperation = {
    ...{ client: 'stale.0', key: 'k', input: { kind: 'read' }, output: { kind: 'value', md5 } },
    ...{ callAt, returnAt: callAt + 0.001 },
  }
  return [...history, read]
}

/** One answer or value replaced by a random other one: legal or not, nobody knows. */
export function scrambled(history: readonly RegisterOperation[], seed: number): RegisterOperation[] {
  const dice = createDice(seed)
  const at = dice.between(0, history.length - 1)
  const value = dice.pick(['', 'v1', 'v2', 'v3'])
  return history.map((operation, i) => {
    if (i !== at || operation.output === null) return operation
    if (operation.input.kind === 'read') return { ...operation, output: { kind: 'value', md5: value } }
    return { ...operation, output: dice.chance(0.5) ? { kind: 'applied' } : { kind: 'cas-conflict', currentMd5: value } }
  })
}
