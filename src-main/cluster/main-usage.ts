/** Memory and processor share of the supervising process itself, reckoned over at least half a second. */

import type { ClusterView } from '../contract/cluster.ts'

const windowMs = 500

/** Each call gives the newest figures; the share is that of the last full window. */
export const createMainUsage = (): (() => ClusterView['main']) => {
  let since = { atMs: performance.now(), cpu: process.cpuUsage() }
  let cpuShare = 0
  return () => {
    const elapsedMs = performance.now() - since.atMs
    if (elapsedMs >= windowMs) {
      const used = process.cpuUsage(since.cpu)
      cpuShare = (used.user + used.system) / 1_000 / elapsedMs
      since = { atMs: performance.now(), cpu: process.cpuUsage() }
    }
    return { pid: process.pid, rssBytes: process.memoryUsage.rss(), cpuShare }
  }
}
