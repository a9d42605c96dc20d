/**
 * What a small node has promised at one moment of its life, as it said so itself, and what a disk may therefore hold after a power cut: exactly
 * what was synced where a sync was promised, that or the next state while one is being written, one of the newest states where none was.
 */

/** Everything that the Raft log must remember. Terms are those of the entries after `base`. */
export interface LogFacts {
  readonly base: readonly [index: number, term: number]
  readonly terms: readonly number[]
  readonly hard: readonly [term: number, vote: number | null]
  /** Indices of the configurations that it keeps. */
  readonly members: readonly number[]
}

/** A state that was applied, by its index and its hash. */
export interface StateFacts {
  readonly applied: number
  readonly hash: string
}

/** One line of the workload: what it is about to do, and what it has been told. */
export type Mark =
  | { readonly kind: 'log'; readonly phase: 'begins' | 'ends'; readonly log: LogFacts }
  | { readonly kind: 'commit'; readonly state: StateFacts }
  | { readonly kind: 'durable'; readonly applied: number }
  | { readonly kind: 'install'; readonly phase: 'begins' | 'ends'; readonly state: StateFacts; readonly log: LogFacts }

export interface Promises {
  /** The log is one of these. */
  readonly logs: readonly LogFacts[]
  /** The state is one of these, oldest first. */
  readonly states: readonly StateFacts[]
  /** A state that is moving in, with the log that follows it; it and its log come together. */
  readonly installing: { readonly state: StateFacts; readonly log: LogFacts } | null
}

export const promisesAtBirth = (empty: StateFacts): Promises => ({
  logs: [{ base: [0, 0], terms: [], hard: [0, null], members: [] }],
  states: [empty],
  installing: null,
})

export const after = (before: Promises, mark: Mark): Promises => {
  switch (mark.kind) {
    case 'log':
      return { ...before, logs: mark.phase === 'begins' ? [...before.logs.slice(-1), mark.log] : [mark.log] }
    case 'commit':
      return { ...before, states: [...before.states, mark.state] }
    case 'durable':
      return { ...before, states: before.states.filter(({ applied }) => applied >= mark.applied) }
    case 'install': {
      const { state, log } = mark
      return mark.phase === 'begins' ? { ...before, installing: { state, log } } : { logs: [log], states: [state], installing: null }
    }
  }
}
