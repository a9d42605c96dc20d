/** Answers the contract's `logs`. */

import type { LogHub } from './log-hub.ts'
import type { ContractBuilder } from './router.ts'

export function logProcedures(os: ContractBuilder, hub: LogHub) {
  return {
    watch: os.logs.watch.handler(({ input, signal }) => hub.watch(input.backlog, signal)),
  }
}
