/** Configurations of v3: what clients, operators and the console call (nacos-http 14.1 to 14.3). */

import { anything, flag, is, list, map, nothing, number, object, orNull, page, text } from '../shape.ts'
import { capacity, configBasic, configGray, configWhole, historyBasicV3, historyWholeV3, importOutcome, listenersV3 } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, POST, PUT, q, rows, wrapped, zip } from './row.ts'

const groupName = 'DEFAULT_GROUP'
const kept = { dataId: '{dataId}', groupName }
const client = object({
  ...{
    resultCode: is(200),
    errorCode: is(0),
    message: nothing,
    requestId: nothing,
    content: text,
    encryptedDataKey: orNull(text),
    contentType: text,
  },
  ...{ md5: text, lastModified: number, tag: orNull(text), beta: flag, success: is(true) },
})

const open = rows({ area: 'configuration', versions: '3.x', section: '14.1' }, [GET('/v3/client/cs/config', q(kept), wrapped(client))])

/** What operators and the console have alike, under different names. */
const shared = (base: string, name: string, searched: string) => {
  const beta = { dataId: `${name}-beta`, groupName }
  return [
    POST(base, f({ dataId: name, groupName, content: 'a=1', type: 'properties', desc: 'of the table', configTags: 'table' }), wrapped(is(true))),
    POST(`${base} + betaIps`, { form: { ...beta, content: 'b=1' }, headers: { betaIps: '10.9.9.9' } }, wrapped(is(true))),
    GET(base, q({ dataId: name, groupName }), wrapped(configWhole)),
    GET(
      `${base}/list`,
      q({ dataId: name, groupName, configDetail: '', pageNo: '1', pageSize: '10', search: 'accurate' }),
      wrapped(page(configBasic, 1)),
    ),
    GET(
      searched,
      q({ dataId: '', groupName: '', configDetail: 'kept*', pageNo: '1', pageSize: '10', search: 'blur' }),
      wrapped(page(configBasic, 1)),
    ),
    GET(`${base}/listener`, q(kept), wrapped(listenersV3)),
    GET(`${base}/beta`, q(beta), wrapped(configGray)),
    DELETE(`${base}/beta`, q(beta), wrapped(is(true))),
    POST(`${base}/import`, { query: { namespaceId: '' }, zip: { policy: 'OVERWRITE' } }, wrapped(importOutcome)),
    POST(
      `${base}/clone`,
      {
        query: { namespaceId: '', targetNamespaceId: '', policy: 'OVERWRITE' },
        json: `[{"configId":"{configId}","cfgId":"{configId}","targetDataId":"${name}-clone","dataId":"${name}-clone","targetGroupName":"${groupName}","group":"${groupName}"}]`,
      },
      wrapped(importOutcome),
    ),
    DELETE(base, q({ dataId: name, groupName }), wrapped(is(true))),
  ]
}

const history = (base: string) => [
  GET(base, q({ ...kept, nid: '{nid}' }), wrapped(historyWholeV3)),
  GET(`${base}/list`, q({ ...kept, pageNo: '1', pageSize: '10' }), wrapped(page(historyBasicV3, 2))),
  GET(`${base}/previous`, q({ ...kept, id: '{configId}' }), wrapped(historyWholeV3)),
  GET(`${base}/configs`, q({ namespaceId: 'public' }), wrapped(list(configBasic, 1))),
]

const admin = '/v3/admin/cs'
const console = '/v3/console/cs'

const administration = rows({ area: 'configuration', versions: '3.x', section: '14.2' }, [
  ...shared(`${admin}/config`, 'endpoint-admin', `${admin}/config/list?configDetail=`),
  GET(`${admin}/config/export`, q({ namespaceId: '', ids: '' }), zip),
  PUT(`${admin}/config/metadata`, f({ ...kept, desc: 'said of it' }), wrapped(is(true))),
  DELETE(`${admin}/config/batch`, q({ ids: '999999991,999999992' }), wrapped(is(true))),
  ...history(`${admin}/history`),
  GET(`${admin}/listener`, q({ ip: '127.0.0.1' }), wrapped(listenersV3)),
])

const operations = rows({ area: 'operations', versions: '3.x', section: '14.2' }, [
  GET(`${admin}/capacity`, q({ groupName }), wrapped(capacity)),
  POST(`${admin}/capacity`, f({ groupName, quota: '500' }), wrapped(is(true))),
  GET(`${admin}/metrics/cluster`, q({ ip: '127.0.0.1', ...kept }), wrapped(map(anything))),
  GET(`${admin}/metrics/ip`, q({ ip: '127.0.0.1', ...kept }), wrapped(map(anything))),
  POST(`${admin}/ops/localCache`, {}, wrapped(anything)),
  PUT(`${admin}/ops/log`, q({ logName: 'config-server', logLevel: 'INFO' }), wrapped(anything)),
  GET(`${admin}/ops/derby`, q({ sql: 'select * from config_info' }), json(object({ code: number, message: text }))),
  POST(`${admin}/ops/derby/import`, {}, json(object({ code: number, message: text }))),
])

const forConsole = rows({ area: 'configuration', versions: '3.x', section: '14.3' }, [
  ...shared(`${console}/config`, 'endpoint-console', `${console}/config/searchDetail`),
  GET(`${console}/config/listener/ip`, q({ ip: '127.0.0.1' }), wrapped(listenersV3)),
  GET(`${console}/config/export2`, q({ namespaceId: '', ids: '' }), zip),
  DELETE(`${console}/config/batchDelete`, q({ ids: '999999991,999999992', namespaceId: '' }), wrapped(is(true))),
  ...history(`${console}/history`),
])

export const configV3: readonly Endpoint[] = [...open, ...administration, ...operations, ...forConsole]
