/**
 * Subscribers of a service at the other nodes, for lists that are to show all of them (nacos-http 8.6): each node knows those that are connected to itself.
 * What a node does not answer in time is left out, as in Nacos. Must never ask a node in a way that makes it ask others.
 */

import type { ClientRequest, IncomingMessage } from 'node:http'
import type { ServiceKey, SubscriberView } from '../../../naming/naming-port.ts'
import type { HttpParts, MemberAddress } from '../ports.ts'
import { isObject, objectFrom, scalarText } from './values.ts'

/** Not by `import`, for the reason that server.ts gives. */
const http = process.getBuiltinModule('node:http')

export interface PeerSubscribers {
  /** `done` once, with what the others know; in a later turn. False: too many ask already. */
  ask(service: ServiceKey, done: (subscribers: readonly SubscriberView[]) => void): boolean
}

const answerMs = 1_000
const answerBytesMax = 8 * 1024 * 1024
const askingMax = 32
const subscribersMax = 10_000

const pathOf = ({ namespace, group, name }: ServiceKey): string => {
  const fields = { namespaceId: namespace, groupName: group, serviceName: name, pageNo: '1', pageSize: String(subscribersMax), aggregation: 'false' }
  return `/nacos/v1/ns/service/subscribers?${new URLSearchParams(fields)}`
}

/** Of another node's answer; what is none is nobody. */
const subscribersIn = (service: ServiceKey, text: string): readonly SubscriberView[] => {
  const list = objectFrom(text)?.subscribers
  const rows: readonly unknown[] = Array.isArray(list) ? list : []
  return rows.filter(isObject).map((row) => ({
    ...service,
    ...{ ip: scalarText(row, 'ip') ?? '', port: Number(scalarText(row, 'port') ?? 0), agent: scalarText(row, 'agent') ?? '' },
    ...{ app: scalarText(row, 'app') ?? '', clusters: scalarText(row, 'cluster') ?? '' },
  }))
}

/** The whole body, or `''` if there is no end to it. */
const collect = (response: IncomingMessage, request: ClientRequest, done: (text: string) => void): void => {
  const pieces: Buffer[] = []
  let bytes = 0
  response.on('error', () => undefined)
  response.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > answerBytesMax) request.destroy()
    else pieces.push(piece)
  })
  response.on('end', () => done(Buffer.concat(pieces).toString()))
}

export const createPeerSubscribers = (parts: Pick<HttpParts, 'members' | 'nodeId' | 'clock'>): PeerSubscribers => {
  let asking = 0

  const askOne = ({ host, httpPort: port }: MemberAddress, path: string, done: (text: string) => void): void => {
    let said = ''
    const request = http.get({ host, port, path, agent: false }, (response) => {
      collect(response, request, (text) => {
        if (response.statusCode === 200) said = text
      })
    })
    const limit = parts.clock.after(answerMs, () => request.destroy())
    request.on('error', () => undefined)
    // Comes after everything else, whatever happened.
    request.on('close', () => {
      limit.cancel()
      done(said)
    })
  }

  return {
    ask: (service, done) => {
      const others = parts.members.filter(({ id }) => id !== parts.nodeId)
      if (asking >= askingMax) return false
      asking++
      const found: SubscriberView[] = []
      let open = others.length
      const settle = (): void => {
        asking--
        done(found)
      }
      if (open === 0) parts.clock.defer(settle)
      for (const member of others)
        askOne(member, pathOf(service), (text) => {
          found.push(...subscribersIn(service, text))
          if (--open === 0) settle()
        })
      return true
    },
  }
}
