/** Every limit and wait of the notices between nodes, its default and its reason. */

export interface NotifyOptions {
  /**
   * Changes are collected for so long before followers are told: at most 20 notices a second to a follower at any rate of writes. One costs
   * both ends 0.4 ms together on a busy machine, a change in it a microsecond; nobody waits for it.
   */
  readonly pauseMs: number
  /** Changed keys that wait for one follower; beyond it the follower is told to look through everything. About 250 bytes each. */
  readonly keysMax: number
  /** After failure n (0, 1, 2 …, as Nacos has it): base + n² · step, n no higher than `retryCountMax`: half a second to 49.5 s. */
  readonly retryBaseMs: number
  readonly retryStepMs: number
  readonly retryCountMax: number
  /** No answer by then is a failure. Above what the receiver waits and writes. */
  readonly answerMs: number
  /** A follower is told to look through everything no more often than this. */
  readonly everythingMs: number
  /** The receiver waits so long for its own applied state; longer than a follower lags that is alive. */
  readonly appliedWaitMs: number
  /** Notices that wait at a receiver; there is one leader, and one more while it changes. */
  readonly waitingMax: number
  /** Of the files that a node was told of it looks at so many, and again after a pause: a thousand a second at most. */
  readonly lookFilesMax: number
  readonly lookPauseMs: number
  /** Files that wait to be looked at; more are left to the periodic dump. */
  readonly lookKeysMax: number
  /** Refused notices are told in the log no more often than this. */
  readonly refusalLineMs: number
}

export const notifyDefaults: NotifyOptions = {
  pauseMs: 50,
  keysMax: 8_192,
  retryBaseMs: 500,
  retryStepMs: 1_000,
  retryCountMax: 7,
  answerMs: 5_000,
  everythingMs: 60_000,
  appliedWaitMs: 2_000,
  waitingMax: 8,
  lookFilesMax: 256,
  lookPauseMs: 250,
  lookKeysMax: 8_192,
  refusalLineMs: 60_000,
}
