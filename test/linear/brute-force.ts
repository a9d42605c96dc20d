/** The definition itself, tried out on every permutation: what the checker must agree with. For seven operations, not more. */

import type { Model } from './checker.ts'
import type { Operation } from './history.ts'

/** True if some order that keeps real time is allowed; operations of unknown outcome may be left out. */
export function isLinearizable<S, I, O>(model: Model<S, I, O>, operations: readonly Operation<I, O>[]): boolean {
  const isLegal = (order: readonly Operation<I, O>[]): boolean => {
    let state: S | null = model.initial
    for (const { input, output } of order) {
      state = model.step(state, input, output)
      if (state === null) return false
    }
    return true
  }
  const tryAll = (order: readonly Operation<I, O>[], rest: readonly Operation<I, O>[]): boolean => {
    if (rest.every(({ output }) => output === null) && isLegal(order)) return true
    return rest.some((next) => {
      const others = rest.filter((other) => other !== next)
      return !others.some(({ returnAt }) => returnAt < next.callAt) && tryAll([...order, next], others)
    })
  }
  return tryAll([], operations)
}
