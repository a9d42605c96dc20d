/**
 * What a node keeps on its own disk, wired: both files, the machine's memory of them, the faults between them and their users, and what people may
 * ask of the data. It knows no other node; whoever closes it must have stopped the driver before.
 */

import { createDataCare, type DataCare } from '../data-care.ts'
import { createFaultyParts, type FaultyParts } from '../fault-switches.ts'
import { createGrayVersions, type GrayVersions } from '../gray-versions.ts'
import { type NodeState, openState } from '../node-state.ts'
import type { LinkFault, LookOrder, OrderAnswer } from '../observe/channel.ts'
import type { ConfigIndexRow, ConfigKey, ConfigRow } from '../state-machine/types.ts'
import type { LookAtStore } from '../store-look.ts'
import type { NodeParts } from './node-parts.ts'

/** Configurations as this node has applied them: keys from memory, contents from the store. */
export interface AppliedConfigs {
  find(key: ConfigKey): ConfigIndexRow | undefined
  all(): IterableIterator<ConfigIndexRow>
  size(): number
  readContent(id: number): Uint8Array | undefined
  readConfig(key: ConfigKey): ConfigRow | undefined
}

export interface LocalData {
  readonly state: NodeState
  /** Store, log and clock with the faults that may be practised. */
  readonly faulty: FaultyParts
  readonly configs: AppliedConfigs
  readonly grays: GrayVersions
  readonly care: DataCare
  /** What a shared database holds beside what this node has applied. */
  lookAtStore(order: LookOrder, done: (answer: OrderAnswer) => void): void
  close(): void
}

export interface LocalDataEvents {
  /** One synced commit of the Raft log took so long. */
  synced(ms: number): void
  /** Faults between nodes have their place in the transport. */
  setLinks(faults: readonly LinkFault[]): void
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

type LookParts = Pick<LocalData, 'state' | 'faulty' | 'configs'>

const createLookAtStore = ({ start, clock, fail }: NodeParts, { state, faulty, configs }: LookParts): LocalData['lookAtStore'] => {
  /** Loaded when it is asked for: few nodes are. */
  const storeLook = once(
    async (): Promise<LookAtStore> =>
      (await import('../store-look.ts')).createStoreLook({
        ...{ clusterId: start.clusterId, configs, store: faulty.store, areas: state.machine.areas, meta: state.machine.meta, clock },
      }),
  )
  return ({ mysql: asked, asOf }, done) => {
    const mysql = asked ?? start.mysql
    if (mysql === undefined) done({ ok: false, words: 'this cluster uses no shared database: name one' })
    else storeLook().then((look) => look(mysql, asOf, done, fail), fail)
  }
}

/** @throws StorageFailure what `openState` throws. */
export const openLocalData = (parts: NodeParts, { synced, setLinks }: LocalDataEvents): LocalData => {
  const { start, options, log, clock } = parts
  const state = openState({
    ...{ dir: start.dir, clusterId: start.clusterId, nodeId: start.id, hasRunBefore: start.hasRunBefore === true },
    queuesForSink: start.mysql !== undefined,
    ...{ statePagesMax: options.statePagesMax, raftLogPagesMax: options.raftLogPagesMax, monotonicMs: clock.monotonicMs },
    ...{ defer: clock.defer, after: clock.after, onSync: synced },
    warn: (line) => log.write('warn', 'node', line),
  })
  const { machine } = state
  const faulty = createFaultyParts({ state, start, log, clock, setLinks })
  const { store } = faulty
  const configs = { find: machine.find, all: machine.all, size: machine.size, readContent: store.readContent, readConfig: store.readConfig }
  return {
    ...{ state, faulty, configs },
    grays: createGrayVersions(machine, store),
    care: createDataCare({
      ...{ nodeId: start.id, store, raftLog: state.raftLog, wallMs: clock.wallMs },
      say: (level, line) => log.write(level, 'data', line),
    }),
    lookAtStore: createLookAtStore(parts, { state, faulty, configs }),
    close: () => {
      faulty.raftLog.close()
      store.close()
    },
  }
}
