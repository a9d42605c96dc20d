/** How long the files of the disk cache are behind once a load is over: asked of all nodes until none has anything left to write. */

import type { CacheStatus } from '../../src-node/disk-cache/types.ts'
import { send } from '../support/http.ts'
import { waitUntil } from '../support/wait-until.ts'

const usualLimitMs = 60_000

const isCurrent = async (base: string): Promise<boolean> => {
  const { state, running } = JSON.parse((await send(base, { path: '/nacos/v1/cs/ops/localCache' })).text) as CacheStatus
  return state === 'current' && running === null
}

/** Milliseconds from now. */
export const filesCurrent = async (bases: readonly string[], limitMs = usualLimitMs): Promise<number> => {
  const startedMs = performance.now()
  await waitUntil('the files of all nodes to be current', async () => (await Promise.all(bases.map(isCurrent))).every(Boolean), limitMs)
  return performance.now() - startedMs
}
