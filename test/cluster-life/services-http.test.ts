/** Services over HTTP against three nodes: whichever node is asked, it is one cluster; subscribers hear over UDP; a killed leader costs nobody an instance. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreedLeader } from '../support/agreement.ts'
import { type HeadlessCluster, startHeadless } from '../support/headless.ts'
import { send } from '../support/http.ts'
import { waitUntil } from '../support/wait-until.ts'

let cluster: HeadlessCluster
beforeAll(async () => {
  cluster = await startHeadless({ args: ['--no-console'] })
})
afterAll(() => cluster[Symbol.asyncDispose]())

type Fields = Readonly<Record<string, string | number>>

const ask = (base: string, method: string, path: string, fields: Fields = {}, headers: Record<string, string> = {}) => {
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  return send(base, { method, path: `/nacos/v1/ns/${path}?${query}`, headers })
}
const ports = async (base: string, serviceName: string): Promise<readonly number[]> => {
  const { hosts } = JSON.parse((await ask(base, 'GET', 'instance/list', { serviceName })).text) as { hosts: { port: number }[] }
  return hosts.map(({ port }) => port).sort((a, b) => a - b)
}
/** Nobody beats here, and a busy machine is slow. */
const patient = JSON.stringify({ 'preserved.heart.beat.timeout': '600000', 'preserved.ip.delete.timeout': '600000' })
const register = async (base: string, serviceName: string, port: number, more: Fields = {}) => {
  const answer = await ask(base, 'POST', 'instance', { serviceName, ip: '10.0.0.5', port, metadata: patient, ...more })
  expect([answer.status, answer.text]).toEqual([200, 'ok'])
}
const allHave = (bases: readonly string[], serviceName: string, wanted: readonly number[]) =>
  waitUntil(`${serviceName} to be ${wanted} everywhere`, async () =>
    (await Promise.all(bases.map((base) => ports(base, serviceName)))).every((had) => had.join() === wanted.join()),
  )

describe('three nodes', () => {
  it('each shows at once what it took itself, and soon what others took', async () => {
    for (const [at, base] of cluster.bases.entries()) {
      await register(base, 'orders', 8080 + at)
      expect(await ports(base, 'orders')).toContain(8080 + at)
    }
    await allHave(cluster.bases, 'orders', [8080, 8081, 8082])
    const gone = await ask(cluster.bases[2]!, 'DELETE', 'instance', { serviceName: 'orders', ip: '10.0.0.5', port: 8080 })
    expect(gone.text).toBe('ok')
    await allHave(cluster.bases, 'orders', [8081, 8082])
  })

  it('take a beat wherever it comes, and register what a full one describes', async () => {
    const beat = (base: string, port: number, full = '') =>
      ask(base, 'PUT', 'instance/beat', { serviceName: 'orders', ip: '10.0.0.5', port, beat: full })
    for (const base of cluster.bases) expect(JSON.parse((await beat(base, 8081)).text).code).toBe(10_200)
    for (const base of cluster.bases) expect(JSON.parse((await beat(base, 9)).text).code).toBe(20_404)
    const full = JSON.stringify({ ip: '10.0.0.5', port: 9, cluster: 'DEFAULT', serviceName: 'DEFAULT_GROUP@@orders', weight: 1, metadata: {} })
    expect(JSON.parse((await beat(cluster.bases[1]!, 9, full)).text).code).toBe(10_200)
    await allHave(cluster.bases, 'orders', [9, 8081, 8082])
  })

  it('tell a UDP subscriber of one what another took, and show it in the list of any', async () => {
    const client: Socket = createSocket('udp4')
    try {
      client.bind({ address: '127.0.0.1', port: 0 })
      await once(client, 'listening')
      const { port } = client.address()
      const java = { 'user-agent': 'Nacos-Java-Client:v1.0.0' }
      await ask(cluster.bases[0]!, 'GET', 'instance/list', { serviceName: 'told', clientIP: '127.0.0.1', udpPort: port }, java)
      const heard = once(client, 'message') as Promise<[Buffer, { port: number; address: string }]>
      await register(cluster.bases[1]!, 'told', 7)
      const [datagram, from] = await heard
      const { type, data, lastRefTime } = JSON.parse(datagram.toString())
      expect([type, JSON.parse(data).name, JSON.parse(data).hosts]).toMatchObject(['dom', 'DEFAULT_GROUP@@told', [{ port: 7 }]])
      client.send(JSON.stringify({ type: 'push-ack', lastRefTime, data: '' }), from.port, from.address)
      await waitUntil('the push to count as taken', async () => {
        const state = JSON.parse((await ask(cluster.bases[0]!, 'GET', 'operator/push/state')).text)
        return state.succeed === 1 && state.total === 1
      })
      const listed = await ask(cluster.bases[2]!, 'GET', 'service/subscribers', { serviceName: 'told' })
      expect(JSON.parse(listed.text)).toMatchObject({ count: 1, subscribers: [{ addrStr: `127.0.0.1:${port}`, agent: java['user-agent'] }] })
    } finally {
      client.close()
    }
  })

  it('keep what was registered when the leader is killed, and take more', async () => {
    await register(cluster.bases[0]!, 'kept', 1, { ephemeral: 'false' })
    const { id } = await agreedLeader(cluster.bases)
    const survivors = cluster.ready.nodes.filter((node) => node.id !== id).map(({ http }) => http)
    cluster.killNode(id)
    await waitUntil('a register to be taken again', async () => {
      const answer = await ask(survivors[0]!, 'POST', 'instance', { serviceName: 'kept', ip: '10.0.0.5', port: 2, ephemeral: 'false' })
      return answer.status === 200
    })
    await allHave(survivors, 'kept', [1, 2])
    for (const base of survivors) expect(await ports(base, 'told')).toEqual([7])
  })
})
