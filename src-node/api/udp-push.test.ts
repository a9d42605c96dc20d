import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ackedTime, createUdpPush, type UdpPush } from './udp-push.ts'

let client: Socket
let port: number
let push: UdpPush
let timeouts: (() => void)[]
let warnings: string[]

beforeEach(async () => {
  client = createSocket('udp4')
  client.bind({ address: '127.0.0.1', port: 0 })
  await once(client, 'listening')
  port = client.address().port
  timeouts = []
  warnings = []
  const after = (_ms: number, task: () => void) => {
    timeouts.push(task)
    return { cancel: () => void timeouts.splice(timeouts.indexOf(task), 1) }
  }
  push = createUdpPush({ host: '127.0.0.1', clock: { monotonicMs: () => 5, after }, warn: (line) => warnings.push(line) })
})
afterEach(() => {
  push.close()
  client.close()
})

/** Resolves with whether the client was said to have it. */
const sent = (text: (time: number) => string = (time) => `push ${time}`) =>
  new Promise<boolean>((resolve) => push.send({ host: '127.0.0.1', port }, text, resolve))

const heard = async () => {
  const [datagram, from] = (await once(client, 'message')) as [Buffer, { port: number }]
  return {
    datagram,
    ack: (time: number | string) => client.send(JSON.stringify({ type: 'push-ack', lastRefTime: time, data: '' }), from.port, '127.0.0.1'),
  }
}

test('a push is taken once its number comes back, and each has another one', async () => {
  for (const number of [5_000_000, 5_000_001]) {
    const [taken, { datagram, ack }] = [sent(), await heard()]
    expect(datagram.toString()).toBe(`push ${number}`)
    ack(String(number))
    expect(await taken).toBe(true)
  }
  expect([push.waiting(), timeouts.length]).toEqual([0, 0])
})

test('from 1 KiB on it is packed', async () => {
  const text = 'x'.repeat(1_024)
  const [taken, { datagram, ack }] = [sent(() => text), await heard()]
  expect(datagram.subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]))
  expect(gunzipSync(datagram).toString()).toBe(text)
  ack(5_000_000)
  expect(await taken).toBe(true)
})

test('without an acknowledgement in time it was not taken', async () => {
  const taken = sent()
  await heard()
  timeouts[0]?.()
  expect(await taken).toBe(false)
})

test('what no datagram carries is not sent, and said once', async () => {
  const noise = Array.from({ length: 20_000 }, (_, at) => Math.imul(at, 2_654_435_761) >>> 0).join()
  expect(await sent(() => noise)).toBe(false)
  expect(await sent(() => noise)).toBe(false)
  expect(warnings).toHaveLength(1)
})

test('an address of the other family is not reachable', async () => {
  expect(await new Promise((resolve) => push.send({ host: '::1', port }, String, resolve))).toBe(false)
})

test('closing settles what waits, and nothing is sent any more', async () => {
  const taken = sent()
  await heard()
  push.close()
  expect(await taken).toBe(false)
  expect(await sent()).toBe(false)
})

test.each([
  ['{"type":"push-ack","lastRefTime":"7","data":""}', 7],
  ['{"type":"push-ack","lastRefTime":7}', 7],
  ['{"type":"dom","lastRefTime":7}', null],
  ['{"type":"push-ack"}', null],
  ['{"type":"push-ack","lastRefTime":"x"}', null],
  ['null', null],
  ['{', null],
  [`{"type":"push-ack","lastRefTime":7,"data":"${'x'.repeat(600)}"}`, null],
])('an acknowledgement of %s is of %s', (text, time) => {
  expect(ackedTime(Buffer.from(text))).toBe(time)
})
