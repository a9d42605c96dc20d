/** Services, instances and clients of v3 (nacos-http 14.1 to 14.3). */

import { anything, either, is, list, map, number, object, page, text } from '../shape.ts'
import { clientSummary, host, metrics, serviceDetailV2, serviceView, subscriberV3, switches } from './models.ts'
import { DELETE, type Endpoint, f, GET, POST, PUT, q, rows, wrapped } from './row.ts'

const done = wrapped(is('ok'))

const clientAt = { serviceName: 'endpoint-client', ip: '10.0.0.7', port: '8085' }

const open = rows({ area: 'naming', versions: '3.x', section: '14.1' }, [
  POST('/v3/client/ns/instance', f(clientAt), done),
  POST('/v3/client/ns/instance?heartBeat=true', f({ ...clientAt, heartBeat: 'true' }), done),
  GET('/v3/client/ns/instance/list', q({ serviceName: 'endpoint-client' }), wrapped(list(host, 1))),
  DELETE('/v3/client/ns/instance', q(clientAt), done),
])

/** What operators and the console have alike. */
const services = (base: string, serviceName: string) => [
  POST(base, f({ serviceName, ephemeral: 'true', protectThreshold: '0.1' }), done),
  PUT(base, f({ serviceName, protectThreshold: '0.2' }), done),
  GET(base, q({ serviceName }), wrapped(serviceDetailV2)),
  GET(`${base}/list`, q({ serviceNameParam: '{service}', pageNo: '1', pageSize: '10' }), wrapped(page(serviceView, 1))),
  GET(`${base}/subscribers`, q({ serviceName, pageNo: '1', pageSize: '10' }), wrapped(page(subscriberV3))),
  GET(`${base}/selector/types`, {}, wrapped(list(text, 1))),
]

const admin = '/v3/admin/ns'
const svc = { serviceName: 'endpoint-admin' }
const at = { ip: '10.0.0.5', port: '8086' }
const persistent = { serviceName: 'endpoint-admin-kept', ip: '10.0.0.6', port: '8087', ephemeral: 'false' }
const clientId = '10.0.0.5:8086#true'
const batch = {
  ...svc,
  metadata: '{"c":"d"}',
  consistencyType: 'ephemeral',
  instances: '[{"ip":"10.0.0.5","port":8086,"ephemeral":true,"clusterName":"DEFAULT"}]',
}

const administration = rows({ area: 'naming', versions: '3.x', section: '14.2' }, [
  ...services(`${admin}/service`, 'endpoint-admin'),
  POST(`${admin}/instance`, f({ ...svc, ...at }), done),
  POST(`${admin}/instance?ephemeral=false`, f(persistent), done),
  PUT(`${admin}/instance`, f({ ...svc, ...at, weight: '2' }), done),
  PUT(`${admin}/instance/partial`, f({ ...svc, ...at, weight: '3' }), done),
  PUT(`${admin}/instance/metadata/batch`, f(batch), wrapped(object({ updated: list(text) }))),
  DELETE(`${admin}/instance/metadata/batch`, q(batch), wrapped(object({ updated: list(text) }))),
  GET(`${admin}/instance`, q({ ...svc, ...at }), wrapped(object({ ip: text, port: number, weight: number, metadata: map(text) }))),
  GET(`${admin}/instance/list`, q(svc), wrapped(list(host, 1))),
  PUT(
    `${admin}/cluster`,
    f({
      serviceName: 'endpoint-admin-kept',
      clusterName: 'DEFAULT',
      checkPort: '80',
      useInstancePort4Check: 'true',
      healthChecker: '{"type":"NONE"}',
    }),
    done,
  ),
  PUT(`${admin}/health/instance`, f({ ...persistent, healthy: 'true' }), done),
  GET(`${admin}/health/checkers`, {}, wrapped(map(object({ type: text })))),
  GET(`${admin}/client/list`, {}, wrapped(list(text, 1))),
  GET(`${admin}/client`, q({ clientId }), wrapped(clientSummary)),
  GET(
    `${admin}/client/publish/list`,
    q({ clientId }),
    wrapped(list(object({ namespaceId: text, groupName: text, serviceName: text, publisherInfo: anything }), 1)),
  ),
  GET(
    `${admin}/client/subscribe/list`,
    q({ clientId }),
    wrapped(list(object({ namespaceId: text, groupName: text, serviceName: text, subscriberInfo: anything }))),
  ),
  GET(`${admin}/client/service/publisher/list`, q(svc), wrapped(list(object({ clientId: text }), 1))),
  GET(`${admin}/client/service/subscriber/list`, q(svc), wrapped(list(object({ clientId: text })))),
  GET(`${admin}/client/distro`, q(at), wrapped(object({ responsibleServer: text }))),
  DELETE(`${admin}/instance`, q({ ...svc, ...at }), done),
  DELETE(`${admin}/instance?ephemeral=false`, q(persistent), done),
  DELETE(`${admin}/service`, q(svc), done),
])

const operations = rows({ area: 'operations', versions: '3.x', section: '14.2' }, [
  GET(`${admin}/ops/switches`, {}, wrapped(switches)),
  PUT(`${admin}/ops/switches`, q({ entry: 'pushCacheMillis', value: '10000' }), done),
  GET(`${admin}/ops/metrics`, q({ onlyStatus: 'false' }), wrapped(metrics)),
  PUT(`${admin}/ops/log`, q({ logName: 'naming-main', logLevel: 'INFO' }), done),
])

const console = '/v3/console/ns'
const ownService = 'endpoint-console'

const forConsole = rows({ area: 'naming', versions: '3.x', section: '14.3' }, [
  ...services(`${console}/service`, ownService),
  PUT(
    `${console}/service/cluster`,
    f({ serviceName: ownService, clusterName: 'DEFAULT', checkPort: '80', useInstancePort4Check: 'true', healthChecker: '{"type":"TCP"}' }),
    done,
  ),
  PUT(`${console}/instance`, f({ serviceName: '{service}', ip: '10.0.0.9', port: '8090', weight: '2' }), done),
  GET(
    `${console}/instance/list`,
    q({ serviceName: '{service}', clusterName: 'DEFAULT', pageNo: '1', pageSize: '10' }),
    wrapped(either(page(host, 1), object({ count: number }))),
  ),
  DELETE(`${console}/service`, q({ serviceName: ownService }), done),
])

export const namingV3: readonly Endpoint[] = [...open, ...administration, ...operations, ...forConsole]
