/**
 * `GET /nacos/prometheus`, alone, `/namespaceId/NS` or `/namespaceId/NS/service/NAME`: instances as Prometheus discovers what to scrape over HTTP. Off in
 * Nacos unless it is switched on; here it is for administrators, since it tells of every namespace. Made and sent piece by piece.
 */

import type { InstanceView } from '../../../naming/naming-port.ts'
import type { HttpParts } from '../ports.ts'
import { contextPath, type Handler, type Routes } from '../router.ts'
import { sendPieces } from '../v1/json-pieces.ts'
import { defaultNamespace } from './names.ts'

const start = '/prometheus'
const below = `${contextPath}${start}/namespaceId/`
const charactersMax = 1024

/** Prometheus takes no other names; Nacos turns `.` and `-` alone. */
const labelName = (key: string): string => key.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d|$)/, '_')

const targetJson = ({ ip, port, cluster, metadata }: InstanceView): string => {
  const labels = Object.entries(metadata).map(([key, value]) => [labelName(key), value] as const)
  const target = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
  return JSON.stringify({ targets: [target], labels: Object.fromEntries([['__meta_clusterName', cluster] as const, ...labels]) })
}

interface Wanted {
  readonly namespaces: Iterable<string>
  /** Null: every service. */
  readonly service: string | null
}

function* piecesOf({ naming: { port } }: HttpParts, { namespaces, service }: Wanted): Generator<string> {
  let before = '['
  for (const namespace of namespaces)
    for (const each of port.services(namespace)) {
      // A step for each service, whether or not it is wanted: a turn has so many.
      yield ''
      if (service !== null && each.name !== service) continue
      for (const instance of port.instances(each, '')) {
        yield `${before}${targetJson(instance)}`
        before = ','
      }
    }
  yield before === '[' ? '[]' : ']'
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.slice(0, charactersMax))
  } catch {
    // Nothing is called so.
    return ''
  }
}

/** The namespace, and the name of a service or null. */
const namesIn = (url: string): readonly [string, string | null] => {
  const path = url.split('?', 1)[0] ?? ''
  const [namespace = '', , service] = path.slice(path.indexOf(below) + below.length).split('/')
  return [decoded(namespace) || defaultNamespace, service === undefined ? null : decoded(service)]
}

export const prometheusTargetRoutes = (parts: HttpParts): Routes => {
  const all: Handler = (_request, response) =>
    sendPieces(parts, response, piecesOf(parts, { namespaces: [...parts.naming.port.namespaces()], service: null }))
  const some: Handler = ({ url = '' }, response) => {
    const [namespace, service] = namesIn(url)
    sendPieces(parts, response, piecesOf(parts, { namespaces: [namespace], service }))
  }
  return {
    [start]: { access: 'admin', GET: all },
    [`${start}/namespaceId/*`]: { access: 'admin', GET: some },
    [`${start}/namespaceId/*/service/*`]: { access: 'admin', GET: some },
  }
}
