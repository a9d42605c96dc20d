/** Leadership handed to a node that the user names (Raft thesis 3.10): asked of whoever leads, and refused in words. */

import type { Refusal } from '../contract/errors.ts'
import type { LeaderWishes } from './leader-wishes.ts'
import type { LogSink, Supervisor } from './supervisor-runner.ts'
import type { ActionResult } from './types.ts'
import { reasonOf, refusalCodeOf } from './wish-refusals.ts'

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
  not_leader: 'leadership went to another node in between: try again',
  change_in_progress: 'a change of the members is not finished yet: try again in a moment',
  busy: 'leadership is being handed over already: try again in a moment',
  unknown: 'nobody said in time whether it took over',
}

export const transferTo = async ({ options, supervisor, wishes }: TransferParts, id: number): Promise<ActionResult> => {
  const refuse = (code: Refusal['code'], detail: string): ActionResult => ({ ok: false, refusal: { code, nodeId: id, httpStatus: null, detail } })
  const nodeNow = () => supervisor.state().nodes.find((node) => node.id === id)
  const phase = nodeNow()?.phase.kind
  if (phase === undefined) return refuse('not_found', `there is no node ${id}`)
  if (phase !== 'running') return refuse('wrong_state', `node ${id} is not running: it cannot lead`)
  const answer = await wishes.settle({ kind: 'transfer', id }, { already: [], limitMs: transferLimitMs })
  if (answer.ok) {
    options.log('info', `Leadership was handed to node ${id}, as asked`)
    return { ok: true }
  }
  const late = answer.code === 'not_taken_over' && nodeNow()?.paused === true ? '; it is paused, and may still take over when it goes on' : ''
  return refuse(refusalCodeOf(answer), `${transferReasons[answer.code] ?? reasonOf(answer)}${late}`)
}
