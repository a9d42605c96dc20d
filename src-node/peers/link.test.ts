import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { shakeHands } from './connection.ts'
import { acceptorHandshake, dialerHandshake } from './handshake.ts'
import { createLink, type Link } from './link.ts'

const shared = { clusterId: 'c', clusterSecret: 'ab'.repeat(32), randomBytes }
let nowMs = 0
const clock = {
  monotonicMs: () => nowMs,
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** Where the peer is, or was: takes connections and keeps them open. */
const peerPlace = async (): Promise<{ readonly server: Server; readonly port: number; readonly taken: Socket[] }> => {
  const taken: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    shakeHands(socket, { handshake: acceptorHandshake({ self: 2, ...shared }, new Set([1])), clock }, () => taken.push(socket))
  }).listen(0, '127.0.0.1')
  closing.push(() => {
    for (const socket of taken) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port, taken }
}

const linkTo = (port: number, renewsAfterMs: number | null): Link => {
  const handshake = () => dialerHandshake({ self: 1, ...shared }, 2)
  const link = createLink({ host: '127.0.0.1', port, clock, handshake, renewsAfterMs, onReady: () => undefined, onClosed: () => undefined })
  closing.push(link.close)
  link.start()
  return link
}
const connections = (taken: readonly Socket[], count: number) => vi.waitFor(() => expect(taken).toHaveLength(count), { timeout: 5_000, interval: 2 })

it('an old connection is not believed when the peer comes in anew: it may lead to where the peer was', async () => {
  const { port, taken } = await peerPlace()
  const link = linkTo(port, 3_000)
  await connections(taken, 1)
  await vi.waitFor(() => expect(link.isReady()).toBe(true))
  nowMs += 3_001
  link.wake()
  await connections(taken, 2)
})

it('a young one stays, so that two who dial each other end', async () => {
  const { port, taken } = await peerPlace()
  const link = linkTo(port, 3_000)
  await vi.waitFor(() => expect(link.isReady()).toBe(true))
  nowMs += 2_999
  link.wake()
  expect([link.isReady(), taken.length]).toEqual([true, 1])
})

it('on one machine any one stays: a dead process closes its sockets there', async () => {
  const { port, taken } = await peerPlace()
  const link = linkTo(port, null)
  await vi.waitFor(() => expect(link.isReady()).toBe(true))
  nowMs += 1_000_000
  link.wake()
  expect([link.isReady(), taken.length]).toEqual([true, 1])
})

it('what waits for a peer that does not read is a copy: the bytes it was made of may serve others', async () => {
  const { port, taken } = await peerPlace()
  const link = linkTo(port, null)
  await connections(taken, 1)
  await vi.waitFor(() => expect(link.isReady()).toBe(true))
  const [peer] = taken as [Socket]
  peer.pause()
  const filling = new Uint8Array(1024 * 1024)
  let sent = 0
  while (link.backlogBytes() === 0) {
    link.send([filling])
    sent += filling.length
  }
  const written = vi.spyOn(Socket.prototype, 'write')
  const small = Buffer.from('a heartbeat')
  link.send([small])
  small.fill(0)
  // A slab of Node's pool would be a page of many again.
  expect(written.mock.calls.map(([chunk]) => (chunk as Buffer).buffer.byteLength)).toEqual([small.length])
  written.mockRestore()
  let read = Buffer.alloc(0)
  peer.on('data', (chunk) => {
    sent -= Math.min(sent, chunk.length)
    if (sent === 0) read = Buffer.concat([read, chunk]).subarray(-11)
  })
  peer.resume()
  await vi.waitFor(() => expect(read.toString()).toBe('a heartbeat'), { timeout: 5_000 })
})
