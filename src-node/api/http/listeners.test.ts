/** Who listens, told by all nodes together. */

import { expect, test } from 'vitest'
import { servedNode } from './served-node.testing.ts'

const { node, call, get } = servedNode()

const poll = (dataId: string, md5: string, ip: string, tenant = '') =>
  call(
    'POST',
    '/nacos/v1/cs/configs/listener',
    new URLSearchParams({ 'Listening-Configs': `${dataId}\x02G\x02${md5}${tenant === '' ? '' : `\x02${tenant}`}\x01` }).toString(),
    {
      ...{ 'long-pulling-timeout': '30000', 'x-forwarded-for': `${ip}, 10.9.9.9`, 'x-real-ip': '10.8.8.8' },
    },
  )
const hanging = async (...polls: Promise<unknown>[]) => {
  await expect.poll(() => node().parts.polls.size()).toBe(polls.length)
  return async () => {
    node().endPolls()
    await Promise.all(polls)
  }
}

test('the clients of a configuration, with what the other nodes know', async () => {
  const publish = await call('POST', '/nacos/v1/cs/configs', 'dataId=a&group=G&content=x')
  expect(publish.text).toBe('true')
  const md5 = '9dd4e461268c8034f5c8564e155c67a6'
  const end = await hanging(poll('a', md5, '10.0.0.1'))
  node().setPeers([{ lisentersGroupkeyStatus: { '10.0.0.2': 'their' } }, { something: 'else' }])
  const status = { '10.0.0.1': md5, '10.0.0.2': 'their' }
  expect((await get('/nacos/v1/cs/configs/listener?dataId=a&group=G')).body).toEqual({ collectStatus: 200, lisentersGroupkeyStatus: status })
  expect((await get('/nacos/v3/admin/cs/config/listener?dataId=a&groupName=G&namespaceId=public')).body.data).toEqual({
    ...{ queryType: 'config', listenersStatus: status },
  })
  expect((await get('/nacos/v1/cs/communication/configWatchers?dataId=a&group=G')).body.lisentersGroupkeyStatus).toEqual({ '10.0.0.1': md5 })
  await end()
})

test('what a client listens to, in the default namespace, in another, or everywhere', async () => {
  const md5 = ''
  const end = await hanging(poll('a-b', md5, '10.0.0.1'), poll('c', md5, '10.0.0.1', 'dev'))
  const keys = async (query: string) => Object.keys((await get(`/nacos/v1/cs/listener?ip=10.0.0.1${query}`)).body.lisentersGroupkeyStatus)
  expect(await keys('')).toEqual(['a-b+G'])
  expect(await keys('&tenant=dev')).toEqual(['a-b+G', 'c+G+dev'])
  expect(await keys('&all=true')).toEqual(['a-b+G', 'c+G+dev'])
  expect((await get('/nacos/v3/console/cs/config/listener/ip?ip=10.0.0.2')).body.data).toEqual({ queryType: 'ip', listenersStatus: {} })
  await end()
})

test('the others are asked for the same, and are told nothing of who asked', async () => {
  await call('GET', '/nacos/v1/cs/configs/listener?dataId=a&group=G&tenant=dev&accessToken=abc', undefined, { authorization: 'Bearer t' })
  expect(node().asked).toEqual([
    {
      path: '/nacos/v1/cs/communication/configWatchers',
      fields: { dataId: 'a', group: 'G', tenant: 'dev' },
    },
  ])
  node().setPeers(null)
  expect((await get('/nacos/v1/cs/listener?ip=10.0.0.1')).status).toBe(503)
})
