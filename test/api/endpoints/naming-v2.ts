/** Services, instances and clients of v2 (nacos-http 9). */

import { anything, flag, is, list, map, matching, number, object, text } from '../shape.ts'
import { clientSummary, host, metrics, serviceDetailV2, serviceInfo, switches } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, ok, PATCH, POST, PUT, q, rows, under, wrapped } from './row.ts'

const svc = { serviceName: 'endpoint-v2' }
const at = { ip: '10.0.0.5', port: '8083' }
const persistent = { serviceName: 'endpoint-v2-kept', ip: '10.0.0.6', port: '8084', ephemeral: 'false' }
/** Of a cluster whose health nobody checks. */
const unchecked = { serviceName: '{unchecked}', ip: '10.0.0.9', port: '8091' }
const clientId = '10.0.0.5:8083#true'
const instances = '[{"ip":"10.0.0.5","port":8083,"ephemeral":true,"clusterName":"DEFAULT"}]'
const beat = `{"ip":"10.0.0.5","port":8083,"cluster":"DEFAULT","serviceName":"DEFAULT_GROUP@@endpoint-v2","weight":1,"metadata":{},"scheduled":true}`
const done = wrapped(is('ok'))

const operatorRows = [
  GET('/v2/ns/operator/switches', {}, wrapped(switches)),
  PUT('/v2/ns/operator/switches', q({ entry: 'pushCacheMillis', value: '10000' }), done),
  GET('/v2/ns/operator/metrics', q({ onlyStatus: 'false' }), wrapped(metrics)),
]

export const namingV2: readonly Endpoint[] = rows({ area: 'naming', versions: '2.x 3.x', section: '9' }, [
  POST('/v2/ns/service', f({ ...svc, ephemeral: 'true', protectThreshold: '0.1' }), done),
  PUT('/v2/ns/service', f({ ...svc, protectThreshold: '0.2' }), done),
  GET('/v2/ns/service', q(svc), wrapped(serviceDetailV2)),
  GET('/v2/ns/service/list', {}, wrapped(object({ count: number, services: list(text, 1) }))),
  POST('/v2/ns/instance', f({ ...svc, ...at }), done),
  POST('/v2/ns/instance?ephemeral=false', f(persistent), done),
  PUT('/v2/ns/instance', f({ ...svc, ...at, weight: '2' }), done),
  PATCH('/v2/ns/instance', q({ ...svc, ...at, weight: '3' }), ok, { versions: '2.x' }),
  GET(
    '/v2/ns/instance',
    q({ ...svc, ...at }),
    wrapped(
      object({ serviceName: text, ip: text, port: number, clusterName: text, weight: number, healthy: flag, instanceId: text, metadata: map(text) }),
    ),
  ),
  GET('/v2/ns/instance/list', q(svc), wrapped(serviceInfo)),
  PUT(
    '/v2/ns/instance/metadata/batch',
    f({ ...svc, metadata: '{"c":"d"}', consistencyType: 'ephemeral', instances }),
    wrapped(object({ updated: list(text) })),
  ),
  DELETE(
    '/v2/ns/instance/metadata/batch',
    q({ ...svc, metadata: '{"c":"d"}', consistencyType: 'ephemeral', instances }),
    wrapped(object({ updated: list(text) })),
  ),
  PUT('/v2/ns/instance/beat', q({ ...svc, beat }), json(object({ clientBeatInterval: number, code: is(10200), lightBeatEnabled: flag }))),
  GET(
    '/v2/ns/instance/statuses/{key}',
    { at: '/v2/ns/instance/statuses/public%23%23DEFAULT_GROUP@@endpoint-v2' },
    json(object({ ips: list(matching(/:\d+_(true|false)$/)) })),
  ),
  GET('/v2/ns/catalog/instances', q({ ...svc, pageNo: '1', pageSize: '10' }), wrapped(object({ instances: list(host, 1), count: number }))),
  PUT('/v2/ns/health', q({ ...unchecked, healthy: 'false' }), done),
  PUT('/v2/ns/health/instance', q({ ...unchecked, healthy: 'true' }), done),
  ...operatorRows,
  ...under('/v2/ns/operator', '/v2/ns/ops', operatorRows),
  GET('/v2/ns/client/list', {}, wrapped(list(text, 1))),
  GET('/v2/ns/client', q({ clientId }), wrapped(clientSummary)),
  GET(
    '/v2/ns/client/publish/list',
    q({ clientId }),
    wrapped(list(object({ namespace: text, group: text, serviceName: text, registeredInstance: anything }), 1)),
  ),
  GET(
    '/v2/ns/client/subscribe/list',
    q({ clientId }),
    wrapped(list(object({ namespace: text, group: text, serviceName: text, subscriberInfo: anything }))),
  ),
  GET('/v2/ns/client/service/publisher/list', q(svc), wrapped(list(object({ clientId: text, ip: text, port: number }), 1))),
  GET('/v2/ns/client/service/subscriber/list', q(svc), wrapped(list(object({ clientId: text })))),
  DELETE('/v2/ns/instance', q({ ...svc, ...at }), done),
  DELETE('/v2/ns/instance?ephemeral=false', q(persistent), done),
  DELETE('/v2/ns/service', q(svc), done),
])
