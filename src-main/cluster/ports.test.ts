import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { findHolder, listeningInodes, nameOfCommand } from './port-holder.ts'
import { choosePorts, defaultPort, portLimits, portsOf } from './ports.ts'

let servers: Server[] = []
afterEach(async () => {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  servers = []
})

const listen = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    servers.push(server)
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })

/** A port in a range where the derived ones are valid too. */
const somePort = async (): Promise<number> => {
  for (let port = 21_000 + (process.pid % 5_000); ; port += 7) if ((await choosePorts(port, [1, 2, 3])).kind === 'ok') return port
}

describe('an explicit port', () => {
  it('is taken as it is when free', async () => {
    const port = await somePort()
    expect(await choosePorts(port, [1, 2, 3])).toEqual({ kind: 'ok', set: { host: '127.0.0.1', first: port, ids: [1, 2, 3] }, movedFrom: null })
  })

  it.each([
    ['HTTP of node 2', 1],
    ['gRPC of node 1', 1_000],
    ['Raft of node 3', -998],
  ])('is refused when %s is taken, with its holder', async (_, offset) => {
    const port = await somePort()
    await listen(port + offset)
    const holder = process.platform === 'linux' ? { pid: process.pid, name: expect.stringContaining('node') } : expect.anything()
    expect(await choosePorts(port, [1, 2, 3])).toEqual({ kind: 'taken', port: port + offset, holder })
  })

  it('keeps every derived port valid', () => {
    const { min, max } = portLimits(3)
    expect(portsOf({ first: min }, 1).raftPort).toBe(1)
    expect(portsOf({ first: max }, 3).grpcPort).toBe(65_535)
  })
})

it('the default set moves up by tens when a port of it is taken', async () => {
  await listen(defaultPort).catch(() => undefined)
  const choice = await choosePorts(null, [1, 2, 3])
  expect(choice).toMatchObject({ kind: 'ok', movedFrom: { first: defaultPort } })
  if (choice.kind !== 'ok') return
  expect(choice.set.first).toBeGreaterThan(defaultPort)
  expect((choice.set.first - defaultPort) % 10).toBe(0)
})

describe('the holder of a port', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2290 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:2290 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
   2: 0100007F:2291 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0`
  it('is looked for among listening sockets only', () => {
    expect(listeningInodes(table, 8848)).toEqual(['4711'])
    expect(listeningInodes(table, 80)).toEqual([])
  })
  it.each([
    ['/usr/bin/node\0--max-old-space-size=1\0/srv/app/server.js\0', 'node server.js'],
    ['/usr/sbin/nginx\0', 'nginx'],
    ['java\0-jar\0', 'java'],
    ['', ''],
    ['node\0-e\0first()\nsecond()\0', 'node'],
    ['/opt/a\nb\0', 'a b'],
  ])('is named as a person knows it (%j)', (commandLine, name) => {
    expect(nameOfCommand(commandLine)).toBe(name)
  })
  it('is null for a free port', async () => {
    expect(await findHolder(await somePort())).toBeNull()
  })
})
