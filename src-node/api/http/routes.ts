/** Every path that is served, below `/nacos`, an area after the other. Owns the list and nothing of what stands behind it. */

import type { ServiceView } from '../../naming/naming-port.ts'
import { configRoutes } from './config-routes.ts'
import { createLandingRoute } from './landing.ts'
import { createNamespaces } from './namespaces/namespaces.ts'
import { handlerIn } from './naming/dialect.ts'
import { prometheusTargetRoutes } from './naming/prometheus-targets.ts'
import type { HttpParts } from './ports.ts'
import type { Routes } from './router.ts'
import { serverRoutes } from './server-routes.ts'
import { accountRoutes } from './v1/accounts.ts'
import { createDigestRoute } from './v1/digest.ts'
import { createReadinessRoute, livenessRoute } from './v1/health.ts'
import { createNamespacesRoute } from './v1/namespaces.ts'
import { namingRoutesV1 } from './v1/naming.ts'
import { createRaftOpsRoute } from './v1/raft-ops.ts'
import { createRaftStateRoute } from './v1/raft-state.ts'
import { createScanQueue } from './v1/scan-queue.ts'
import { createSnapshotOpsRoute } from './v1/snapshot-ops.ts'
import { namespaceResultRoutes } from './v2/namespaces.ts'
import { namingRoutesV2 } from './v2/naming.ts'
import { accountResultRoutes } from './v3/accounts.ts'
import { namingRoutesV3 } from './v3/naming.ts'

const clusterRoutes = (parts: HttpParts): Routes => {
  const landing = createLandingRoute(parts)
  const raftOps = createRaftOpsRoute(parts)
  return {
    '': landing,
    '/': landing,
    '/v1/ns/raft/state': createRaftStateRoute(parts),
    '/v1/core/ops/raft': raftOps,
    '/v2/core/ops/raft': raftOps,
    '/v3/admin/core/ops/raft': raftOps,
    '/v1/core/ops/snapshots': createSnapshotOpsRoute(parts),
    '/v1/core/ops/digest': createDigestRoute(parts),
    '/v1/console/health/liveness': livenessRoute,
    '/v1/console/health/readiness': createReadinessRoute(parts),
  }
}

const namingRoutes = (parts: HttpParts): Routes => {
  const ground = { ...parts.naming, parts, scans: createScanQueue<ServiceView>(parts.clock) }
  return {
    ...namingRoutesV1(handlerIn(ground, 'v1'), parts),
    ...namingRoutesV2(handlerIn(ground, 'v2')),
    ...namingRoutesV3(handlerIn(ground, 'v3')),
    ...prometheusTargetRoutes(parts),
  }
}

const namespaceRoutes = (parts: HttpParts): Routes => {
  const namespaces = createNamespaces(parts)
  return { '/v1/console/namespaces': createNamespacesRoute(namespaces), ...namespaceResultRoutes(namespaces) }
}

const authRoutes = (parts: HttpParts): Routes => ({ ...accountRoutes(parts), ...accountResultRoutes(parts) })

export const routesOf = (parts: HttpParts): Routes => ({
  ...clusterRoutes(parts),
  ...serverRoutes(parts),
  ...configRoutes(parts),
  ...namingRoutes(parts),
  ...namespaceRoutes(parts),
  ...authRoutes(parts),
})
