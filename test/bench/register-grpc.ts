/** Instances registered over gRPC, one a unary call, beside an empty echo on grpc-js in the same run: the same calls by the same generator. */

import type { HeadlessCluster } from '../support/headless.ts'
import { runGrpcLoad, startGrpcEchoServers } from './processes.ts'
import { perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded } from './stats.ts'
import { loadConnections, refuseErrors, withCost } from './throughput.ts'

const warmUpMs = 2_000

export const registerOverGrpc = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const order = { connections: loadConnections, warmUpMs, measuredMs: task.measuredMs } as const
  const echoes = async (): Promise<number> => {
    await using servers = await startGrpcEchoServers(cluster.bases.length)
    return refuseErrors('echo over gRPC', await runGrpcLoad({ ...order, kind: 'echo', addresses: servers.bases })).perSecond
  }
  const registered = () => runGrpcLoad({ ...order, kind: 'register', addresses: cluster.ready.nodes.map(({ grpc }) => grpc) })
  // Before and after: a machine that changes its speed in between changes both sides of the ratio.
  const echoBefore = await echoes()
  const fresh = refuseErrors('register over gRPC, just started', await registered())
  const { result, cost } = await withCost(cluster, registered)
  const load = refuseErrors('register over gRPC', result)
  const echo = { perSecond: (echoBefore + (await echoes())) / 2 }
  sheet.keys.grpc_echo_per_s = rounded(echo.perSecond, 0)
  sheet.keys.register_grpc_fresh_per_s = rounded(fresh.perSecond, 0)
  sheet.keys.register_grpc_per_s = rounded(load.perSecond, 0)
  sheet.conditions.register_grpc_p50_ms = rounded(load.p50Ms)
  sheet.conditions.register_grpc_p99_ms = rounded(load.p99Ms)
  sheet.conditions.register_grpc_ratio_to_echo = rounded(load.perSecond / echo.perSecond, 3)
  const spent = cost === null ? '' : `; ${Math.round(cost.user + cost.system)} us of processor time each`
  const share = Math.round((100 * load.perSecond) / echo.perSecond)
  sheet.rows.push(
    {
      name: 'grpc_echo_per_s',
      value: perSecond(echo.perSecond),
      note: `three empty servers on grpc-js, ${loadConnections} connections, one call at a time on each; mean of before and after`,
    },
    {
      name: 'register_grpc_per_s',
      value: perSecond(load.perSecond),
      note: `one instance a unary call, the same connections over three nodes; ${share} % of that echo${spent}; the same before it, on nodes just started, ${perSecond(fresh.perSecond)}; aim >= 60 %`,
    },
  )
}
