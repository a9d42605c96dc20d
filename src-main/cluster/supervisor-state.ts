/** The words of the supervisor's reducer: what it knows, what it is told, what it asks for. Types and starting values only. */

import type { WorkerSignal } from './launcher.ts'
import { type FailureHistory, noFailures } from './restart-policy.ts'
import type { ActionResult, Farewell, LastExit } from './types.ts'

/**
 * How long each step of an end may take. All of it fits in the 2 s after which no worker may be left, with a worker in a busy loop
 * among them: what was acknowledged is synced already, so a hurried end costs nothing but a check at the next start.
 */
export const stopLimits = {
  /** A clean end takes 0.1 s; an answer under way may take the node's grace of 0.5 s. */
  askMs: 1_000,
  /** Nodes ignore SIGTERM by design while their parent lives; one that was never started by us heeds it. */
  termMs: 200,
  /** The leader is asked when its followers are gone, or this long after them. */
  leaderTurnMs: 400,
  /** Whatever lives then gets SIGKILL. */
  wholeMs: 1_700,
} as const

/** A worker that does not even greet in this time is broken: Node itself starts in well under a second. */
export const helloLimitMs = 20_000

/** The disk of a node that waits for room is looked at so often: a system call. */
export const roomLookMs = 1_000

/** A paused worker goes on by itself after this long at most. */
export const longestPauseMs = 60_000

export type Phase =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'crashed' }
  /** `needsRoom`: at that time its disk is looked at, and it starts if there is room. */
  | { readonly kind: 'waiting'; readonly restartAtMs: number; readonly needsRoom: boolean }
  | { readonly kind: 'starting'; readonly greeted: boolean }
  | { readonly kind: 'running' }
  | { readonly kind: 'stopping'; readonly step: 'ask' | 'term' | 'kill'; readonly afterwards: 'stay' | 'start' }

export interface NodeState {
  readonly id: number
  readonly phase: Phase
  /** Counts processes of this node; late news of an older one is ignored. */
  readonly life: number
  readonly pid: number | null
  /** Served at least once in this life. */
  readonly healthy: boolean
  /** Held by our own SIGSTOP, as a fault: silence is no sign of anything then. */
  readonly paused: boolean
  readonly history: FailureHistory
  /** Restarts by policy since the user last started the node. */
  readonly restarts: number
  readonly killedFor: 'user' | 'slow-stop' | 'no-hello' | null
  readonly farewell: Farewell | null
  readonly lastExit: LastExit | null
}

/** A stop of the whole cluster under way. */
export interface Shutdown {
  readonly leaderId: number | null
  readonly leaderAsked: boolean
}

export interface SupervisorState {
  readonly nodes: readonly NodeState[]
  readonly shutdown: Shutdown | null
}

export type TimerName = 'stop' | 'restart' | 'hello' | 'resume' | 'leader-turn' | 'whole-stop'

export type Command =
  | { readonly kind: 'start'; readonly id: number }
  | { readonly kind: 'stop'; readonly id: number }
  | { readonly kind: 'restart'; readonly id: number }
  | { readonly kind: 'kill'; readonly id: number }
  /** `ms` 1..`longestPauseMs`, then it goes on by itself. */
  | { readonly kind: 'pause'; readonly id: number; readonly ms: number }
  | { readonly kind: 'resume'; readonly id: number }
  /** One more node, at rest. */
  | { readonly kind: 'enlist'; readonly id: number }
  /** A node without a process is forgotten. */
  | { readonly kind: 'dismiss'; readonly id: number }
  | { readonly kind: 'start-all' }
  | { readonly kind: 'stop-all'; readonly leaderId: number | null }
  | { readonly kind: 'hurry' }

export type News =
  | { readonly kind: 'spawned'; readonly id: number; readonly life: number; readonly pid: number }
  | { readonly kind: 'hello'; readonly id: number; readonly life: number }
  | { readonly kind: 'listening'; readonly id: number; readonly life: number }
  | { readonly kind: 'serving'; readonly id: number; readonly life: number }
  | { readonly kind: 'bye'; readonly id: number; readonly life: number; readonly farewell: Farewell }
  | {
      readonly kind: 'exited'
      readonly id: number
      readonly life: number
      readonly code: number | null
      readonly signal: string | null
      readonly lastLine: string | null
    }
  /** Whether the disk that this node found full has room. */
  | { readonly kind: 'room'; readonly id: number; readonly found: boolean }
  /** `id` is 0 for the timers of the whole cluster. */
  | { readonly kind: 'timer'; readonly id: number; readonly name: TimerName }

export type Input = Command | News

export type Effect =
  | { readonly kind: 'spawn'; readonly id: number; readonly life: number }
  | { readonly kind: 'send-start'; readonly id: number }
  | { readonly kind: 'send-stop'; readonly id: number }
  | { readonly kind: 'signal'; readonly id: number; readonly signal: WorkerSignal }
  | { readonly kind: 'set-timer'; readonly id: number; readonly name: TimerName; readonly delayMs: number }
  | { readonly kind: 'clear-timer'; readonly id: number; readonly name: TimerName }
  /** Answered by the news `room`. */
  | { readonly kind: 'look-for-room'; readonly id: number }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly text: string }
  | { readonly kind: 'exited'; readonly id: number; readonly pid: number | null; readonly exit: LastExit }

export interface Step {
  readonly state: SupervisorState
  readonly effects: readonly Effect[]
  /** Answer to a command; news is always ok. */
  readonly result: ActionResult
}

/** What every rule of the reducer gets besides the node it is about. */
export interface NodeStep {
  readonly node: NodeState
  readonly effects: readonly Effect[]
}

export const atRest = (id: number): NodeState => ({
  id,
  phase: { kind: 'stopped' },
  life: 0,
  pid: null,
  healthy: false,
  paused: false,
  history: noFailures,
  restarts: 0,
  killedFor: null,
  farewell: null,
  lastExit: null,
})

export const initialState = (ids: readonly number[]): SupervisorState => ({ nodes: ids.map(atRest), shutdown: null })

/** A process of this node exists, or is being made. */
export const hasProcess = (node: NodeState): boolean =>
  node.phase.kind === 'starting' || node.phase.kind === 'running' || node.phase.kind === 'stopping'
