/** `/v3/client/ns`, `/v3/admin/ns` and `/v3/console/ns` (nacos-http 14). Paths and whom they serve; what is done stands in `naming/`. */

import { registerOrBeat } from '../naming/beats.ts'
import { listServicesV3 } from '../naming/catalog.ts'
import { clientRoutes } from '../naming/client-routes.ts'
import { setHealth, showCheckers, updateCluster } from '../naming/clusters.ts'
import type { On } from '../naming/dialect.ts'
import { detailV3, listForAdmin, listForClient, listForConsole } from '../naming/instance-reads.ts'
import { changeMetadata, deregister, deregisterAtConsole, patchPartly, register, update } from '../naming/instance-writes.ts'
import { metrics, responsibleForClient, setLogLevel } from '../naming/operator.ts'
import { createService, removeService, selectorTypesV3, showService, subscribersV3, updateService } from '../naming/services.ts'
import { setSwitch, showSwitches } from '../naming/switches.ts'
import { plainly } from '../plain/plain-methods.ts'
import { allServices, oneService } from '../resources.ts'
import type { Routes } from '../router.ts'

/** Administrators and consoles have the same of services. */
const serviceRoutes = (on: On, base: '/v3/admin/ns/service' | '/v3/console/ns/service'): Routes => ({
  [base]: { ...oneService, GET: on(showService), POST: on(createService), PUT: on(updateService), DELETE: on(removeService) },
  [`${base}/list`]: { ...allServices, GET: on(listServicesV3) },
  [`${base}/subscribers`]: { ...oneService, GET: on(subscribersV3) },
  [`${base}/selector/types`]: { access: 'signed-in', GET: on(selectorTypesV3) },
})

const adminRoutes = (on: On): Routes => ({
  ...serviceRoutes(on, '/v3/admin/ns/service'),
  '/v3/admin/ns/instance': { ...oneService, GET: on(detailV3), ...plainly({ POST: on(register), PUT: on(update), DELETE: on(deregister) }) },
  '/v3/admin/ns/instance/partial': { ...oneService, PUT: on(patchPartly) },
  '/v3/admin/ns/instance/metadata/batch': { ...oneService, PUT: on(changeMetadata('put')), DELETE: on(changeMetadata('drop')) },
  '/v3/admin/ns/instance/list': { ...oneService, GET: on(listForAdmin) },
  '/v3/admin/ns/cluster': { ...oneService, PUT: on(updateCluster) },
  '/v3/admin/ns/health/instance': { ...oneService, PUT: on(setHealth) },
  '/v3/admin/ns/health/checkers': { access: 'signed-in', GET: on(showCheckers) },
  '/v3/admin/ns/ops/switches': { access: 'admin', GET: on(showSwitches), PUT: on(setSwitch) },
  '/v3/admin/ns/ops/metrics': { access: 'admin', GET: on(metrics) },
  '/v3/admin/ns/ops/log': { access: 'admin', PUT: on(setLogLevel) },
  ...clientRoutes(on, '/v3/admin/ns/client'),
  '/v3/admin/ns/client/distro': { access: 'admin', GET: on(responsibleForClient) },
})

const consoleRoutes = (on: On): Routes => {
  const instances = on(listForConsole)
  return {
    ...serviceRoutes(on, '/v3/console/ns/service'),
    '/v3/console/ns/service/cluster': { ...oneService, PUT: on(updateCluster) },
    '/v3/console/ns/instance': { ...oneService, PUT: on(update), DELETE: on(deregisterAtConsole) },
    '/v3/console/ns/instance/list': { ...oneService, action: 'r', GET: instances, POST: instances },
  }
}

export const namingRoutesV3 = (on: On): Routes => ({
  '/v3/client/ns/instance': { ...oneService, ...plainly({ POST: on(registerOrBeat), DELETE: on(deregister) }) },
  '/v3/client/ns/instance/list': { ...oneService, GET: on(listForClient) },
  ...adminRoutes(on),
  ...consoleRoutes(on),
})
