/** What the console sees of the cluster and may do to it. */

import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'
import { storageSettingSchema, storeReportSchema, storeTroubleSchema } from './storage.ts'

const id = z.number().int().positive()

export const roleSchema = z.enum(['follower', 'pre-candidate', 'candidate', 'leader'])
export type RoleName = z.infer<typeof roleSchema>

/** A node process as the supervisor knows it. `waiting`: down, to be restarted at `restartAtMs`, or, if that is null, once its disk has room. */
export const processStateSchema = z.enum(['starting', 'running', 'stopping', 'stopped', 'waiting', 'crashed'])

export const linkSchema = z.object({
  to: id,
  connected: z.boolean(),
  matchIndex: z.number().nullable(),
  rttMs: z.number().nullable(),
})

/** What the node last said of itself; null fields in `NodeView` mean: never heard in this life. */
export const nodeReportSchema = z.object({
  /** Wall time when the report arrived, ms. */
  atMs: z.number(),
  role: roleSchema,
  term: z.number(),
  leaderId: id.nullable(),
  commitIndex: z.number(),
  appliedIndex: z.number(),
  lastIndex: z.number(),
  serving: z.boolean(),
  diskFull: z.boolean(),
  stateHash: z.string(),
  configCount: z.number(),
  links: z.array(linkSchema),
  rssBytes: z.number(),
  cpuShare: z.number(),
  uptimeMs: z.number(),
  writesPerSecond: z.number(),
  readsPerSecond: z.number(),
  pushesPerSecond: z.number(),
  longPolls: z.number(),
  fsyncMs: z.number().nullable(),
  /** Null in SQLite mode. */
  store: storeReportSchema.nullable(),
})
export type NodeReport = z.infer<typeof nodeReportSchema>

export const lastExitSchema = z.object({
  atMs: z.number(),
  code: z.number().nullable(),
  signal: z.string().nullable(),
  /** Machine word for the renderer's own sentence. */
  kind: z.enum([
    'clean',
    'asked',
    'killed-by-user',
    'signal',
    'bad-options',
    'port-taken',
    'data-damaged',
    'data-read-only',
    'disk-full',
    'disk-error',
    'invariant',
    'parent-gone',
    'store-refused',
    'other',
  ]),
  /** English detail, as in the log. */
  reason: z.string(),
})

export const nodeViewSchema = z.object({
  id,
  process: processStateSchema,
  pid: z.number().nullable(),
  http: z.string(),
  grpc: z.string(),
  raft: z.string(),
  dir: z.string(),
  /** It was rebuilt: the number that its ports had at first. */
  inPlaceOf: id.nullable(),
  restarts: z.number(),
  restartAtMs: z.number().nullable(),
  lastExit: lastExitSchema.nullable(),
  report: nodeReportSchema.nullable(),
})
export type NodeView = z.infer<typeof nodeViewSchema>

/** Why the headline says what it says; the renderer words it in both languages. */
export const healthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stopped') }),
  z.object({ kind: z.literal('starting') }),
  z.object({ kind: z.literal('all-serve') }),
  /** A quorum serves; `down` do not. */
  z.object({ kind: z.literal('degraded'), down: z.array(id) }),
  /** Enough nodes are up, no leader at the moment. */
  z.object({ kind: z.literal('electing') }),
  z.object({ kind: z.literal('no-quorum'), down: z.array(id) }),
])
export type Health = z.infer<typeof healthSchema>

export const clusterViewSchema = z.object({
  atMs: z.number(),
  health: healthSchema,
  /** Since when `health.kind` (and its node list) has been so, wall ms. */
  healthSinceMs: z.number(),
  leaderId: id.nullable(),
  term: z.number().nullable(),
  leaderSinceMs: z.number().nullable(),
  nodes: z.array(nodeViewSchema),
  /** Supervising process. */
  main: z.object({ pid: z.number(), rssBytes: z.number(), cpuShare: z.number() }),
  dataDir: z.string(),
  /** Whether the nodes ask callers who they are; if not, whoever reaches a port may do everything. */
  authOn: z.boolean(),
  storage: z.object({
    setting: storageSettingSchema,
    /** A leader found that the database is not this cluster's, and nodes ended for it; null since one could use it, or another was chosen. */
    refused: storeTroubleSchema.extend({ atMs: z.number() }).nullable(),
  }),
})
export type ClusterView = z.infer<typeof clusterViewSchema>

export const timelineEventSchema = z.object({
  seq: z.number(),
  atMs: z.number(),
  node: id,
  kind: z.enum(['role', 'exit', 'start', 'serving', 'peer-up', 'peer-down', 'disk-full', 'slow-turn', 'store-away', 'store-back']),
  role: roleSchema.nullable(),
  term: z.number().nullable(),
  detail: z.string(),
})
export type TimelineEvent = z.infer<typeof timelineEventSchema>

export const clusterUpdateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('view'), view: clusterViewSchema }),
  z.object({ kind: z.literal('events'), events: z.array(timelineEventSchema) }),
])
export type ClusterUpdate = z.infer<typeof clusterUpdateSchema>

/** One configuration that two nodes do not hold alike. */
export const configDifferenceSchema = z.object({
  namespace: z.string(),
  group: z.string(),
  dataId: z.string(),
  /** Which of the two has it; `both`: with other `fields`. */
  heldBy: z.enum(['first', 'second', 'both']),
  fields: z.array(z.string()),
  md5: z.object({ first: z.string().nullable(), second: z.string().nullable() }),
})
export type ConfigDifference = z.infer<typeof configDifferenceSchema>

const comparedNodeSchema = z.object({ id, appliedIndex: z.number(), configs: z.number(), stateHash: z.string() })

export const comparisonSchema = z.discriminatedUnion('kind', [
  /** Equal if nothing differs and the hashes are one; hashes alone differ in counters or remembered replies. */
  z.object({
    kind: z.literal('compared'),
    first: comparedNodeSchema,
    second: comparedNodeSchema,
    equal: z.boolean(),
    /** All that differ, and the first of them. */
    differing: z.number(),
    differences: z.array(configDifferenceSchema),
  }),
  /** They did not come to one applied index in time. */
  z.object({ kind: z.literal('behind'), behind: id, first: comparedNodeSchema, second: comparedNodeSchema }),
])
export type Comparison = z.infer<typeof comparisonSchema>

const nodeAction = oc.errors(refusals).input(z.object({ id })).output(z.void())

export const clusterContract = {
  /** First the backlog of events (up to 500), then a view; later views at most ten a second, and one at least each second. */
  watch: oc.output(eventIterator(clusterUpdateSchema)),
  start: oc.errors(refusals).output(z.void()),
  stop: oc.errors(refusals).output(z.void()),
  startNode: nodeAction,
  /** Clean stop; the node stays down until it is started. */
  stopNode: nodeAction,
  restartNode: nodeAction,
  /**
   * A node whose data is lost comes anew from the others: its folder is kept aside, and a new node takes its ports. Takes as long as that one
   * needs to catch up; the answer names it.
   */
  rebuildNode: oc.errors(refusals).input(z.object({ id })).output(z.object({ id })),
  /** kill -9, as a fault: the supervisor starts it again by its policy. */
  killNode: nodeAction,
  /** Key by key, at one applied index; waits some seconds for the one that is behind. */
  compare: oc
    .errors(refusals)
    .input(z.object({ first: id, second: id }))
    .output(comparisonSchema),
  /** Fault: the node's event loop stands still. */
  blockNode: oc
    .errors(refusals)
    .input(z.object({ id, ms: z.number().int().min(1).max(60_000) }))
    .output(z.void()),
}
