import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PeerAddress } from '../observe/channel.ts'
import { logIndex, type Message, nodeId, term } from '../raft/types.ts'
import type { WireFrame } from '../raft-driver/ports.ts'
import { createPeerTransport, type TcpPeerTransport } from './peer-transport.ts'

const secret = 'ab'.repeat(32)
const clock = {
  monotonicMs: () => performance.now(),
  after: (ms: number, task: () => void) => {
    const timer = setTimeout(task, ms)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Ports that were free a moment ago. */
const freePorts = async (count: number): Promise<number[]> => {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
const membersOn = (ports: readonly number[]): PeerAddress[] =>
  ports.map((raftPort, at) => ({ id: at + 1, host: '127.0.0.1', httpPort: 0, grpcPort: 0, raftPort }))

interface Node {
  readonly transport: TcpPeerTransport
  readonly log: string[]
  readonly frames: WireFrame[]
}
const started: TcpPeerTransport[] = []
const start = async (id: number, members: readonly PeerAddress[], clusterSecret = secret, silenceMs: number | null = null): Promise<Node> => {
  const log: string[] = []
  const frames: WireFrame[] = []
  const events = {
    onFrame: (_: number, frame: WireFrame) => frames.push(frame),
    onPeerUp: (peer: number) => log.push(`up ${peer}`),
    onPeerGone: (peer: number) => log.push(`gone ${peer}`),
  }
  const transport = createPeerTransport({
    ...{ self: nodeId(id), members, silenceMs, clusterId: 'c', clusterSecret, clock, randomBytes, chance: () => 0, events },
  })
  started.push(transport)
  await transport.listen()
  return { transport, log, frames }
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((transport) => transport.close()))
})

const wait = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 5000, interval: 2 })
const beat = (from: number, to: number, round: number): Message => ({
  type: 'heartbeat-reply',
  from: nodeId(from),
  to: nodeId(to),
  term: term(1),
  round,
})

describe('three nodes', () => {
  it('find each other, in whatever order they start', async () => {
    const members = membersOn(await freePorts(3))
    const nodes = [await start(3, members), await start(1, members), await start(2, members)]
    await wait(() =>
      expect(nodes.map(({ log }) => log.toSorted())).toEqual([
        ['up 1', 'up 2'],
        ['up 2', 'up 3'],
        ['up 1', 'up 3'],
      ]),
    )
  })

  it('get every frame once and in order, both ways at the same time', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members), await start(2, members)]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    for (let round = 0; round < 3000; round += 3) {
      one.transport.send(nodeId(2), [beat(1, 2, round), beat(1, 2, round + 1), beat(1, 2, round + 2)])
      two.transport.send(nodeId(1), [beat(2, 1, round), beat(2, 1, round + 1), beat(2, 1, round + 2)])
    }
    await wait(() => expect([one.frames.length, two.frames.length]).toEqual([3000, 3000]))
    const rounds = two.frames.map((frame) => frame.type === 'heartbeat-reply' && frame.round)
    expect(rounds).toEqual(Array.from({ length: 3000 }, (_, round) => round))
  })

  it('carry a content of 10 MiB byte for byte', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members), await start(2, members)]
    await wait(() => expect(one.log).toEqual(['up 2']))
    const data = new Uint8Array(randomBytes(10 * 1024 * 1024))
    const entry = { term: term(1), index: logIndex(1), kind: 'command', data } as const
    const places = { prevIndex: logIndex(0), prevTerm: term(0), commit: logIndex(0) }
    const message: Message = {
      type: 'append',
      from: nodeId(1),
      to: nodeId(2),
      term: term(1),
      ...places,
      entries: [entry, { ...entry, index: logIndex(2) }],
    }
    one.transport.send(nodeId(2), [message])
    await wait(() => expect(two.frames).toHaveLength(1))
    const [frame] = two.frames
    expect(frame?.type === 'append' && frame.entries.map((each) => Buffer.compare(each.data, data))).toEqual([0, 0])
    await wait(() => expect(one.transport.backlogBytes(nodeId(2))).toBe(0))
  })
})

describe('a peer that goes', () => {
  it('is gone once, and up again when it is back', async () => {
    const members = membersOn(await freePorts(3))
    const [one, two, three] = [await start(1, members), await start(2, members), await start(3, members)]
    await wait(() => expect([one.log.length, two.log.length, three.log.length]).toEqual([2, 2, 2]))
    await three.transport.close()
    await wait(() => expect([one.log.at(-1), two.log.at(-1)]).toEqual(['gone 3', 'gone 3']))
    one.transport.send(nodeId(3), [beat(1, 3, 1)])
    const back = await start(3, members)
    await wait(() => expect([one.log.at(-1), two.log.at(-1), back.log.toSorted()]).toEqual(['up 3', 'up 3', ['up 1', 'up 2']]))
    expect(one.log.filter((line) => line === 'gone 3')).toHaveLength(1)
    expect(one.log).not.toContain('gone 2')
    expect(three.log).not.toContain('gone 1')
    expect(back.frames).toEqual([])
  })

  it('by kill -9 is noticed by both others', async () => {
    const members = membersOn(await freePorts(3))
    const [one, two] = [await start(1, members), await start(2, members)]
    const source = `
      import { randomBytes } from 'node:crypto'
      import { createPeerTransport } from ${JSON.stringify(new URL('peer-transport.ts', import.meta.url).href)}
      const events = { onFrame() {}, onPeerUp() {}, onPeerGone() {} }
      const chance = () => 0
      const clock = { monotonicMs: () => performance.now(), after: (ms, task) => { const t = setTimeout(task, ms); return { cancel: () => clearTimeout(t) } } }
      const members = ${JSON.stringify(members)}
      await createPeerTransport({ self: 3, silenceMs: null, members, clusterId: 'c', clusterSecret: '${secret}', clock, randomBytes, chance, events }).listen()`
    const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'ignore' })
    try {
      await wait(() => expect([one.log, two.log].every((log) => log.includes('up 3'))).toBe(true))
      const killedMs = performance.now()
      child.kill('SIGKILL')
      await wait(() => expect([one.log.at(-1), two.log.at(-1)]).toEqual(['gone 3', 'gone 3']))
      // 2-5 ms on a quiet machine; the bound only tells a closed socket from a timeout.
      expect(performance.now() - killedMs).toBeLessThan(1000)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('a stranger', () => {
  it('with another secret never comes up, and disturbs nobody', async () => {
    const members = membersOn(await freePorts(3))
    const [one, two, three] = [await start(1, members), await start(2, members), await start(3, members, 'cd'.repeat(32))]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    one.transport.send(nodeId(3), [beat(1, 3, 1)])
    one.transport.send(nodeId(2), [beat(1, 2, 7)])
    await wait(() => expect(two.frames).toHaveLength(1))
    expect([three.log, three.frames]).toEqual([[], []])
  })

  it('that speaks anything else is cut off', async () => {
    const members = membersOn(await freePorts(1))
    const one = await start(1, members)
    for (const words of ['GET / HTTP/1.1\r\n\r\n', 'NTRP'.padEnd(77, 'x'), '\0'.repeat(200)]) {
      const socket = connect({ host: '127.0.0.1', port: members[0]!.raftPort })
      socket.on('error', () => undefined)
      socket.write(words)
      await once(socket, 'close')
    }
    expect(one.log).toEqual([])
  })

  it('that takes the port is told as the error it is', async () => {
    const members = membersOn(await freePorts(1))
    await start(1, members)
    await expect(start(1, members)).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

describe('a practised fault', () => {
  const fault = (over: object) => ({ peer: 2, direction: 'out', cut: false, delayMs: 0, jitterMs: 0, loss: 0, ...over }) as const

  it('drops the frames of one direction, closes nothing, and ends', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members), await start(2, members)]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    one.transport.setFaults([fault({ cut: true })])
    one.transport.send(nodeId(2), [beat(1, 2, 1)])
    two.transport.send(nodeId(1), [beat(2, 1, 2)])
    await wait(() => expect(one.frames).toHaveLength(1))
    one.transport.setFaults([fault({ direction: 'in', cut: true })])
    one.transport.send(nodeId(2), [beat(1, 2, 3)])
    two.transport.send(nodeId(1), [beat(2, 1, 4)])
    await wait(() => expect(two.frames).toMatchObject([{ round: 3 }]))
    one.transport.setFaults([])
    two.transport.send(nodeId(1), [beat(2, 1, 5)])
    await wait(() => expect(one.frames).toMatchObject([{ round: 2 }, { round: 5 }]))
    expect([one.log, two.log]).toEqual([['up 2'], ['up 1']])
  })

  it('makes frames late, in their order', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members), await start(2, members)]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    one.transport.setFaults([fault({ delayMs: 60 })])
    two.transport.setFaults([fault({ peer: 1, direction: 'in', delayMs: 60 })])
    const sentMs = performance.now()
    one.transport.send(nodeId(2), [beat(1, 2, 1), beat(1, 2, 2)])
    await wait(() => expect(two.frames).toMatchObject([{ round: 1 }, { round: 2 }]))
    expect(performance.now() - sentMs).toBeGreaterThan(118)
  })
})

describe('between machines', () => {
  it('a peer that is spoken to and says nothing is gone, and dialed anew', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members, secret, 50), await start(2, members)]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    await wait(() => {
      one.transport.send(nodeId(2), [beat(1, 2, 1)])
      expect(one.log.slice(0, 3)).toEqual(['up 2', 'gone 2', 'up 2'])
    })
    two.transport.send(nodeId(1), [beat(2, 1, 7)])
    await wait(() => expect(one.frames).toMatchObject([{ round: 7 }]))
  })

  it('a peer that was spoken to long ago, and wanted to say nothing, is not gone when it is spoken to again', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members, secret, 40), await start(2, members)]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    for (const round of [1, 2, 3]) {
      one.transport.send(nodeId(2), [beat(1, 2, round)])
      const untilMs = performance.now() + 60
      await wait(() => expect(performance.now()).toBeGreaterThan(untilMs))
    }
    await wait(() => expect(two.frames).toHaveLength(3))
    expect(one.log).toEqual(['up 2'])
  })

  it('a peer that answers stays, however long it takes', async () => {
    const members = membersOn(await freePorts(2))
    const [one, two] = [await start(1, members, secret, 50), await start(2, members)]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    const untilMs = performance.now() + 200
    for (let round = 0; performance.now() < untilMs; round++) {
      one.transport.send(nodeId(2), [beat(1, 2, round)])
      await wait(() => expect(two.frames).toHaveLength(round + 1))
      two.transport.send(nodeId(1), [beat(2, 1, round)])
      await wait(() => expect(one.frames).toHaveLength(round + 1))
    }
    expect(one.log).toEqual(['up 2'])
  })
})

describe('members', () => {
  it('that come are dialed and let in, those that go are closed, at once and on both ends', async () => {
    const members = membersOn(await freePorts(3))
    const [one, two] = [await start(1, members.slice(0, 2)), await start(2, members.slice(0, 2))]
    await wait(() => expect([one.log, two.log]).toEqual([['up 2'], ['up 1']]))
    const three = await start(3, members)
    for (const { transport } of [one, two]) transport.setMembers(members)
    await wait(() =>
      expect([one.log, two.log, three.log.toSorted()]).toEqual([
        ['up 2', 'up 3'],
        ['up 1', 'up 3'],
        ['up 1', 'up 2'],
      ]),
    )
    three.transport.send(nodeId(1), [beat(3, 1, 7)])
    await wait(() => expect(one.frames).toEqual([beat(3, 1, 7)]))

    for (const { transport } of [one, two]) transport.setMembers(members.slice(0, 2))
    expect([one.log.at(-1), two.log.at(-1)]).toEqual(['gone 3', 'gone 3'])
    await wait(() => expect(three.log.slice(2).toSorted()).toEqual(['gone 1', 'gone 2']))
    three.transport.send(nodeId(1), [beat(3, 1, 8)])
    one.transport.send(nodeId(2), [beat(1, 2, 9)])
    await wait(() => expect(two.frames).toEqual([beat(1, 2, 9)]))
    expect(one.frames).toHaveLength(1)
  })

  it('that moved are dialed at their new place', async () => {
    const [first, second, third] = await freePorts(3)
    const members = membersOn([first ?? 0, second ?? 0])
    const one = await start(1, members)
    const moved = membersOn([first ?? 0, third ?? 0])
    const two = await start(2, moved)
    one.transport.setMembers(moved)
    await wait(() => expect(one.log.at(-1)).toBe('up 2'))
    one.transport.send(nodeId(2), [beat(1, 2, 1)])
    await wait(() => expect(two.frames).toHaveLength(1))
  })
})
