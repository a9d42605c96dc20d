/** Instances registered over HTTP, one a request: how many a second three nodes take, and how far that is from a bare server in the same run. */

import type { HeadlessCluster } from '../support/headless.ts'
import { runLoad, startEchoServers } from './processes.ts'
import { perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded } from './stats.ts'
import { loadConnections, refuseErrors, withCost } from './throughput.ts'

const warmUpMs = 2_000
const ceilingMs = 3_000

/** Every request changes what is there: another weight of one of 10,000 instances in 1,000 services. */
export const registerOverHttp = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const order = { kind: 'register', connections: loadConnections, measuredMs: task.measuredMs } as const
  const ceiling = await (async () => {
    await using echo = await startEchoServers(cluster.bases.length)
    return await runLoad({ ...order, bases: echo.bases, warmUpMs: 1_000, measuredMs: ceilingMs })
  })()
  const timed = { ...order, bases: cluster.bases, warmUpMs }
  // On nodes that have just started an eighth of the time goes to V8's compilers.
  const fresh = refuseErrors('register over HTTP, just started', await runLoad(timed))
  const { result, cost } = await withCost(cluster, () => runLoad(timed))
  const load = refuseErrors('register over HTTP', result)
  sheet.keys.register_http_per_s = rounded(load.perSecond, 0)
  sheet.keys.register_http_fresh_per_s = rounded(fresh.perSecond, 0)
  sheet.conditions.register_http_p50_ms = rounded(load.p50Ms)
  sheet.conditions.register_http_p99_ms = rounded(load.p99Ms)
  sheet.conditions.register_http_ratio_to_bare_http = rounded(load.perSecond / ceiling.perSecond, 3)
  const spent = cost === null ? '' : `; ${Math.round(cost.user + cost.system)} us of processor time each`
  sheet.rows.push({
    name: 'register_http_per_s',
    value: perSecond(load.perSecond),
    note: `one instance a request, ${loadConnections} connections over three nodes; bare node:http ${perSecond(ceiling.perSecond)}${spent}; the same before it, on nodes just started, ${perSecond(fresh.perSecond)}; aim >= 10,000/s`,
  })
}
