/** The test of a connection, against a real server: step, cause and next step of whatever is wrong, and nothing changed by it. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createForkLauncher } from '../../src-main/cluster/fork-launcher.ts'
import type { Launcher } from '../../src-main/cluster/launcher.ts'
import { createMysqlTester } from '../../src-main/cluster/mysql-test.ts'
import { workerEnv } from '../../src-main/cluster/worker-env.ts'
import type { MysqlTestAnswer, MysqlTestProgress } from '../../src-node/observe/channel.ts'
import { testConnection } from '../../src-node/storage/mysql/connection-test.ts'
import { type MysqlTarget, shownTarget } from '../../src-node/storage/mysql/target.ts'
import { isAlive } from '../support/processes.ts'
import { nacos22 } from './nacos-2x.ts'
import { claimed, targetOf, times } from './shared-database.ts'
import { sinkScene } from './sink-scene.ts'

const { server, setUp, proxied } = sinkScene()
const hurried = { connectLimitMs: 300, statementLimitMs: 300 }
const at = (port: number, host = '127.0.0.1') => ({ addresses: [{ host, port }] })

describe('the test of a connection', () => {
  const asked = (target: MysqlTarget) => ({ url: shownTarget(target), password: target.password, clusterId: 'cluster-a' })
  const firstOf = (answer: MysqlTestAnswer) => {
    if (answer.kind !== 'tested') throw new Error(JSON.stringify(answer))
    return answer.addresses[0]!.steps
  }
  const tested = async (target: MysqlTarget) => firstOf(await testConnection(asked(target), { ...times, connectLimitMs: 2_000 }))
  const outcomes = async (target: MysqlTarget) => Object.fromEntries((await tested(target)).map(({ step, outcome }) => [step, outcome]))
  const failure = async (target: MysqlTarget) => {
    const { step, code, next } = (await tested(target)).find(({ outcome }) => outcome === 'failed')!
    return { step, code, next }
  }

  it('passes step by step on an empty database, and leaves it empty', async () => {
    const { target, sql } = await setUp()
    const passed = ['name', 'port', 'login', 'schema', 'version', 'writable', 'rights', 'tables', 'durability']
    expect(await outcomes(target)).toEqual(Object.fromEntries(passed.map((step) => [step, 'passed'])))
    expect(await sql('SHOW TABLES')).toEqual([])
    const durability = (await tested(target)).at(-1)!
    expect(durability.parameters).toMatchObject({ innodb_flush_log_at_trx_commit: '1', log_bin: 'OFF' })
  })

  it('names the step, the cause and what to do', async () => {
    const { target, database, sql } = await setUp()
    expect(await failure({ ...target, ...at(3306, 'no-such-host.invalid') })).toEqual({
      step: 'name',
      code: 'host-unknown',
      next: 'correct-host-name',
    })
    expect(await failure({ ...target, ...at(1) })).toEqual({ step: 'port', code: 'connection-refused', next: 'start-server-or-correct-port' })
    expect(await failure({ ...target, password: 'no' })).toEqual({ step: 'login', code: 'access-denied', next: 'correct-user-or-password' })
    await server.sql("CREATE OR REPLACE USER sees_all@'%' IDENTIFIED BY 'secret'; GRANT ALL ON *.* TO sees_all@'%'")
    const elsewhere = { ...target, user: 'sees_all', database: 'nowhere' }
    expect(await failure(elsewhere)).toEqual({ step: 'schema', code: 'database-missing', next: 'create-database' })
    await sql(`CREATE OR REPLACE USER half@'%' IDENTIFIED BY 'secret'; GRANT SELECT, INSERT ON ${database}.* TO half@'%'`)
    expect(await failure({ ...target, user: 'half' })).toEqual({ step: 'rights', code: 'right-missing', next: 'grant-rights' })
    const rights = (await tested({ ...target, user: 'half' })).find(({ step }) => step === 'rights')!
    expect(rights.parameters.rights).toBe('UPDATE, DELETE, CREATE')
  })

  it('warns of narrow columns and of a commit that is not synced, and says whose it is', async () => {
    const { target, sql, sink } = await setUp()
    await sql(nacos22)
    await server.sql('SET GLOBAL innodb_flush_log_at_trx_commit = 2')
    const steps = await tested(target)
    await server.sql('SET GLOBAL innodb_flush_log_at_trx_commit = 1')
    expect(steps.find(({ step }) => step === 'tables')).toMatchObject({ outcome: 'warned', code: 'charset-narrow', parameters: { configs: '3' } })
    expect(steps.find(({ step }) => step === 'durability')).toMatchObject({ outcome: 'warned', code: 'not-durable', next: 'set-durable' })
    await claimed(sink, 1)
    await sql("UPDATE nacos_trio_store SET cluster_id = 'cluster-b'")
    expect(await failure(target)).toEqual({ step: 'tables', code: 'foreign', next: 'adopt-or-choose-another' })
  })

  it('gives up on a server that takes the connection and says nothing', async () => {
    const { database } = await setUp()
    const proxy = await proxied()
    proxy.hold(true)
    const steps = firstOf(await testConnection(asked(targetOf(proxy.port, database)), { ...times, ...hurried }))
    expect(steps.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      step: 'port',
      code: 'no-answer',
      next: 'check-network-and-firewall',
    })
  })

  it('tells each step as it begins and as it ends, with the time that it took', async () => {
    const { target } = await setUp()
    const told: MysqlTestProgress[] = []
    const watcher = { monotonicMs: () => performance.now(), progress: (progress: MysqlTestProgress) => void told.push(progress) }
    const steps = firstOf(await testConnection(asked(target), { ...times, connectLimitMs: 2_000 }, watcher))
    expect(told.map(({ step, found }) => `${step} ${found?.outcome ?? 'runs'}`)).toEqual(
      steps.flatMap(({ step }) => [`${step} runs`, `${step} passed`]),
    )
    expect(told.filter(({ found }) => found !== null).map(({ found }) => found)).toEqual(steps)
    expect(steps.every(({ tookMs }) => tookMs !== null && tookMs >= 0)).toBe(true)
  })

  it('says what is wrong with a URL, without what may be a password in it', async () => {
    const answer = await testConnection({ url: 'mysql://u:secret@host:x/db', password: null, clusterId: 'c' }, times)
    expect(answer).toEqual({ kind: 'url-unreadable', problem: 'port', part: 'host:x' })
  })

  it('runs in a worker of its own, of which nothing is left', async () => {
    const { target } = await setUp()
    const dataDir = mkdtempSync(join(tmpdir(), 'nacos-trio-tester-'))
    const workerPath = resolve(import.meta.dirname, '../../src-node/main.ts')
    const pids: number[] = []
    const inner = createForkLauncher()
    const launcher: Launcher = {
      launch: (spec, listener) => inner.launch(spec, { ...listener, spawned: (pid) => void pids.push(pid) }),
    }
    mkdirSync(join(dataDir, 'logs'))
    const tester = createMysqlTester({ launcher, workerPath, workerEnv: workerEnv(process.env, 'token'), dataDir, clusterId: 'cluster-a' })
    const [first, second] = await Promise.all([tester.test(asked(target)), tester.test(asked(target))])
    expect(firstOf(first).every(({ outcome }) => outcome === 'passed')).toBe(true)
    expect(second).toMatchObject({ kind: 'failed', reason: 'another test is under way' })
    const gone = new AbortController()
    const left = new Promise((resolve) => gone.signal.addEventListener('abort', resolve))
    const given = tester.test(asked(target), { signal: gone.signal, progress: () => gone.abort() })
    await left
    // Another may be asked for at once: the one that nobody waits for ends first.
    const next = tester.test(asked(target))
    expect([(await given).kind, firstOf(await next).length]).toEqual(['failed', 9])
    expect(pids.filter(isAlive)).toEqual([])
    rmSync(dataDir, { recursive: true })
  })
})
