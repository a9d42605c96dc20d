/** Leadership handed to a node that the user names (Raft thesis 3.10): asked of whoever leads, and refused in words. */

import type { Refusal } from '../contract/errors.ts'
import type { LeaderWishes } from './leader-wishes.ts'
import type { LogSink, Supervisor } from './supervisor-runner.ts'
import type { ActionResult } from './types.ts'

interface TransferParts {
  readonly options: { readonly log: LogSink }
  readonly supervisor: Pick<Supervisor, 'state'>
  readonly wishes: Pick<LeaderWishes, 'settle'>
}

const transferLimitMs = 2_000

const transferReasons: Readonly<Record<string, string>> = {
  no_leader: 'nobody leads: there is nobody who could hand over',
  no_quorum: 'nobody leads: there is nobody who could hand over',
  unknown_target: 'it is no voter of this cluster',
  not_taken_over: 'it did not take over in time; the old leader leads on, or a third node won',
}

export const transferTo = async ({ options, supervisor, wishes }: TransferParts, id: number): Promise<ActionResult> => {
  const refuse = (code: Refusal['code'], detail: string): ActionResult => ({ ok: false, refusal: { code, nodeId: id, httpStatus: null, detail } })
  const phase = supervisor.state().nodes.find((node) => node.id === id)?.phase.kind
  if (phase === undefined) return refuse('not_found', `there is no node ${id}`)
  if (phase !== 'running') return refuse('wrong_state', `node ${id} is not running: it cannot lead`)
  const answer = await wishes.settle({ kind: 'transfer', id }, { already: [], limitMs: transferLimitMs })
  if (answer.ok) {
    options.log('info', `Leadership was handed to node ${id}, as asked`)
    return { ok: true }
  }
  return refuse(answer.code === 'no_leader' || answer.code === 'no_quorum' ? 'no_quorum' : 'wrong_state', transferReasons[answer.code] ?? answer.code)
}
