/** The merged log of all nodes and the app. */

import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'

export const logLevelSchema = z.enum(['debug', 'info', 'warn', 'error'])
export type LogLevel = z.infer<typeof logLevelSchema>

export const logLineSchema = z.object({
  /** Rises by one a line in the order merged; stable for the life of the app. */
  seq: z.number(),
  atMs: z.number(),
  /** 0 = the app itself. */
  node: z.number(),
  level: logLevelSchema,
  module: z.string(),
  text: z.string(),
})
export type LogLine = z.infer<typeof logLineSchema>

export const logsContract = {
  /** First the newest `backlog` lines in one batch (possibly empty), then live batches, at most ten a second. */
  watch: oc
    .input(z.object({ backlog: z.number().int().min(0).max(50_000) }))
    .output(eventIterator(z.object({ lines: z.array(logLineSchema), dropped: z.number() }))),
}
