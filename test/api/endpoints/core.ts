/** Members, Raft operations, connections; namespaces, server state and health of v1 and v2 (nacos-http 11, 12). */

import { anything, flag, is, list, map, matching, number, object, orNull, text } from '../shape.ts'
import { member, namespace } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, POST, PUT, plain, q, rest, rows, wrapped, yes } from './row.ts'

const doSnapshot = { json: '{"command":"doSnapshot","value":""}' }
const refused = (words: string) => json(object({ code: is(405), message: is(words) }))

const members = rows({ area: 'cluster', versions: '1.x 2.x 3.x', section: '11.1' }, [
  GET('/v1/core/cluster/nodes', {}, rest(list(member, 1))),
  GET('/v1/core/cluster/self', {}, rest(member)),
  GET('/v1/core/cluster/simple/nodes', {}, rest(list(matching(/:\d+$/), 1))),
  GET('/v1/core/cluster/health', {}, rest(is('UP'))),
  POST(
    '/v1/core/cluster/report',
    { json: '{"ip":"127.0.0.1","port":1,"address":"127.0.0.1:1","state":"UP"}' },
    rest(matching(/^\{.*"address".*\}$/)),
  ),
  POST('/v1/core/cluster/switch/lookup', q({ type: 'file' }), rest(anything)),
  POST('/v1/core/cluster/server/leave', { json: '["127.0.0.1:1"]' }, refused('/v1/core/cluster/server/leave API not allow to use temporarily.')),
  GET('/v2/core/cluster/node/self', {}, wrapped(member), { versions: '2.x 3.x' }),
  GET('/v2/core/cluster/node/list', {}, wrapped(list(member, 1)), { versions: '2.x 3.x' }),
  GET('/v2/core/cluster/node/self/health', {}, wrapped(is('UP')), { versions: '2.x 3.x' }),
  PUT('/v2/core/cluster/node/list', { json: '[]' }, wrapped(is(true)), { versions: '2.x 3.x' }),
  PUT('/v2/core/cluster/lookup', q({ type: 'file' }), wrapped(is(true)), { versions: '2.x 3.x' }),
  DELETE('/v2/core/cluster/nodes', q({ addresses: '127.0.0.1:1' }), json(object({ code: is(405) })), { versions: '2.x' }),
])

const connection = object({ metaInfo: object({ connectType: text, clientIp: text, version: text, connectionId: text }), connected: flag })

const operations = rows({ area: 'operations', versions: '1.x 2.x 3.x', section: '11.2' }, [
  POST('/v1/core/ops/raft', doSnapshot, rest(anything)),
  POST('/v2/core/ops/raft', doSnapshot, rest(anything), { versions: '2.x 3.x' }),
  GET('/v1/core/ops/idInfo', {}, rest(map(anything))),
  GET('/v2/core/ops/ids', {}, json(object({ data: list(object({ resource: text, info: object({ currentId: number, workerId: number }) })) })), {
    versions: '2.x 3.x',
  }),
  PUT('/v1/core/ops/log', q({ logName: 'core', logLevel: 'INFO' }), plain(/^200$/)),
  PUT('/v2/core/ops/log', { json: '{"logName":"core","logLevel":"INFO"}' }, json(object({ code: number })), { versions: '2.x 3.x' }),
  GET('/v2/core/loader/current', {}, json(map(connection)), { versions: '2.x 3.x' }),
  GET('/v2/core/loader/reloadCurrent', q({ count: '1000000' }), plain(/^success$/), { versions: '2.x 3.x' }),
  GET('/v2/core/loader/reloadClient', q({ connectionId: '1_127.0.0.1_1' }), plain(/^success$/), { versions: '2.x 3.x' }),
  GET('/v2/core/loader/smartReloadCluster', {}, plain(/^(Ok|Fail)$/), { versions: '2.x 3.x' }),
  GET(
    '/v2/core/loader/cluster',
    {},
    json(object({ detail: list(anything, 1), memberCount: number, metricsCount: number, completed: flag, total: number })),
    {
      versions: '2.x 3.x',
    },
  ),
])

const own = '/v1/console/namespaces'

const namespaces = rows({ area: 'namespace', versions: '1.x 2.x 3.x', section: '12.1' }, [
  POST(own, f({ customNamespaceId: 'endpoint-v1', namespaceName: 'one', namespaceDesc: 'of the table' }), yes),
  PUT(own, f({ namespace: 'endpoint-v1', namespaceShowName: 'two', namespaceDesc: 'of the table' }), yes),
  GET(own, {}, rest(list(namespace, 2))),
  GET(`${own}?show=all`, q({ show: 'all', namespaceId: 'endpoint-v1' }), json(namespace)),
  GET(`${own}?checkNamespaceIdExist=true`, q({ checkNamespaceIdExist: 'true', customNamespaceId: 'endpoint-v1' }), yes),
  DELETE(own, q({ namespaceId: 'endpoint-v1' }), yes),
])

const namespacesV2 = rows({ area: 'namespace', versions: '2.x 3.x', section: '12.1' }, [
  POST('/v2/console/namespace', f({ namespaceId: 'endpoint-v2', namespaceName: 'one', namespaceDesc: 'of the table' }), wrapped(is(true))),
  PUT('/v2/console/namespace', f({ namespaceId: 'endpoint-v2', namespaceName: 'two', namespaceDesc: 'of the table' }), wrapped(is(true))),
  GET('/v2/console/namespace', q({ namespaceId: 'endpoint-v2' }), wrapped(namespace)),
  GET('/v2/console/namespace/list', {}, wrapped(list(namespace, 2))),
  DELETE('/v2/console/namespace', q({ namespaceId: 'endpoint-v2' }), wrapped(is(true))),
])

const state = object({
  ...{ version: text, startup_mode: matching(/^(standalone|cluster)$/), function_mode: orNull(text), login_page_enabled: text },
  ...{ auth_enabled: text, auth_admin_request: text, console_ui_enabled: is('true'), config_retention_days: text },
})

const server = rows({ area: 'server', versions: '1.x 2.x 3.x', section: '12.2' }, [
  GET('/v1/console/server/state', {}, json(state)),
  GET('/v1/console/server/announcement', q({ language: 'zh-CN' }), rest(orNull(text)), { versions: '2.x' }),
  GET('/v1/console/server/guide', {}, rest(orNull(text)), { versions: '2.x' }),
  GET('/v1/console/health/liveness', {}, plain(/^OK$/)),
  GET('/v1/console/health/readiness', {}, plain(/^OK$/)),
  GET('/v2/console/health/liveness', {}, wrapped(anything), { versions: '2.x 3.x' }),
  GET('/v2/console/health/readiness', {}, wrapped(anything), { versions: '2.x 3.x' }),
])

export const core: readonly Endpoint[] = [...members, ...operations, ...namespaces, ...namespacesV2, ...server]
