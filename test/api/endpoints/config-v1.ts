/** Configurations, history, capacity and operations of v1 (nacos-http 5, 6). */

import { flag, is, list, map, number, object, orNull, page, text } from '../shape.ts'
import { betaDetail, capacity, configAdvance, configDetail, configItem, historyItem, historyRow, importOutcome, listenersStatus } from './models.ts'
import { DELETE, type Endpoint, f, GET, json, POST, PUT, plain, q, rest, rows, yes, zip } from './row.ts'

const G = 'DEFAULT_GROUP'
const configs = '/v1/cs/configs'
const kept = { dataId: '{dataId}', group: G }
const beta = { dataId: 'endpoint-beta', group: G }

const v1 = { area: 'configuration', versions: '1.x 2.x 3.x', section: '5' } as const

const configurations = rows(v1, [
  POST(configs, f({ dataId: 'endpoint-v1', group: G, content: 'a=1', type: 'properties' }), yes, { section: '5.1' }),
  POST(
    `${configs} + casMd5`,
    { form: { dataId: 'endpoint-v1', group: G, content: 'a=2' }, headers: { casMd5: '0'.repeat(32) } },
    plain(/^caused: Cas publish fail, server md5 may have changed\.;$/, 500),
    {
      section: '5.1',
    },
  ),
  POST(`${configs} + betaIps`, { form: { ...beta, content: 'b=1' }, headers: { betaIps: '10.9.9.9' } }, yes, { section: '5.1' }),
  POST(`${configs}?tag=`, f({ ...kept, content: 'tagged=1', tag: 'endpoint' }), yes, { section: '5.1' }),
  GET(configs, q(kept), plain(/^kept=2$/), { section: '5.2' }),
  GET(`${configs}?tag=`, q({ ...kept, tag: 'endpoint' }), plain(/^tagged=1$/), { section: '5.2', needs: `POST ${configs}?tag=` }),
  GET(`${configs}?show=all`, q({ ...kept, show: 'all' }), json(configDetail), { section: '5.4' }),
  GET(`${configs}/catalog`, q(kept), rest(configAdvance), { section: '5.4' }),
  GET(`${configs}?search=accurate`, q({ ...kept, search: 'accurate', pageNo: '1', pageSize: '10' }), json(page(configItem, 1)), { section: '5.5' }),
  GET(`${configs}?search=blur`, q({ search: 'blur', dataId: 'endpoint-*', group: '', pageNo: '1', pageSize: '10' }), json(page(configItem, 1)), {
    section: '5.5',
  }),
  GET(
    `${configs}?search=&config_tags=`,
    q({ search: 'accurate', dataId: '', group: '', config_tags: '{tag}', pageNo: '1', pageSize: '10' }),
    json(page(configItem, 1)),
    {
      section: '5.5',
    },
  ),
  GET(`${configs}?beta=true`, q({ ...beta, beta: 'true' }), json(object({ code: is(200), message: is('query beta ok'), data: betaDetail })), {
    section: '5.6',
  }),
  DELETE(`${configs}?beta=true`, q({ ...beta, beta: 'true' }), json(object({ code: is(200), message: is('stop beta ok'), data: is(true) })), {
    section: '5.6',
  }),
  GET(`${configs}?export=true`, q({ export: 'true', tenant: '', group: '', appName: '', ids: '' }), zip, { section: '5.7' }),
  GET(`${configs}?exportV2=true`, q({ exportV2: 'true', tenant: '', group: '', appName: '', ids: '' }), zip, { section: '5.7', versions: '2.x 3.x' }),
  POST(`${configs}?import=true`, { query: { import: 'true', namespace: '' }, zip: { policy: 'OVERWRITE' } }, rest(importOutcome), { section: '5.8' }),
  POST(
    `${configs}?clone=true`,
    { query: { clone: 'true', tenant: '', policy: 'OVERWRITE' }, json: `[{"cfgId":"{configId}","dataId":"endpoint-clone-v1","group":"${G}"}]` },
    json(object({ code: is(200), message: is('Clone Completed Successfully'), data: importOutcome })),
    { section: '5.9' },
  ),
  POST(`${configs}/listener`, f({ 'Listening-Configs': `{dataId}\u0002${G}\u0002\u0001` }), plain(/^(\S+%02DEFAULT_GROUP%01\n)?$/), {
    section: '5.10',
  }),
  GET(`${configs}/listener`, q(kept), json(listenersStatus), { section: '5.11' }),
  GET('/v1/cs/listener', q({ ip: '127.0.0.1' }), json(listenersStatus), { section: '5.11' }),
  GET('/v1/cs/communication/configWatchers', q(kept), json(object({ lisentersGroupkeyStatus: map(text) })), { section: '5.11' }),
  GET('/v1/cs/communication/watcherConfigs', q({ ip: '127.0.0.1' }), json(object({ lisentersGroupkeyStatus: map(text) })), { section: '5.11' }),
  DELETE(`${configs}?tag=`, q({ ...kept, tag: 'tag_endpoint' }), yes, { section: '5.3' }),
  DELETE(configs, q({ dataId: 'endpoint-v1', group: G }), yes, { section: '5.3' }),
  DELETE(`${configs}?delType=ids`, q({ delType: 'ids', ids: '999999991,999999992' }), rest(is(true)), { section: '5.3' }),
])

const past = rows({ ...v1, section: '6' }, [
  GET('/v1/cs/history?search=accurate', q({ ...kept, search: 'accurate', pageNo: '1', pageSize: '10' }), json(page(historyItem, 2))),
  GET('/v1/cs/history', q({ ...kept, nid: '{nid}' }), json(historyRow)),
  GET('/v1/cs/history/previous', q({ ...kept, id: '{configId}' }), json(historyRow)),
  GET('/v1/cs/history/configs', q({ tenant: '' }), json(list(object({ id: text, dataId: text, group: text }), 1)), { versions: '2.x 3.x' }),
])

const dump = { dataId: '{dataId}', group: G }

const operations = rows({ area: 'operations', versions: '1.x 2.x 3.x', section: '6' }, [
  GET('/v1/cs/capacity', q({ group: G }), rest(capacity)),
  POST('/v1/cs/capacity', f({ group: G, quota: '500' }), rest(is(true))),
  GET('/v1/cs/health', {}, plain(/^UP$/)),
  POST('/v1/cs/ops/localCache', {}, plain(/^200$/)),
  PUT('/v1/cs/ops/log', q({ logName: 'config-server', logLevel: 'INFO' }), plain(/^200$/)),
  GET(
    '/v1/cs/ops/derby',
    q({ sql: 'select * from config_info' }),
    json(object({ code: number, message: is('The current storage mode is not Derby') })),
  ),
  POST('/v1/cs/ops/data/removal', {}, json(object({ code: number, message: is('Limited to embedded storage mode') }))),
  GET('/v1/cs/metrics/cluster', q({ ip: '127.0.0.1', ...dump }), json(map(orNull(text))), { versions: '2.x 3.x' }),
  GET('/v1/cs/metrics/current', q({ ip: '127.0.0.1', ...dump }), json(map(orNull(text))), { versions: '2.x 3.x' }),
  GET('/v1/cs/communication/dataChange', q(dump), json(flag), { versions: '1.x' }),
])

export const configV1: readonly Endpoint[] = [...configurations, ...past, ...operations]
