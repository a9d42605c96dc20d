/** The official client for Node (npm `nacos`, HTTP v1), unchanged, against our nodes. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NacosConfigClient } from 'nacos'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { read } from '../support/nacos.ts'
import { findFreePortSet } from '../support/ports.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { Area } from './area.ts'
import { put, takers } from './verbs.ts'

const group = 'DEFAULT_GROUP'
const toldLimitMs = 5_000

/**
 * Clients of one machine share what they hear by a port that is the same for all unless it is given before they load: with another suite's client on it,
 * one cluster would be asked for the other.
 */
const loadClient = async (): Promise<typeof NacosConfigClient> => {
  process.env.NODE_CLUSTER_CLIENT_PORT = String(await findFreePortSet(1))
  return (await import('nacos')).NacosConfigClient
}

export const officialClient: Area = (subject) => {
  describe('the client for Node', () => {
    let cacheDir = ''
    let Client: typeof NacosConfigClient
    beforeAll(async () => {
      Client = await loadClient()
      cacheDir = await mkdtemp(join(tmpdir(), 'nacos-trio-client-'))
    })
    afterAll(() => rm(cacheDir, { recursive: true, force: true }))

    it.each(takers)('publishes, reads, is told and removes through node %i', async (taker) => {
      const dataId = `official-client-${taker}`
      const base = subject().bases[taker - 1] ?? ''
      const client = new Client({ serverAddr: new URL(base).host, cacheDir })
      try {
        await client.ready()
        expect(await client.publishSingle(dataId, group, '第一版\n')).toBe(true)
        expect(await client.getConfig(dataId, group)).toBe('第一版\n')
        const told: string[] = []
        client.subscribe({ dataId, group }, (content: string) => told.push(content))
        await waitUntil('the subscriber to know the content', () => told.at(-1) === '第一版\n', toldLimitMs)
        await put(subject().bases[taker % 3] ?? '', { dataId }, '第二版\r\n😀')
        await waitUntil('the subscriber to be told', () => told.at(-1) === '第二版\r\n😀', toldLimitMs)
        expect(await client.remove(dataId, group)).toBe(true)
        expect((await read(base, { dataId })).status).toBe(404)
      } finally {
        client.close()
      }
    })
  })
}
