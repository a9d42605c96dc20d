/**
 * What the leader alone does about time (design 5 "Ephemeral instances"): instances whose beats stay away become unhealthy and go, owners on nodes that are
 * away go after their grace, services that stay empty go, persistent instances are checked. One walk over all of it a round, in slices. Everything is a
 * proposed command that names what it saw, so a leader that is none any more does no harm. Timers are monotonic.
 */

import type { RaftStatus } from '../raft-driver/ports.ts'
import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { addressText } from '../state-machine/areas/naming-records.ts'
import type { InstanceRow, SeenInstance, ServiceState } from '../state-machine/areas/naming-words.ts'
import type { BeatBook } from './beat-book.ts'
import type { HealthChecks } from './health-checks.ts'
import { beatTimeoutMs, deleteTimeoutMs } from './instance-views.ts'
import { namingBounds, namingTimes } from './naming-limits.ts'
import type { Proposals } from './proposals.ts'

export interface LeaderRounds {
  start(): void
  stop(): void
}

export interface LeaderRoundsParts {
  readonly nodeId: number
  readonly book: BeatBook
  readonly checks: HealthChecks
  readonly proposals: Proposals
  readonly clock: { monotonicMs(): number; defer(task: () => void): void; after(ms: number, task: () => void): { cancel(): void } }
  area(): NamingArea
  status(): Pick<RaftStatus, 'role' | 'term' | 'serving' | 'peers'>
  /** The switch: nothing is called unhealthy while it is off. */
  checksHealth(): boolean
}

/** What one round has found. */
interface Findings {
  readonly silent: SeenInstance[]
  readonly dead: SeenInstance[]
  readonly empty: ServiceState[]
}

const seen = ({ key }: ServiceState, { ip, port, cluster, index }: InstanceRow): SeenInstance => ({ service: key, ip, port, cluster, index })

const nodeOf = (ownerText: string): number => Number.parseInt(ownerText, 10)

export const createLeaderRounds = (parts: LeaderRoundsParts): LeaderRounds => {
  const { nodeId, book, checks, proposals, clock, area, status } = parts
  let timer: { cancel(): void } | null = null
  let stopped = false
  /** Term in which this node leads and has begun to count; 0: it does not. */
  let leadsIn = 0
  let lastTickMs = Number.NaN
  let nextRoundMs = 0
  let nextForgetMs = 0
  let isWalking = false
  let awaySince = new Map<number, number>()
  let emptySince = new WeakMap<ServiceState, number>()

  /** Nothing that was counted before means anything any more. */
  const beginAnew = (): void => {
    book.forgetAll()
    checks.forgetAll()
    awaySince = new Map()
    emptySince = new WeakMap()
  }

  /** The term in which this node leads now; 0: it does not. */
  const leadership = (): number => {
    const { role, term, serving } = status()
    return role === 'leader' && serving ? term : 0
  }

  const isConnected = (id: number): boolean => id === nodeId || status().peers.some((peer) => peer.id === id && peer.connected)
  /** How long a node that owns something has been away, as far as this leader knows; a node of no cluster of ours is away too. */
  const awayMs = (id: number, isThere = isConnected(id)): number => {
    if (isThere) {
      awaySince.delete(id)
      return 0
    }
    const since = awaySince.get(id)
    if (since !== undefined) return clock.monotonicMs() - since
    awaySince.set(id, clock.monotonicMs())
    return 0
  }

  const visitEmpty = (state: ServiceState, found: Findings): void => {
    const since = emptySince.get(state)
    if (since === undefined) emptySince.set(state, clock.monotonicMs())
    else if (clock.monotonicMs() - since >= namingTimes.emptyService) found.empty.push(state)
  }
  const visit = (state: ServiceState, address: string, row: InstanceRow, found: Findings): void => {
    if (row.owner.kind === 'persistent') checks.visit(state, row)
    else if (row.owner.kind === 'beat') {
      const silentMs = book.silentMs(state, address, row)
      if (silentMs >= deleteTimeoutMs(row.metadata)) found.dead.push(seen(state, row))
      else if (row.healthy && silentMs >= beatTimeoutMs(row.metadata)) found.silent.push(seen(state, row))
    }
  }

  /** What a round has found may wait until it is proposed: it must still be so, by a leader who has counted all the while. */
  const countsStill = (inTerm: number): boolean => !stopped && leadsIn === inTerm && leadership() === inTerm && !hasSlept()
  const isSilentFor =
    (timeoutOf: (metadata: InstanceRow['metadata']) => number, inTerm: number) =>
    (each: SeenInstance): boolean => {
      const state = area().service(each.service)
      const address = addressText(each)
      const row = state?.instances.get(address)
      if (state === undefined || row?.index !== each.index || !countsStill(inTerm)) return false
      return book.silentMs(state, address, row) >= timeoutOf(row.metadata)
    }

  function* steps(found: Findings, isChecking: boolean, inTerm: number): Generator<void> {
    for (const state of area().services()) {
      if (state.instances.size === 0) visitEmpty(state, found)
      else {
        emptySince.delete(state)
        book.prune(state)
        if (isChecking)
          for (const [address, row] of state.instances) {
            visit(state, address, row, found)
            yield
          }
      }
      yield
    }
    // Of each node once a round: owners are many, nodes are few.
    const isGone = new Map<number, boolean>()
    for (const [text, publications] of area().owners()) {
      const id = nodeOf(text)
      const known = isGone.get(id) ?? awayMs(id) >= namingTimes.ownerGrace
      isGone.set(id, known)
      if (known) proposals.removeOwner(text, publications, () => countsStill(inTerm) && awayMs(id) >= namingTimes.ownerGrace)
      yield
    }
  }

  /** The next round begins when what this one proposed is answered: an instance is not named twice. */
  const finish = ({ silent, dead, empty }: Findings, inTerm: number): void => {
    const pauseMs = Math.min(namingTimes.roundMax, Math.max(namingTimes.roundMin, area().instanceCount() / 20))
    const over = (): void => {
      isWalking = false
      nextRoundMs = clock.monotonicMs() + pauseMs
    }
    const sweep = (): void => {
      const services = empty.slice(0, namingBounds.named).map(({ key }) => key)
      if (services.length === 0 || !countsStill(inTerm)) over()
      else proposals.propose({ kind: 'sweep-services', services }, over)
    }
    const callIll = (): void => proposals.setHealth(false, silent, isSilentFor(beatTimeoutMs, inTerm), sweep)
    proposals.remove(dead, isSilentFor(deleteTimeoutMs, inTerm), callIll)
    forgetKept()
  }

  /** The machine forgets by log time; it is only told to look. */
  const forgetKept = (): void => {
    if (area().keptOverrides() + area().keptServices() === 0 || clock.monotonicMs() < nextForgetMs) return
    nextForgetMs = clock.monotonicMs() + namingTimes.keptSweep
    proposals.propose({ kind: 'sweep-overrides' }, () => {})
  }

  const walk = (of: Generator<void>, found: Findings, inTerm: number): void => {
    // What a machine has missed in its sleep is nobody's silence: the next tick begins anew.
    if (stopped || leadsIn !== inTerm || hasSlept()) {
      isWalking = false
      return
    }
    for (let taken = 0; taken < namingBounds.perTurn; taken++) {
      if (of.next().done !== true) continue
      finish(found, inTerm)
      return
    }
    clock.defer(() => walk(of, found, inTerm))
  }

  const hasSlept = (): boolean => clock.monotonicMs() - lastTickMs > namingTimes.roundMin + namingTimes.sleepGap

  const tick = (): void => {
    const nowMs = clock.monotonicMs()
    const slept = hasSlept()
    lastTickMs = nowMs
    timer = clock.after(namingTimes.roundMin, tick)
    const term = leadership()
    if (slept || term === 0 || leadsIn !== term) beginAnew()
    leadsIn = term
    // Looked at here, not by the walk alone: a round may last, and a node may be back in the midst of it.
    if (term !== 0) for (const { id, connected } of status().peers) awayMs(id, connected)
    if (term === 0 || isWalking || nowMs < nextRoundMs) return
    isWalking = true
    const found: Findings = { silent: [], dead: [], empty: [] }
    walk(steps(found, parts.checksHealth(), term), found, term)
  }

  return {
    start: () => {
      lastTickMs = clock.monotonicMs()
      timer = clock.after(namingTimes.roundMin, tick)
    },
    stop: () => {
      stopped = true
      timer?.cancel()
    },
  }
}
