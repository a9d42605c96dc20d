/** Proposing what a shared database holds: each is carried out, or ends what is being done there, with a reason to tell. */

import type { Reply } from '../state-machine/types.ts'
import type { WriteOutcome } from './ports.ts'
import type { AttachProblem } from './sink-loop.ts'

/** On its way through whoever reads the database. */
interface Stopped extends Error {
  readonly problem: AttachProblem
}
export const stopped = (problem: AttachProblem): Stopped => Object.assign(new Error(problem.code), { problem })
export const isStopped = (error: unknown): error is Stopped => error instanceof Error && 'problem' in error

const notProposed = (code: string): AttachProblem => ({
  ...{ code, words: `what the shared database holds could not be proposed (${code}): it is tried again`, lasting: false },
})

/** A bug of ours; going on would leave the row out in silence. */
const notUnderstood: AttachProblem = {
  ...{ code: 'row-unreadable', words: 'a row of the shared database could not be made a command: it is not attached', lasting: true },
}

export type Propose = (payload: Uint8Array, done: (outcome: WriteOutcome<Reply>) => void) => void

/** @returns what came of it once it is applied; rejects with a `Stopped` if it is not, if no node could read it, or if nobody knows */
export const createProposals =
  (propose: Propose) =>
  (payload: Uint8Array): Promise<Reply> =>
    new Promise((done, fail) =>
      propose(payload, (outcome) => {
        if (outcome.kind === 'applied' && outcome.reply.kind !== 'invalid-command') done(outcome.reply)
        else if (outcome.kind === 'applied') fail(stopped(notUnderstood))
        else fail(stopped(notProposed(outcome.kind === 'refused' ? outcome.code : outcome.kind)))
      }),
    )
