/**
 * The leader's way into the shared database (MySQL mode): claim it for the term, then one batch after the other as long as entries are queued.
 * What a call leaves unclear is never guessed: the database is claimed anew, which says where it stands. It writes only while this node leads,
 * one call at a time, and never anything that is not committed and applied here.
 */

import type {
  ClaimOutcome,
  SinkBatch,
  SinkDataError,
  SinkLimits,
  SinkOutcome,
  SinkPosition,
  SinkRefusals,
  SinkTrouble,
  StoreSink,
} from '../storage/sink.ts'
import type { SinkQueue } from '../storage/types.ts'
import type { DriverClock } from './ports.ts'
import type { StoreLimits } from './store-limits.ts'

/** Why nothing can be written: a code for programs; cause and next step for people. */
export interface StoreTrouble {
  readonly code: string
  readonly words: string
  /** What a sentence in another language would name. */
  readonly facts?: Readonly<Record<string, string>>
}

/** What keeps a database from being attached; `lasting`: only people can change that. */
export interface AttachProblem extends StoreTrouble {
  readonly lasting: boolean
}

export interface SinkLoopParts {
  readonly sink: StoreSink
  /** As it is now: a snapshot brings another. */
  queue(): SinkQueue
  appliedIndex(): number
  lastIndex(): number
  /** The user wants the database taken over, whosever it is. */
  readonly adopt: boolean
  readonly clock: DriverClock
  readonly limits: StoreLimits
  /** What a claimed database needs before the first batch; not called for one that stands where our queue begins, or after it. */
  attach(stands: number, ofTerm: number): Promise<AttachProblem | null>
  /** Position, health or trouble are others than before. */
  changed(): void
  opened(limits: SinkLimits): void
  /** Rows that the database did not take; the batch went on without them. */
  dataErrors(errors: readonly SinkDataError[]): void
  /** A claim says that this database is not ours to write to, and it never was since this node runs. */
  refused(trouble: StoreTrouble): void
}

/** `undecided`: nothing is known of the database yet. `away`: it takes nothing now. */
export type StoreHealth = 'undecided' | 'available' | 'away'

export interface SinkLoop {
  /** Connects, on every node. */
  start(): void
  /** This node leads in `term`; `health` is what it heard from the leader before. */
  lead(term: number, health: StoreHealth): void
  /** It leads no more; what is under way ends by itself and counts no more. */
  rest(): void
  /** Something was applied. */
  wake(): void
  health(): StoreHealth
  trouble(): StoreTrouble | null
  /** Everything up to here is in the database; null: not claimed. */
  storedIndex(): number | null
  /** Up to where this leader has written it, and of which term; null as above. */
  stands(): { readonly term: number; readonly index: number } | null
  /** Another database than the one that was written to was seen: what it is comes out by a claim. */
  claimAnew(): void
  /** Rows that the database does not take; null: not claimed. */
  refusals(): SinkRefusals | null
  stop(): Promise<void>
}

const noAnswer: StoreTrouble = {
  code: 'no-answer',
  words: 'MySQL does not answer: configuration writes are refused until it does; look whether it is stopped, overloaded or cut off',
}
/** After an attachment. Until then nobody could wait for his write: it would come after all that. */
const filling: StoreTrouble = {
  code: 'filling',
  words: 'MySQL gets everything that this cluster has: configuration writes are refused until it is there',
}
const takeOver = 'start with the data folder that wrote it, choose another database, or take over what it holds with --mysql-adopt'
const foreign = ({ clusterId }: SinkPosition): StoreTrouble => ({
  code: 'foreign',
  words: `this database belongs to another cluster (${clusterId}), so nothing is written to it: ${takeOver}`,
  facts: { clusterId },
})
const ahead = ({ appliedIndex }: SinkPosition, last: number): StoreTrouble => ({
  code: 'ahead',
  words: `this database stands at entry ${appliedIndex}, but the log of this cluster ends at ${last}, so nothing is written to it: ${takeOver}`,
  facts: { index: String(appliedIndex), last: String(last) },
})
const told = ({ code, address, user, database, detail }: SinkTrouble): StoreTrouble => ({
  code,
  words: `MySQL at ${address}, schema ${database}, user ${user}: ${detail}`,
  facts: { address, user, database, detail },
})

export const createSinkLoop = (parts: SinkLoopParts): SinkLoop => {
  const { sink, clock, limits } = parts
  let term: number | null = null
  let isOpen = false
  /** Where the database stands, as the claim or the last batch of this term says; `attached`: batches may go. */
  let position: number | null = null
  let attached = false
  let refusals: SinkRefusals | null = null
  /** It was attached with more to write than a caller would wait for. */
  let fills = false
  /** Ours once, the wish to take it over is fulfilled. */
  let wasOurs = false
  let health: StoreHealth = 'undecided'
  let trouble: StoreTrouble | null = null
  let busy = false
  let failures = 0
  let pause: { cancel(): void } | null = null
  let idle: { cancel(): void } | null = null
  let isScheduled = false
  let stopped = false

  const forget = (): void => {
    position = null
    attached = false
  }
  const well = (): void => {
    health = 'available'
    trouble = null
    failures = 0
    wasOurs = true
    parts.changed()
  }
  const away = (why: StoreTrouble): void => {
    trouble = why
    // A follower goes by what its leader says.
    if (term !== null) health = 'away'
    parts.changed()
  }
  const again = (delayMs: number): void => {
    forget()
    pause?.cancel()
    pause = clock.after(delayMs, () => {
      pause = null
      step()
    })
  }
  const failed = (why: StoreTrouble): void => {
    again(Math.min(limits.retryMaxMs, limits.retryMs * 2 ** Math.min(failures++, 16)))
    away(why)
  }
  const refuse = (why: StoreTrouble): void => {
    again(limits.refusedRetryMs)
    if (!wasOurs) parts.refused(why)
    away(why)
  }

  const stopLooking = (): void => {
    idle?.cancel()
    idle = null
  }

  /** A call that hangs must not keep the others from hearing that nothing goes on. */
  const call = <T>(ask: () => Promise<T>, hear: (result: T) => void, stallMs: number | null = limits.stallMs): void => {
    const ofTerm = term
    busy = true
    stopLooking()
    const stall = stallMs === null ? null : clock.after(stallMs, () => term === ofTerm && away(noAnswer))
    void ask().then((result) => {
      stall?.cancel()
      busy = false
      if (stopped) return
      if (term === ofTerm) hear(result)
      step()
    })
  }

  const open = (): void =>
    call(
      () => sink.open(),
      (outcome) => {
        if (outcome.kind === 'unavailable') {
          failed(told(outcome.trouble))
          return
        }
        isOpen = true
        parts.opened(outcome.limits)
      },
    )

  const hearClaim = (outcome: ClaimOutcome): void => {
    switch (outcome.kind) {
      case 'claimed':
        parts.opened(outcome.limits)
        position = outcome.appliedIndex
        refusals = outcome.refusals
        attached = position > 0 && position >= parts.queue().completeAfter()
        if (attached) attachedOrWritten()
        return
      case 'outdated':
        // A leader of a newer term has it; that this node leads no more is still on its way.
        again(limits.retryMs)
        return
      case 'foreign':
        refuse(foreign(outcome.position))
        return
      case 'ahead':
        refuse(ahead(outcome.position, parts.lastIndex()))
        return
      case 'unavailable':
        failed(told(outcome.trouble))
    }
  }
  const hearAttach = (problem: AttachProblem | null): void => {
    if (problem?.lasting === true) refuse(problem)
    else if (problem !== null) failed(problem)
    else {
      attached = true
      fills = true
      wasOurs = true
      failures = 0
      attachedOrWritten()
    }
  }
  const attachedOrWritten = (): void => {
    fills &&= parts.queue().lastIndex() - (position ?? 0) > limits.fillBehindMax
    if (fills) away(filling)
    else well()
  }
  const hearWrite = (outcome: SinkOutcome, to: number): void => {
    switch (outcome.kind) {
      case 'written':
        position = to
        refusals = outcome.refusals ?? refusals
        if (outcome.dataErrors.length > 0) parts.dataErrors(outcome.dataErrors)
        attachedOrWritten()
        return
      case 'fenced':
      case 'unknown':
        forget()
        return
      case 'unavailable':
        failed(told(outcome.trouble))
    }
  }

  /** At 0 even without rows: the position says from then on that the database is attached, and what it held need not be read again. */
  const nextBatch = (stands: number): SinkBatch | null => {
    const page = { rows: limits.batchRowsMax, bytes: limits.batchBytesMax }
    const batch = parts.queue().lastIndex() > stands ? parts.queue().read(stands, page) : null
    if (batch !== null || stands > 0) return batch
    return { from: 0, to: parts.appliedIndex(), configs: [], dropped: [], history: [] }
  }
  const write = (stands: number): void => {
    const batch = nextBatch(stands)
    if (batch === null) idle ??= clock.after(limits.idleLookMs, () => carryOut({ from: stands, to: stands, configs: [], dropped: [], history: [] }))
    else carryOut(batch)
  }
  const carryOut = (batch: SinkBatch): void =>
    call(
      () => sink.write(batch),
      (outcome) => hearWrite(outcome, batch.to),
    )
  const step = (): void => {
    if (busy || stopped || pause !== null) return
    if (!isOpen) open()
    if (busy || term === null) return
    const ofTerm = term
    const adopt = parts.adopt && !wasOurs
    if (position === null) call(() => sink.claim({ term: ofTerm, lastIndex: parts.lastIndex(), adopt }), hearClaim)
    else if (attached) write(position)
    else {
      const stands = position
      call(() => parts.attach(stands, ofTerm), hearAttach, null)
    }
  }

  return {
    start: step,
    lead(ofTerm, heard) {
      term = ofTerm
      forget()
      fills = false
      stopLooking()
      health = heard
      if (heard === 'available') wasOurs = true
      failures = 0
      pause?.cancel()
      pause = null
      step()
    },
    rest() {
      term = null
      forget()
      stopLooking()
      refusals = null
      trouble = null
    },
    wake() {
      if (busy || isScheduled || term === null) return
      isScheduled = true
      // In a turn of its own: reading a batch is not part of applying.
      clock.defer(() => {
        isScheduled = false
        step()
      })
    },
    health: () => health,
    trouble: () => trouble,
    refusals: () => refusals,
    stands: () => (term === null || position === null || !attached ? null : { term, index: position }),
    claimAnew() {
      // A batch that is under way finds it out by itself.
      if (busy || term === null) return
      forget()
      stopLooking()
      step()
    },
    storedIndex() {
      if (position === null || !attached) return null
      return parts.queue().lastIndex() > position ? position : Math.max(position, parts.appliedIndex())
    },
    stop() {
      stopped = true
      term = null
      pause?.cancel()
      stopLooking()
      return sink.close()
    },
  }
}
