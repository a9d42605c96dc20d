/** Every path that is served, below `/nacos`, an area after the other. Owns the list and nothing of what stands behind it. */

import type { ServiceView } from '../../naming/naming-port.ts'
import { createAnswerRoom } from './answer-room.ts'
import { createLandingRoute } from './landing.ts'
import { handlerIn } from './naming/dialect.ts'
import type { HttpParts } from './ports.ts'
import type { Route } from './router.ts'
import { createClusterNodesRoute } from './v1/cluster-nodes.ts'
import { createConfigsRoute } from './v1/configs.ts'
import { createDataChangeRoute } from './v1/data-change.ts'
import { createDigestRoute } from './v1/digest.ts'
import { createExportZip } from './v1/export-zip.ts'
import { createReadinessRoute, livenessRoute } from './v1/health.ts'
import { createImports } from './v1/import-zip.ts'
import { createListenerRoute } from './v1/listener.ts'
import { createLocalCacheRoutes } from './v1/local-cache.ts'
import { namingRoutesV1 } from './v1/naming.ts'
import { createNoticesRoute } from './v1/notices.ts'
import { createRaftOpsRoute } from './v1/raft-ops.ts'
import { createRaftStateRoute } from './v1/raft-state.ts'
import { createScanQueue } from './v1/scan-queue.ts'
import { createSnapshotOpsRoute } from './v1/snapshot-ops.ts'
import { v1Names, v3Names } from './v1/zip-names.ts'
import { namingRoutesV2 } from './v2/naming.ts'
import { namingRoutesV3 } from './v3/naming.ts'

export type Routes = Readonly<Record<string, Route>>

const configRoutes = (parts: HttpParts): Routes => {
  const room = createAnswerRoom(parts.settings.httpAnswersInFlightBytesMax)
  const localCache = createLocalCacheRoutes(parts)
  const imports = createImports(parts)
  const exportV3: Route = { access: 'config', GET: createExportZip(parts, v3Names) }
  const importV3: Route = { access: 'config', POST: imports.noFile, UPLOAD: imports.upload(v3Names) }
  return {
    '/v1/cs/configs': createConfigsRoute(parts, { room, imports, exportZip: createExportZip(parts, v1Names) }),
    '/v1/cs/configs/listener': createListenerRoute(parts),
    '/v1/cs/ops/localCache': localCache.v1,
    '/v3/admin/cs/ops/localCache': localCache.v3,
    '/v1/cs/communication/dataChange': createDataChangeRoute(parts),
    '/v1/cs/communication/notices': createNoticesRoute(parts),
    '/v3/admin/cs/config/export': exportV3,
    '/v3/console/cs/config/export2': exportV3,
    '/v3/admin/cs/config/import': importV3,
    '/v3/console/cs/config/import': importV3,
    '/v1/core/ops/import': { access: 'admin', GET: imports.progress },
  }
}

const clusterRoutes = (parts: HttpParts): Routes => {
  const landing = createLandingRoute(parts)
  const raftOps = createRaftOpsRoute(parts)
  return {
    '': landing,
    '/': landing,
    '/v1/ns/raft/state': createRaftStateRoute(parts),
    '/v1/core/cluster/nodes': createClusterNodesRoute(parts),
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
  const { naming } = parts
  if (naming === null) return {}
  const ground = { ...naming, parts, scans: createScanQueue<ServiceView>(parts.clock) }
  return { ...namingRoutesV1(handlerIn(ground, 'v1'), parts), ...namingRoutesV2(handlerIn(ground, 'v2')), ...namingRoutesV3(handlerIn(ground, 'v3')) }
}

export const routesOf = (parts: HttpParts): Routes => ({ ...clusterRoutes(parts), ...configRoutes(parts), ...namingRoutes(parts) })
