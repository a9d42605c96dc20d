/**
 * Nodes come and go while the cluster runs (Raft thesis, chapter 4): a new one starts outside, learns, and votes once it has caught up; one that
 * goes hands leadership over first and is stopped when its removal is committed. One change at a time. What comes is noted in the book before it
 * is asked for, what goes once the leader may have taken it; a crash of this process is followed by the rest, and a refusal by nothing. It never
 * removes what nobody removed.
 */

import type { WishAnswer } from '../../src-node/observe/channel.ts'
import type { Refusal } from '../contract/errors.ts'
import { quorumOf } from './health.ts'
import type { LeaderWishes } from './leader-wishes.ts'
import { seatOf } from './member-book.ts'
import type { Configuration } from './node-reports.ts'
import { quorumWords, rebuildWords, type Words } from './quorum-words.ts'
import type { Roster } from './roster.ts'
import type { LogSink } from './supervisor-runner.ts'
import type { Command, NodeState } from './supervisor-state.ts'
import { hasProcess } from './supervisor-state.ts'
import type { ActionResult, NodePlace } from './types.ts'
import type { Watchers } from './watchers.ts'
import { isFinal, reasonOf, refusalCodeOf, type WishRefusal } from './wish-refusals.ts'

/** `inPlaceOf`: of a rebuild, the node that was rebuilt. */
export type MemberResult = { readonly ok: true; readonly id: number; readonly inPlaceOf?: number } | { readonly ok: false; readonly refusal: Refusal }

export interface MemberChanges {
  /** `tell` gets the arithmetic of majorities before anything is done. Resolves when the new node votes. */
  readonly add: (tell: (words: Words) => void) => Promise<MemberResult>
  /** Resolves when the node is gone; its folder is kept aside. */
  readonly remove: (id: number, tell: (words: Words) => void) => Promise<MemberResult>
  /** A new node first, then the old one goes; the answer names the new one. */
  readonly replace: (id: number, tell: (words: Words) => void) => Promise<MemberResult>
  /**
   * A node whose data is lost: it goes, its folder is kept aside under a name with the date, and a new node comes with its ports. The answer
   * names the new one; `tell` hears how far it is.
   */
  readonly rebuild: (id: number, tell: (words: Words, kind?: 'progress') => void) => Promise<MemberResult>
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
  /** Ids whose voice counts. */
  readonly voting: () => readonly number[]
  /** As the leader last said; null: none is heard. */
  readonly configuration: () => Configuration | null
  /** A change that was begun earlier, or elsewhere, has been finished. */
  readonly finished: (id: number, change: 'added' | 'removed') => void
  /** The best one to take over from this leader, null: nobody can. */
  readonly successor: (leader: number) => number | null
  readonly isStopping: () => boolean
  /** The places have changed. */
  readonly tellPlaces: () => void
  /** How much of the leader's log this node has, 0..1; null: nobody knows. */
  readonly caughtUp: (id: number) => number | null
  readonly monoMs: () => number
  readonly wallMs: () => number
}

/** A worker opens its ports well within a second; a busy machine takes longer. */
const listenMs = 20_000
/** A change needs a leader, and commits in milliseconds. */
const changeMs = 10_000
/** A new node takes the whole log, or a snapshot. */
const learnMs = 60_000
const transferMs = 2_000
const progressMs = 200
/** A change that waits for better times is tried again so often. */
const resumeAfterMs = 2_000

const refuse = (code: Refusal['code'], nodeId: number | null, detail: string): MemberResult => ({
  ok: false,
  refusal: { code, nodeId, httpStatus: null, detail },
})

const refusedBy = (id: number | null, answer: WishRefusal): MemberResult => refuse(refusalCodeOf(answer), id, reasonOf(answer))

const stillOpen = (id: number, answer: WishRefusal): MemberResult =>
  refuse('outcome_unknown', id, `${reasonOf(answer)}; the removal is finished as soon as there is a leader`)

const stillLearns = (id: number, answer: WishRefusal): MemberResult =>
  refuse('outcome_unknown', id, `${reasonOf(answer)}; node ${id} goes on learning and votes as soon as that is possible`)

/** `2026-11-25T22-10-03Z`, good in a file name of every system. */
const dateName = (wallMs: number): string =>
  new Date(wallMs)
    .toISOString()
    .replaceAll(':', '-')
    .replace(/\.\d+Z$/, 'Z')

const without = (ids: readonly number[], id: number): number[] => ids.filter((each) => each !== id)

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
    // What is to come anew may be looked into later, for what was lost with it.
    const isVacated = roster.members().vacant.includes(seatOf(roster.members(), id))
    const aside = roster.leave(id, isVacated ? `node-${id}-${dateName(parts.wallMs())}` : undefined)
    tellPlaces()
    log('info', aside === null ? `Node ${id} is gone; its folder stays where it was` : `Node ${id} is gone; its folder is kept in ${aside}`)
  }

  const learn = async (id: number): Promise<WishAnswer> => {
    const answer = await wishes.settle({ kind: 'add-learner', id }, { already: ['already_member'], limitMs: changeMs })
    if (answer.ok) log('info', `Node ${id} learns`)
    return answer
  }
  const vote = async (id: number, limitMs: number): Promise<WishAnswer> => {
    const answer = await wishes.settle({ kind: 'promote', id }, { already: ['already_voter'], limitMs })
    if (answer.ok) {
      roster.change({ joining: without(roster.members().joining, id) })
      log('info', `Node ${id} votes`)
    }
    return answer
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
    const place = await roster.enter()
    return place === null ? refuse('wrong_state', null, 'no ports are free for one more node') : join(place)
  }
  const join = async ({ id, ...place }: NodePlace): Promise<MemberResult> => {
    if (!(await begin({ id, ...place }))) {
      const reason = parts.node(id)?.lastExit?.reason ?? 'it did not open its ports in time'
      await takeAway(id)
      return refuse('wrong_state', id, `the new node did not start: ${reason}`)
    }
    const learns = await learn(id)
    if (!learns.ok && learns.code === 'unknown') return stillLearns(id, learns)
    if (!learns.ok) {
      await takeAway(id)
      return refusedBy(id, learns)
    }
    const votes = await vote(id, learnMs)
    if (votes.ok) return { ok: true, id }
    if (!isFinal(votes)) return stillLearns(id, votes)
    // It learns already: the leader has to forget it first.
    if (!(await exit(id)).ok) roster.change({ leaving: [...without(roster.members().leaving, id), id] })
    return refusedBy(id, votes)
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
    const answer = await wishes.settle({ kind: 'remove', id }, { already: ['unknown_node'], limitMs: changeMs })
    // Before the answer nothing is noted: a refusal must mean that it will not happen, now or after a restart.
    const wasOpen = roster.members().leaving.includes(id)
    const isOpen = !answer.ok && (answer.code === 'unknown' || (wasOpen && !isFinal(answer)))
    const leaves = answer.ok || isOpen
    if (leaves !== wasOpen) roster.change({ leaving: [...without(roster.members().leaving, id), ...(leaves ? [id] : [])] })
    if (!answer.ok) return isOpen ? stillOpen(id, answer) : refusedBy(id, answer)
    await takeAway(id)
    return { ok: true, id }
  }

  /** Voters that stay and do not serve. */
  const dead = (leaves: number | null): number => {
    const serving = parts.serving()
    return parts.voting().filter((id) => id !== leaves && !serving.includes(id)).length
  }
  const words = (before: number, after: number, leaves: number | null): Words => quorumWords(before, Math.max(1, after), dead(leaves))
  const stranger = (id: number): MemberResult | null => (roster.place(id) === null ? refuse('not_found', null, `there is no node ${id}`) : null)

  const noLeader = (id: number | null): MemberResult => {
    const answer: WishRefusal = { ok: false, code: 'no_leader' }
    return id !== null && roster.members().leaving.includes(id) ? stillOpen(id, answer) : refusedBy(id, answer)
  }

  /** Told, since the one who asked may have had no answer. */
  const finished = (id: number, change: 'added' | 'removed'): void => {
    log('info', `Finished what was asked earlier: node ${id} is ${change}`)
    parts.finished(id, change)
  }
  const goOnLeaving = async (id: number): Promise<MemberResult> => {
    const result = await exit(id)
    if (result.ok) finished(id, 'removed')
    else if (!roster.members().leaving.includes(id)) log('warn', `Node ${id} stays, although its removal was asked earlier: ${result.refusal.detail}`)
    return result
  }
  const fill = async (seat: number): Promise<MemberResult> => {
    const place = await roster.enterAt(seat)
    return place === null
      ? refuse('wrong_state', null, `the ports of node ${seat} are held by another program; one comes once they are free`)
      : join(place)
  }
  /** Says each ten percent, as long as the task runs. */
  const followed = async (task: () => Promise<MemberResult>, tell: (words: Words, kind?: 'progress') => void): Promise<MemberResult> => {
    let said = 0
    const look = (): void => {
      const id = roster.members().joining.at(-1)
      const share = id === undefined ? null : parts.caughtUp(id)
      const tens = share === null ? 0 : Math.floor(share * 10) * 10
      if (id === undefined || tens <= said || tens >= 100) return
      said = tens
      tell({ en: `Node ${id} has ${tens} % of what the others know.`, zh: `节点 ${id} 已取得其余节点数据的 ${tens}%。` }, 'progress')
    }
    const timer = setInterval(look, progressMs)
    try {
      return await task()
    } finally {
      clearInterval(timer)
    }
  }
  /** Seen here before a leader may see it: one that is just losing its majority would take the wish, and never carry it out. */
  const withoutMajority = (id: number): MemberResult | null => {
    const others = parts.voting().filter((each) => each !== id)
    const serving = parts.serving().filter((each) => others.includes(each)).length
    if (others.length === 0 || serving >= quorumOf(others.length)) return null
    const detail = `${serving} of the other ${others.length} serve: without a majority of them there is nobody to rebuild it from; start them first`
    return refuse('no_quorum', id, detail)
  }
  const comeAnew = async (id: number, tell: (words: Words, kind?: 'progress') => void): Promise<MemberResult> => {
    const problem = stranger(id)
    if (problem !== null) return problem
    const few = withoutMajority(id)
    if (few !== null) return few
    const members = roster.members()
    const seat = seatOf(members, id)
    // Before anything is asked: what goes from here on is followed by the new one, after a crash of this process too.
    roster.change({ vacant: [...without(members.vacant, seat), seat] })
    const meant = rebuildWords(parts.voting().length, dead(id))
    const left = await leave(id, () => tell(meant))
    if (left.ok) {
      tell(
        { en: `Node ${id} is out; its folder is kept. A new node takes its place.`, zh: `节点 ${id} 已移出，其目录已保留。新节点正在接替。` },
        'progress',
      )
      const came = await followed(() => fill(seat), tell)
      if (came.ok) return { ...came, inPlaceOf: id }
      if (came.refusal.code === 'outcome_unknown') return came
      return {
        ok: false,
        refusal: { ...came.refusal, detail: `node ${id} is out and its folder is kept, but no new node came: ${came.refusal.detail}` },
      }
    }
    if (!roster.members().leaving.includes(id)) roster.change({ vacant: without(roster.members().vacant, seat) })
    return left
  }
  const goOnFilling = async (seat: number): Promise<MemberResult> => {
    const { ids } = roster.members()
    const sitting = ids.find((id) => seatOf(roster.members(), id) === seat)
    if (sitting === undefined) {
      const result = await fill(seat)
      if (result.ok) finished(result.id, 'added')
      return result
    }
    // Asked for, and not begun when this process ended: whether it went all the same only the leader knows.
    const answer = await wishes.settle({ kind: 'promote', id: sitting }, { already: ['already_voter'], limitMs: resumeAfterMs })
    if (!answer.ok && answer.code === 'unknown_node') return goOnStray(sitting)
    if (answer.ok) {
      log('warn', `Node ${sitting} was to be rebuilt, and was not: ask again`)
      roster.change({ vacant: without(roster.members().vacant, seat) })
    }
    return { ok: true, id: sitting }
  }
  const goOnJoining = async (id: number): Promise<MemberResult> => {
    const learns = await learn(id)
    // Short: whoever wants another change meanwhile shall not wait for this one.
    const votes = learns.ok ? await vote(id, resumeAfterMs) : learns
    if (!votes.ok && !learns.ok && isFinal(learns)) {
      log('warn', `Node ${id} goes again: ${reasonOf(learns)}`)
      await takeAway(id)
      return refusedBy(id, learns)
    }
    if (!votes.ok) return stillLearns(id, votes)
    finished(id, 'added')
    return { ok: true, id }
  }
  /** Asked first, in a way that changes nothing for a voter: a report can be older than the book. */
  const goOnStray = async (id: number): Promise<MemberResult> => {
    const answer = await wishes.settle({ kind: 'promote', id }, { already: ['already_voter'], limitMs: resumeAfterMs })
    if (answer.ok || answer.code !== 'unknown_node') return { ok: true, id }
    log('warn', `Node ${id} was removed from the cluster, and not by a command here: its worker is stopped`)
    roster.change({ leaving: [...roster.members().leaving, id] })
    await takeAway(id)
    parts.finished(id, 'removed')
    return { ok: true, id }
  }
  /** Has a worker, and the leader does not know it. */
  const stray = (): number | undefined => {
    const { ids, joining, leaving } = roster.members()
    const known = parts.configuration()
    if (known === null) return undefined
    return ids.find((id) => ![...known.voters, ...known.learners, ...joining, ...leaving].includes(id))
  }
  const unfinished = (): (() => Promise<MemberResult>) | null => {
    const { joining, leaving, vacant } = roster.members()
    const [leaves, joins, seat, strays] = [leaving[0], joining[0], vacant[0], stray()]
    if (leaves !== undefined) return () => goOnLeaving(leaves)
    if (joins !== undefined) return () => goOnJoining(joins)
    if (seat !== undefined) return () => goOnFilling(seat)
    return strays === undefined ? null : () => goOnStray(strays)
  }
  const leave = (id: number, tell: (words: Words) => void): Promise<MemberResult> | MemberResult => {
    const problem = stranger(id)
    if (problem !== null) return problem
    if (parts.leader() === null) return noLeader(id)
    const voters = parts.voting()
    if (voters.length === 1 && voters.includes(id)) return refusedBy(id, { ok: false, code: 'last_voter' })
    if (voters.includes(id)) tell(words(voters.length, voters.length - 1, id))
    return exit(id)
  }
  const come = (tell: (words: Words) => void): Promise<MemberResult> | MemberResult => {
    if (parts.leader() === null) return noLeader(null)
    const voters = parts.voting().length
    tell(words(voters, voters + 1, null))
    return enter()
  }

  return {
    add: (tell) => alone(null, async () => come(tell)),
    rebuild: (id, tell) => alone(id, async () => comeAnew(id, tell)),
    remove: (id, tell) => alone(id, async () => leave(id, tell)),
    replace: (id, tell) =>
      alone(id, async () => {
        const problem = stranger(id)
        if (problem !== null) return problem
        const entered = await come(tell)
        if (!entered.ok) return entered
        const left = await leave(id, tell)
        if (left.ok) return entered
        return {
          ok: false,
          refusal: { ...left.refusal, detail: `node ${entered.id} has come and stays, but not in place of node ${id}: ${left.refusal.detail}` },
        }
      }),
    resume: () => {
      if (busy || parts.monoMs() - resumedMs < resumeAfterMs) return
      const task = unfinished()
      if (task === null) return
      resumedMs = parts.monoMs()
      void alone(null, task)
    },
  }
}
