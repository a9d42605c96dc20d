/**
 * The witness of one simulated life: writes and their answers as a register history for each key, default reads as sessions of a node's
 * life. Moments are counted, not timed: what happened first is exact.
 */

import type { WriteOutcome } from '../../src-node/raft-driver/ports.ts'
import type { Command, Reply } from '../../src-node/state-machine/types.ts'
import type { Sight, Witness } from '../sim/witness.ts'
import { createRecorder, type OpenOperation, splitByKey } from './history.ts'
import { describeRegister, judgeRegister, type RegisterInput, type RegisterOutput } from './register-model.ts'
import { judgeSessions, type SessionEvent } from './session-checker.ts'

export interface SimVerdict {
  /** Every broken promise in words. */
  readonly problems: readonly string[]
  readonly undecided: number
  readonly keys: number
  readonly operations: number
  readonly reads: number
}

export interface SimWitness extends Witness {
  /** For a life that is over. */
  verdict(): SimVerdict
}

const inputOf = (command: Command): RegisterInput =>
  command.kind === 'publish-config'
    ? { kind: 'publish', md5: command.md5, expectedMd5: command.expectedMd5 }
    : { kind: 'delete', expectedMd5: command.expectedMd5 }

const outputOf = (reply: Reply, index: number): RegisterOutput => {
  if (reply.kind === 'published') return { kind: 'applied', index, existed: !reply.created }
  if (reply.kind === 'deleted') return { kind: 'applied', index, existed: reply.existed }
  if (reply.kind === 'cas-conflict') return { kind: 'cas-conflict', index, currentMd5: reply.currentMd5 }
  throw new Error('a client sent what no node can read')
}

const finish = (open: OpenOperation<RegisterOutput>, outcome: WriteOutcome<Reply>): void => {
  if (outcome.kind === 'applied') open.returned(outputOf(outcome.reply, outcome.index))
  else if (outcome.kind === 'refused') open.failed()
  else open.unknown()
}

export function createSimWitness(): SimWitness {
  let moment = 0
  const now = () => ++moment
  const recorder = createRecorder<RegisterInput, RegisterOutput>(now)
  const events: (SessionEvent | null)[] = []
  let reads = 0
  const sessionOf = ({ node, run }: Sight) => `node ${node} life ${run}`

  const readAs = (sight: Sight, row: { readonly md5: string; readonly index: number } | undefined) => {
    reads++
    const value = row === undefined ? { md5: '', index: 0 } : { md5: row.md5, index: row.index }
    events.push({ kind: 'read', session: sessionOf(sight), key: sight.dataId, ...value, callAt: now(), returnAt: now() })
  }

  const judgeAll = (): SimVerdict => {
    const operations = recorder.operations()
    const problems = [...judgeSessions(events.flatMap((event) => event ?? []))]
    let undecided = 0
    const byKey = splitByKey(operations)
    for (const [key, history] of byKey) {
      const judgement = judgeRegister(history)
      if (judgement.verdict === 'undecided') undecided++
      if (judgement.verdict === 'illegal') problems.push(describeRegister(`${key} is not linearizable`, history, judgement.order))
    }
    return { problems, undecided, keys: byKey.size, operations: operations.length, reads }
  }
  /** Judged once, when the life is over. */
  let judged: SimVerdict | null = null
  const verdict = (): SimVerdict => {
    judged ??= judgeAll()
    return judged
  }

  return {
    write(client, sight, command) {
      const open = recorder.begin({ client, key: sight.dataId, input: inputOf(command) })
      const md5 = command.kind === 'publish-config' ? command.md5 : ''
      const asked = { kind: 'write', session: sessionOf(sight), key: sight.dataId, md5, callAt: now() } as const
      const place = events.push({ ...asked, index: null, returnAt: Number.POSITIVE_INFINITY }) - 1
      let isFirst = true
      return (outcome, from) => {
        if (isFirst) finish(open, outcome)
        if (outcome.kind !== 'unknown') {
          const isApplied = outcome.kind === 'applied' && outcome.reply.kind !== 'cas-conflict'
          const event = isApplied ? { ...asked, session: sessionOf(from), index: outcome.index, returnAt: now() } : null
          if (isFirst) events[place] = event
          else events.push(event)
        }
        isFirst = false
      }
    },
    read: readAs,
    readLinearizable(client, sight) {
      const open = recorder.begin({ client, key: sight.dataId, input: { kind: 'read' } })
      return (row) => {
        if (row === null) open.failed()
        else {
          readAs(sight, row)
          open.returned({ kind: 'value', md5: row?.md5 ?? '' })
        }
      }
    },
    readAtLast(sight, row) {
      const open = recorder.begin({ client: -sight.node, key: sight.dataId, input: { kind: 'read' } })
      readAs(sight, row)
      open.returned({ kind: 'value', md5: row?.md5 ?? '' })
    },
    problems: () => verdict().problems,
    verdict,
  }
}
