import { expect, test } from 'vitest'
import { createFakeClock } from '../../notify/fake-clock.testing.ts'
import { succeeded } from './answers.ts'
import { decodePlain, encodePlain } from './client.testing.ts'
import type { Connection, PushOutcome } from './connection.ts'
import { createConnections } from './connections.ts'
import { createPayloadEncoder, frameHeadBytes } from './payload.ts'

/** The table over transports that the test plays. */
const scene = (limits: { connectionsMax?: number; pendingMax?: number } = {}) => {
  const { clock, advance, timers } = createFakeClock()
  const told: string[] = []
  const connections = createConnections({
    ...{ connectionsMax: 10, pendingMax: 4, ...limits, encode: createPayloadEncoder('') },
    unary: (_line, _payload, answer) => answer(succeeded('HealthCheckResponse')),
    opened: ({ id }) => void told.push(`opened ${id}`),
    closed: ({ id }) => void told.push(`closed ${id}`),
    clock: { ...clock, wallMs: () => 1_000 + clock.monotonicMs() },
  })
  /** Time as the server's own rhythm sees it. */
  const pass = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      advance(1_000)
      if (second % 3 === 2) connections.sweep()
    }
  }
  let ports = 40_000
  const connect = () => {
    const port = ++ports
    const sent: ReturnType<typeof decodePlain>[] = []
    let waitingBytes = 0
    let open = true
    let ended = false
    const caller = connections.accept({
      ...{ ip: '127.0.0.1', port },
      destroy: () => {
        if (!open) return
        open = false
        events.closed()
        caller.closed()
      },
    })
    const events = caller.stream({
      send: (frame) => void sent.push(decodePlain(frame.subarray(frameHeadBytes))),
      waitingBytes: () => waitingBytes,
      end: () => {
        ended = true
      },
    })
    const say = (type: string, body: object) => events.message(encodePlain(type, JSON.stringify(body)))
    return {
      ...{ sent, say, events, port },
      setUp: () => say('ConnectionSetupRequest', { clientVersion: 'v', labels: {} }),
      call: () => caller.unary(encodePlain('HealthCheckRequest', '{}'), () => undefined),
      acknowledge: () => say('Whatever', { requestId: sent.at(-1)?.body.requestId, resultCode: 200 }),
      fill: (bytes: number) => {
        waitingBytes = bytes
      },
      isOpen: () => open,
      hasEnded: () => ended,
    }
  }
  const only = (): Connection => [...connections.all()][0] as Connection
  return { connections, connect, pass, advance, told, timers, only }
}

const push = (connection: Connection) => {
  const outcomes: PushOutcome[] = []
  connection.push('SomeRequest', '"module":"config"', 3_000, (outcome) => void outcomes.push(outcome))
  return outcomes
}

test('a client that is silent is asked once, and stays if it answers', () => {
  const { connect, pass, connections } = scene()
  const client = connect()
  client.setUp()
  pass(22)
  expect(client.sent.map(({ type }) => type)).toEqual(['ClientDetectionRequest'])
  client.acknowledge()
  pass(18)
  expect([client.sent.length, client.isOpen(), connections.size()]).toEqual([1, true, 1])
})

test('a silent client that does not answer is gone', () => {
  const { connect, pass, connections, told } = scene()
  const client = connect()
  client.setUp()
  pass(27)
  expect([client.isOpen(), connections.size()]).toEqual([false, 0])
  expect(told).toEqual([`opened 1000_127.0.0.1_${client.port}`, `closed 1000_127.0.0.1_${client.port}`])
})

test('whoever calls is never asked', () => {
  const { connect, pass } = scene()
  const client = connect()
  client.setUp()
  for (let turn = 0; turn < 10; turn++) {
    client.call()
    pass(5)
  }
  expect([client.sent, client.isOpen()]).toEqual([[], true])
})

test('whoever never says who it is loses its transport', () => {
  const { connect, pass } = scene()
  const client = connect()
  pass(29)
  expect(client.isOpen()).toBe(true)
  pass(4)
  expect(client.isOpen()).toBe(false)
})

test('one client too many is told to go elsewhere, and is never registered', () => {
  const { connect, connections, advance } = scene({ connectionsMax: 1 })
  connect().setUp()
  const late = connect()
  late.setUp()
  expect(late.sent.map(({ type }) => type)).toEqual(['ConnectResetRequest'])
  expect(connections.size()).toBe(1)
  advance(3_000)
  expect(late.isOpen()).toBe(false)
})

test('a client that is told to move and does not is gone after a moment', () => {
  const { connect, connections, only, advance } = scene()
  const client = connect()
  client.setUp()
  expect(connections.reset(only().id, null)).toBe(true)
  client.acknowledge()
  expect([client.sent[0]?.type, client.isOpen()]).toEqual(['ConnectResetRequest', true])
  advance(3_000)
  expect([client.isOpen(), connections.size()]).toEqual([false, 0])
})

test('a push ends once: taken, refused, or out of time', () => {
  const { connect, only, advance } = scene()
  const client = connect()
  client.setUp()
  const taken = push(only())
  client.acknowledge()
  client.acknowledge()
  const refused = push(only())
  client.say('NotifySubscriberResponse', { requestId: client.sent.at(-1)?.body.requestId, resultCode: 500, success: true })
  const late = push(only())
  advance(3_000)
  client.acknowledge()
  expect([taken, refused, late]).toEqual([['taken'], ['refused'], ['timed-out']])
})

test('so many pushes wait for an answer, and no more are sent', () => {
  const { connect, only } = scene({ pendingMax: 2 })
  const client = connect()
  client.setUp()
  expect([push(only()), push(only()), push(only())]).toEqual([[], [], ['busy']])
  expect(client.sent).toHaveLength(2)
})

test('a client that reads nothing is sent nothing', () => {
  const { connect, only } = scene()
  const client = connect()
  client.setUp()
  client.fill(2 << 20)
  expect(push(only())).toEqual(['busy'])
})

test('what waits for an answer ends with the connection, and so do its timers', () => {
  const { connect, only, timers } = scene()
  const client = connect()
  client.setUp()
  const connection = only()
  const outcomes = push(connection)
  client.events.closed()
  expect([outcomes, push(connection), client.hasEnded(), timers()]).toEqual([['closed'], ['closed'], true, 0])
})

test('a word that makes no sense changes nothing', () => {
  const { connect, connections } = scene()
  const client = connect()
  client.events.message(Buffer.from([0x12, 0x7f]))
  client.events.message(encodePlain('ConnectionSetupRequest', '[]'))
  client.say('ConfigChangeNotifyResponse', { requestId: '99', resultCode: 200 })
  expect(connections.size()).toBe(0)
  client.say('ConnectionSetupRequest', { labels: 'none', clientVersion: 7, tenant: null })
  expect(connections.views()).toMatchObject([{ version: '7', tenant: '', labels: {}, appName: '' }])
})

test('long words of a client are cut', () => {
  const { connect, connections } = scene()
  connect().say('ConnectionSetupRequest', { clientVersion: 'v'.repeat(10_000), labels: { AppName: 'a'.repeat(10_000) } })
  const view = connections.views()[0]
  expect([view?.version.length, view?.appName.length]).toEqual([256, 256])
})
