/** For tests: a node's state in a map behind the real HTTP parts, and a caller that collects whole answers. */

import { createHash, randomBytes } from 'node:crypto'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createNodeAuth } from '../../auth/node-auth.ts'
import type { Passwords } from '../../auth/passwords.ts'
import { createQuestionGate } from '../../auth/question-proof.ts'
import { emptyCacheStatus } from '../../disk-cache/empty-status.testing.ts'
import type { DumpReason } from '../../disk-cache/types.ts'
import { listenedChange } from '../../notify/chosen-version.ts'
import { createNotices } from '../../notify/notices.ts'
import { notifyDefaults } from '../../notify/notify-options.ts'
import { createPollTable } from '../../notify/poll-table.ts'
import { createCounters } from '../../observe/counters.ts'
import { membershipOf } from '../../raft/membership.ts'
import { logIndex, nodeId, term } from '../../raft/types.ts'
import type { MembershipOutcome } from '../../raft-driver/membership-changes.ts'
import type { ReadOutcome, TransferOutcome, WriteOutcome } from '../../raft-driver/ports.ts'
import type { Area } from '../../state-machine/areas/area.ts'
import { createAreas } from '../../state-machine/areas/areas.ts'
import { encodeCapacity } from '../../state-machine/areas/capacity-area.ts'
import { encodeNamespaceCommand } from '../../state-machine/areas/namespace-area.ts'
import type { Command, ConfigKey, ConfigRow, NamedSnapshot, Reply, SnapshotCommand } from '../../state-machine/types.ts'
import { createFakeGrays } from './fake-grays.testing.ts'
import { createFakeLookups } from './fake-lookups.testing.ts'
import { createFakeNaming } from './naming/fake-naming.testing.ts'
import type { HttpParts } from './ports.ts'

const nameOf = (key: ConfigKey) => `${key.namespace}/${key.group}/${key.dataId}`
export const md5 = (text: string | Buffer) => createHash('md5').update(text).digest('hex')

const after = (ms: number, task: () => void) => {
  const timer = setTimeout(task, ms)
  return { cancel: () => clearTimeout(timer) }
}

/** Of the cluster that the fake node belongs to. */
export const clusterSecret = 'aa'.repeat(32)
/** What a node's own console shows instead of a login. */
export const consoleIdentity = 'bb'.repeat(32)
/** As fast as a test wants them. */
const quickPasswords: Passwords = {
  hash: (password, done) => setImmediate(() => done(`hash of ${md5(password)}`)),
  verify: (password, hash, done) => setImmediate(() => done(hash === `hash of ${md5(password)}`)),
}
const noneFound = { missing: { count: 0 }, different: { count: 0 }, extra: { count: 0 } }
let nodes = 0

/** One node's state in a map, with real answers for real commands. */
export const createFakeNode = () => {
  const rows = new Map<string, ConfigRow>()
  const looks = createFakeLookups(rows)
  /** What other nodes were asked, and what they say. */
  const asked: { path: string; fields: Readonly<Record<string, string>> }[] = []
  let peersSay: readonly Buffer[] | null = []
  /** Which clients were asked about themselves, and what they say; null: too many ask. */
  const metricsAsked: [string, string | null][] = []
  let clientsSay: object | null = {}
  const sent: Command[] = []
  /** What the clock will call when a poll's time is over. */
  const ends = new Set<() => void>()
  let index = 10
  /** Contents taken from the store so far. */
  let loads = 0
  /** Linearizable reads so far. */
  let readIndexes = 0
  let nextOutcome: WriteOutcome<Reply> | null = null
  let nextRead: ReadOutcome = { kind: 'safe' }
  let nextTransfer: TransferOutcome = { kind: 'done', term: term(8) }
  const transfers: number[] = []
  const removed: number[] = []
  const notes: string[] = []
  const dumps: DumpReason[] = []
  const naming = createFakeNaming()
  /** Datagrams that went out. */
  const pushed: { host: string; port: number; text: string; acked: (taken: boolean) => void }[] = []
  let snapshots: readonly NamedSnapshot[] = []
  const kept: SnapshotCommand[] = []
  let nextKept: WriteOutcome<Reply> | null = null
  /** In turn; the last one stays. */
  let removals: readonly [MembershipOutcome, ...MembershipOutcome[]] = [{ kind: 'done', index: logIndex(9), membership: membershipOf([nodeId(1)]) }]
  let copying = false
  /** Names of files that a notice, or a caller, had this node look at. */
  const looked: string[] = []
  const polls = createPollTable({
    pollsMax: 2,
    keysMax: 100_000,
    after: (_ms, task) => {
      ends.add(task)
      return { cancel: () => ends.delete(task) }
    },
    defer: (task) => void setImmediate(task),
  })
  const find = (key: ConfigKey) => rows.get(nameOf(key))
  const gray = createFakeGrays({ nextIndex: () => ++index, history: looks.history, find, told: (change) => polls.onChanged(change) })
  const tell = (key: ConfigKey, md5: string) => {
    const change = listenedChange({ grays: gray.grays, find }, { kind: 'config-changed', ...key, md5, index })
    if (change !== null) polls.onChanged(change)
  }
  const apply = (command: Command): WriteOutcome<Reply> => {
    const name = nameOf(command)
    const current = rows.get(name)
    if (command.expectedMd5 !== null && command.expectedMd5 !== (current?.md5 ?? ''))
      return { kind: 'applied', reply: { kind: 'cas-conflict', currentMd5: current?.md5 ?? '' }, index: logIndex(++index) }
    index++
    const { namespace, group, dataId } = command
    if (command.kind === 'delete-config') {
      if (current !== undefined) looks.note('D', current)
      rows.delete(name)
      tell({ namespace, group, dataId }, '')
      return { kind: 'applied', reply: { kind: 'deleted', existed: current !== undefined, index }, index: logIndex(index) }
    }
    const { content, type, encryptedDataKey, appName, description, sourceIp, sourceUser } = command
    const bytes = Buffer.from(content)
    if (current !== undefined) looks.note('U', current)
    const next: ConfigRow = {
      ...{
        namespace,
        group,
        dataId,
        id: current?.id ?? index,
        md5: command.md5,
        type,
        encryptedDataKey,
        createdMs: 1_000,
        modifiedMs: 1_714_532_645_000,
      },
      ...{ index, contentBytes: bytes.length, content: bytes, appName, description, tags: command.tags ?? [], sourceIp, sourceUser },
    }
    rows.set(name, next)
    if (current === undefined) looks.note('I', next)
    tell({ namespace, group, dataId }, command.md5)
    return { kind: 'applied', reply: { kind: 'published', md5: command.md5, index, created: current === undefined }, index: logIndex(index) }
  }
  const areas = createAreas({ hasConfigs: (wanted) => [...rows.values()].some(({ namespace }) => namespace === wanted) })
  const nothing = (): void => undefined
  const applyArea = (area: Area, payload: Uint8Array, done: (outcome: WriteOutcome<Reply>) => void): void => {
    const reply = area.apply(payload, { index: ++index, timeMs: 1_000 + index, put: nothing, drop: nothing, history: nothing, tell: nothing })
    area.publish()
    const outcome = nextOutcome ?? { kind: 'applied', reply, index: logIndex(index) }
    nextOutcome = null
    setImmediate(() => done(outcome))
  }
  const auth = createNodeAuth({
    ...{ clusterSecret, identity: consoleIdentity, on: false, ttlSeconds: 18_000, passwords: quickPasswords, accounts: () => areas.accounts },
    propose: (payload, done) => applyArea(areas.accounts, payload, done),
    readIndex: (done) => setImmediate(() => done(nextRead)),
    ...{ randomBytes, monotonicMs: () => 0, wallMs: () => 1_714_532_645_000 },
  })
  const members = [1, 2].map((id) => ({ id, host: '127.0.0.1', httpPort: 8847 + id, raftPort: 7847 + id }))
  const notices = createNotices({
    ...{ self: 1, clusterSecret, options: { ...notifyDefaults, lookPauseMs: 1 }, randomBytes },
    files: {
      rewrite: async (keys) => {
        looked.push(...keys.map(nameOf))
        return noneFound
      },
      fullDump: async () => noneFound,
    },
    clock: { monotonicMs: () => 0, after },
    status: () => ({ role: 'follower', voters: [nodeId(1), nodeId(2)], learners: [] }),
    ...{ members: () => members, appliedIndex: () => index, answeredIndex: () => index },
    said: (_level, line) => void notes.push(line),
    failed: (what, cause) => {
      throw new Error(`unexpected failure: ${what}: ${cause}`)
    },
  })
  const parts: HttpParts = {
    ...{ nodeId: 1, version: '0.1.0' },
    members,
    ...{ allowedOrigins: ['http://127.0.0.1:5'], allowedHosts: [] },
    settings: {
      ...{
        httpBodyBytesMax: 32 << 20,
        httpBodiesInFlightBytesMax: 64 << 20,
        httpAnswersInFlightBytesMax: 32 << 20,
        httpConnectionsMax: 50,
        httpZipBytesMax: 1 << 20,
        httpHeaderBytesMax: 65_536,
      },
      ...{ contentCacheBytes: 1 << 20, historyRetentionMs: 30 * 86_400_000, electionTimeoutMs: 150, heartbeatMs: 50 },
    },
    uploadDir: join(tmpdir(), `nacos-trio-upload-${process.pid}-${++nodes}`),
    configs: {
      find,
      all: () => rows.values() as IterableIterator<ConfigRow>,
      readContent: (id) => {
        loads++
        return [...rows.values()].find((row) => row.id === id)?.content
      },
      readConfig: (key) => {
        loads++
        return rows.get(nameOf(key))
      },
    },
    cache: {
      status: () => ({ ...emptyCacheStatus, configs: rows.size }),
      fullDump: (reason) => {
        dumps.push(reason)
        return new Promise(() => undefined)
      },
    },
    ...{ sharedStore: null, polls, notices, lookups: looks.lookups, listenerViews: [polls], grays: gray.grays },
    peers: {
      judge: createQuestionGate({ ...{ self: 1, clusterSecret, randomBytes }, monotonicMs: () => 0, isMember: (id) => id <= 2 }).judge,
      ask: (path, fields, done) => {
        const bodies = peersSay
        if (bodies === null) return false
        asked.push({ path, fields })
        setImmediate(() => done(bodies))
        return true
      },
    },
    naming: { port: naming.port, udpPush: { send: (to, text, acked) => void pushed.push({ ...to, text: text(1_714_532_645_000), acked }) } },
    snapshots: {
      list: () => snapshots,
      kept: (index) => (index === 5 ? { index, accounts: true, parts: 1, counts: { 1: 2, 2: 3, 3: 1, 4: 4, 5: 6, 7: 0 } } : undefined),
      propose: (command, done) => {
        kept.push(command)
        setImmediate(() => done(nextKept ?? { kind: 'applied', reply: { kind: 'snapshot-dropped', index: 11 }, index: logIndex(11) }))
      },
    },
    capacities: {
      find: areas.capacities.find,
      propose: (command, done) => applyArea(areas.capacities, encodeCapacity(command), done),
    },
    namespaces: {
      find: areas.namespaces.find,
      all: areas.namespaces.all,
      propose: (command, done) => applyArea(areas.namespaces, encodeNamespaceCommand(command), done),
    },
    ...{ auth, counters: createCounters() },
    connections: {
      ...{ size: () => 0, views: () => [], reset: () => false },
      configMetrics: (clientIp, groupKey, done) => {
        metricsAsked.push([clientIp, groupKey])
        if (clientsSay === null) return false
        setImmediate(() => done(new Map(Object.entries(clientsSay ?? {}))))
        return true
      },
    },
    write: (command, done) => {
      sent.push(command)
      const outcome = nextOutcome ?? apply(command)
      nextOutcome = null
      setImmediate(() => done(outcome))
    },
    readIndex: (done) => {
      readIndexes++
      setImmediate(() => done(nextRead))
    },
    changeMembership: (change, done) => {
      removed.push(change.id)
      const [outcome, next, ...rest] = removals
      if (next !== undefined) removals = [next, ...rest]
      setImmediate(() => done(outcome))
    },
    snapshotNow: (done) => done({ ok: !copying, durableIndex: index, firstIndex: logIndex(1) }),
    transfer: (target, done) => {
      transfers.push(target)
      done(nextTransfer)
    },
    status: () => ({
      ...{ id: nodeId(1), role: 'follower', term: term(7), vote: nodeId(2), leaderId: nodeId(2), serving: true, diskFull: false },
      ...{ commitIndex: logIndex(index), appliedIndex: logIndex(index), lastIndex: logIndex(index), firstIndex: logIndex(1), durableIndex: 0 },
      ...{ voters: [nodeId(1), nodeId(2)], learners: [] },
      peers: [{ id: nodeId(2), voter: true, connected: true, matchIndex: null, rttMs: null }],
    }),
    meta: () => ({ appliedIndex: index, appliedTerm: 7, nextConfigId: 1, nextHistoryId: 1, lastTimeMs: 0, stateHash: '00000000deadbeef' }),
    historyRetention: () => 'on',
    checkData: (done) => done({ ok: true, words: 'sound: everything' }),
    consoleUrl: () => 'http://127.0.0.1:5/"><script>',
    noted: (line) => void notes.push(line),
    failed: (what, cause) => {
      throw new Error(`unexpected failure: ${what}: ${cause}`)
    },
    storeBroken: (failure) => {
      throw failure
    },
    clock: { wallMs: () => 1_714_532_645_000, monotonicMs: () => 0, defer: (task) => void setImmediate(task), after },
  }
  const refuseNext = (outcome: WriteOutcome<Reply>) => {
    nextOutcome = outcome
  }
  const setReads = (outcome: ReadOutcome) => {
    nextRead = outcome
  }
  const setTransfers = (outcome: TransferOutcome) => {
    nextTransfer = outcome
  }
  const endPolls = () => {
    for (const end of [...ends]) end()
  }
  const setRemovals = (...outcomes: [MembershipOutcome, ...MembershipOutcome[]]) => {
    removals = outcomes
  }
  const setSnapshots = (list: readonly NamedSnapshot[], outcome: WriteOutcome<Reply> | null = null) => {
    snapshots = list
    nextKept = outcome
  }
  const setCopying = (on: boolean) => {
    copying = on
  }
  /** Other nodes wrote: this one has applied so far. */
  const applyUpTo = (applied: number) => {
    index = applied
    notices.changed([])
  }
  /** Null: too many rounds are under way. */
  const setPeers = (say: readonly object[] | null) => {
    peersSay = say?.map((body) => Buffer.from(JSON.stringify(body))) ?? null
  }
  const setClients = (say: object | null) => {
    clientsSay = say
  }
  const { grays: _, ...grayTools } = gray
  const store = { history: looks.history, failLookup: looks.failNext, asked, setPeers, metricsAsked, setClients, ...grayTools }
  const counts = { loads: () => loads, readIndexes: () => readIndexes }
  const heard = { looked, applyUpTo, kept, setSnapshots }
  const setters = { setRemovals, setCopying, setReads, setTransfers, refuseNext, endPolls }
  return { naming, pushed, parts, sent, transfers, removed, notes, dumps, ...setters, ...counts, ...heard, ...store }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

const framing = (body: string | Buffer, headers: Record<string, string>) =>
  'transfer-encoding' in headers ? {} : { 'content-length': Buffer.byteLength(body) }

/** One request on a connection of its own. */
export const createCaller =
  (port: () => number) =>
  (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded;charset=GBK', ...framing(body, headers) }
      const sending = request({ host: '127.0.0.1', port: port(), method, path, headers: { ...type, ...headers } }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const whole = Buffer.concat(parts)
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text: whole.toString() })
        })
      })
      sending.on('error', reject)
      sending.end(body)
    })
