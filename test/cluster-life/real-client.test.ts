/** The official client for Node (npm `nacos`, HTTP v1), unchanged, against our nodes. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NacosConfigClient } from 'nacos'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { publish, read } from '../support/nacos.ts'
import { waitUntil } from '../support/wait-until.ts'

const group = 'DEFAULT_GROUP'
const toldLimitMs = 5_000

let cluster: HeadlessCluster
let cacheDir = ''
beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
  cacheDir = await mkdtemp(join(tmpdir(), 'nacos-trio-client-'))
})
afterAll(async () => {
  await cluster?.stop()
  await rm(cacheDir, { recursive: true, force: true })
})

it.each([0, 1, 2])('publishes, reads, is told and removes through node %i+1', async (at) => {
  const dataId = `real-client-${at}`
  const base = cluster.bases[at]!
  const client = new NacosConfigClient({ serverAddr: new URL(base).host, cacheDir })
  try {
    await client.ready()
    expect(await client.publishSingle(dataId, group, '第一版\n')).toBe(true)
    expect(await client.getConfig(dataId, group)).toBe('第一版\n')
    const told: string[] = []
    client.subscribe({ dataId, group }, (content: string) => told.push(content))
    await waitUntil('the subscriber to know the content', () => told.at(-1) === '第一版\n', toldLimitMs)
    expect((await publish(cluster.bases[(at + 1) % 3]!, { dataId }, '第二版\r\n😀')).status).toBe(200)
    await waitUntil('the subscriber to be told', () => told.at(-1) === '第二版\r\n😀', toldLimitMs)
    expect(await client.remove(dataId, group)).toBe(true)
    expect((await read(base, { dataId })).status).toBe(404)
  } finally {
    client.close()
  }
})
