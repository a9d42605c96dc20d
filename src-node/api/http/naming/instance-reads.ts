/**
 * Lists, details and statuses of instances (nacos-http 8.2, 8.3, 8.5, 9, 14), from this node's own applied state. Asking with a UDP port is how 1.x
 * clients subscribe (15).
 */

import type { InstanceKey, InstanceView, ServiceKey } from '../../../naming/naming-port.ts'
import { refuse } from '../errors.ts'
import { sendPieces } from '../v1/json-pieces.ts'
import { type Act, type Call, refuseCall, replyData, replyPieces } from './dialect.ts'
import { keyOf } from './instance-fields.ts'
import { instanceDetailJson, instanceJson, instancePieces, serviceInfoPieces } from './instance-json.ts'
import { listPieces, pagePieces, quoted } from './java-json.ts'
import { clustersOf, defaultNamespace, groupedName, optionalIp, optionalPort, requiredText, serviceNamed, serviceOf } from './names.ts'
import { noCluster, noMatchedIp } from './refusals.ts'
import { subscribeOverUdp } from './udp-subscription.ts'
import { flagOf, pageOf, sliceOf } from './values.ts'

/** Of an unknown service: no hosts, never a refusal. */
const listWith =
  (names: { readonly clusters: string; readonly ip: string; readonly port: string }): Act =>
  (call) => {
    const { parameters, port } = call
    const service = serviceOf(call, 'parameter')
    const clusters = clustersOf(parameters, names.clusters)
    const ip = optionalIp(parameters, names.ip)
    const udpPort = optionalPort(parameters, names.port)
    const healthyOnly = flagOf(call, 'healthyOnly', false)
    if (udpPort > 0) subscribeOverUdp(call, service, { clusters, ip, udpPort })
    replyPieces(call, serviceInfoPieces(port.serviceInfo(service, clusters, healthyOnly), call.version))
  }

export const listV1: Act = listWith({ clusters: 'clusters', ip: 'clientIP', port: 'udpPort' })
export const listV2: Act = listWith({ clusters: 'clusterName', ip: 'ip', port: 'port' })

/** 3.x clients without gRPC get the enabled instances and nothing around them. */
export const listForClient: Act = (call) => {
  const service = serviceOf(call)
  const clusters = clustersOf(call.parameters, 'clusterName')
  replyPieces(call, instancePieces(call.port.serviceInfo(service, clusters, flagOf(call, 'healthyOnly', false)).hosts))
}

const noService = (service: ServiceKey): never => refuseCall(404, 'resource not found', `service ${groupedName(service)} is not found!`)

/** Everything that is registered, disabled and unhealthy ones too; service and cluster must be there. */
const allOf = (call: Call): readonly InstanceView[] => {
  const { port, parameters } = call
  const service = serviceOf(call, 'parameter')
  const cluster = clustersOf(parameters, 'clusterName')
  const view = port.service(service) ?? noService(service)
  if (cluster !== '' && !view.clusters.some(({ name }) => name === cluster)) refuse(noCluster(cluster))
  return port.instances(service, cluster)
}

function* countedPieces(member: string, shown: readonly InstanceView[], count: number): Generator<string> {
  yield `{"${member}":`
  yield* instancePieces(shown)
  yield `,"count":${count}}`
}

/** v1's and v2's catalogs call the list differently; v1 alone must be told a page. */
export const catalogInstances =
  (member: 'list' | 'instances'): Act =>
  (call) => {
    const page = pageOf(call, 'framework')
    const all = allOf(call)
    const kept = call.version === 'v1' ? all : all.filter(wantedIn(call))
    replyPieces(call, countedPieces(member, sliceOf(kept, page), kept.length))
  }

const wantedIn = (call: Call): ((instance: InstanceView) => boolean) => {
  const healthyOnly = flagOf(call, 'healthyOnly', false)
  const enabledOnly = flagOf(call, 'enabledOnly', false)
  return ({ healthy, enabled }) => (healthy || !healthyOnly) && (enabled || !enabledOnly)
}

const usualPage = { pageNo: 1, pageSize: 100 } as const

export const listForConsole: Act = (call) => {
  const page = pageOf(call, usualPage)
  const all = allOf(call)
  replyPieces(call, pagePieces(all.length, page, instancePieces(sliceOf(all, page))))
}

export const listForAdmin: Act = (call) => {
  const healthyOnly = flagOf(call, 'healthyOnly', false)
  replyPieces(call, instancePieces(allOf(call).filter(({ healthy }) => healthy || !healthyOnly)))
}

const found = (call: Call, service: ServiceKey, key: InstanceKey): InstanceView => {
  const instance = call.port.instance(service, key)
  if (instance !== undefined) return instance
  const isEmpty = (call.port.service(service)?.instanceCount ?? 0) === 0
  if (isEmpty) refuseCall(404, 'resource not found', `no ips found for cluster ${key.cluster} in service ${groupedName(service)}`)
  return refuse(noMatchedIp)
}

const detailWith =
  (json: (instance: InstanceView, call: Call) => string): Act =>
  (call) => {
    const service = serviceOf(call, 'parameter')
    replyData(call, json(found(call, service, keyOf(call, 'parameter')), call))
  }

export const detail: Act = detailWith((instance, { version }) => instanceDetailJson(instance, version))
/** 3.x shows an instance as lists do. */
export const detailV3: Act = detailWith(instanceJson)

const namespaceSeparator = '##'

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return refuseCall(400, 'parameter validate error', 'the key in the path has a broken percent sequence')
  }
}

/** `<namespace>##<group>@@<name>`, the namespace left out for the default one. */
const statusesOf = (call: Call, key: string): void => {
  const at = key.indexOf(namespaceSeparator)
  const service = serviceNamed(call, at < 0 ? defaultNamespace : key.slice(0, at), at < 0 ? key : key.slice(at + namespaceSeparator.length))
  const states = listPieces(call.port.instances(service, ''), ({ ip, port, healthy }) => quoted(`${ip}:${port}_${healthy}`))
  sendPieces(call.parts, call.response, around('{"ips":', states))
}

function* around(start: string, pieces: Iterable<string>): Generator<string> {
  yield start
  yield* pieces
  yield '}'
}

export const statuses: Act = (call) => statusesOf(call, requiredText(call, 'key'))

/** v2 has the key at the end of the path. */
export const statusesUnder =
  (start: string): Act =>
  (call) => {
    const path = (call.request.url ?? '').split('?', 1)[0] ?? ''
    const key = path.slice(path.lastIndexOf(start) + start.length)
    statusesOf(call, decoded(key))
  }
