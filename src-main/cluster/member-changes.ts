/**
 * Nodes come and go while the cluster runs (Raft thesis, chapter 4): a new one starts outside, learns, and votes once it has caught up; one that
 * goes hands leadership over first and is stopped when its removal is committed. One change at a time. Each step is noted in the book before it
 * is taken, so that a crash of this process is followed by the rest of it. It never removes what it was not asked to.
 */

import type { WishAnswer } from '../../src-node/observe/channel.ts'
import type { Refusal } from '../contract/errors.ts'
import type { LeaderWishes } from './leader-wishes.ts'
import { quorumWords, type Words } from './quorum-words.ts'
import type { Roster } from './roster.ts'
import type { LogSink } from './supervisor-runner.ts'
import type { Command, NodeState } from './supervisor-state.ts'
import { hasProcess } from './supervisor-state.ts'
import type { ActionResult, NodePlace } from './types.ts'
import type { Watchers } from './watchers.ts'

export type MemberResult = { readonly ok: true; readonly id: number } | { readonly ok: false; readonly refusal: Refusal }

export interface MemberChanges {
  /** `tell` gets the arithmetic of majorities before anything is done. Resolves when the new node votes. */
  readonly add: (tell: (words: Words) => void) => Promise<MemberResult>
  /** Resolves when the node is gone; its folder is kept aside. */
  readonly remove: (id: number, tell: (words: Words) => void) => Promise<MemberResult>
  /** A new node first, then the old one goes; the answer names the new one. */
  readonly replace: (id: number, tell: (words: Words) => void) => Promise<MemberResult>
  /** Whenever a leader is heard: goes on with what an earlier run began. */
  readonly resume: () => void
}

export interface MemberParts {
  readonly roster: Roster
  readonly wishes: LeaderWishes
  readonly watchers: Pick<Watchers, 'when' | 'changed'>
  readonly log: LogSink
  readonly command: (command: Command) => ActionResult
  readonly node: (id: number) => NodeState | null
  readonly leader: () => number | null
  readonly serving: () => readonly number[]
  /** The best one to take over from this leader, null: nobody can. */
  readonly successor: (leader: number) => number | null
  readonly isStopping: () => boolean
  /** The places have changed. */
  readonly tellPlaces: () => void
  readonly monoMs: () => number
}

/** A worker opens its ports well within a second; a busy machine takes longer. */
const listenMs = 20_000
/** A change needs a leader, and commits in milliseconds. */
const changeMs = 10_000
/** A new node takes the whole log, or a snapshot. */
const learnMs = 60_000
const transferMs = 2_000
/** A change that waits for better times is tried again so often. */
const resumeAfterMs = 2_000

const refuse = (code: Refusal['code'], nodeId: number | null, detail: string): MemberResult => ({
  ok: false,
  refusal: { code, nodeId, httpStatus: null, detail },
})

const reasons: Readonly<Record<string, string>> = {
  would_lose_quorum: 'too few of the remaining voters are alive to agree on anything: start them, or replace the dead ones first',
  last_voter: 'the last voter cannot go',
  too_many_members: 'there are as many nodes as a cluster may have',
  not_caught_up: 'the new node has not caught up; it goes on learning and votes as soon as it has',
  no_leader: 'nobody leads: a change needs a majority',
  no_quorum: 'nobody leads: a change needs a majority',
}

const refusedBy = (id: number, { code }: Extract<WishAnswer, { ok: false }>): MemberResult =>
  refuse(code === 'no_leader' || code === 'no_quorum' ? 'no_quorum' : 'wrong_state', id, reasons[code] ?? code)

/** Not for now: it may become true by itself. */
const isPassing = ({ code }: Extract<WishAnswer, { ok: false }>): boolean =>
  !['would_lose_quorum', 'last_voter', 'too_many_members', 'unknown_node'].includes(code)

export const createMemberChanges = (parts: MemberParts): MemberChanges => {
  const { roster, wishes, watchers, log, command, tellPlaces } = parts
  let busy = false
  let resumedMs = Number.NEGATIVE_INFINITY

  /** One at a time, and whatever breaks is an answer. */
  const alone = async (id: number | null, task: () => Promise<MemberResult>): Promise<MemberResult> => {
    if (busy) return refuse('wrong_state', id, 'another change of the members is under way')
    if (parts.isStopping()) return refuse('wrong_state', id, 'the cluster is being stopped')
    busy = true
    try {
      return await task()
    } catch (error) {
      return refuse('internal', id, error instanceof Error ? error.message : String(error))
    } finally {
      busy = false
    }
  }

  const within = <T>(limitMs: number, ask: () => T | undefined): Promise<T | null> => {
    const untilMs = parts.monoMs() + limitMs
    setTimeout(watchers.changed, limitMs + 1).unref()
    return watchers.when(() => ask() ?? (parts.monoMs() >= untilMs || parts.isStopping() ? null : undefined))
  }

  const down = (id: number): Promise<true | null> => {
    const isDown = () => {
      const node = parts.node(id)
      return node === null || (!hasProcess(node) && node.phase.kind !== 'waiting') ? true : undefined
    }
    if (isDown() === undefined) command({ kind: 'stop', id })
    return within(changeMs, isDown)
  }

  const takeAway = async (id: number): Promise<void> => {
    await down(id)
    command({ kind: 'dismiss', id })
    const aside = roster.leave(id)
    tellPlaces()
    log('info', aside === null ? `Node ${id} is gone; its folder stays where it was` : `Node ${id} is gone; its folder is kept in ${aside}`)
  }

  /** From a place with a worker to a vote. */
  const promote = async (id: number, learnLimitMs: number): Promise<WishAnswer> => {
    const learns = await wishes.settle({ kind: 'add-learner', id }, { already: ['already_member'], limitMs: changeMs })
    if (!learns.ok) return learns
    log('info', `Node ${id} learns`)
    const votes = await wishes.settle({ kind: 'promote', id }, { already: ['already_voter'], limitMs: learnLimitMs })
    if (votes.ok) {
      roster.change({ joining: roster.members().joining.filter((each) => each !== id) })
      log('info', `Node ${id} votes`)
    }
    return votes
  }

  const begin = async (place: NodePlace): Promise<boolean> => {
    command({ kind: 'enlist', id: place.id })
    tellPlaces()
    command({ kind: 'start', id: place.id })
    log('info', `Node ${place.id} is added, on port ${place.httpPort}`)
    const listens = await within(listenMs, () => {
      const phase = parts.node(place.id)?.phase.kind
      return phase === 'running' ? true : phase === 'crashed' || phase === 'waiting' ? false : undefined
    })
    return listens === true
  }

  const enter = async (): Promise<MemberResult> => {
    if (parts.leader() === null) return refuse('no_quorum', null, reasons.no_leader ?? '')
    const place = await roster.enter()
    if (place === null) return refuse('wrong_state', null, 'no ports are free for one more node')
    const { id } = place
    if (!(await begin(place))) {
      const reason = parts.node(id)?.lastExit?.reason ?? 'it did not open its ports in time'
      await takeAway(id)
      return refuse('wrong_state', id, `the new node did not start: ${reason}`)
    }
    const answer = await promote(id, learnMs)
    if (answer.ok) return { ok: true, id }
    if (!isPassing(answer)) await takeAway(id)
    return refusedBy(id, answer)
  }

  const handOver = async (id: number): Promise<void> => {
    const target = parts.leader() === id ? parts.successor(id) : null
    if (target === null) return
    const answer = await wishes.settle({ kind: 'transfer', id: target }, { already: [], limitMs: transferMs })
    // A leader may remove itself: that costs an election, and nothing else.
    if (!answer.ok) log('warn', `Node ${id} leads and could not hand over: ${answer.code}`)
  }

  const exit = async (id: number): Promise<MemberResult> => {
    await handOver(id)
    const before = roster.members().leaving
    roster.change({ leaving: [...before.filter((each) => each !== id), id] })
    const answer = await wishes.settle({ kind: 'remove', id }, { already: ['unknown_node'], limitMs: changeMs })
    if (answer.ok) {
      await takeAway(id)
      return { ok: true, id }
    }
    if (!isPassing(answer)) roster.change({ leaving: before })
    return refusedBy(id, answer)
  }

  const words = (before: number, after: number, leaves: number | null): Words => {
    const serving = parts.serving()
    const dead = roster.voting().filter((id) => id !== leaves && !serving.includes(id))
    return quorumWords(before, Math.max(1, after), dead.length)
  }
  const stranger = (id: number): MemberResult | null => (roster.place(id) === null ? refuse('not_found', null, `there is no node ${id}`) : null)

  const goOn = (): Promise<MemberResult | null> => {
    const { joining, leaving } = roster.members()
    const [joins, leaves] = [joining[0], leaving[0]]
    if (leaves !== undefined) return alone(leaves, () => exit(leaves))
    if (joins === undefined) return Promise.resolve(null)
    return alone(joins, async () => {
      // Short: whoever wants another change meanwhile shall not wait for this one.
      const answer = await promote(joins, resumeAfterMs)
      return answer.ok ? { ok: true, id: joins } : refusedBy(joins, answer)
    })
  }

  return {
    add: (tell) =>
      alone(null, () => {
        const voters = roster.voting().length
        tell(words(voters, voters + 1, null))
        return enter()
      }),
    remove: (id, tell) =>
      alone(id, async () => {
        const problem = stranger(id)
        if (problem !== null) return problem
        const voters = roster.voting()
        if (voters.includes(id)) tell(words(voters.length, voters.length - 1, id))
        return exit(id)
      }),
    replace: (id, tell) =>
      alone(id, async () => {
        const problem = stranger(id)
        if (problem !== null) return problem
        const voters = roster.voting().length
        tell(words(voters, voters + 1, null))
        const entered = await enter()
        if (!entered.ok) return entered
        tell(words(voters + 1, voters, id))
        const left = await exit(id)
        return left.ok ? entered : left
      }),
    resume: () => {
      const { joining, leaving } = roster.members()
      if (busy || (joining.length === 0 && leaving.length === 0) || parts.monoMs() - resumedMs < resumeAfterMs) return
      resumedMs = parts.monoMs()
      void goOn()
    },
  }
}
