/**
 * All configurations, namespaces, users and gray versions from the nodes' own files into a shared database, and back: looked at first, then carried
 * out, then compared. What the nodes have never leaves them, so every way out is to start them again as they were; nothing is written down before both
 * sides are alike. One move at a time. It touches no database itself: the nodes do.
 */

import type { LookOrder, MysqlStart, StoreLook } from '../../src-node/observe/channel.ts'
import type { Refusal } from '../contract/errors.ts'
import type { MoveCount, MoveObstacle, MovePlan, MovePolicy, MoveState } from '../contract/storage-move.ts'
import { type MoveRule, moveCounts, replacingRecords } from './move-counts.ts'
import type { OrderResult } from './node-orders.ts'
import type { LogSink } from './supervisor-runner.ts'

export type MoveOrder =
  /** `keepPassword`: for the next start, too. */
  | { readonly to: 'mysql'; readonly mysql: MysqlStart; readonly keepPassword?: boolean }
  /** `leave`: also if the database cannot be seen, or holds what the nodes do not. */
  | { readonly to: 'sqlite'; readonly leave: boolean }

export type PlanResult = { readonly ok: true; readonly plan: MovePlan } | { readonly ok: false; readonly refusal: Refusal }
/** `plan`: what stood in the way, or how the two sides stand in the end. `counts`: what became of each kind; empty: nothing was to be moved. */
export type MoveResult =
  | { readonly ok: true; readonly plan: MovePlan | null; readonly counts: readonly MoveCount[] }
  | { readonly ok: false; readonly refusal: Refusal; readonly plan: MovePlan | null }

/** The database as the nodes see it: the leader's word, if there is one. */
export interface StoreProgress {
  readonly available: boolean
  readonly storedIndex: number
  readonly appliedIndex: number
  readonly trouble: string | null
}

export interface StorageMoveParts {
  readonly leader: () => number | null
  /** Null: the database that the nodes use. */
  readonly look: (id: number, mysql: LookOrder['mysql'], asOf: LookOrder['asOf']) => Promise<OrderResult>
  /** Undefined: SQLite. */
  readonly current: () => MysqlStart | undefined
  /** The nodes stop, and start again with it; resolves when a quorum serves. False: it never did. */
  readonly use: (mysql: MysqlStart | undefined) => Promise<boolean>
  /** It is so from the next start on, too. Throws if that cannot be written. */
  readonly keep: (order: MoveOrder) => void
  readonly progress: () => Promise<StoreProgress | null>
  /** A node's words, if it ended since the last `use` because the database is not ours. */
  readonly refusedBy: () => string | null
  readonly pause: (ms: number) => Promise<void>
  readonly monoMs: () => number
  readonly log: LogSink
}

export interface StorageMove {
  /** A dry run: changes nothing, anywhere. */
  readonly plan: (order: MoveOrder) => Promise<PlanResult>
  /** Never rejects. */
  readonly run: (order: MoveOrder, tell: (state: MoveState) => void) => Promise<MoveResult>
  /** The nodes go back to what they had; `run` says when. */
  readonly abort: () => boolean
  readonly state: () => MoveState
  /** The nodes' database beside what they hold. */
  readonly compare: () => Promise<PlanResult>
}

/** As measured on two busy cores that the database shared (README, "What is measured"): for the first guess; the move itself counts. */
const fillRowsPerSecond = 3_300
/** A restart of the nodes, and the comparison. */
const besidesMs = 3_000
const lookEveryMs = 250
/** An election takes less. */
const leaderWaitMs = 5_000
/** Without a row more for so long, it goes back by itself. */
const stalledMs = 60_000

const refused = (code: Refusal['code'], detail: string): { readonly ok: false; readonly refusal: Refusal; readonly plan: null } => ({
  ok: false,
  refusal: { code, nodeId: null, httpStatus: null, detail },
  plan: null,
})

const differing = ({ unlike, oursAlone, theirsAlone }: StoreLook): number => unlike + oursAlone + theirsAlone
/** Beyond those that fit nowhere there: told before, and kept by the nodes. */
const historyLacking = ({ history }: StoreLook): number => Math.max(0, history.unlike + history.oursAlone - history.tooBig)

/** Namespaces, users, gray versions and the like, of ours that fit there. */
const recordsLacking = ({ records }: StoreLook): number => Math.max(0, records.unlike + records.oursAlone - records.tooBig)
/** What the nodes would not have. */
const recordsLeft = ({ records }: StoreLook): number => records.unlike + records.theirsAlone

/** Nothing of this cluster was written there yet. */
const isUnwritten = ({ owner, storeIndex }: StoreLook): boolean => owner === 'nobody' || (owner === 'this-cluster' && storeIndex === 0)
/** Users and roles alone are what Nacos's own schema brings: they are in nobody's way. */
const holdsOthers = (look: StoreLook): boolean =>
  isUnwritten(look) && look.theirs.configs + look.left + look.history.theirs + replacingRecords(look) > 0

const mysqlObstacles = (look: StoreLook, policy: MovePolicy | undefined): readonly MoveObstacle[] => {
  const obstacles: MoveObstacle[] = []
  const theirs = look.theirs.configs + look.left
  const unlike = look.unlike + look.records.unlike
  if (look.owner === 'another-cluster') obstacles.push({ code: 'foreign', count: theirs })
  else if (holdsOthers(look) && policy === undefined) obstacles.push({ code: 'not-empty', count: theirs + replacingRecords(look) })
  else if (isUnwritten(look) && policy === 'abort' && unlike > 0) obstacles.push({ code: 'conflict', count: unlike })
  if (look.tooBig > 0) obstacles.push({ code: 'too-big', count: look.tooBig })
  return obstacles
}

const mergeOf = (look: StoreLook, policy: MovePolicy | undefined): MovePlan['merge'] => {
  if (policy === undefined || !isUnwritten(look) || (!holdsOthers(look) && look.records.theirs === 0)) return null
  const { theirsAlone: taken, unlike } = look
  return { policy, taken, kept: policy === 'skip' ? unlike : 0, replaced: policy === 'overwrite' ? unlike : 0 }
}

const ruleOf = (look: StoreLook, policy: MovePolicy | undefined): MoveRule => (isUnwritten(look) ? (policy ?? 'none') : 'resumed')

const planOf = (to: MoveOrder['to'], look: StoreLook, policy?: MovePolicy): MovePlan => {
  const merge = to === 'mysql' ? mergeOf(look, policy) : null
  const isResumed = to === 'mysql' && look.owner === 'this-cluster' && merge === null
  const rows = to === 'sqlite' ? 0 : look.oursAlone + look.unlike + look.history.oursAlone + recordsLacking(look)
  const unlike = differing(look) + recordsLeft(look)
  const obstacles = to === 'mysql' ? mysqlObstacles(look, policy) : unlike > 0 ? [{ code: 'unlike' as const, count: unlike }] : []
  const counts = to === 'mysql' && look.owner !== 'another-cluster' ? moveCounts(ruleOf(look, policy), look) : []
  return { to, look, obstacles, isResumed, merge, counts, rows, aboutMs: Math.round((rows / fillRowsPerSecond) * 1_000) + besidesMs }
}

export const obstacleWords = ({ code, count }: MoveObstacle): string => {
  switch (code) {
    case 'foreign':
      return 'the database belongs to another cluster: choose another one'
    case 'not-empty':
      return `the database holds ${count} configurations, namespaces and the like, or history of such, and none of them from this cluster: choose an empty one, or a policy (abort, skip or overwrite) for those that both have`
    case 'conflict':
      return `${count} configurations, namespaces, users or the like of others have names that this cluster has too, and other contents: choose skip or overwrite, or another database`
    case 'too-big':
      return `${count} configurations do not fit into its columns: shorten them first, or choose another database`
    case 'unlike':
      return `${count} configurations, namespaces, users or the like are not alike in the database and in the nodes: they would be left behind`
  }
}

/** What became of each kind: what both looks show, so that what was written between them counts too. */
const countsOf = (order: MoveOrder, planned: PlanResult, seen: MovePlan | null): readonly MoveCount[] =>
  order.to === 'mysql' && planned.ok && seen !== null ? moveCounts(ruleOf(planned.plan.look, order.mysql.merge), planned.plan.look, seen.look) : []

export const createStorageMove = (parts: StorageMoveParts): StorageMove => {
  const { log } = parts
  let state: MoveState = { kind: 'idle' }
  let aborted = false

  const lookAt = async (to: MoveOrder['to'], mysql: LookOrder['mysql'], asOf: LookOrder['asOf'], policy?: MovePolicy): Promise<PlanResult> => {
    const untilMs = parts.monoMs() + leaderWaitMs
    while (parts.leader() === null && parts.monoMs() < untilMs) await parts.pause(lookEveryMs)
    const leader = parts.leader()
    if (leader === null) return refused('no_quorum', 'no node leads at the moment: try again when one does')
    const result = await parts.look(leader, mysql, asOf)
    if (!result.ok) return { ok: false, refusal: { ...result.refusal, code: 'storage_unavailable' } }
    return result.look === undefined ? refused('internal', 'the node gave no answer') : { ok: true, plan: planOf(to, result.look, policy) }
  }
  const wrongWay = (order: MoveOrder): ReturnType<typeof refused> | null => {
    const inMysql = parts.current() !== undefined
    if (order.to === 'mysql' && inMysql)
      return refused('wrong_state', 'the configurations are in a shared database already: move them to sqlite first')
    return order.to === 'sqlite' && !inMysql ? refused('wrong_state', "the configurations are in the nodes' own files already") : null
  }
  const plan = async (order: MoveOrder): Promise<PlanResult> =>
    wrongWay(order) ?? (await (order.to === 'mysql' ? lookAt('mysql', order.mysql, 'now', order.mysql.merge) : lookAt('sqlite', null, 'position')))

  /** Null: it may go on. A database that cannot be seen is an obstacle, too. */
  const obstacleOf = (order: MoveOrder, planned: PlanResult): MoveResult | null => {
    if (order.to === 'sqlite' && order.leave) return null
    if (!planned.ok) return { ...planned, plan: null }
    const [first] = planned.plan.obstacles
    return first === undefined ? null : { ...refused('wrong_state', obstacleWords(first)), plan: planned.plan }
  }

  /** Null: everything of before the move is there. */
  const fill = async (show: (phase: Extract<MoveState, { kind: 'running' }>['phase'], more?: Partial<MoveState>) => void): Promise<string | null> => {
    let target: number | null = null
    let [best, bestMs] = [-1, parts.monoMs()]
    for (;;) {
      if (aborted) return 'aborted, as asked'
      const why = parts.refusedBy()
      if (why !== null) return why
      const now = await parts.progress()
      if (now !== null) {
        target ??= now.appliedIndex
        show('filling', { done: Math.min(now.storedIndex, target), total: target, trouble: now.trouble })
        if (now.available && now.storedIndex >= target) return null
        if (now.storedIndex > best) [best, bestMs] = [now.storedIndex, parts.monoMs()]
      }
      if (parts.monoMs() - bestMs > stalledMs)
        return `nothing more came into the database for ${stalledMs / 1_000} s (${now?.trouble ?? 'it does not answer'})`
      await parts.pause(lookEveryMs)
    }
  }

  const carryOut = async (order: MoveOrder, tell: (state: MoveState) => void): Promise<MoveResult> => {
    const startedMs = parts.monoMs()
    const show: Parameters<typeof fill>[0] = (phase, more = {}) => {
      state = { kind: 'running', to: order.to, phase, done: 0, total: 0, trouble: null, ...more, tookMs: parts.monoMs() - startedMs } as MoveState
      tell(state)
    }
    const before = parts.current()
    show('looking')
    const planned = await plan(order)
    const obstacle = wrongWay(order) ?? obstacleOf(order, planned)
    if (obstacle !== null) return obstacle
    const goBack = async (why: string, found: MovePlan | null): Promise<MoveResult> => {
      log('warn', `The move to ${order.to} is given up: ${why}`)
      show('going-back')
      await parts.use(before)
      return { ...refused('wrong_state', `${why}; the cluster goes on as before, and the database keeps what was written to it`), plan: found }
    }
    log('info', `All configurations move to ${order.to}`)
    show('restarting')
    const serves = await parts.use(order.to === 'mysql' ? order.mysql : undefined)
    const why = serves ? (order.to === 'mysql' ? await fill(show) : null) : 'the nodes did not come back'
    if (why !== null) return goBack(why, null)
    show('comparing')
    const compared = await lookAt(order.to, order.to === 'mysql' ? null : (before ?? null), 'position')
    const seen = compared.ok ? compared.plan : null
    const mayDiffer = order.to === 'sqlite' && order.leave
    if (!mayDiffer && !compared.ok) return goBack(`the two sides could not be compared: ${compared.refusal.detail}`, null)
    if (!mayDiffer && seen !== null && differing(seen.look) > 0) return goBack(`${differing(seen.look)} configurations are not alike`, seen)
    if (order.to === 'mysql' && seen !== null && historyLacking(seen.look) > 0)
      return goBack(`${historyLacking(seen.look)} rows of history are not in the database as in the nodes`, seen)
    const records = seen === null ? 0 : order.to === 'mysql' ? recordsLacking(seen.look) : recordsLeft(seen.look)
    if (!mayDiffer && records > 0) return goBack(`${records} namespaces, users, gray versions or the like are not alike`, seen)
    if (aborted) return goBack('aborted, as asked', seen)
    try {
      parts.keep(order)
    } catch (error) {
      return goBack(`it cannot be written down (${error instanceof Error ? error.message : String(error)})`, seen)
    }
    log('info', `All configurations are in ${order.to} now`)
    return { ok: true, plan: seen, counts: countsOf(order, planned, seen) }
  }

  return {
    plan,
    compare: () => lookAt('sqlite', null, 'position'),
    run: async (order, tell) => {
      if (state.kind === 'running') return refused('wrong_state', 'a move is under way already')
      aborted = false
      state = { kind: 'running', to: order.to, phase: 'looking', done: 0, total: 0, trouble: null, tookMs: 0 }
      try {
        return await carryOut(order, tell)
      } catch (error) {
        return refused('internal', error instanceof Error ? error.message : String(error))
      } finally {
        state = { kind: 'idle' }
      }
    },
    abort: () => {
      if (state.kind !== 'running') return false
      aborted = true
      return true
    },
    state: () => state,
  }
}
