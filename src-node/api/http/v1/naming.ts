/** `/v1/ns`: services and instances as 1.x and 2.x clients and consoles know them (nacos-http 8). Paths and whom they serve; what is done stands in `naming/`. */

import { send } from '../errors.ts'
import { beat } from '../naming/beats.ts'
import { catalogServices, showCatalogService } from '../naming/catalog.ts'
import { setHealth, showCheckers, showServerHealth, updateCluster } from '../naming/clusters.ts'
import { type On, reply } from '../naming/dialect.ts'
import { catalogInstances, detail, listV1, statuses } from '../naming/instance-reads.ts'
import { changeMetadata, deregister, patch, register, update } from '../naming/instance-writes.ts'
import { allServiceNames, beatByDom, hello, listByDom } from '../naming/legacy.ts'
import {
  createPushState,
  distroStatus,
  listServers,
  metricsV1,
  responsibleForClient,
  responsibleForService,
  setLogLevel,
} from '../naming/operator.ts'
import {
  createService,
  listServicesV1,
  removeService,
  searchesAll,
  searchNames,
  selectorTypesV1,
  showService,
  subscribersV1,
  updateService,
} from '../naming/services.ts'
import { setSwitch, showSwitches } from '../naming/switches.ts'
import { trafficRefusal } from '../naming/traffic.ts'
import { plainly } from '../plain/plain-methods.ts'
import type { HttpParts } from '../ports.ts'
import { type Asking, allServices, anyService, oneDom, oneService, servicesOfGroup } from '../resources.ts'
import { jsonAnswer } from '../result.ts'
import type { Handler, Routes } from '../router.ts'
import { peerOf } from './raft-classic.ts'

/** A statuses key names namespace and service in a text of its own: it is for those who may see any service. */
const instanceRoutes = (on: On): Routes => ({
  '/v1/ns/instance': {
    ...{ ...oneService, GET: on(detail), PATCH: on(patch) },
    ...plainly({ POST: on(register), PUT: on(update), DELETE: on(deregister) }),
  },
  '/v1/ns/instance/list': { ...oneService, GET: on(listV1) },
  '/v1/ns/instance/beat': { ...oneService, ...plainly({ PUT: on(beat) }) },
  '/v1/ns/instance/metadata/batch': { ...oneService, PUT: on(changeMetadata('put')), DELETE: on(changeMetadata('drop')) },
  '/v1/ns/instance/statuses': { ...anyService, GET: on(statuses) },
  '/v1/ns/health': { ...oneService, PUT: on(setHealth) },
  '/v1/ns/health/instance': { ...oneService, PUT: on(setHealth) },
  '/v1/ns/health/checkers': { access: 'open', GET: on(showCheckers) },
  '/v1/ns/health/server': { access: 'open', GET: on(showServerHealth) },
})

/** A search of all namespaces is for those who may see any service. */
const searchedNames: Asking = {
  access: 'naming',
  resources: (parameters) => (searchesAll(parameters) ? anyService : allServices).resources(parameters),
}

const serviceRoutes = (on: On): Routes => {
  const names = on(searchNames)
  return {
    '/v1/ns/service': { ...oneService, GET: on(showService), POST: on(createService), PUT: on(updateService), DELETE: on(removeService) },
    '/v1/ns/service/list': { ...servicesOfGroup, GET: on(listServicesV1) },
    '/v1/ns/service/names': { ...searchedNames, action: 'r', GET: names, POST: names },
    '/v1/ns/service/subscribers': { ...oneService, GET: on(subscribersV1) },
    '/v1/ns/service/selector/types': { access: 'open', GET: on(selectorTypesV1) },
    '/v1/ns/cluster': { ...oneService, PUT: on(updateCluster) },
    '/v1/ns/catalog/services': { ...allServices, GET: on(catalogServices) },
    '/v1/ns/catalog/service': { ...oneService, GET: on(showCatalogService) },
    '/v1/ns/catalog/instances': { ...oneService, GET: on(catalogInstances('list')) },
  }
}

/** The same under `operator` and `ops`. What clients ask to see whether a server is up is open. */
const operatorRoutes = (on: On, parts: HttpParts): Routes => {
  const pushState = on(createPushState())
  const ownPeer: Handler = (_request, response) => send(response, jsonAnswer(peerOf(parts, parts.nodeId)))
  const routes: Routes = {
    metrics: { access: 'open', GET: on(metricsV1) },
    switches: { access: 'admin', GET: on(showSwitches), PUT: on(setSwitch) },
    'push/state': { access: 'admin', GET: pushState, POST: pushState, PUT: pushState },
    log: { access: 'admin', PUT: on(setLogLevel) },
    'distro/client': { access: 'admin', GET: on(responsibleForClient) },
    'distro/server': { access: 'admin', GET: on(responsibleForService) },
    'distro/status': { access: 'admin', GET: on(distroStatus) },
    servers: { access: 'admin', GET: on(listServers) },
    'cluster/state': { access: 'signed-in', GET: ownPeer, POST: ownPeer },
  }
  return Object.fromEntries(
    Object.entries(routes).flatMap(([path, route]) => [
      [`/v1/ns/operator/${path}`, route],
      [`/v1/ns/ops/${path}`, route],
    ]),
  )
}

/** From before 1.0: services are called by `dom`, all in the default group. */
const legacyRoutes = (on: On): Routes => {
  const [names, list, beats] = [on(allServiceNames), on(listByDom), on(beatByDom)]
  return {
    '/v1/ns/api/hello': { access: 'open', GET: on(hello) },
    '/v1/ns/api/allDomNames': { ...allServices, action: 'r', GET: names, POST: names },
    '/v1/ns/api/srvIPXT': { ...oneDom, action: 'r', GET: list, POST: list },
    '/v1/ns/api/clientBeat': { ...oneDom, action: 'w', GET: beats, POST: beats, PUT: beats },
  }
}

export const namingRoutesV1 = (on: On, parts: HttpParts): Routes => {
  const served: On = (act) =>
    on((call) => {
      const refused = trafficRefusal(call)
      if (refused === null) act(call)
      else reply(call, refused)
    })
  return { ...instanceRoutes(served), ...serviceRoutes(served), ...operatorRoutes(on, parts), ...legacyRoutes(served) }
}
