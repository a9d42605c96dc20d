/** What goes wrong with a database, each told apart from the others, within its time; and that all is well when it is back. */

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createConnection } from 'mysql2/promise'
import { describe, expect, it } from 'vitest'
import { testConnection } from '../../src-node/storage/mysql/connection-test.ts'
import { startMariadb } from '../support/mariadb.ts'
import { nacos22 } from './nacos-2x.ts'
import { batch, claimed, readAll, row, sinkOn, targetOf, times } from './shared-database.ts'
import { sinkScene } from './sink-scene.ts'

const { server, setUp, proxied } = sinkScene()
const hurried = { connectLimitMs: 300, statementLimitMs: 300 }
const at = (port: number, host = '127.0.0.1') => ({ addresses: [{ host, port }] })

describe('at the opening', () => {
  it('a wrong password', async () => {
    const { target } = await setUp()
    const outcome = await sinkOn({ ...target, password: 'certainly wrong' }).open()
    expect(outcome).toMatchObject({ kind: 'unavailable', trouble: { code: 'access-denied', user: 'trio', database: target.database } })
    expect(JSON.stringify(outcome)).not.toContain('certainly wrong')
  })

  it('a database that does not exist, for one who may see it and one who may not', async () => {
    await setUp()
    expect(await sinkOn(targetOf(server.port, 'nowhere')).open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'right-missing' } })
    await server.sql("CREATE USER all_rights@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO all_rights@'%'")
    const sink = sinkOn(targetOf(server.port, 'nowhere', { user: 'all_rights' }))
    expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'database-missing', database: 'nowhere' } })
  })

  it('nobody at the port, no such host, and something that is no database', async () => {
    expect(await sinkOn(targetOf(1, 'x')).open()).toMatchObject({ trouble: { code: 'connection-refused', address: '127.0.0.1:1' } })
    expect(await sinkOn(targetOf(1, 'x', at(3306, 'no-such-host.invalid'))).open()).toMatchObject({ trouble: { code: 'host-unknown' } })
    const stranger = createServer((socket) => void socket.end('220 mail.example ESMTP\r\n'))
    stranger.listen(0, '127.0.0.1')
    await once(stranger, 'listening')
    const { port } = stranger.address() as AddressInfo
    const outcome = await sinkOn(targetOf(port, 'x')).open()
    stranger.close()
    expect(outcome).toMatchObject({ kind: 'unavailable', trouble: { code: 'not-understood' } })
  })

  it('no right to create our tables', async () => {
    const { database, sql } = await setUp()
    await sql(`${nacos22} CREATE USER reader@'%' IDENTIFIED BY 'secret'; GRANT SELECT, INSERT, UPDATE, DELETE ON ${database}.* TO reader@'%'`)
    const sink = sinkOn(targetOf(server.port, database, { user: 'reader' }))
    expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'right-missing', detail: expect.stringContaining('CREATE') } })
  })

  it('all connections taken, and free again', async () => {
    const { sink, target } = await setUp()
    const taken = await Promise.all(
      Array.from({ length: 12 }, () => createConnection({ host: '127.0.0.1', port: server.port, user: target.user, password: target.password })),
    )
    expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'too-many-connections' } })
    await Promise.all(taken.map((connection) => connection.end()))
    expect(await sink.open()).toMatchObject({ kind: 'opened' })
  })

  it('a read-only one, which is written again when it is promoted', async () => {
    const { sink } = await setUp()
    await server.sql('SET GLOBAL read_only = ON')
    expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'read-only', detail: 'read_only' } })
    await server.sql('SET GLOBAL read_only = OFF')
    expect(await sink.open()).toMatchObject({ kind: 'opened' })
  })
})

describe('in the middle', () => {
  it('a read-only setting turned on refuses the next batch, and nothing of it is written', async () => {
    const { sink } = await setUp()
    await claimed(sink, 1)
    await server.sql('SET GLOBAL read_only = ON')
    const outcome = await sink.write(batch(0, 1, [row(1, 'x')]))
    await server.sql('SET GLOBAL read_only = OFF')
    expect(outcome).toMatchObject({ kind: 'unavailable', trouble: { code: 'read-only' } })
    expect((await claimed(sink, 1)).appliedIndex).toBe(0)
  })

  it('a line that hangs is given up in time, and nothing of the batch stays', async () => {
    const { database } = await setUp()
    const proxy = await proxied()
    const sink = sinkOn(targetOf(proxy.port, database), hurried)
    await sink.open()
    await claimed(sink, 1)
    proxy.hold(true)
    const startedMs = performance.now()
    expect(await sink.write(batch(0, 1, [row(1, 'x')]))).toMatchObject({ kind: 'unavailable', trouble: { code: 'no-answer' } })
    expect(await sink.claim({ term: 1, lastIndex: 9, adopt: false })).toMatchObject({ kind: 'unavailable', trouble: { code: 'no-answer' } })
    expect(performance.now() - startedMs).toBeLessThan(2_000)
    proxy.hold(false)
    expect((await claimed(sinkOn(targetOf(server.port, database)), 2)).appliedIndex).toBe(0)
  })

  it('a server that is stopped for a while', async () => {
    const { target } = await setUp()
    const sink = sinkOn(target, hurried)
    await sinkOn(target).open()
    await claimed(sink, 1)
    process.kill(server.pid(), 'SIGSTOP')
    const outcome = await sink.write(batch(0, 1, [row(1, 'x')]))
    process.kill(server.pid(), 'SIGCONT')
    expect(outcome).toMatchObject({ kind: 'unavailable', trouble: { code: 'no-answer' } })
    const patient = sinkOn(target)
    expect((await claimed(patient, 1)).appliedIndex).toBe(0)
    expect(await patient.write(batch(0, 1, [row(1, 'x')]))).toMatchObject({ kind: 'written' })
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('a server ended by %s and started again has what was written, once', async (how) => {
    const { sink, sql } = await setUp()
    await claimed(sink, 1)
    await sink.write(batch(0, 2, [row(1, 'a'), row(2, 'b')]))
    await server.stop(how)
    expect(await sink.write(batch(2, 3, [row(3, 'c')]))).toMatchObject({ kind: 'unavailable' })
    expect(await sink.claim({ term: 1, lastIndex: 9, adopt: false })).toMatchObject({ kind: 'unavailable', trouble: { code: 'connection-refused' } })
    await server.start()
    expect((await claimed(sink, 1)).appliedIndex).toBe(2)
    expect(await sink.write(batch(2, 3, [row(3, 'c')]))).toMatchObject({ kind: 'written' })
    expect(await sql('SELECT COUNT(*) AS n FROM his_config_info')).toEqual([{ n: 3 }])
  })

  it('a reader’s own failure comes out as it is', async () => {
    const { sink } = await setUp()
    await claimed(sink, 1)
    await sink.write(batch(0, 1, [row(1, 'a')]))
    const reading = sink.read({ begin: () => undefined, page: () => Promise.reject(new Error('of the caller')) })
    await expect(reading).rejects.toThrow('of the caller')
    expect((await readAll(sink)).length).toBe(1)
  })

  it('closed while a write is under way', async () => {
    const { database } = await setUp()
    const proxy = await proxied()
    const sink = sinkOn(targetOf(proxy.port, database))
    await claimed(sink, 1)
    proxy.hold(true)
    const writing = sink.write(batch(0, 1, [row(1, 'x')]))
    await sink.close()
    expect(await writing).toMatchObject({ kind: 'unavailable' })
    expect(await sink.open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'not-open' } })
  })
})

describe('of several addresses', () => {
  it('the one that was written last stays first', async () => {
    const { database } = await setUp()
    const proxy = await proxied()
    const target = targetOf(server.port, database, { addresses: [proxy.port, server.port].map((port) => ({ host: '127.0.0.1', port })) })
    const sink = sinkOn(target, hurried)
    await sinkOn(targetOf(server.port, database)).open()
    proxy.hold(true)
    expect(await claimed(sink, 1)).toMatchObject({ address: `127.0.0.1:${server.port}` })
    await sink.write(batch(0, 5, [row(1, 'x')]))
    proxy.hold(false)
    expect(await claimed(sink, 1)).toMatchObject({ appliedIndex: 5, address: `127.0.0.1:${server.port}` })
  })

  it('the writable one is found behind one that is away and one that is read only', async () => {
    const replica = await startMariadb(['--read-only'])
    try {
      const { database } = await setUp()
      await replica.sql(`CREATE DATABASE ${database}; CREATE USER trio@'%' IDENTIFIED BY 'secret'; GRANT ALL ON ${database}.* TO trio@'%'`)
      const ports = [1, replica.port, server.port]
      const target = targetOf(server.port, database, { addresses: ports.map((port) => ({ host: '127.0.0.1', port })) })
      expect(await sinkOn(target).open()).toMatchObject({ kind: 'opened', address: `127.0.0.1:${server.port}` })
      const none = { ...target, addresses: target.addresses.slice(0, 2) }
      expect(await sinkOn(none).open()).toMatchObject({ kind: 'unavailable', trouble: { code: 'read-only', address: `127.0.0.1:${replica.port}` } })
      const answer = await testConnection(
        {
          url: `mysql://trio@127.0.0.1:1/${database},127.0.0.1:${replica.port},127.0.0.1:${server.port}`,
          password: 'secret',
          clusterId: 'cluster-a',
        },
        times,
      )
      const tests = answer.kind === 'tested' ? answer.addresses : []
      const failures = tests.map(({ steps }) => steps.find(({ outcome }) => outcome === 'failed')?.code)
      expect(failures).toEqual(['connection-refused', 'read-only', undefined])
    } finally {
      await replica.remove()
    }
  })
})
