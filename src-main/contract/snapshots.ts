/** Named snapshots of the cluster, and going back to one. */

import { oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'

export const namedSnapshotSchema = z.object({
  name: z.string(),
  /** Raft index of the entry that made it. */
  index: z.number(),
  /** Log time, ms since 1970. */
  takenMs: z.number(),
  configs: z.number(),
  contentBytes: z.number(),
  /** 16 hex digits, equal for equal contents. */
  contentHash: z.string(),
  /** What it keeps besides configurations, in records; null: it was taken by a version that kept none of it. */
  besides: z
    .object({
      services: z.number(),
      instances: z.number(),
      grays: z.number(),
      namespaces: z.number(),
      /** Users, and roles with permissions. */
      accounts: z.number(),
      capacities: z.number(),
    })
    .nullable(),
  /** Writes to configurations since: what a restore has to look through. */
  changesSince: z.number(),
  /** False: configurations were taken over from a database since, and nobody can go back to it. */
  usable: z.boolean(),
})
export type NamedSnapshotView = z.infer<typeof namedSnapshotSchema>

export const snapshotListSchema = z.object({
  nodeId: z.number(),
  limit: z.number(),
  snapshots: z.array(namedSnapshotSchema),
  /** What the last restore replaced, under the name of what was restored; null: there is no restore to be undone. */
  undo: namedSnapshotSchema.nullable(),
})
export type SnapshotList = z.infer<typeof snapshotListSchema>

export const restoredSchema = z.object({
  index: z.number(),
  updated: z.number(),
  created: z.number(),
  removed: z.number(),
  /** Records of services, instances, gray versions, namespaces, capacities and accounts. `left`: an ephemeral service has its name now. */
  besides: z.object({ brought: z.number(), removed: z.number(), left: z.number() }),
})
export type Restored = z.infer<typeof restoredSchema>

const named = z.object({ name: z.string().min(1).max(64) })

export const snapshotsContract = {
  list: oc.errors(refusals).output(snapshotListSchema),
  take: oc.errors(refusals).input(named).output(namedSnapshotSchema),
  /** Seconds for a hundred thousand changes. `accounts`: users, roles and permissions too; administrators of now stay. */
  restore: oc
    .errors(refusals)
    .input(named.extend({ accounts: z.boolean() }))
    .output(restoredSchema),
  undo: oc.errors(refusals).output(restoredSchema),
  remove: oc
    .errors(refusals)
    .input(named)
    .output(z.object({ index: z.number() })),
}
