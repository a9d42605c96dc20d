/** MySQL mode of one node, put together: the connection, what attaches a database, and the driver's side of it. Decides nothing itself. */

import { nodeFailure } from './node-failure.ts'
import { exitCodes, type MysqlStart, type NodeEvent } from './observe/channel.ts'
import type { NodeLog } from './observe/log-file.ts'
import { createOthersHistory } from './raft-driver/others-history.ts'
import type { DriverClock, PeerTransport, RaftDriver } from './raft-driver/ports.ts'
import { createOwnRecords } from './raft-driver/record-adoption.ts'
import { createSharedStore, type SharedStore } from './raft-driver/shared-store.ts'
import { createStoreAttach } from './raft-driver/store-attach.ts'
import { createStoreMerge } from './raft-driver/store-merge.ts'
import { createStoreSync } from './raft-driver/store-sync.ts'
import { changesShared, sharedNameOf, sharedRecordOf } from './state-machine/areas/shared-records.ts'
import { changesConfigs } from './state-machine/command-codec.ts'
import type { Reply, StateMachine } from './state-machine/types.ts'
import { createRoomMaker } from './storage/mysql/make-room.ts'
import { createMysqlSink } from './storage/mysql/mysql-sink.ts'
import { type MysqlTarget, readTarget, shownTarget, type TargetProblem } from './storage/mysql/target.ts'
import type { StoreSink } from './storage/sink.ts'
import type { SinkQueue, StateStore, StoreLookups } from './storage/types.ts'
import { storeEventsOf } from './store-report.ts'

/** On loopback or a near network; both longer than a store counts as away, and short enough that it is back within 2 s of its return. */
const times = { connectLimitMs: 1_000, statementLimitMs: 1_500 }

export interface MysqlModeParts {
  readonly mysql: MysqlStart
  readonly clusterId: string
  readonly log: NodeLog
  readonly clock: DriverClock
  readonly store: StateStore
  /** Of the same rows, what no memory holds. */
  readonly texts: StoreLookups['readTexts']
  readonly hasHistory: StoreLookups['hasHistory']
  readonly machine: StateMachine
  /** From one look for rows that another program changed to the next; 0: never. */
  readonly syncMs: number
  /** Asked of nothing before it runs. */
  driver(): RaftDriver<Reply>
  send: PeerTransport['send']
  fail(reason: unknown): void
  /** For the supervisor. */
  noted(events: readonly NodeEvent[]): void
}

const problemWords: Readonly<Record<TargetProblem, string>> = {
  scheme: 'it must begin with mysql://',
  'user-missing': 'the user is missing',
  'host-missing': 'a host is missing',
  port: 'a port is no number from 1 to 65535',
  'database-missing': 'the name of the database is missing or none',
  'too-many-addresses': 'it names too many addresses',
  parameters: 'parameters after ? or # are not taken',
  encoding: 'its percent encoding is broken',
}

const targetOf = ({ url, password }: MysqlStart): MysqlTarget => {
  const result = readTarget(url, password)
  if (result.ok) return result.target
  const part = result.part === '' ? '' : ` (${result.part})`
  throw nodeFailure(exitCodes.badOptions, `--mysql-url mysql://user@host:port/database cannot be read: ${problemWords[result.problem]}${part}`)
}

/** Renumbering a large table and its history takes its time, and nobody else waits for it. */
const mergeTimes = { connectLimitMs: 3_000, statementLimitMs: 60_000 }

const mergeOf = ({ mysql, machine, store, texts, clock }: MysqlModeParts, { target, sink }: { target: MysqlTarget; sink: StoreSink }) =>
  mysql.merge === undefined
    ? undefined
    : createStoreMerge({
        ...{ policy: mysql.merge, sink, find: machine.find, texts, wallMs: clock.wallMs },
        records: createOwnRecords({ store, areas: machine.areas, find: machine.find }),
        room: createRoomMaker(target, { after: clock.after, ...mergeTimes }),
        nextConfigId: () => machine.meta().nextConfigId,
        nextHistoryId: () => machine.meta().nextHistoryId,
      })

export const createMysqlMode = (parts: MysqlModeParts): SharedStore<Reply> => {
  const { mysql, clusterId, log, clock, store, texts, machine, syncMs, driver, send, fail, noted } = parts
  const target = targetOf(mysql)
  const sink = createMysqlSink({ target, clusterId, words: { recordOf: sharedRecordOf, nameOf: sharedNameOf }, after: clock.after, ...times })
  const queue = (): SinkQueue => {
    if (store.sinkQueue === null) throw new Error('MySQL mode without a queue')
    return store.sinkQueue
  }
  const tell = (level: 'info' | 'warn' | 'error', words: string): void => log.write(level, 'mysql', words)
  tell('info', `configurations, namespaces and users go to ${shownTarget(target)} too`)
  const propose: RaftDriver<Reply>['write'] = (payload, done) => driver().write(payload, done)
  const records = { store, areas: machine.areas, find: machine.find }
  const nextConfigId = (): number => machine.meta().nextConfigId
  const machineView = { find: machine.find, rows: machine.all, size: machine.size, meta: machine.meta, texts }
  return createSharedStore<Reply>({
    ...{ sink, queue, clock, driver, send, tell, adopt: mysql.adopt },
    concerns: (payload) => changesConfigs(payload) || changesShared(payload),
    noted: (note) => noted(storeEventsOf(note, clock.wallMs())),
    appliedIndex: () => store.meta().appliedIndex,
    configs: { find: machine.find, rows: machine.all },
    attach: createStoreAttach({
      sink,
      queue,
      find: machine.find,
      texts,
      records,
      propose,
      clock,
      tell,
      nextConfigId,
      merge: mergeOf(parts, { target, sink }),
    }),
    createSync: (host) => createStoreSync({ ...host, ...{ sink, clusterId, queue, records, propose, clock, tell }, ...machineView }),
    createOthersHistory: ({ stands }) =>
      createOthersHistory({ ...{ sink, stands, clock, tell }, hasHistory: parts.hasHistory, nextHistoryId: () => machine.meta().nextHistoryId }),
    limits: { syncMs },
    // After this turn, and not as a bug of ours: the leader's words say what a person can do.
    refused: ({ words }) => clock.defer(() => fail(nodeFailure(exitCodes.storeRefused, words))),
  })
}
