/** Moving all configurations between the nodes' own files and a shared database: what it would do, how far it is, how both sides stand. */

import { oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'

const key = { namespace: z.string(), group: z.string(), dataId: z.string() }
/** `hash`: 16 hex digits over what a client can ask of each row; equal rows in any order have one. */
const sumSchema = z.object({ configs: z.number(), bytes: z.number(), hash: z.string() })

/** What stands beside configurations. */
export const recordAreas = ['namespaces', 'users', 'roles', 'gray', 'capacities'] as const

export const storeLookSchema = z.object({
  address: z.string(),
  hasTables: z.boolean(),
  owner: z.enum(['nobody', 'this-cluster', 'another-cluster']),
  ownerId: z.string(),
  storeIndex: z.number().nullable(),
  appliedIndex: z.number(),
  ours: sumSchema,
  theirs: sumSchema,
  namespaces: z.array(z.object({ namespace: z.string(), ours: sumSchema, theirs: sumSchema })).readonly(),
  alike: z.number(),
  unlike: z.number(),
  oursAlone: z.number(),
  theirsAlone: z.number(),
  newer: z.number(),
  differences: z.array(z.object({ ...key, heldBy: z.enum(['ours', 'theirs', 'both']), fields: z.array(z.string()).readonly() })).readonly(),
  tooBig: z.number(),
  excesses: z
    .array(
      z.object({
        ...{ ...key, column: z.string(), limit: z.number(), unit: z.enum(['characters', 'bytes', 'charset', 'name']), charset: z.string() },
        /** Of unit `name`: the other one of ours that the column takes it for. */
        taken: z.string().optional(),
      }),
    )
    .readonly(),
  left: z.number(),
  leftRows: z.array(z.object({ ...key, id: z.string(), column: z.string(), reason: z.string(), limit: z.number() })).readonly(),
  history: z.object({
    ...{ ours: z.number(), theirs: z.number(), oursHash: z.string(), theirsHash: z.string(), tooBig: z.number() },
    ...{ alike: z.number(), unlike: z.number(), oursAlone: z.number(), theirsAlone: z.number() },
  }),
  /** Namespaces, users, roles, gray versions, capacities. */
  records: z.object({
    ...{ ours: z.number(), theirs: z.number(), oursHash: z.string(), theirsHash: z.string() },
    ...{ alike: z.number(), unlike: z.number(), oursAlone: z.number(), theirsAlone: z.number() },
    ...{ tooBig: z.number(), placeless: z.number(), left: z.number(), named: z.array(z.string()).readonly() },
    /** Of each kind; `roles`: their permissions. `unfit`: of ours alone, what a column cannot hold. */
    areas: z
      .array(
        z.object({
          area: z.enum(recordAreas),
          ...{ alike: z.number(), unlike: z.number(), oursAlone: z.number(), theirsAlone: z.number(), unfit: z.number() },
        }),
      )
      .readonly(),
  }),
})

/**
 * What forbids a move: the database is another cluster's, or holds rows of others, or some under our names with another content; columns are too small;
 * both sides are not alike.
 */
export const moveObstacleSchema = z.object({ code: z.enum(['foreign', 'not-empty', 'conflict', 'too-big', 'unlike']), count: z.number() })
export type MoveObstacle = z.infer<typeof moveObstacleSchema>

/**
 * As at an import, of configurations, namespaces, gray versions and capacities that both sides have with other contents: nothing is moved; the
 * database's count; the cluster's do. Users and roles that both have stay the cluster's, but for ABORT, which moves nothing for them either.
 */
export const movePolicies = ['abort', 'skip', 'overwrite'] as const
export const movePolicySchema = z.enum(movePolicies)
export type MovePolicy = z.infer<typeof movePolicySchema>

/**
 * Of one kind: into the database; from the database, which alone had it; the database's kept in the place of the cluster's; the cluster's put in the
 * place of the database's.
 */
export const moveCountSchema = z.object({
  area: z.enum(['configs', ...recordAreas]),
  ...{ moved: z.number(), taken: z.number(), skipped: z.number(), overwritten: z.number() },
})
export type MoveCount = z.infer<typeof moveCountSchema>

export const movePlanSchema = z.object({
  to: z.enum(['mysql', 'sqlite']),
  look: storeLookSchema,
  obstacles: z.array(moveObstacleSchema).readonly(),
  /** The database holds a part from an earlier time: only what it lacks is written. */
  isResumed: z.boolean(),
  /** Rows of others are there, and a policy was given: how many of them become the cluster's, come in the place of the cluster's, and are replaced by it. */
  merge: z.object({ policy: movePolicySchema, taken: z.number(), kept: z.number(), replaced: z.number() }).nullable(),
  /** What would come about, of each kind; empty: nothing is moved. */
  counts: z.array(moveCountSchema).readonly(),
  /** To be written, history included. */
  rows: z.number(),
  aboutMs: z.number(),
})
export type MovePlan = z.infer<typeof movePlanSchema>

export const moveStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('idle') }),
  z.object({
    kind: z.literal('running'),
    to: z.enum(['mysql', 'sqlite']),
    phase: z.enum(['looking', 'restarting', 'filling', 'comparing', 'going-back']),
    /** Entries of the log, while it fills. */
    done: z.number(),
    total: z.number(),
    /** Why the database takes nothing just now, as a machine word. */
    trouble: z.string().nullable(),
    tookMs: z.number(),
  }),
])
export type MoveState = z.infer<typeof moveStateSchema>

export const moveOrderSchema = z.discriminatedUnion('to', [
  /** `keepPassword`: in the data folder, once everything is there. Absent: in memory only. */
  z.object({
    ...{ to: z.literal('mysql'), url: z.string().max(4_096), password: z.string().max(4_096).nullable(), keepPassword: z.boolean().optional() },
    /** Absent: a database that holds rows of others is refused. */
    policy: movePolicySchema.optional(),
  }),
  /** `leave`: also if the database cannot be seen, or holds what the nodes do not. */
  z.object({ to: z.literal('sqlite'), leave: z.boolean() }),
])
export type MoveOrderInput = z.infer<typeof moveOrderSchema>

export const storageMoveContract = {
  /** A dry run: changes nothing. */
  plan: oc.errors(refusals).input(moveOrderSchema).output(movePlanSchema),
  /**
   * Resolves when both sides are alike and the cluster works with the new one; `done` false: it works as before, and `why` says it, with what was
   * found. `counts`: what became of each kind. Configuration writes are refused meanwhile.
   */
  run: oc
    .errors(refusals)
    .input(moveOrderSchema)
    .output(z.object({ done: z.boolean(), why: z.string(), plan: movePlanSchema.nullable(), counts: z.array(moveCountSchema).readonly() })),
  /** REFUSED wrong_state: nothing is under way. */
  abort: oc.errors(refusals).output(z.void()),
  state: oc.output(moveStateSchema),
  /** Of the database that is in use. */
  compare: oc.errors(refusals).output(movePlanSchema),
}
