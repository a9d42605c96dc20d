/**
 * What the rest of src-main sees of the cluster: the `Cluster` object and the facts it hands out.
 * Types only, so that a console, a window or a test depends on no running code of this folder.
 */

import type { z } from 'zod'
import type { ExitCode } from '../../src-node/observe/channel.ts'
import type { ClusterUpdate, ClusterView, lastExitSchema, TimelineEvent } from '../contract/cluster.ts'
import type { Refusal } from '../contract/errors.ts'
import type { NodeFaultSwitches } from '../faults/node-faults.ts'
import type { AuthSwitch } from './auth-switch.ts'
import type { MemberChanges } from './member-changes.ts'
import type { OrderResult } from './node-orders.ts'
import type { StorageChanges } from './storage-changes.ts'
import type { StorageMove } from './storage-move.ts'

export type LastExit = z.infer<typeof lastExitSchema>
export type ExitKind = LastExit['kind']

/** Fixed for a node's life in one start of the cluster: where it listens and lives. Ports are on 127.0.0.1. */
export interface NodePlace {
  readonly id: number
  readonly host: string
  readonly httpPort: number
  readonly grpcPort: number
  readonly raftPort: number
  /** Absolute; holds `data/` and `logs/`. */
  readonly dir: string
  /** It was rebuilt: the number that its ports had at first. An id is never used again, while people know a node by its address. */
  readonly inPlaceOf?: number
}

/** Both clocks of one moment: wall time to show, monotonic time to reckon with. */
export interface Instant {
  readonly wallMs: number
  readonly monoMs: number
}

/** A worker's last words. */
export interface Farewell {
  readonly exitCode: ExitCode
  readonly reason: string
}

export type ActionResult = { readonly ok: true } | { readonly ok: false; readonly refusal: Refusal }

/** Things told once, in order, to whoever prints or counts them (headless lines, tray, tests). */
export type ClusterEvent =
  | { readonly kind: 'leader'; readonly id: number; readonly term: number }
  | {
      readonly kind: 'node-exit'
      readonly id: number
      readonly pid: number
      readonly code: number | null
      readonly signal: string | null
      readonly reason: string
    }
  | { readonly kind: 'node-ready'; readonly id: number; readonly pid: number }
  /** A change of the members that was asked earlier, or elsewhere, is finished. */
  | { readonly kind: 'member'; readonly id: number; readonly change: 'added' | 'removed' }

export interface Readiness {
  readonly leaderId: number
  /** Ids of the nodes that did not serve in time; empty when all do. */
  readonly degraded: readonly number[]
}

export interface Cluster {
  /** Of this moment: nodes come and go. */
  readonly places: readonly NodePlace[]
  readonly dataDir: string
  /** Starts every node that is down. Returns at once. */
  readonly start: () => ActionResult
  /** Clean stop of all, followers first, the leader last, within 2 s; resolves when no worker is left. */
  readonly stop: () => Promise<void>
  /** Ends a stop that is under way at once, with SIGKILL. */
  readonly hurry: () => void
  readonly startNode: (id: number) => ActionResult
  readonly stopNode: (id: number) => ActionResult
  readonly restartNode: (id: number) => ActionResult
  /** Fault: kill -9; the supervisor starts the node again. */
  readonly killNode: (id: number) => ActionResult
  /** Fault: the node's event loop stands still for `ms` (1..60,000). */
  readonly blockNode: (id: number, ms: number) => ActionResult
  /** Fault: SIGSTOP; the node goes on after `ms` (1..60,000). Nothing is started again for its silence. */
  readonly pauseNode: (id: number, ms: number) => ActionResult
  readonly resumeNode: (id: number) => ActionResult
  /** Faults of lines, disks and clocks inside the nodes. */
  readonly faults: NodeFaultSwitches
  /** Leadership to this node; writes are held meanwhile, none fails. Resolves when it leads, or with the reason why it does not. */
  readonly transferTo: (id: number) => Promise<ActionResult>
  /** One more voter; resolves when it votes. `tell`: the arithmetic of majorities, before anything is done. One change of the members at a time. */
  readonly addNode: MemberChanges['add']
  /** Resolves when the node is gone. */
  readonly removeNode: MemberChanges['remove']
  /** One more, then the named one goes. */
  readonly replaceNode: MemberChanges['replace']
  /** Looks at a shared database, step by step; changes nothing in it. Without a password: the one that is known for it. */
  readonly testMysql: StorageChanges['testMysql']
  /** Another storage, kept for later starts too; a database is looked at first. Nodes that run stop and start again. */
  readonly chooseStorage: StorageChanges['chooseStorage']
  /** Whether the nodes ask callers who they are. */
  readonly auth: AuthSwitch
  /** All configurations into a shared database, and back. */
  readonly storageMove: StorageMove
  /** A node whose data is lost comes anew from the others, with its ports and a new id. */
  readonly rebuildNode: MemberChanges['rebuild']
  /** A full look through the node's data, while it works; in words. */
  readonly checkNode: (id: number) => Promise<OrderResult>
  /** A copy of its state into this folder, named from the root on. */
  readonly backupNode: (id: number, folder: string) => Promise<OrderResult>
  readonly view: () => ClusterView
  /** The newest 500 events, oldest first. */
  readonly timeline: () => readonly TimelineEvent[]
  /**
   * Calls back at once with the backlog of events, then with a view; later views at most ten a second and at least one each second.
   * Returns the function that ends it. Listeners must not throw and must not block.
   */
  readonly subscribe: (listener: (update: ClusterUpdate) => void) => () => void
  /** Each event once, at the moment it happens; no backlog. Returns the function that ends it. */
  readonly onEvent: (listener: (event: ClusterEvent) => void) => () => void
  /**
   * Resolves when a leader is known and every node serves; after `quorumAfterMs` a quorum is enough. Never resolves while not even a quorum
   * does; resolves null when the cluster is stopped before.
   */
  readonly waitReady: (quorumAfterMs: number) => Promise<Readiness | null>
  /** Resolves when every worker has been told to begin, or after `limitMs`: the moment from which a busy main process delays nobody. */
  readonly waitBegun: (limitMs: number) => Promise<void>
  /** Address of the console (`http://127.0.0.1:PORT`), or null: for the nodes' own page and their Origin rule. */
  readonly setConsole: (url: string | null) => void
  /** Stops all and ends timers and listeners; the object is of no use afterwards. */
  readonly close: () => Promise<void>
}
