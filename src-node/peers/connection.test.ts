import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { shakeHands } from './connection.ts'
import { acceptorHandshake } from './handshake.ts'

it('a caller that says nothing is cut off at the time limit', async () => {
  const waiting: { ms: number; task: () => void }[] = []
  const clock = {
    after: (ms: number, task: () => void) => {
      waiting.push({ ms, task })
      return { cancel: () => undefined }
    },
  }
  const options = { self: 1, clusterId: 'c', clusterSecret: 's', randomBytes: (count: number) => new Uint8Array(count) }
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  shakeHands(socket, { handshake: acceptorHandshake(options, new Set([2])), clock }, () => expect.unreachable())
  expect(waiting.map(({ ms }) => ms)).toEqual([2000])
  waiting[0]?.task()
  await once(caller, 'close')
  await once(server.close(), 'close')
})
