/** `/v2/ns` (nacos-http 9). Paths and whom they serve; what is done stands in `naming/`. */

import { beat } from '../naming/beats.ts'
import { clientRoutes } from '../naming/client-routes.ts'
import { setHealth } from '../naming/clusters.ts'
import type { On } from '../naming/dialect.ts'
import { catalogInstances, detail, listV2, statusesUnder } from '../naming/instance-reads.ts'
import { changeMetadata, deregister, patch, register, update } from '../naming/instance-writes.ts'
import { metrics } from '../naming/operator.ts'
import { createService, listServicesV2, removeService, showService, updateService } from '../naming/services.ts'
import { setSwitch, showSwitches } from '../naming/switches.ts'
import { plainly } from '../plain/plain-methods.ts'
import { anyService, oneService, servicesOfGroup } from '../resources.ts'
import type { Route, Routes } from '../router.ts'

const operatorRoutes = (on: On): Routes => {
  const switches: Route = { access: 'admin', GET: on(showSwitches), PUT: on(setSwitch) }
  const shownMetrics: Route = { access: 'open', GET: on(metrics) }
  return {
    '/v2/ns/operator/switches': switches,
    '/v2/ns/ops/switches': switches,
    '/v2/ns/operator/metrics': shownMetrics,
    '/v2/ns/ops/metrics': shownMetrics,
  }
}

export const namingRoutesV2 = (on: On): Routes => ({
  '/v2/ns/instance': {
    ...{ ...oneService, GET: on(detail), PATCH: on(patch) },
    ...plainly({ POST: on(register), PUT: on(update), DELETE: on(deregister) }),
  },
  '/v2/ns/instance/list': { ...oneService, GET: on(listV2) },
  '/v2/ns/instance/beat': { ...oneService, ...plainly({ PUT: on(beat) }) },
  '/v2/ns/instance/metadata/batch': { ...oneService, PUT: on(changeMetadata('put')), DELETE: on(changeMetadata('drop')) },
  '/v2/ns/instance/statuses/*': { ...anyService, GET: on(statusesUnder('/statuses/')) },
  '/v2/ns/service': { ...oneService, GET: on(showService), POST: on(createService), PUT: on(updateService), DELETE: on(removeService) },
  '/v2/ns/service/list': { ...servicesOfGroup, GET: on(listServicesV2) },
  '/v2/ns/catalog/instances': { ...oneService, GET: on(catalogInstances('instances')) },
  '/v2/ns/health': { ...oneService, PUT: on(setHealth) },
  '/v2/ns/health/instance': { ...oneService, PUT: on(setHealth) },
  ...clientRoutes(on, '/v2/ns/client'),
  ...operatorRoutes(on),
})
