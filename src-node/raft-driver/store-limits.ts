/** Every limit and wait of MySQL mode on this node, its default and its reason. */

export interface StoreLimits {
  /** A batch: many small rows, or few large ones; reading it must not hold the loop for 20 ms. */
  readonly batchRowsMax: number
  readonly batchBytesMax: number
  /** A call to the database that takes longer counts as "away", so that writes are refused within 1 s of its end. */
  readonly stallMs: number
  /** Pause before the next attempt, doubled with each failure in a row. Short at the end: writes go on within 2 s of its return. */
  readonly retryMs: number
  readonly retryMaxMs: number
  /** A newly attached database takes configuration writes once it lacks no more entries than this: a fraction of a second. */
  readonly fillBehindMax: number
  /** A database that refuses us is asked again after so long: only people can change that. */
  readonly refusedRetryMs: number
  /** A database to which nothing was written for so long is looked at: otherwise the first write would find it gone, and not know what became of it. */
  readonly idleLookMs: number
  /** How often the leader repeats how far the database is; also the longest that a lost word of it costs. */
  readonly repeatMs: number
  /** How often entries that are stored leave the queue, and how many at once: a millisecond or two. */
  readonly trimMs: number
  readonly trimRowsMax: number
  /** Writes that wait here for the database, applied or not yet begun; more are refused as `overloaded`. */
  readonly heldMax: number
  /** Before the first word about the database, a write waits so long for it, then it is refused. */
  readonly undecidedMs: number
  /** Below the 2 s that callers are promised; then an applied write is answered with `unknown`. */
  readonly writeTimeoutMs: number
  /** The leader looks so often for rows that another program changed; 0: never. */
  readonly syncMs: number
}

export const storeLimits: StoreLimits = {
  batchRowsMax: 512,
  batchBytesMax: 2 * 1024 * 1024,
  stallMs: 500,
  retryMs: 100,
  retryMaxMs: 500,
  fillBehindMax: 1_024,
  refusedRetryMs: 5_000,
  idleLookMs: 2_000,
  repeatMs: 100,
  trimMs: 500,
  trimRowsMax: 4_096,
  heldMax: 2_048,
  undecidedMs: 900,
  writeTimeoutMs: 1_800,
  syncMs: 300_000,
}
