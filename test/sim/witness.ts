/**
 * What the clients of a simulated life see, for whoever judges their history afterwards. A witness looks on: it draws no chance and schedules
 * nothing, so a life is the same, to the hash, with and without one.
 */

import type { WriteOutcome } from '../../src-node/raft-driver/ports.ts'
import type { Command, ConfigIndexRow, Reply } from '../../src-node/state-machine/types.ts'

/** One life of one node, as far as its clients can tell. */
export interface Sight {
  readonly node: number
  readonly run: number
  readonly dataId: string
}

export interface Witness {
  /**
   * A client asks for a write, once, however often it repeats it; the returned function hears the outcome and where it came from, if there is
   * one, and then every further node that acknowledges it.
   */
  write(client: number, sight: Sight, command: Command): (outcome: WriteOutcome<Reply>, from: Sight) => void
  /** A default read: what the node's own state holds. */
  read(sight: Sight, row: ConfigIndexRow | undefined): void
  /** A client asks for a linearizable read; the returned function hears what it was given, null for a refusal, unless the node dies first. */
  readLinearizable(client: number, sight: Sight): (row: ConfigIndexRow | undefined | null) => void
  /** A read after every node has applied everything: the last word on the key. */
  readAtLast(sight: Sight, row: ConfigIndexRow | undefined): void
  /** Every promise broken in what was seen, in words. */
  problems(): readonly string[]
}
