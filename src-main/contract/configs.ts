/** Configurations, through the public HTTP API of the node that the user chose (or the leader). */

import { oc } from '@orpc/contract'
import { z } from 'zod'
import { refusals } from './errors.ts'

export const configTypeSchema = z.enum(['text', 'json', 'xml', 'yaml', 'html', 'properties', 'toml'])
export type ConfigTypeName = z.infer<typeof configTypeSchema>

/** Namespace `''` is the default one. */
export const configKeySchema = z.object({ namespace: z.string(), group: z.string(), dataId: z.string() })
export type ConfigKeyInput = z.infer<typeof configKeySchema>

export const configSummarySchema = configKeySchema.extend({
  id: z.string(),
  type: configTypeSchema,
  md5: z.string(),
  contentBytes: z.number(),
  modifiedMs: z.number().nullable(),
})
export type ConfigSummary = z.infer<typeof configSummarySchema>

export const configDetailSchema = configKeySchema.extend({
  content: z.string(),
  type: configTypeSchema,
  md5: z.string(),
  description: z.string(),
  appName: z.string(),
  tags: z.array(z.string()),
  createdMs: z.number(),
  modifiedMs: z.number(),
  /** Which node answered. */
  nodeId: z.number(),
})
export type ConfigDetail = z.infer<typeof configDetailSchema>

/** null = the leader, or any node that answers. */
const node = z.number().int().positive().nullable()

export const configsContract = {
  list: oc
    .errors(refusals)
    .input(
      z.object({
        node,
        namespace: z.string(),
        dataId: z.string(),
        group: z.string(),
        page: z.number().int().min(1),
        pageSize: z.number().int().min(1).max(500),
      }),
    )
    .output(z.object({ total: z.number(), items: z.array(configSummarySchema), nodeId: z.number() })),
  /** REFUSED not_found when absent. */
  get: oc.errors(refusals).input(configKeySchema.extend({ node })).output(configDetailSchema),
  publish: oc
    .errors(refusals)
    .input(
      configKeySchema.extend({
        node,
        content: z.string(),
        type: configTypeSchema,
        description: z.string().optional(),
        appName: z.string().optional(),
        tags: z.array(z.string()).optional(),
        /** '' demands that the configuration does not exist yet; null publishes whatever is there. */
        expectedMd5: z.string().nullable(),
        /** One for each publish that the user means, however often it is sent: a repeat gets the first outcome. */
        requestId: z
          .string()
          .regex(/^[A-Za-z0-9_-]{16,64}$/)
          .optional(),
      }),
    )
    .output(z.object({ nodeId: z.number(), md5: z.string(), tookMs: z.number(), index: z.number().nullable() })),
  remove: oc
    .errors(refusals)
    .input(configKeySchema.extend({ node, expectedMd5: z.string().nullable() }))
    .output(z.object({ nodeId: z.number(), tookMs: z.number() })),
}
