/** The small verbs of the thesis tests: messages nobody said, and questions to a net of cores. */

import { type Entry, logIndex, type Message, nodeId, term } from '../../../src-node/raft/types.ts'
import { type CoreNet, createCoreNet, diskOf } from '../core-net.ts'

type Position = readonly [index: number, term: number]

const between = (from: number, to: number, inTerm: number) => ({ from: nodeId(from), to: nodeId(to), term: term(inTerm) })

export const vote = (from: number, to: number, inTerm: number, [index, atTerm]: Position = [0, 0], transfer = false): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'vote', lastIndex: logIndex(index), lastTerm: term(atTerm), transfer },
})
export const preVote = (from: number, to: number, inTerm: number, [index, atTerm]: Position = [0, 0]): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'pre-vote', lastIndex: logIndex(index), lastTerm: term(atTerm) },
})
export const voteReply = (from: number, to: number, inTerm: number, granted: boolean): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'vote-reply', granted },
})
export const preVoteReply = (from: number, to: number, inTerm: number, granted: boolean): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'pre-vote-reply', granted, refusal: granted ? null : 'log' },
})
export const append = (from: number, to: number, inTerm: number, [index, atTerm]: Position, entries: readonly Entry[] = [], commit = 0): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'append', prevIndex: logIndex(index), prevTerm: term(atTerm), entries, commit: logIndex(commit) },
})
export const appended = (from: number, to: number, inTerm: number, ok: boolean, index: number, [hint, hintTerm]: Position = [0, 0]): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'append-reply', ok, index: logIndex(index), hintIndex: logIndex(hint), hintTerm: term(hintTerm) },
})
export const heartbeat = (from: number, to: number, inTerm: number, commit = 0, match = 0): Message => ({
  ...between(from, to, inTerm),
  ...{ type: 'heartbeat', commit: logIndex(commit), match: logIndex(match), round: 1 },
})

/** Nodes with logs given by the terms of their entries. */
export const nodesWith = (...logs: readonly number[][]): CoreNet => createCoreNet(logs.map((terms) => diskOf(terms)))
export const empty = (count: number): CoreNet => nodesWith(...Array.from({ length: count }, () => []))
/** Node 1 leads term 1 and everybody knows. */
export const ledBy1 = (count = 3): CoreNet => {
  const net = empty(count)
  net.elect(1)
  return net
}

export const view = (net: CoreNet, id: number) => net.node(id).core.view
export const said = (net: CoreNet, type: Message['type']) => net.wire.filter((message) => message.type === type)
export const without =
  (...ids: number[]) =>
  ({ from, to }: Message): boolean =>
    !ids.includes(from) && !ids.includes(to)
/** What a node asked of its core, carried out. */
export const asked = <T>(net: CoreNet, id: number, what: (core: ReturnType<CoreNet['node']>['core']) => T): T => {
  const answer = what(net.node(id).core)
  net.drain(net.node(id))
  return answer
}
/** Ticks until the node asks for pre-votes; then those of `voters` say yes, and it is a candidate. */
export const makeCandidate = (net: CoreNet, id: number, ...voters: number[]): void => {
  for (let ticks = 0; ticks < 100 && view(net, id).role !== 'pre-candidate'; ticks++) net.tick(id)
  for (const voter of voters) net.step(id, preVoteReply(voter, id, view(net, id).term + 1, true))
  net.wire.length = 0
}
