/** Paths by which a server is asked what it is and how it is: members, state, health, operations, connections, figures (nacos-http 10, 11, 12.2, 14). */

import type { HttpParts } from './ports.ts'
import { createPrometheusRoute } from './prometheus.ts'
import type { Routes } from './router.ts'
import { coreOpsRoutes } from './v1/core-ops.ts'
import { memberRoutes } from './v1/members.ts'
import { raftClassicRoutes } from './v1/raft-classic.ts'
import { serverStateRoutes } from './v1/server-state.ts'
import { loaderRoutes } from './v2/loader.ts'
import { loaderClusterRoutes } from './v2/loader-cluster.ts'

export const serverRoutes = (parts: HttpParts): Routes => ({
  ...memberRoutes(parts),
  ...coreOpsRoutes(parts),
  ...raftClassicRoutes(parts),
  ...serverStateRoutes(parts),
  ...loaderRoutes(parts),
  ...loaderClusterRoutes(parts),
  '/actuator/prometheus': createPrometheusRoute(parts),
})
