/**
 * The node's gRPC server: its port, what stands behind it, its rhythm and its end. Loopback or pod address, like HTTP. Loads HTTP/2 when the first client
 * comes. Must never take more connections than its limit, or leave one behind when it closes.
 */

import type { Server } from 'node:net'
import { createGuard } from '../http/guard.ts'
import type { ConnectionTable } from '../http/ports.ts'
import { createBytesInFlight } from './bytes-in-flight.ts'
import { createClientMetrics } from './config/client-metrics.ts'
import type { Connection } from './connection.ts'
import { createConnections, livenessMs } from './connections.ts'
import { createDispatch } from './dispatch.ts'
import { handlersOf } from './handlers.ts'
import { createListeners } from './listeners.ts'
import { createPayloadEncoder } from './payload.ts'
import type { GrpcParts } from './ports.ts'
import { createSessions, type Sessions } from './sessions.ts'

const { createServer } = process.getBuiltinModule('node:net')

export interface NodeGrpcServer extends ConnectionTable {
  /** Resolves once the port is open; rejects with the system's error (`EADDRINUSE` …). Port 0: any free one. */
  listen(host: string, port: number): Promise<number>
  /** No new calls; those under way have `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** Pushes to one client that wait for their acknowledgement. */
const pendingPushesMax = 256

const listenOn = (server: Server, host: string, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeListener('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

/** Who is told that a connection came or went. `stopping`: this node ends, and its clients go on at others: nothing of theirs is to be taken away. */
const tellNaming = ({ naming }: GrpcParts, stopping: () => boolean) => ({
  opened: ({ id, port, words }: Connection): void => {
    const { clientIp, version, labels } = words
    naming.connectionOpened({ connectionId: id, ip: clientIp, port, agent: version, app: labels.AppName ?? '' })
  },
  closed: ({ id }: Connection): void => {
    if (!stopping()) naming.connectionClosed(id)
  },
})

/** What stands behind the port. */
const createApi = (parts: GrpcParts, stopping: () => boolean) => {
  const { clock, settings } = parts
  const told = tellNaming(parts, stopping)
  const listeners = createListeners(parts, (connection) => connections.evict(connection))
  const connections = createConnections({
    ...{ connectionsMax: settings.grpcConnectionsMax, pendingMax: pendingPushesMax, clock },
    encode: createPayloadEncoder(parts.host),
    unary: createDispatch(parts, handlersOf(parts, listeners)),
    opened: told.opened,
    closed: (connection) => {
      told.closed(connection)
      listeners.closed(connection)
    },
  })
  return connections
}

export const createGrpcServer = (parts: GrpcParts): NodeGrpcServer => {
  const { settings, clock } = parts
  let stopping = false
  const connections = createApi(parts, () => stopping)
  let loaded: Sessions | null = null
  let sweep: { cancel(): void } | null = null

  const load = (): Sessions =>
    createSessions({
      ...{ guard: createGuard(parts.allowedOrigins, parts.allowedHosts), room: createBytesInFlight(settings.grpcBytesInFlightMax) },
      ...{ messageBytesMax: settings.grpcMessageBytesMax, callsMax: settings.grpcCallsMax },
      ...{ accept: connections.accept, monotonicMs: clock.monotonicMs, failed: parts.failed },
    })

  const sweepOn = (): void => {
    sweep = clock.after(livenessMs.sweepEvery, () => {
      connections.sweep()
      loaded?.sweep()
      sweepOn()
    })
  }

  const server = createServer({ noDelay: true }, (socket) => {
    loaded ??= load()
    if (sweep === null) sweepOn()
    loaded.add(socket)
  })
  server.maxConnections = settings.grpcConnectionsMax

  return {
    size: connections.size,
    views: connections.views,
    ...{ reset: connections.reset, configMetrics: createClientMetrics(connections) },
    listen: (host, port) => listenOn(server, host, port),
    close: (graceMs) =>
      new Promise((resolve) => {
        stopping = true
        sweep?.cancel()
        const hurry = clock.after(graceMs, () => loaded?.destroy())
        server.close(() => {
          hurry.cancel()
          resolve()
        })
        loaded?.close()
      }),
  }
}
