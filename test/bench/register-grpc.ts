/** Instances registered over gRPC, one a unary call, beside an empty echo on grpc-js in the same run: the same calls by the same generator. */

import type { HeadlessCluster } from '../support/headless.ts'
import { runGrpcLoad, startGrpcEchoServers } from './processes.ts'
import { perSecond, type Sheet, type Task } from './sheet.ts'
import { rounded } from './stats.ts'
import { loadConnections, refuseErrors, withCost } from './throughput.ts'

const warmUpMs = 2_000

export const registerOverGrpc = async (sheet: Sheet, cluster: HeadlessCluster, task: Task): Promise<void> => {
  const order = { connections: loadConnections, warmUpMs, measuredMs: task.measuredMs } as const
  const echo = await (async () => {
    await using servers = await startGrpcEchoServers(cluster.bases.length)
    return refuseErrors('echo over gRPC', await runGrpcLoad({ ...order, kind: 'echo', addresses: servers.bases }))
  })()
  const addresses = cluster.ready.nodes.map(({ grpc }) => grpc)
  const { result, cost } = await withCost(cluster, () => runGrpcLoad({ ...order, kind: 'register', addresses }))
  const load = refuseErrors('register over gRPC', result)
  sheet.keys.grpc_echo_per_s = rounded(echo.perSecond, 0)
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
      note: `three empty servers on grpc-js, ${loadConnections} connections, one call at a time on each`,
    },
    {
      name: 'register_grpc_per_s',
      value: perSecond(load.perSecond),
      note: `one instance a unary call, the same connections over three nodes; ${share} % of that echo${spent}; aim >= 60 %`,
    },
  )
}
