/**
 * What every reply must be, from the log alone: a plain list of the last ids against which the nodes' tables are held (invariant 22 for writes
 * that clients repeat, bug 22, dial 27), and how many history rows there must be (invariant 24).
 */

import type { CommittedCommand } from '../../../src-node/raft-driver/ports.ts'
import { decodeCommand } from '../../../src-node/state-machine/command-codec.ts'
import type { Reply } from '../../../src-node/state-machine/types.ts'
import type { Facts } from './facts.ts'

export interface RequestJudge {
  /** One node is about to apply a run, and may die before it says what came of it. */
  onOffered(run: readonly CommittedCommand[]): void
  /** One node's replies to a run of entries; null for an entry without a command. */
  onReplies(node: number, run: readonly CommittedCommand[], replies: readonly (Reply | null)[]): void
  /** Whether the whole log can have made so many history rows; entries of which nobody said what came may have made one or none. */
  fitsHistory(rows: number): boolean
}

interface Known {
  readonly requestId: string
  readonly index: number
  /** null: whoever applied the first entry died before it said so, and so did nobody else. */
  reply: string | null
}

/** Was anything written by this very entry? */
const isEffect = (index: number, reply: Reply): boolean =>
  (reply.kind === 'published' || (reply.kind === 'deleted' && reply.existed)) && reply.index === index

export function createRequestJudge({ world, fail }: Facts, idsMax: number): RequestJudge {
  const offered: CommittedCommand[] = []
  const replies: string[] = []
  const everUsed = new Set<string>()
  let known: Known[] = []
  let next = 1
  let effects = 0
  let unheard = 0

  const learn = (requestId: string, index: number, reply: string | null) => {
    if (everUsed.has(requestId)) world.mark('write/id-forgotten')
    everUsed.add(requestId)
    known = [...known, { requestId, index, reply }].slice(-idsMax)
  }
  const idOf = ({ payload }: CommittedCommand) => (payload === null ? undefined : decodeCommand(payload)?.requestId)
  const firstOf = (requestId: string | undefined) => known.find((each) => each.requestId === requestId)

  const judgeRepeat = (node: number, index: number, told: string, first: Known) => {
    world.mark('write/repeated')
    first.reply ??= told
    if (first.reply !== told) fail(`22: node ${node} answers ${told} to the repeat at ${index}, the first reply was ${first.reply}`)
  }

  const judgeFirst = (node: number, command: CommittedCommand, reply: Reply) => {
    const { index } = command
    const requestId = idOf(command)
    const first = firstOf(requestId)
    const told = JSON.stringify(reply)
    replies[index] = told
    if (isEffect(index, reply)) effects++
    if (first !== undefined) judgeRepeat(node, index, told, first)
    const shown = 'index' in reply ? reply.index : null
    if (shown !== null && shown !== (first?.index ?? index)) fail(`22: node ${node} shows ${shown} at ${index}: ${told}`)
    if (first === undefined && requestId !== undefined) learn(requestId, index, told)
  }

  /** Up to `index`, in the order of the log: entries that were offered and of which nobody said what came. */
  const passOver = (index: number) => {
    for (; next < index; next++) {
      const command = offered[next]
      if (command === undefined || command.payload === null) continue
      unheard++
      const requestId = idOf(command)
      if (requestId !== undefined && firstOf(requestId) === undefined) learn(requestId, next, null)
    }
    next = index + 1
  }

  return {
    onOffered(run) {
      for (const command of run) offered[command.index] = command
    },
    onReplies(node, run, given) {
      for (const [at, command] of run.entries()) {
        const reply = given[at] ?? null
        if (command.index >= next) {
          passOver(command.index)
          if (reply !== null) judgeFirst(node, command, reply)
        } else if (reply !== null && replies[command.index] !== JSON.stringify(reply)) {
          // An entry that was passed over may be applied again, by a node whose state store lost its last batches.
          if (replies[command.index] !== undefined)
            fail(`22: node ${node} answers ${JSON.stringify(reply)} to ${command.index}, another node answered ${replies[command.index]}`)
          replies[command.index] = JSON.stringify(reply)
        }
      }
    },
    fitsHistory(rows) {
      passOver(offered.length)
      return rows >= effects && rows <= effects + unheard
    },
  }
}
