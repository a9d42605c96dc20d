/**
 * The clients of this node's gRPC port, and how they are moved to others (nacos-http 11.2, 14.2). A client that is asked to move may not: what is told
 * here is that it was asked. Must never hold the loop for a full table.
 */

import type { ServerResponse } from 'node:http'
import { createTurns } from '../../turns.ts'
import { caused, excerpt, missingParameter, refuse, send, textType } from '../errors.ts'
import { limitedText, type Parameters } from '../parameters.ts'
import type { ConnectionTable, ConnectionView, HttpParts, Place } from '../ports.ts'
import { jsonHeaders, sendIfThere, sendResult } from '../result.ts'
import type { Handler, Routes } from '../router.ts'
import { answerLater } from '../v1/answer-later.ts'

const textMax = 256
const connectionsPerLook = 64

const timeText = (ms: number): string => new Date(ms).toISOString().replace('Z', '+00:00')

/** Connections are told in v3 by the classes of its own API: a namespace has there the name that it has everywhere. */
type TenantName = 'tenant' | 'namespaceId'

const connectionJson = (view: ConnectionView, localPort: number, tenantName: TenantName): object => ({
  traced: false,
  abilityTable: null,
  metaInfo: {
    ...{ connectType: 'GRPC', clientIp: view.clientIp, remoteIp: view.ip, remotePort: view.port, localPort, version: view.version },
    ...{ connectionId: view.connectionId, createTime: timeText(view.createdMs), lastActiveTime: Math.trunc(view.lastActiveMs) },
    ...{ appName: view.appName, [tenantName]: view.tenant, labels: view.labels, tag: view.labels.Tag ?? null, tlsProtected: false },
    ...{ sdkSource: view.labels.source === 'sdk', clusterSource: view.labels.source === 'cluster' },
  },
  connected: true,
})

interface Form {
  readonly tenantName: TenantName
  readonly before: string
  readonly after: string
}
const bare: Form = { tenantName: 'tenant', before: '', after: '' }
const enveloped: Form = { tenantName: 'namespaceId', before: '{"code":0,"message":"success","data":', after: '}' }

/** The pieces of a JSON object, made turn by turn and sent at the end. */
const current =
  (parts: HttpParts, table: ConnectionTable, { tenantName, before, after }: Form): Handler =>
  (_request, response) => {
    const localPort = (parts.members.find(({ id }) => id === parts.nodeId)?.httpPort ?? 0) + grpcOffset
    const gather = async (): Promise<void> => {
      const turns = createTurns(parts.clock)
      const pieces: string[] = []
      for (const view of table.views()) {
        pieces.push(`${JSON.stringify(view.connectionId)}:${JSON.stringify(connectionJson(view, localPort, tenantName))}`)
        if (pieces.length % connectionsPerLook === 0 && turns.over()) await turns.next()
      }
      sendIfThere(response, { status: 200, headers: jsonHeaders, body: `${before}{${pieces.join(',')}}${after}` })
    }
    later(parts, response, gather)
  }
const grpcOffset = 1_000

const later = (parts: HttpParts, response: ServerResponse, act: () => Promise<void>): void => {
  act().catch((error: unknown) =>
    answerLater(parts, response, () => {
      throw error
    }),
  )
}

/** `host:port` with the HTTP port, as clients reckon from it; null: wherever the client likes. */
export const placeOf = (text: string): Place | null => {
  if (text === '') return null
  const [, host = '', port = ''] = /^([\w.-]+|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? []
  return host === '' ? refuse(caused(400, `redirectAddress is no host:port: ${excerpt(text)}`)) : { host, httpPort: Number(port) }
}

const redirectIn = (parameters: Parameters): Place | null => placeOf(limitedText(parameters, 'redirectAddress', textMax))

const countOf = (parameters: Parameters): number => {
  const text = limitedText(parameters, 'count', textMax)
  if (text === '') return refuse(missingParameter('count', 'int'))
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse(caused(400, `For input string: "${excerpt(text)}"`))
}

/** Those beyond `count` are asked to move, those that came last first: the others have what they listen to for longer. */
export const shed = async (
  parts: HttpParts,
  table: ConnectionTable,
  { count, place }: { readonly count: number; readonly place: Place | null },
): Promise<void> => {
  const turns = createTurns(parts.clock)
  let asked = 0
  for (const { connectionId } of table.views().slice(count)) {
    table.reset(connectionId, place)
    asked++
    if (asked % connectionsPerLook === 0 && turns.over()) await turns.next()
  }
  if (asked > 0) parts.noted(`${asked} gRPC clients beyond ${count} are asked to move${place === null ? '' : ` to ${place.host}:${place.httpPort}`}`)
}

type Say = (response: ServerResponse) => void
const success: Say = (response) => send(response, { status: 200, headers: ['Content-Type', textType], body: 'success' })
const inResult: Say = (response) => sendResult(response, 'success')

const reloadCurrent =
  (parts: HttpParts, table: ConnectionTable, say: Say): Handler =>
  (_request, response, parameters) => {
    const wish = { count: countOf(parameters), place: redirectIn(parameters) }
    later(parts, response, async () => {
      await shed(parts, table, wish)
      if (!response.destroyed) say(response)
    })
  }

/** One that is not there any more needs not be moved. */
const reloadClient =
  (table: ConnectionTable, say: Say): Handler =>
  (_request, response, parameters) => {
    const connectionId = limitedText(parameters, 'connectionId', textMax)
    if (connectionId === '') refuse(missingParameter('connectionId', 'String'))
    table.reset(connectionId, redirectIn(parameters))
    say(response)
  }

export const loaderRoutes = (parts: HttpParts): Routes => {
  const { connections: table } = parts
  return {
    '/v2/core/loader/current': { access: 'admin', GET: current(parts, table, bare) },
    '/v2/core/loader/reloadCurrent': { access: 'admin', GET: reloadCurrent(parts, table, success) },
    '/v2/core/loader/reloadClient': { access: 'admin', GET: reloadClient(table, success) },
    '/v3/admin/core/loader/current': { access: 'admin', GET: current(parts, table, enveloped) },
    '/v3/admin/core/loader/reloadCurrent': { access: 'admin', POST: reloadCurrent(parts, table, inResult) },
    '/v3/admin/core/loader/reloadClient': { access: 'admin', POST: reloadClient(table, inResult) },
  }
}
