/** Who hears what this program shows its nodes: the process that it was made for, as long as that has its port, on every way that the program calls it. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openDigest } from '../console/node-digest.ts'
import { createNodeHttp } from '../console/node-http.ts'
import { exportToFile } from '../console/zip-transfer.ts'
import { forgetIdentity, identityListens, newIdentity } from './own-identity.ts'
import { storeProgressAt } from './storage-in-use.ts'

const servers: Server[] = []
afterEach(() => {
  for (const id of [1, 2]) forgetIdentity(id)
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Whoever holds a node's port, and what it hears. */
const holder = async () => {
  const heard: unknown[] = []
  const server = createServer((request, response) => {
    heard.push(request.headers['nacos-trio-identity'])
    response.writeHead(503).end()
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { heard, place: { host: '127.0.0.1', httpPort: (server.address() as AddressInfo).port } }
}
type Place = Awaited<ReturnType<typeof holder>>['place']

const http = createNodeHttp()
const ways: readonly [string, (place: Place) => Promise<unknown>][] = [
  ['a call', ({ host, httpPort }) => http.send({ host, port: httpPort, method: 'GET', path: '/', timeoutMs: 2_000 })],
  ['a digest', openDigest],
  ['a zip', (place) => exportToFile({ place, file: join(tmpdir(), 'never-written.zip'), namespace: '' }, () => undefined)],
  ['the store', (place) => storeProgressAt([place])],
]

it.each(ways)('%s shows each node its own, and none of another', async (_way, call) => {
  const [one, two] = [await holder(), await holder()]
  const [first, second] = [newIdentity(1, one.place), newIdentity(2, two.place)]
  for (const id of [1, 2]) identityListens(id)
  for (const { place } of [one, two]) await call(place)
  expect([one.heard, two.heard]).toEqual([[first], [second]])
  expect([first, second]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)])
  expect(first).not.toBe(second)
})

it.each(ways)('%s shows nothing to who has the port before the node has it, or after', async (_way, call) => {
  const { heard, place } = await holder()
  newIdentity(1, place)
  await call(place)
  identityListens(1)
  forgetIdentity(1)
  await call(place)
  expect(heard).toEqual([undefined, undefined])
})

it('what the process before was told is good for nothing in the next', async () => {
  const { heard, place } = await holder()
  const before = newIdentity(1, place)
  identityListens(1)
  const after = newIdentity(1, place)
  await openDigest(place)
  identityListens(1)
  await openDigest(place)
  expect(heard).toEqual([undefined, after])
  expect(after).not.toBe(before)
})
