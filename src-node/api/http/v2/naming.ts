/** `/v2/ns` (nacos-http 9). Paths and whom they serve; what is done stands in `naming/`. */

import { beat } from '../naming/beats.ts'
import { clientRoutes } from '../naming/client-routes.ts'
import { setHealth } from '../naming/clusters.ts'
import type { Act } from '../naming/dialect.ts'
import { catalogInstances, detail, listV2, statusesUnder } from '../naming/instance-reads.ts'
import { changeMetadata, deregister, patch, register, update } from '../naming/instance-writes.ts'
import { metrics } from '../naming/operator.ts'
import { createService, listServicesV2, removeService, showService, updateService } from '../naming/services.ts'
import { setSwitch, showSwitches } from '../naming/switches.ts'
import { anyService } from '../resources.ts'
import type { Handler, Route, Routes } from '../router.ts'

const operatorRoutes = (on: (act: Act) => Handler): Routes => {
  const switches: Route = { access: 'admin', GET: on(showSwitches), PUT: on(setSwitch) }
  const shownMetrics: Route = { access: 'open', GET: on(metrics) }
  return {
    '/v2/ns/operator/switches': switches,
    '/v2/ns/ops/switches': switches,
    '/v2/ns/operator/metrics': shownMetrics,
    '/v2/ns/ops/metrics': shownMetrics,
  }
}

export const namingRoutesV2 = (on: (act: Act) => Handler): Routes => ({
  '/v2/ns/instance': {
    ...{ access: 'naming', GET: on(detail), POST: on(register), PUT: on(update), PATCH: on(patch), DELETE: on(deregister) },
  },
  '/v2/ns/instance/list': { access: 'naming', GET: on(listV2) },
  '/v2/ns/instance/beat': { access: 'naming', PUT: on(beat) },
  '/v2/ns/instance/metadata/batch': { access: 'naming', PUT: on(changeMetadata('put')), DELETE: on(changeMetadata('drop')) },
  '/v2/ns/instance/statuses/*': { access: 'naming', resources: anyService, GET: on(statusesUnder('/statuses/')) },
  '/v2/ns/service': { access: 'naming', GET: on(showService), POST: on(createService), PUT: on(updateService), DELETE: on(removeService) },
  '/v2/ns/service/list': { access: 'naming', GET: on(listServicesV2) },
  '/v2/ns/catalog/instances': { access: 'naming', GET: on(catalogInstances('instances')) },
  '/v2/ns/health': { access: 'naming', PUT: on(setHealth) },
  '/v2/ns/health/instance': { access: 'naming', PUT: on(setHealth) },
  ...clientRoutes(on, '/v2/ns/client'),
  ...operatorRoutes(on),
})
