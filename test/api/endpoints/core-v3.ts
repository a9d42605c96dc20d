/** Cluster, namespaces, server state and health of v3 (nacos-http 14.2, 14.3). */

import { anything, flag, is, list, matching, number, object, orNull, text } from '../shape.ts'
import { nacosMember, namespace } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, POST, PUT, plain, q, rows, wrapped } from './row.ts'

const admin = '/v3/admin/core'
const console = '/v3/console'

const cluster = rows({ area: 'cluster', versions: '3.x', section: '14.2' }, [
  GET(`${admin}/cluster/node/self`, {}, wrapped(nacosMember)),
  GET(`${admin}/cluster/node/list`, {}, wrapped(list(nacosMember, 1))),
  PUT(`${admin}/cluster/node/list`, { json: '[]' }, wrapped(is(true))),
  PUT(`${admin}/cluster/lookup`, q({ type: 'file' }), wrapped(is(true))),
  GET(`${console}/core/cluster/nodes`, q({ keyword: '' }), wrapped(list(nacosMember, 1)), { section: '14.3' }),
])

/** `idName`: the console's POST has its own word for the id. */
const namespaces = (base: string, id: string, idName: string, section: string) => [
  POST(base, f({ [idName]: id, namespaceName: 'one', namespaceDesc: 'of the table' }), wrapped(is(true)), { section }),
  PUT(base, f({ namespaceId: id, namespaceName: 'two', namespaceDesc: 'of the table' }), wrapped(is(true)), { section }),
  GET(base, q({ namespaceId: id }), wrapped(namespace), { section }),
  GET(`${base}/list`, {}, wrapped(list(namespace, 2)), { section }),
]

const forNamespaces = rows({ area: 'namespace', versions: '3.x', section: '14.2' }, [
  ...namespaces(`${admin}/namespace`, 'endpoint-admin', 'namespaceId', '14.2'),
  GET(`${admin}/namespace/check`, q({ namespaceId: 'endpoint-admin' }), wrapped(is(1))),
  DELETE(`${admin}/namespace`, q({ namespaceId: 'endpoint-admin' }), wrapped(is(true))),
  ...namespaces(`${console}/core/namespace`, 'endpoint-console', 'customNamespaceId', '14.3'),
  GET(`${console}/core/namespace/exist`, q({ customNamespaceId: 'endpoint-console' }), wrapped(is(true)), { section: '14.3' }),
  DELETE(`${console}/core/namespace`, q({ namespaceId: 'endpoint-console' }), wrapped(is(true)), { section: '14.3' }),
])

const loader = object({ detail: list(anything, 1), memberCount: number, metricsCount: number, completed: flag, total: number })

const operations = rows({ area: 'operations', versions: '3.x', section: '14.2' }, [
  POST(`${admin}/ops/raft`, { json: '{"command":"doSnapshot","value":""}' }, json(object({ code: number, message: orNull(text) }))),
  GET(`${admin}/ops/ids`, {}, wrapped(list(object({ resource: text, info: object({ currentId: number, workerId: number }) })))),
  PUT(`${admin}/ops/log`, { json: '{"logName":"core","logLevel":"INFO"}' }, wrapped(anything)),
  GET(`${admin}/loader/current`, {}, wrapped(anything)),
  POST(`${admin}/loader/reloadCurrent`, q({ count: '1000000' }), wrapped(anything)),
  POST(`${admin}/loader/smartReloadCluster`, {}, wrapped(anything)),
  POST(`${admin}/loader/reloadClient`, q({ connectionId: '1_127.0.0.1_1' }), wrapped(anything)),
  GET(`${admin}/loader/cluster`, {}, wrapped(loader)),
])

const state = object({ version: text, startup_mode: matching(/^(standalone|cluster)$/), auth_enabled: text, console_ui_enabled: is('true') })

const server = rows({ area: 'server', versions: '3.x', section: '14.2' }, [
  GET(`${admin}/state`, {}, wrapped(state)),
  GET(`${admin}/state/liveness`, {}, wrapped(anything)),
  GET(`${admin}/state/readiness`, {}, wrapped(anything)),
  GET(`${console}/server/state`, {}, json(state), { section: '14.3' }),
  GET(`${console}/server/announcement`, q({ language: 'zh-CN' }), wrapped(orNull(text)), { section: '14.3' }),
  GET(`${console}/server/guide`, {}, wrapped(orNull(text)), { section: '14.3' }),
  GET(`${console}/health/liveness`, {}, wrapped(anything), { section: '14.3' }),
  GET(`${console}/health/readiness`, {}, wrapped(anything), { section: '14.3' }),
  GET(`${console}/ai/mcp`, {}, plain(/.*/), { section: '14.3', leftOut: 'the registry of MCP servers is not what this cluster is for' }),
])

export const coreV3: readonly Endpoint[] = [...cluster, ...forNamespaces, ...operations, ...server]
