/** Turns whatever a call threw into the contract's one error shape, so that a screen words errors in one place. */

import { ORPCError } from '@orpc/client'
import type { Refusal } from '../../src-main/contract/index.ts'
import { ConnectionError } from './connection.ts'

/** Never throws. A line that broke under a call is `outcome_unknown`; one that was not there is `unreachable`; anything else not declared is `internal`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ConnectionError) {
    return { code: error.sent ? 'outcome_unknown' : 'unreachable', nodeId: null, httpStatus: null, detail: error.message }
  }
  if (error instanceof ORPCError && isRefusal(error.data)) return error.data
  return { code: 'internal', nodeId: null, httpStatus: null, detail: error instanceof Error ? error.message : String(error) }
}

function isRefusal(data: unknown): data is Refusal {
  return typeof data === 'object' && data !== null && 'code' in data && 'detail' in data && typeof data.detail === 'string'
}
