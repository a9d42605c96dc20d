/**
 * By hand: three nodes whose logs have a million entries over a hundred thousand configurations are started; then a fourth one, which has
 * nothing, comes in by snapshot, under writers. Prints how long the start took, how long the join took, and whether anybody missed a heartbeat,
 * and how long the disk stood for somebody else at that moment.
 * `ENTRIES` and `CONFIGS` make it smaller.
 */

import { createHash, randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { type Entry, logIndex, nodeId, term } from '../../src-node/raft/types.ts'
import { sealEnvelope } from '../../src-node/raft-driver/envelope.ts'
import { openSqliteRaftLog } from '../../src-node/raft-log/sqlite-raft-log.ts'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import { createStateMachine, emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import { openSqliteStateStore } from '../../src-node/storage/sqlite/sqlite-state-store.ts'
import { agreedLeader, agreedState } from '../support/agreement.ts'
import { startHeadless } from '../support/headless.ts'
import { startWriters } from '../support/writers.ts'
import { type DiskWitness, startDiskWitness } from './disk-witness.ts'

const entryCount = Number(process.env.ENTRIES ?? 1_000_000)
const configCount = Number(process.env.CONFIGS ?? 100_000)
/** Committed and not applied yet when the nodes were stopped. */
const unapplied = 1_000
const batch = 10_000
const clusterId = 'long-log'

const data = mkdtempSync(join(tmpdir(), 'nacos-trio-long-log-'))
const dirOf = (id: number): string => join(data, `node-${id}`, 'data')

const payloadAt = (index: number): Uint8Array => {
  const content = Buffer.from(`${index} ${'x'.repeat(128)}`)
  const key = { namespace: '', group: 'DEFAULT_GROUP', dataId: `config-${index % configCount}`, expectedMd5: null, sourceIp: '', sourceUser: '' }
  const md5 = createHash('md5').update(content).digest('hex')
  return encodeCommand({ kind: 'publish-config', ...key, content, md5, type: 'text', appName: '', description: '', tags: null, encryptedDataKey: '' })
}

const life = new Uint8Array(6)

const fill = (): void => {
  const identity = { clusterId, nodeId: 1 }
  mkdirSync(dirOf(1), { recursive: true, mode: 0o700 })
  const log = openSqliteRaftLog({ path: join(dirOf(1), 'raft.db'), ...identity })
  const store = openSqliteStateStore({ path: join(dirOf(1), 'state.db'), ...identity, initialMeta: emptyMeta() })
  const machine = createStateMachine([], store.meta())
  for (let from = 1; from <= entryCount; from += batch) {
    const entries: Entry[] = []
    const writes = []
    machine.begin()
    for (let index = from; index < from + batch && index <= entryCount; index++) {
      const payload = payloadAt(index)
      entries.push({ index: logIndex(index), term: term(1), kind: 'command', data: sealEnvelope({ origin: 1, life, counter: index }, payload) })
      // The envelope's stamp is 0, so that the log replays to the same hash.
      if (index <= entryCount - unapplied) writes.push(...machine.apply({ index, term: 1, stampMs: 0, payload }).writes)
    }
    log.persist({ term: term(1), vote: nodeId(1) }, entries, () => {})
    store.commit(writes, machine.pendingMeta())
    machine.publish()
  }
  log.close()
  store.close()
}

/** The same files as those of another node. */
const copyTo = (id: number): void => {
  mkdirSync(dirOf(id), { recursive: true, mode: 0o700 })
  for (const name of ['raft.db', 'state.db']) {
    const path = join(dirOf(id), name)
    copyFileSync(join(dirOf(1), name), path)
    new Database(path).exec(`UPDATE nacos_trio_file SET node_id = ${id}`).close()
  }
}

const ms = (since: number): string => `${Math.round(performance.now() - since)} ms`
const linesOf = (id: number, words: RegExp): readonly string[] =>
  readFileSync(join(data, `node-${id}`, 'logs', 'nacos.log'), 'utf8')
    .split('\n')
    .filter((line) => words.test(line))

/** A line of a node that was late, with what the disk did to others meanwhile. */
const explained = (line: string): string => {
  const lateMs = Number(/silent for (\d+) ms|busy for (\d+) ms/.exec(line)?.slice(1).find(Boolean))
  if (Number.isNaN(lateMs)) return line
  const endMs = Date.parse(line.slice(0, 24))
  if (endMs - lateMs > writesEndMs) return `${line} [after the writes, while all keys are read at once to compare the nodes]`
  const stall = witness?.stallWithin(endMs - lateMs, endMs) ?? null
  return `${line} [${stall === null ? 'the disk did not stand' : `the disk stood for ${Math.round(stall.tookMs)} ms`}]`
}

let writesEndMs = Number.POSITIVE_INFINITY
let witness: DiskWitness | null = null
try {
  const filledMs = performance.now()
  writeFileSync(join(data, 'cluster.json'), JSON.stringify({ version: 1, clusterId, clusterSecret: randomBytes(32).toString('hex'), nodes: 3 }))
  fill()
  copyTo(2)
  copyTo(3)
  witness = startDiskWitness(join(data, 'witness'))
  const { stalls } = witness
  const size = (name: string) => `${Math.round(statSync(join(dirOf(1), name)).size / 2 ** 20)} MiB`
  console.log(`${entryCount} entries over ${configCount} configurations, log ${size('raft.db')}, state ${size('state.db')}, made in ${ms(filledMs)}`)

  const startedMs = performance.now()
  await using cluster = await startHeadless({ data, args: ['--no-console'] })
  console.log(`from the start of the supervisor to ready (a leader, a majority serves): ${ms(startedMs)}`)
  const writers = startWriters(cluster.bases, 32)
  const before = await agreedLeader(cluster.bases, 60_000)
  const [from, addedMs] = [writers.acknowledged(), performance.now()]
  const added = await cluster.command('add')
  console.log(`from "add" to its end (${added.detail}): ${ms(addedMs)}, ${writers.acknowledged() - from} writes acknowledged meanwhile`)
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const after = await agreedLeader(cluster.bases)
  await writers.stop()
  writesEndMs = Date.now()
  await agreedState(cluster.bases, 60_000)
  console.log(
    `term ${before.term} before, ${after.term} after; lost: ${JSON.stringify((await Promise.all(cluster.bases.map(writers.audit))).flat())}`,
  )
  for (const id of [1, 2, 3, 4]) {
    console.log(`node ${id}:`)
    for (const line of linesOf(id, /node-\d of cluster|listens on|snapshot|missed a heartbeat|was busy|became leader|cut its log/).slice(0, 40))
      console.log(`  ${explained(line)}`)
  }
  console.log(`the disk stood ${stalls.length} times, longest ${Math.round(Math.max(0, ...stalls.map(({ tookMs }) => tookMs)))} ms`)
} finally {
  await witness?.stop()
  rmSync(data, { recursive: true, force: true })
}
