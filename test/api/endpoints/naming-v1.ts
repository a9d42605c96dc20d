/** Services and instances of v1, and the Raft API of the old ones (nacos-http 8, 10). */

import { anything, either, flag, is, list, map, matching, number, object, orNull, text } from '../shape.ts'
import { host, member, serviceInfo, switches } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, ok, PATCH, POST, PUT, plain, q, rest, rows, under } from './row.ts'

const instance = '/v1/ns/instance'
const service = '/v1/ns/service'
const catalog = '/v1/ns/catalog'
const operator = '/v1/ns/operator'

/** Born of its instances. */
const svc = { serviceName: 'endpoint-v1' }
/** Made by itself, which makes it one of persistent instances. */
const made = { serviceName: 'endpoint-v1-made' }
const at = { ip: '10.0.0.5', port: '8081' }
const persistent = { serviceName: 'endpoint-v1-kept', ip: '10.0.0.6', port: '8082', ephemeral: 'false' }
const beat = `{"ip":"10.0.0.5","port":8081,"cluster":"DEFAULT","serviceName":"DEFAULT_GROUP@@endpoint-v1","weight":1,"metadata":{},"scheduled":true}`
const beaten = json(object({ clientBeatInterval: number, code: is(10200), lightBeatEnabled: flag }))
const updated = json(object({ updated: list(matching(/^\S+:\d+:\S+:\S+:(ephemeral|persistent|persist)$/)) }))
const oneInstance = `[{"ip":"10.0.0.5","port":8081,"ephemeral":true,"clusterName":"DEFAULT"}]`

const v1 = { area: 'naming', versions: '1.x 2.x 3.x' } as const

const services = rows({ ...v1, section: '8.6' }, [
  POST(service, f({ ...made, protectThreshold: '0.1', metadata: 'a=b' }), ok),
  PUT(service, f({ ...made, protectThreshold: '0.2' }), ok),
])

const instances = rows({ ...v1, section: '8.2' }, [
  POST(instance, q({ ...svc, ...at, metadata: '{"zone":"a"}' }), ok),
  POST(`${instance}?ephemeral=false`, q(persistent), ok),
  PUT(instance, q({ ...svc, ...at, weight: '2', metadata: '{"zone":"b"}' }), ok),
  PATCH(instance, q({ ...svc, ...at, weight: '3' }), ok, { versions: '1.x 2.x' }),
  PUT(`${instance}/beat`, q({ ...svc, beat }), beaten, { section: '8.4' }),
  PUT(`${instance}/beat without beat=`, q({ ...svc, ...at }), beaten, { section: '8.4' }),
  GET(
    instance,
    q({ ...svc, ...at }),
    json(object({ service: text, ip: text, port: number, clusterName: text, weight: number, healthy: flag, instanceId: text, metadata: map(text) })),
  ),
  GET(`${instance}/list`, q({ ...svc, healthyOnly: 'false' }), json(serviceInfo), { section: '8.3' }),
  PUT(`${instance}/metadata/batch`, q({ ...svc, metadata: '{"c":"d"}', consistencyType: 'ephemeral', instances: oneInstance }), updated, {
    section: '8.5',
  }),
  DELETE(`${instance}/metadata/batch`, q({ ...svc, metadata: '{"c":"d"}', consistencyType: 'ephemeral', instances: oneInstance }), updated, {
    section: '8.5',
  }),
  GET(`${instance}/statuses`, q({ key: 'public##DEFAULT_GROUP@@endpoint-v1' }), json(object({ ips: list(matching(/:\d+_(true|false)$/)) })), {
    section: '8.5',
  }),
])

const subscriber = object({ addrStr: text, agent: text, app: text, ip: text, port: number, namespaceId: text, serviceName: text, cluster: text })

const serviceReads = rows({ ...v1, section: '8.6' }, [
  GET(
    service,
    q(svc),
    json(
      object({
        ...{ namespaceId: text, groupName: text, name: text, protectThreshold: number, metadata: map(text), selector: object({ type: text }) },
        clusters: list(object({ name: text, healthChecker: object({ type: text }), metadata: map(text) }), 1),
      }),
    ),
  ),
  GET(`${service}/list`, q({ pageNo: '1', pageSize: '10' }), json(object({ count: number, doms: list(text, 1) }))),
  GET(`${service}/names`, q({ namespaceId: 'public', expr: '' }), json(object({ count: number, 'META-INF/services': map(list(text)) }))),
  GET(`${service}/subscribers`, q(svc), json(object({ subscribers: list(subscriber), count: number }))),
  GET(`${service}/selector/types`, {}, rest(list(text, 1)), { versions: '2.x 3.x' }),
  POST(`${service}/status`, {}, plain(/.*/), {
    versions: '1.x',
    leftOut: 'of old nodes among themselves; our nodes agree by Raft',
  }),
  PUT(`${service}/checksum`, {}, plain(/.*/), { versions: '1.x', leftOut: 'of old nodes among themselves; our nodes agree by Raft' }),
])

const listed = object({ name: text, groupName: text, clusterCount: number, ipCount: number, healthyInstanceCount: number, triggerFlag: text })

const catalogs = rows({ ...v1, section: '8.7' }, [
  GET(
    `${catalog}/services`,
    q({ hasIpCount: 'true', withInstances: 'false', pageNo: '1', pageSize: '10' }),
    json(object({ count: number, serviceList: list(listed, 1) })),
  ),
  GET(
    `${catalog}/services?withInstances=true`,
    q({ withInstances: 'true', pageNo: '1', pageSize: '10' }),
    json(list(object({ serviceName: text, groupName: text, clusterMap: map(object({ hosts: list(anything) })), metadata: map(text) }), 1)),
  ),
  GET(
    `${catalog}/service`,
    q({ ...svc, groupName: 'DEFAULT_GROUP' }),
    json(
      object({
        service: object({ name: text, groupName: text, protectThreshold: number, selector: anything, metadata: map(text) }),
        clusters: list(
          object({
            serviceName: text,
            name: text,
            healthChecker: object({ type: text }),
            defaultPort: number,
            defaultCheckPort: number,
            useIPPort4Check: flag,
          }),
          1,
        ),
      }),
    ),
  ),
  GET(
    `${catalog}/instances`,
    q({ ...svc, clusterName: 'DEFAULT', pageNo: '1', pageSize: '10' }),
    json(object({ list: list(host, 1), count: number })),
  ),
])

const checkers = json(map(object({ type: text })))
const healthRows = [
  PUT(
    '/v1/ns/cluster',
    q({ serviceName: 'endpoint-v1-kept', clusterName: 'DEFAULT', checkPort: '80', useInstancePort4Check: 'true', healthChecker: '{"type":"NONE"}' }),
    ok,
  ),
  GET('/v1/ns/health/server', {}, json(object({ msg: matching(/^Hello! I am Nacos-Naming and healthy! total services: \d+, local port:\d+$/) }))),
  PUT('/v1/ns/health', q({ ...persistent, healthy: 'false' }), ok),
  PUT('/v1/ns/health/instance', q({ ...persistent, healthy: 'true' }), ok),
  GET('/v1/ns/health/checkers', {}, checkers),
]

const operatorRows = [
  GET(`${operator}/metrics`, {}, json(object({ status: is('UP') }))),
  GET(
    `${operator}/metrics?onlyStatus=false`,
    q({ onlyStatus: 'false' }),
    json(
      object({
        status: is('UP'),
        serviceCount: number,
        instanceCount: number,
        subscribeCount: number,
        clientCount: number,
        cpu: number,
        load: number,
        mem: number,
      }),
    ),
  ),
  GET(`${operator}/switches`, {}, json(switches)),
  PUT(`${operator}/switches`, q({ entry: 'pushCacheMillis', value: '10000' }), ok),
  GET(`${operator}/push/state`, {}, json(object({ succeed: number, total: number, ratio: number, reset: flag }))),
  PUT(`${operator}/log`, q({ logName: 'naming-main', logLevel: 'INFO' }), ok),
  GET(`${operator}/distro/client`, q(at), json(object({ responsibleServer: matching(/:\d+$/) })), { versions: '2.x' }),
]

const operations = rows({ ...v1, section: '8.8' }, [
  ...healthRows,
  ...operatorRows,
  ...under(operator, '/v1/ns/ops', operatorRows.slice(0, 6)),
  GET(`${operator}/distro/server`, q({ ...svc, namespaceId: 'public' }), json(object({ responsibleServer: matching(/:\d+$/) })), { versions: '1.x' }),
  GET(`${operator}/servers`, {}, json(object({ servers: list(member, 1) })), { versions: '1.x' }),
  GET(`${operator}/distro/status`, {}, json(object({ status: list(member, 1) })), { versions: '1.x' }),
  GET(`${operator}/cluster/state`, {}, json(object({ ip: text, voteFor: orNull(text), term: number, state: text })), { versions: '1.x' }),
  ...['srvIPXT', 'allDomNames', 'clientBeat'].map((name) =>
    GET(`/v1/ns/api/${name}`, q({ dom: 'endpoint-v1' }), plain(/.*/), {
      versions: '1.x',
      leftOut: 'of clients before 1.0, which nobody ships any more',
    }),
  ),
])

const endings = rows({ ...v1, section: '8.2' }, [
  DELETE(instance, q({ ...svc, ...at }), ok),
  DELETE(`${instance}?ephemeral=false`, q(persistent), ok),
  DELETE(service, q(made), ok, { section: '8.6' }),
])

const peer = object({
  ip: text,
  voteFor: orNull(text),
  term: number,
  leaderDueMs: number,
  heartbeatDueMs: number,
  state: matching(/^(FOLLOWER|LEADER|CANDIDATE)$/),
})
const stopped = plain(/^caused: old raft protocol already stop;$/, 500)
const between = [
  ...[POST('/v1/ns/raft/vote', f({ vote: '{}' }), stopped), POST('/v1/ns/raft/beat', {}, stopped)],
  ...[POST('/v1/ns/raft/datum', {}, stopped), DELETE('/v1/ns/raft/datum', {}, stopped), GET('/v1/ns/raft/datum', {}, stopped)],
  ...[POST('/v1/ns/raft/datum/commit', {}, stopped), DELETE('/v1/ns/raft/datum/commit', {}, stopped)],
  ...[PUT('/v1/ns/raft/datum/reload', {}, stopped), GET('/v1/ns/raft/listeners', {}, stopped)],
]

const oldRaft = rows({ area: 'cluster', versions: '1.x', section: '10' }, [
  GET('/v1/ns/raft/state', {}, json(object({ services: number, peers: list(peer, 1) }))),
  GET('/v1/ns/raft/leader', {}, json(object({ leader: either(matching(/^\{.*"state":"LEADER".*\}$/), is('')) }))),
  GET('/v1/ns/raft/peer', {}, json(peer)),
  ...between,
])

export const namingV1: readonly Endpoint[] = [...services, ...instances, ...serviceReads, ...catalogs, ...operations, ...endings, ...oldRaft]
