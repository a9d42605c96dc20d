/**
 * Configurations around the machine, wired: who listens to them, their files, what nodes tell each other of them, how long their history stays, and
 * the commands that change them. It decides nothing of what a change means.
 */

import { randomBytes } from 'node:crypto'
import type { CapacityPort, GrayPort, HttpParts, SnapshotPort } from '../api/http/ports.ts'
import { createDiskCache } from '../disk-cache/disk-cache.ts'
import type { DiskCache } from '../disk-cache/types.ts'
import { createHistoryRetention, type HistoryRetention } from '../history-retention.ts'
import { listenedChange } from '../notify/chosen-version.ts'
import { type ConfigWatches, createConfigWatches } from '../notify/config-watches.ts'
import { createNotices, type Notices } from '../notify/notices.ts'
import { type NotifyOptions, notifyDefaults } from '../notify/notify-options.ts'
import { createPollTable, type PollTable } from '../notify/poll-table.ts'
import type { PeerAddress } from '../observe/channel.ts'
import type { NodeOptions } from '../options.ts'
import { encodeCapacity } from '../state-machine/areas/capacity-area.ts'
import { encodeGray } from '../state-machine/areas/gray-codec.ts'
import { encodeCommand } from '../state-machine/command-codec.ts'
import { configChangesOf } from '../state-machine/effect-kinds.ts'
import { encodeSnapshotCommand } from '../state-machine/snapshot-codec.ts'
import type { Effect } from '../state-machine/types.ts'
import type { Consensus } from './consensus.ts'
import type { LocalData } from './local-data.ts'
import { type NodeParts, tellFailureIn } from './node-parts.ts'

/** A restore of a hundred thousand configurations takes seconds. */
const snapshotPatienceMs = 60_000

export interface Configurations {
  readonly polls: PollTable
  readonly watches: ConfigWatches
  readonly cache: DiskCache
  readonly notices: Notices
  readonly retention: HistoryRetention
  readonly grays: GrayPort
  readonly capacities: CapacityPort
  readonly snapshots: SnapshotPort
  readonly write: HttpParts['write']
  /** Of one applied batch: whoever listens hears it now. */
  tellListeners(effects: readonly Effect[]): void
  /** Of one applied batch, when everybody who waits has been told: files and the other nodes follow. */
  keepUp(effects: readonly Effect[]): void
}

const notifyOptionsOf = (options: NodeOptions): NotifyOptions => ({
  ...notifyDefaults,
  ...{ pauseMs: options.noticePauseMs, keysMax: options.noticeKeysMax },
  ...{ retryBaseMs: options.noticeRetryBaseMs, retryStepMs: options.noticeRetryStepMs },
})

const createCache = ({ start, options, log, clock, cacheThread, fail }: NodeParts, { configs }: LocalData): DiskCache =>
  createDiskCache({
    ...{ dir: start.dir, thread: cacheThread, configs, clock, fullDumpMs: options.fullDumpMs, failed: fail },
    foldsCase: process.platform === 'win32' || process.platform === 'darwin',
    say: (level, line) => log.write(level, 'cache', line),
  })

const createRetention = ({ options, log, fail }: NodeParts, { state, faulty }: LocalData, { driver, sharedStore }: Consensus): HistoryRetention =>
  createHistoryRetention({
    ...{ retentionMs: options.historyRetentionMs, roundMs: options.historyRoundMs, keptNewest: options.historyKeptNewest },
    ...{ clock: faulty.clock, store: faulty.store, logTimeMs: () => state.machine.meta().lastTimeMs, snapshots: state.machine.snapshots },
    leads: () => driver.status().role === 'leader' && driver.status().serving,
    propose: (payload, done) => driver.write(payload, ({ kind }) => done(kind === 'applied')),
    forgetOthers: sharedStore === null ? undefined : (beforeMs, mayGoOn) => void sharedStore.forgetOthers(beforeMs, mayGoOn).catch(fail),
    say: (level, line) => log.write(level, 'history', line),
  })

/** The commands of configurations, in their encodings. */
const createCommands = ({ state, grays }: LocalData, { write }: Consensus) => ({
  write: ((command, done) => write(encodeCommand(command), done)) satisfies HttpParts['write'],
  grays: { ...grays, propose: (command, done) => write(encodeGray(command), done) } satisfies GrayPort,
  capacities: {
    find: (scope, name) => state.machine.areas().capacities.find(scope, name),
    propose: (command, done) => write(encodeCapacity(command), done),
  } satisfies CapacityPort,
  snapshots: {
    list: state.machine.snapshots,
    kept: (at) => state.machine.areas().kept.head(at),
    propose: (command, done) => write(encodeSnapshotCommand(command), done, snapshotPatienceMs),
  } satisfies SnapshotPort,
})

/** Nothing runs before each is started. `members`: where nodes are now. */
export const createConfigurations = (
  parts: NodeParts,
  data: LocalData,
  consensus: Consensus,
  members: () => readonly PeerAddress[],
): Configurations => {
  const { start, options, log, clock } = parts
  const { machine } = data.state
  const { driver, sharedStore } = consensus
  const polls = createPollTable({ pollsMax: options.longPollsMax, keysMax: options.longPollKeysMax, after: clock.after, defer: clock.defer })
  const watches = createConfigWatches({ watchesMax: options.grpcWatchesMax, defer: clock.defer })
  const cache = createCache(parts, data)
  const appliedIndex = (): number => machine.meta().appliedIndex
  const answeredIndex = (): number => Math.min(appliedIndex(), sharedStore?.status().storeAppliedIndex ?? Number.POSITIVE_INFINITY)
  const notices = createNotices({
    ...{ self: start.id, clusterSecret: start.clusterSecret, options: notifyOptionsOf(options), files: cache, clock, randomBytes },
    ...{ status: driver.status, members, appliedIndex, answeredIndex },
    said: (level, line) => log.write(level, 'notify', line),
    failed: tellFailureIn(log, 'notify'),
  })
  const chosen = { grays: data.grays, find: machine.find }
  return {
    ...{ polls, watches, cache, notices, retention: createRetention(parts, data, consensus) },
    ...createCommands(data, consensus),
    tellListeners: (effects) => {
      for (const effect of effects) {
        const change = listenedChange(chosen, effect)
        if (change === null) continue
        polls.onChanged(change)
        watches.onChanged(change.key)
      }
    },
    keepUp: (effects) => {
      const changes = configChangesOf(effects)
      if (changes.length === 0) return
      sharedStore?.changed(changes)
      cache.changed(changes, changes.at(-1)?.index ?? 0)
      notices.changed(changes)
    },
  }
}
