/** The one error shape that crosses the contract: a code for the renderer's words, the node's own text for details. */

import { z } from 'zod'

export const refusalSchema = z.object({
  code: z.enum([
    'no_quorum',
    'outcome_unknown',
    'storage_unavailable',
    'column_limit',
    'overloaded',
    'disk_full',
    'cas_conflict',
    'not_found',
    'invalid',
    'too_large',
    'unreachable',
    'wrong_state',
    'internal',
  ]),
  nodeId: z.number().nullable(),
  httpStatus: z.number().nullable(),
  /** The node's or the system's own words, untranslated. */
  detail: z.string(),
  /** What a sentence names: of `column_limit` the column, its limit, the unit of that (or `charset`), and the character set. */
  facts: z.record(z.string(), z.string()).optional(),
})
export type Refusal = z.infer<typeof refusalSchema>

export const refusals = { REFUSED: { data: refusalSchema } } as const
