/** Configurations and history of v2 (nacos-http 7). */

import { is, list, object, page, text } from '../shape.ts'
import { configItem, historyDetail, historyItem, historyRow } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, POST, q, rows, wrapped } from './row.ts'

const G = 'DEFAULT_GROUP'
const kept = { dataId: '{dataId}', group: G }

export const configV2: readonly Endpoint[] = rows({ area: 'configuration', versions: '2.x 3.x', section: '7' }, [
  POST('/v2/cs/config', f({ dataId: 'endpoint-v2', group: G, content: 'a=1' }), wrapped(is(true))),
  GET('/v2/cs/config', q({ dataId: 'endpoint-v2', group: G }), wrapped(is('a=1'))),
  DELETE('/v2/cs/config', q({ dataId: 'endpoint-v2', group: G }), wrapped(is(true))),
  GET(
    '/v2/cs/config/searchDetail',
    q({ dataId: '{dataId}', group: '', config_detail: 'kept*', pageNo: '1', pageSize: '10', search: 'blur' }),
    json(page(configItem, 1)),
    { versions: '2.x' },
  ),
  GET('/v2/cs/history/list', q(kept), wrapped(page(historyItem, 2))),
  GET('/v2/cs/history', q({ ...kept, nid: '{nid}' }), wrapped(historyRow)),
  GET('/v2/cs/history/detail', q({ ...kept, nid: '{nid}' }), wrapped(historyDetail), { versions: '2.x' }),
  GET('/v2/cs/history/previous', q({ ...kept, id: '{configId}' }), wrapped(historyRow)),
  GET('/v2/cs/history/configs', q({ namespaceId: '' }), wrapped(list(object({ id: text, dataId: text, group: text }), 1))),
])
