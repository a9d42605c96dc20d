/** The core's only source of chance: seeded, part of its state, so that equal inputs give equal outputs. */

export interface Random {
  /** Integer from `min` to `max`, both inclusive. */
  between(min: number, max: number): number
}

/** mulberry32: 32 bits of state, good enough to spread election timeouts. `seed` is any integer. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    between(min, max) {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      const unit = ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
      return min + Math.floor(unit * (max - min + 1))
    },
  }
}
