/** For tests: a node's way to ask the others, with the proofs of a cluster whose members are there one after the other; nothing of it is made up. */

import { randomBytes } from 'node:crypto'
import { createQuestionGate, createQuestionSigner } from '../../auth/question-proof.ts'
import { clusterSecret, type createFakeNode } from './fake-node.testing.ts'
import { createPeerQuestions, type PeerQuestions } from './peer-questions.ts'
import type { MemberAddress } from './ports.ts'

/** @param of whose node it is: of `members` once those are known */
export const peerQuestionsOf = (
  { parts }: Pick<ReturnType<typeof createFakeNode>, 'parts'>,
  of: { readonly self: number; readonly nodes: number; members(): readonly MemberAddress[] },
): PeerQuestions => {
  const own = { self: of.self, clusterSecret, randomBytes }
  return createPeerQuestions({
    ...{ self: of.self, members: of.members, after: parts.clock.after, asksCallers: parts.auth.isOn },
    ...{ signer: createQuestionSigner(own), gate: createQuestionGate({ ...own, monotonicMs: () => 0, isMember: (at) => at <= of.nodes }) },
  })
}
