/** The two ports that clients know, HTTP and gRPC, wired to what stands behind them. Nothing listens before `listen`. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createGrpcServer, type NodeGrpcServer } from '../api/grpc/server.ts'
import { createPeerQuestions, type PeerQuestions } from '../api/http/peer-questions.ts'
import { createHttpServer, type NodeHttpServer } from '../api/http/server.ts'
import { createQuestionGate, createQuestionSigner } from '../auth/question-proof.ts'
import type { FuzzyWatching } from '../notify/fuzzy-watching.ts'
import type { PeerAddress } from '../observe/channel.ts'
import type { Configurations } from './configurations.ts'
import type { Consensus } from './consensus.ts'
import type { LocalData } from './local-data.ts'
import { type NodeParts, ownRow, portFailure, tellFailureIn } from './node-parts.ts'
import type { Observation } from './observation.ts'
import type { Services } from './services.ts'
import type { Tenancy } from './tenancy.ts'

export interface ServedParts {
  readonly data: LocalData
  readonly consensus: Consensus
  readonly configurations: Configurations
  readonly services: Services
  /** Watches of both kinds of names. */
  readonly patterns: FuzzyWatching
  readonly tenancy: Tenancy
  readonly observation: Observation
  /** Where nodes are now. */
  members(): readonly PeerAddress[]
}

export interface Servers {
  /** HTTP first. Rejects with a `NodeFailure` when a port cannot be had. */
  listen(host: string): Promise<void>
  /** No new requests; those under way have `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** What both servers are told and may do. */
const sharedParts = ({ start, clock, fail }: NodeParts, { data, consensus, configurations, tenancy, observation }: ServedParts) => ({
  ...{ allowedOrigins: start.allowedOrigins, allowedHosts: start.allowedHosts ?? [] },
  ...{ configs: data.configs, sharedStore: consensus.sharedStore, counters: observation.counters, clock: data.faulty.clock },
  ...{ auth: tenancy.auth, grays: configurations.grays, write: configurations.write },
  // After this turn: the answer that says so leaves first.
  storeBroken: (failure: unknown) => clock.defer(() => fail(failure)),
})

const createGrpc = (parts: NodeParts, served: ServedParts): NodeGrpcServer =>
  createGrpcServer({
    ...{ ...sharedParts(parts, served), host: ownRow(parts.start).host, settings: parts.options },
    ...{ watches: served.configurations.watches, fuzzy: served.patterns, naming: served.services.naming, starting: served.consensus.starting },
    failed: tellFailureIn(parts.log, 'grpc'),
  })

const peersOf = ({ start, clock }: NodeParts, { tenancy, members }: ServedParts): PeerQuestions => {
  const own = { self: start.id, clusterSecret: start.clusterSecret, randomBytes }
  const isMember = (id: number): boolean => members().some((member) => member.id === id)
  return createPeerQuestions({
    ...{ self: start.id, members, after: clock.after, asksCallers: tenancy.auth.isOn, signer: createQuestionSigner(own) },
    gate: createQuestionGate({ ...own, isMember, monotonicMs: clock.monotonicMs }),
  })
}

const createHttp = (parts: NodeParts, served: ServedParts, connections: NodeGrpcServer): NodeHttpServer => {
  const { start, options, log } = parts
  const { data, consensus, configurations, services, tenancy, members } = served
  const { polls, watches, cache, notices, capacities, snapshots, retention } = configurations
  const { driver } = consensus
  return createHttpServer({
    get members() {
      return members()
    },
    ...{ ...sharedParts(parts, served), nodeId: start.id, version: start.version, settings: options },
    uploadDir: join(start.dir, 'data', 'upload'),
    naming: { port: services.naming, udpPush: services.udpPush },
    ...{ connections, cache, polls, notices, capacities, snapshots, listenerViews: [polls, watches] },
    ...{ status: driver.status, meta: data.state.machine.meta, lookups: data.state.store, consoleUrl: parts.consoleUrl },
    peers: peersOf(parts, served),
    ...{ namespaces: tenancy.namespaces, historyRetention: retention.state, checkData: data.care.check },
    ...{ readIndex: driver.readIndex, transfer: driver.transfer, changeMembership: driver.changeMembership, snapshotNow: driver.snapshotNow },
    noted: (line) => log.write('info', 'ops', line),
    failed: tellFailureIn(log, 'http'),
  })
}

export const createServers = (parts: NodeParts, served: ServedParts): Servers => {
  const { httpPort, grpcPort } = ownRow(parts.start)
  const grpc = createGrpc(parts, served)
  const http = createHttp(parts, served, grpc)
  return {
    listen: async (host) => {
      await http.listen(host, httpPort).catch((error: unknown) => Promise.reject(portFailure(error, 'HTTP', httpPort)))
      await grpc.listen(host, grpcPort).catch((error: unknown) => Promise.reject(portFailure(error, 'gRPC', grpcPort)))
    },
    close: async (graceMs) => {
      await Promise.all([http.close(graceMs), grpc.close(graceMs)])
    },
  }
}
