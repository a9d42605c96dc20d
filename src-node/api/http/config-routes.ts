/** Every path of configurations, of all generations of the API (nacos-http 5, 6, 7, 14). Owns which handler stands where. */

import type { Resource } from '../../auth/permission-match.ts'
import { type AnswerRoom, createAnswerRoom } from './answer-room.ts'
import { v1ConfigNames, v2ConfigNames, v3ConfigNames } from './config-names.ts'
import type { Parameters } from './parameters.ts'
import { plainly } from './plain/plain-methods.ts'
import type { HttpParts } from './ports.ts'
import { allConfigs, allConfigsBy, configsOrRows, oneConfig, oneConfigBy } from './resources.ts'
import { jsonAnswer, resultAnswer } from './result.ts'
import type { Route, Routes } from './router.ts'
import { createBeta } from './v1/beta.ts'
import { createCapacityRoutes } from './v1/capacity.ts'
import { createClientMetrics } from './v1/client-metrics.ts'
import { cloneBytesMax, createClone, v1CloneNames, v3CloneNames } from './v1/clone.ts'
import { createConfigHealthRoute, derbyRoutes } from './v1/config-ops.ts'
import { createConfigsRoute } from './v1/configs.ts'
import { createDataChangeRoute } from './v1/data-change.ts'
import { createExportZip } from './v1/export-zip.ts'
import { createHistory } from './v1/history.ts'
import { createImports } from './v1/import-zip.ts'
import { createListener, listenedResources } from './v1/listener.ts'
import { createListeners } from './v1/listeners.ts'
import { createLocalCacheRoutes } from './v1/local-cache.ts'
import { createNoticesRoute } from './v1/notices.ts'
import { createReadWrapped } from './v1/read-wrapped.ts'
import { createRemoveByIds } from './v1/remove-by-ids.ts'
import { createSearchConfigs } from './v1/search-configs.ts'
import { createConfigDetails } from './v1/show-config.ts'
import { createConfigWrites } from './v1/write-config.ts'
import { createConfigMetadata } from './v1/write-metadata.ts'
import { v1Names, v3Names } from './v1/zip-names.ts'

const [v1Config, v2Config, v3Config] = [oneConfig(v1ConfigNames), oneConfig(v2ConfigNames), oneConfig(v3ConfigNames)]

/** Who listens, and to listen, stand under one path: whatever a request names in either manner must be allowed. */
const askedOrListened = (parameters: Parameters): readonly Resource[] => {
  const listened = parameters.has('Listening-Configs') ? listenedResources(parameters) : []
  return listened.length > 0 && !parameters.has('dataId') ? listened : [...listened, ...v1Config.resources(parameters)]
}

const handlersOf = (parts: HttpParts, room: AnswerRoom) => ({
  room,
  imports: createImports(parts),
  searches: createSearchConfigs(parts, room),
  details: createConfigDetails(parts, room),
  clone: createClone(parts),
  removeByIds: createRemoveByIds(parts),
  history: createHistory(parts, room),
  listeners: createListeners(parts),
  wrapped: createReadWrapped(parts, room),
  betas: createBeta(parts, room),
  metadata: createConfigMetadata(parts, room),
  capacities: createCapacityRoutes(parts),
})
type Handlers = ReturnType<typeof handlersOf>

const v1Routes = (parts: HttpParts, own: Handlers): Routes => {
  const { history, listeners } = own
  const clone = own.clone(v1CloneNames)
  const metrics = createClientMetrics(parts, v1ConfigNames, jsonAnswer)
  const removeByIds = own.removeByIds(v1ConfigNames)
  return {
    '/v1/cs/configs': createConfigsRoute(parts, { ...own, exportZip: createExportZip(parts, v1Names), clone, removeByIds, beta: own.betas.v1 }),
    '/v1/cs/configs/catalog': { ...v1Config, GET: own.details.catalog },
    '/v1/cs/configs/listener': { ...v1Config, action: 'r', resources: askedOrListened, POST: createListener(parts), GET: listeners.v1 },
    '/v1/cs/listener': { access: 'admin', GET: listeners.byIpV1 },
    '/v1/cs/communication/configWatchers': { ...v1Config, GET: listeners.watchers },
    '/v1/cs/communication/watcherConfigs': { access: 'admin', GET: listeners.watched },
    '/v1/cs/history': { ...v1Config, GET: history.v1Either },
    '/v1/cs/history/previous': { ...v1Config, GET: history.v1.previous },
    '/v1/cs/history/configs': { ...allConfigs(v1ConfigNames.namespace), GET: history.v1.configs },
    '/v1/cs/capacity': own.capacities.v1,
    '/v1/cs/health': createConfigHealthRoute(parts),
    '/v1/cs/metrics/cluster': { access: 'admin', GET: metrics.cluster },
    '/v1/cs/metrics/current': { access: 'admin', GET: metrics.current },
    '/v1/cs/ops/localCache': createLocalCacheRoutes(parts).v1,
    '/v1/cs/ops/derby': derbyRoutes.v1,
    '/v1/cs/ops/data/removal': derbyRoutes.importV1,
    '/v1/cs/communication/dataChange': createDataChangeRoute(parts),
    '/v1/cs/communication/notices': createNoticesRoute(parts),
    '/v1/core/ops/import': { access: 'admin', GET: own.imports.progress },
  }
}

const v2Routes = (parts: HttpParts, { history, searches, wrapped }: Handlers): Routes => {
  const { publish, remove } = createConfigWrites(parts, v2ConfigNames)
  return {
    '/v2/cs/config': { ...v2Config, GET: wrapped.v2, ...plainly({ POST: publish, DELETE: remove }) },
    '/v2/cs/config/searchDetail': { ...v1Config, GET: searches.v2 },
    '/v2/cs/history': { ...v2Config, GET: history.v2.row },
    '/v2/cs/history/list': { ...v2Config, GET: history.v2.list },
    '/v2/cs/history/detail': { ...v2Config, GET: history.v2.detail },
    '/v2/cs/history/previous': { ...v2Config, GET: history.v2.previous },
    '/v2/cs/history/configs': { ...allConfigs(v2ConfigNames.namespace), GET: history.v2.configs },
  }
}

const v3Routes = (parts: HttpParts, { history, listeners, searches, wrapped, ...own }: Handlers): Routes => {
  const { publish, remove } = createConfigWrites(parts, v3ConfigNames)
  const metrics = createClientMetrics(parts, v3ConfigNames, resultAnswer)
  const writes = plainly({ POST: publish, DELETE: remove })
  const rows = { ...v3Config, resources: configsOrRows(oneConfigBy(v3ConfigNames)) }
  const cloned = { ...v3Config, resources: configsOrRows(allConfigsBy(...v3CloneNames.target)) }
  const exportRoute: Route = { ...rows, GET: createExportZip(parts, v3Names) }
  const importRoute: Route = { ...allConfigs(v3Names.importNamespace), POST: own.imports.noFile, UPLOAD: own.imports.upload(v3Names) }
  const cloneRoute: Route = { ...cloned, jsonBytesMax: cloneBytesMax, POST: own.clone(v3CloneNames) }
  const batchRoute: Route = { ...rows, DELETE: own.removeByIds(v3ConfigNames) }
  const list: Route = { ...v3Config, GET: searches.v3 }
  const listenerRoute: Route = { ...v3Config, GET: listeners.v3 }
  const beta: Route = { ...v3Config, GET: own.betas.v3.query, DELETE: own.betas.v3.stop }
  const byIp: Route = { access: 'admin', GET: listeners.byIpV3 }
  const historyRoutes = (under: string): Routes => ({
    [`${under}`]: { ...v3Config, GET: history.v3.row },
    [`${under}/list`]: { ...v3Config, GET: history.v3.list },
    [`${under}/previous`]: { ...v3Config, GET: history.v3.previous },
    [`${under}/configs`]: { ...allConfigs(v3ConfigNames.namespace), GET: history.v3.configs },
  })
  return {
    '/v3/client/cs/config': { ...v3Config, GET: wrapped.v3 },
    '/v3/admin/cs/config': { ...v3Config, GET: own.details.admin, ...writes },
    '/v3/admin/cs/config/batch': batchRoute,
    '/v3/admin/cs/config/beta': beta,
    '/v3/admin/cs/config/metadata': { ...v3Config, PUT: own.metadata },
    '/v3/admin/cs/config/list': list,
    '/v3/admin/cs/config/listener': listenerRoute,
    '/v3/admin/cs/config/clone': cloneRoute,
    '/v3/admin/cs/config/export': exportRoute,
    '/v3/admin/cs/config/import': importRoute,
    '/v3/admin/cs/capacity': own.capacities.v3,
    '/v3/admin/cs/listener': byIp,
    '/v3/admin/cs/metrics/cluster': { access: 'admin', GET: metrics.cluster },
    '/v3/admin/cs/metrics/ip': { access: 'admin', GET: metrics.current },
    '/v3/admin/cs/ops/localCache': createLocalCacheRoutes(parts).v3,
    '/v3/admin/cs/ops/derby': derbyRoutes.v3,
    '/v3/admin/cs/ops/derby/import': derbyRoutes.importV3,
    ...historyRoutes('/v3/admin/cs/history'),
    '/v3/console/cs/config': { ...v3Config, GET: own.details.console, ...writes },
    '/v3/console/cs/config/batchDelete': batchRoute,
    '/v3/console/cs/config/beta': beta,
    '/v3/console/cs/config/list': list,
    '/v3/console/cs/config/searchDetail': list,
    '/v3/console/cs/config/listener': listenerRoute,
    '/v3/console/cs/config/listener/ip': byIp,
    '/v3/console/cs/config/clone': cloneRoute,
    '/v3/console/cs/config/export2': exportRoute,
    '/v3/console/cs/config/import': importRoute,
    ...historyRoutes('/v3/console/cs/history'),
  }
}

export const configRoutes = (parts: HttpParts): Routes => {
  const own = handlersOf(parts, createAnswerRoom(parts.settings.httpAnswersInFlightBytesMax))
  return { ...v1Routes(parts, own), ...v2Routes(parts, own), ...v3Routes(parts, own) }
}
