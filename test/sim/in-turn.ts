/** A promise of a simulated life: its answer comes in a turn of the simulated world, never between two of them as a real one's would. */

/** @param later runs its task in a turn; whoever waits is asked for by `.then`, once, or never. */
export const inTurn = <T>(later: (act: () => void) => void, value: () => T): Promise<T> =>
  // biome-ignore lint/suspicious/noThenProperty: it is what a promise is
  ({ then: (hear: (outcome: T) => void) => later(() => hear(value())) }) as unknown as Promise<T>
