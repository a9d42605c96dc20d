/** What Prometheus is told to scrape (its HTTP service discovery), as Nacos tells it. */

import { afterAll, beforeAll, expect, it } from 'vitest'
import { createCaller, createFakeNode } from '../fake-node.testing.ts'
import { createHttpServer, type NodeHttpServer } from '../server.ts'

const node = createFakeNode()
let server: NodeHttpServer
let port = 0
const call = createCaller(() => port)
const register = (fields: Record<string, string>) => call('POST', `/nacos/v1/ns/instance?${new URLSearchParams(fields)}`, '')
beforeAll(async () => {
  server = createHttpServer(node.parts)
  port = await server.listen('127.0.0.1', 0)
  await register({ serviceName: 'shop', ip: '10.0.0.1', port: '80', metadata: 'app.kubernetes.io/name=shop,9lives=yes' })
  await register({ serviceName: 'other@@shop', ip: '10.0.0.2', port: '80', clusterName: 'east' })
  await register({ serviceName: 'bank', ip: 'fd00::1', port: '81', ephemeral: 'false' })
  await register({ serviceName: 'shop', namespaceId: 'dev', ip: '10.0.0.3', port: '80' })
})
afterAll(() => server.close(0))

interface Target {
  readonly targets: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}
const targetsOf = async (path: string): Promise<readonly Target[]> => JSON.parse((await call('GET', `/nacos/prometheus${path}`)).text)
const addresses = async (path: string) => (await targetsOf(path)).flatMap(({ targets }) => targets).toSorted()

it('all instances of all namespaces, each a group of its own', async () => {
  expect(await addresses('')).toEqual(['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '[fd00::1]:81'])
  for (const { targets } of await targetsOf('')) expect(targets).toHaveLength(1)
})

it('of a namespace alone, and of a service in whichever group', async () => {
  expect([await addresses('/namespaceId/dev'), await addresses('/namespaceId/public/service/shop')]).toEqual([
    ['10.0.0.3:80'],
    ['10.0.0.1:80', '10.0.0.2:80'],
  ])
})

it('none is an empty list, whatever was asked for', async () => {
  for (const path of ['/namespaceId/nobody', '/namespaceId/public/service/nothing', '/namespaceId/%E0%A4%A/service/x'])
    expect(await targetsOf(path)).toEqual([])
})

it('cluster and metadata are labels, by names that Prometheus takes', async () => {
  const { labels } = (await targetsOf('')).find(({ targets }) => targets[0] === '10.0.0.1:80') ?? { labels: {} }
  expect(labels).toEqual({ __meta_clusterName: 'DEFAULT', app_kubernetes_io_name: 'shop', _9lives: 'yes' })
  for (const name of Object.keys(labels)) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/)
})

it.each(['/namespaceId', '/namespaceId/public/service', '/namespaceId/public/other/shop'])('nothing is served at %s', async (path) => {
  expect((await call('GET', `/nacos/prometheus${path}`)).status).toBe(404)
})
