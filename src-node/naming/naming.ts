/**
 * Services and instances as one part of a node: the port that the API calls, put together of its own files. Writes are proposals, reads are this node's
 * applied state; it owns how they hang together and decides nothing for them.
 */

import type { NodeId } from '../raft/types.ts'
import type { BeatsFrame, DriverClock, RaftStatus, WriteOutcome } from '../raft-driver/ports.ts'
import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { addressesOf } from '../state-machine/areas/naming-tables.ts'
import type { InstanceKey, InstanceRow, ServiceChanged, ServiceKey } from '../state-machine/areas/naming-words.ts'
import type { Reply } from '../state-machine/types.ts'
import { createBeatBook } from './beat-book.ts'
import { createBeats } from './beats.ts'
import { createHealthChecks, type Probe } from './health-checks.ts'
import { beatIntervalMs } from './instance-views.ts'
import { createLeaderRounds } from './leader-rounds.ts'
import type { Beat, BeatAnswer, NamingPort, Subscriber } from './naming-port.ts'
import { createNamingReads } from './naming-reads.ts'
import { createOwnPublications } from './own-publications.ts'
import { createProposals, refusedHere } from './proposals.ts'
import { createServiceInfos } from './service-infos.ts'
import { createSubscriptions, type SubscriberFace } from './subscriptions.ts'
import { judgeSwitch, keptEntry, type NamingSwitches, switchesOf } from './switch-domain.ts'

export interface NamingParts {
  readonly nodeId: number
  /** Of this run, 12 hex digits. */
  readonly life: string
  readonly clock: DriverClock
  readonly probe: Probe
  /** As it is now: a snapshot replaces it. */
  area(): NamingArea
  write(payload: Uint8Array, done: (outcome: WriteOutcome<Reply>) => void): void
  status(): Pick<RaftStatus, 'role' | 'term' | 'leaderId' | 'serving' | 'peers'>
  send(to: NodeId, frame: BeatsFrame): void
}

export interface Naming extends NamingPort {
  /** One applied batch, after its writers have their answers. */
  changed(changes: readonly ServiceChanged[]): void
  /** Beats that another node has taken for this one. */
  onBeats(frame: BeatsFrame): void
  start(): void
  stop(): void
}

/** Switches are read for every answer, and change once in a life. */
const createSwitches = (area: () => NamingArea): (() => ReturnType<typeof switchesOf>) => {
  let of: ReadonlyMap<string, string> | null = null
  let read: ReturnType<typeof switchesOf> = switchesOf(new Map())
  return () => {
    const set = area().switches()
    if (set !== of) {
      of = set
      read = switchesOf(set)
    }
    return read
  }
}

/** One address is one client, whatever cluster its beat names. One that is persistent, or a connection's, is none that beats keep. */
const beatenRow = (area: NamingArea, service: ServiceKey, instance: InstanceKey): InstanceRow | undefined => {
  const row = area.instance(service, instance)
  if (row?.owner.kind === 'beat') return row
  const state = area.service(service)
  if (state === undefined) return undefined
  const rows = addressesOf(state, instance).map((address) => state.instances.get(address))
  return rows.find((each) => each?.owner.kind === 'beat')
}

export const createNaming = (parts: NamingParts): Naming => {
  const { area, status, clock } = parts
  const switches: () => NamingSwitches & ReturnType<typeof switchesOf> = createSwitches(area)
  const proposals = createProposals({ area, write: parts.write, defer: clock.defer })
  const { propose } = proposals
  const book = createBeatBook(clock.monotonicMs)
  const beats = createBeats({ book, proposals, after: clock.after, area, status, send: parts.send })
  const checks = createHealthChecks({ probe: parts.probe, proposals, monotonicMs: clock.monotonicMs, checkTimes: () => switches().checkTimes })
  const rounds = createLeaderRounds({
    ...{ nodeId: parts.nodeId, book, checks, proposals, clock, area, status },
    checksHealth: () => switches().healthCheckEnabled,
  })
  const own = createOwnPublications({ nodeId: parts.nodeId, life: parts.life, proposals, clock, area, isServing: () => status().serving })
  const infos = createServiceInfos({ area, wallMs: clock.wallMs, cacheMillis: () => switches().defaultPushCacheMillis })
  const subscriptions = createSubscriptions({ infos, clock, isPushing: () => switches().pushEnabled })

  const beat = (service: ServiceKey, { spec, ...instance }: Beat, done: (answer: BeatAnswer) => void): void => {
    const { lightBeatEnabled: lightBeat, clientBeatInterval } = switches()
    const row = beatenRow(area(), service, instance)
    if (row !== undefined) {
      beats.heard(service, row)
      const intervalMs = 'preserved.heart.beat.interval' in row.metadata ? beatIntervalMs(row.metadata) : clientBeatInterval
      done({ kind: 'taken', intervalMs, lightBeat })
      return
    }
    if (spec === null) {
      done({ kind: 'unknown', intervalMs: clientBeatInterval, lightBeat })
      return
    }
    // It would be left as it is, and that logged with every beat.
    if (area().instance(service, instance)?.owner.kind === 'connection') {
      done({ kind: 'taken', intervalMs: clientBeatInterval, lightBeat })
      return
    }
    propose({ kind: 'register-instance', service, ephemeral: true, ifAbsent: true, instance: spec }, (outcome) => {
      const isTaken = outcome.kind === 'applied' && outcome.reply.kind === 'naming-done'
      done(isTaken ? { kind: 'taken', intervalMs: clientBeatInterval, lightBeat } : { kind: 'failed', outcome })
    })
  }

  const faceOf = (subscriber: Subscriber): SubscriberFace | null => {
    if (subscriber.kind === 'udp') {
      const { ip, port, agent, app } = subscriber
      return { clientId: `${ip}:${port}#true`, ip, port, agent, app }
    }
    const { connectionId: clientId } = subscriber
    const connection = own.get(clientId)?.connection
    return connection === undefined ? null : { clientId, ip: connection.ip, port: 0, agent: connection.agent, app: connection.app }
  }

  const writes: Pick<
    NamingPort,
    | 'register'
    | 'deregister'
    | 'updateInstance'
    | 'updateMetadata'
    | 'setHealth'
    | 'createService'
    | 'updateService'
    | 'removeService'
    | 'updateCluster'
  > = {
    register: (service, instance, ephemeral, done) => propose({ kind: 'register-instance', service, ephemeral, ifAbsent: false, instance }, done),
    deregister: (service, { ip, port }, ephemeral, done) => propose({ kind: 'deregister-instance', service, ephemeral, ip, port }, done),
    updateInstance: (service, instance, patch, done) => propose({ kind: 'patch-instance', service, instance, patch }, done),
    updateMetadata: (service, targets, change, done) => propose({ kind: 'patch-metadata', service, targets, ...change }, done),
    setHealth: (service, instance, healthy, done) => propose({ kind: 'declare-health', service, instance, healthy }, done),
    createService: (service, spec, ephemeral, done) => propose({ kind: 'create-service', service, ephemeral, spec }, done),
    updateService: (service, spec, done) => propose({ kind: 'update-service', service, spec }, done),
    removeService: (service, done) => propose({ kind: 'remove-service', service }, done),
    updateCluster: (service, cluster, spec, done) => propose({ kind: 'put-cluster', service, cluster, spec }, done),
  }

  return {
    ...writes,
    ...createNamingReads({ area, own, subscriptions }),
    connectionOpened: own.open,
    connectionClosed: (connectionId) => {
      subscriptions.removeAll({ kind: 'connection', connectionId })
      own.close(connectionId)
    },
    publish: own.publish,
    beat,
    setSwitch: (entry, value, done) => {
      const verdict = judgeSwitch(entry, value)
      if (verdict === 'ok') propose({ kind: 'put-switch', entry: keptEntry(entry, value), value }, done)
      else done(refusedHere(verdict))
    },
    switches,
    serviceInfo: infos.info,
    subscribe: (subscriber, service, clusters, push) => {
      const face = faceOf(subscriber)
      if (face === null) return 'connection-unknown'
      const added = subscriptions.add(subscriber, face, { service, clusters, push })
      return added === 'ok' ? infos.info(service, clusters, false) : added
    },
    unsubscribe: subscriptions.remove,
    changed: (changes) => {
      for (const change of changes) {
        subscriptions.changed(change)
        own.changed(change)
      }
    },
    onBeats: beats.received,
    start: () => {
      own.start()
      rounds.start()
    },
    stop: () => {
      own.stop()
      rounds.stop()
      beats.stop()
      subscriptions.stop()
    },
  }
}
