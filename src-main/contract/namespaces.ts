/** Namespaces: what there is, and their changes. */

import { oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'

export const namespaceSchema = z.object({
  /** `''` is the default one, which can neither be changed nor deleted. */
  id: z.string(),
  name: z.string(),
  description: z.string(),
  configs: z.number(),
  /** Enforced only where the nodes count capacities. */
  quota: z.number(),
})
export type NamespaceView = z.infer<typeof namespaceSchema>

/** As the nodes have it; what is wrong is told by them. */
const idSchema = z.string().max(128)
const wantedSchema = z.object({ id: idSchema, name: z.string().min(1).max(256), description: z.string().max(256) })
export type NamespaceInput = z.infer<typeof wantedSchema>

const existing = z.object({ id: idSchema.min(1) })

export const namespacesContract = {
  /** The default one first, then by age. */
  list: oc.errors(refusals).output(z.object({ nodeId: z.number(), namespaces: z.array(namespaceSchema) })),
  /** How much stands in it at this moment; one that holds anything is not deleted. */
  contents: oc
    .errors(refusals)
    .input(z.object({ id: idSchema }))
    .output(z.object({ configs: z.number(), services: z.number() })),
  /** A blank id: one is made up. */
  create: oc
    .errors(refusals)
    .input(wantedSchema)
    .output(z.object({ id: z.string() })),
  update: oc.errors(refusals).input(wantedSchema).output(z.void()),
  remove: oc.errors(refusals).input(existing).output(z.void()),
}
