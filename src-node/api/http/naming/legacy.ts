/** The API from before 1.0, which some old agents still speak (nacos-http 8.8): services are called by `dom`, without group. */

import type { InstanceView, ServiceInfo } from '../../../naming/naming-port.ts'
import { beatOfService } from './beats.ts'
import { type Act, type Call, replyBare, replyBareOk, replyPieces } from './dialect.ts'
import { arrayOf, javaDouble, listPieces, quoted } from './java-json.ts'
import { clustersOf, defaultNamespace, groupedName, namespaceOf, optionalIp, optionalPort, requiredText, serviceNamed } from './names.ts'
import { collectServices } from './services.ts'
import { subscribeOverUdp } from './udp-subscription.ts'
import { flagOf } from './values.ts'

export const hello: Act = replyBareOk

const serviceByDom = (call: Call) => serviceNamed(call, namespaceOf(call.parameters), requiredText(call, 'dom'))

export const allServiceNames: Act = (call) =>
  collectServices(
    call,
    () => true,
    (services) => {
      const names = arrayOf([...new Set(services.map(({ name }) => name))].map(quoted))
      replyBare(call, `{"doms":{${quoted(services[0]?.namespace ?? defaultNamespace)}:${names}},"count":${services.length}}`)
    },
  )

const hostJson = (host: InstanceView): string =>
  `{"ip":${quoted(host.ip)},"port":${host.port},"valid":${host.healthy},"healthy":${host.healthy},"marked":false` +
  `,"instanceId":${quoted(host.instanceId)},"metadata":${JSON.stringify(host.metadata)},"enabled":${host.enabled},"weight":${javaDouble(host.weight)}` +
  `,"clusterName":${quoted(host.cluster)},"serviceName":${quoted(host.serviceName)},"ephemeral":${host.ephemeral}}`

/** 1.x's list. */
function* listOf(info: ServiceInfo): Generator<string> {
  yield `{"dom":${quoted(info.name)},"name":${quoted(groupedName(info))},"cacheMillis":${info.cacheMillis},"lastRefTime":${info.lastRefTime}`
  yield `,"checksum":${quoted(info.checksum)},"useSpecifiedURL":false,"clusters":${quoted(info.clusters)},"env":"","hosts":`
  yield* listPieces(info.hosts, hostJson)
  yield ',"metadata":{}}'
}

export const listByDom: Act = (call) => {
  const { parameters, port } = call
  const service = serviceByDom(call)
  const clusters = clustersOf(parameters, 'clusters')
  const ip = optionalIp(parameters, 'clientIP')
  const udpPort = optionalPort(parameters, 'udpPort')
  if (udpPort > 0) subscribeOverUdp(call, service, { clusters, ip, udpPort })
  replyPieces(call, listOf(port.serviceInfo(service, clusters, flagOf(call, 'healthyOnly', false))))
}

export const beatByDom: Act = (call) => beatOfService(call, serviceByDom(call))
