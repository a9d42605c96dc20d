/** Instances and their lists as JSON texts (nacos-http 8.2, 8.3, 14). Owns member names and order; clients compare hosts deeply, so nothing in them may change by itself. */

import type { InstanceView, ServiceInfo } from '../../../naming/naming-port.ts'
import type { Version } from './dialect.ts'
import { javaDouble, listPieces, quoted } from './java-json.ts'
import { groupedName } from './names.ts'

/** As lists and catalogs show one. */
export const instanceJson = (instance: InstanceView): string =>
  `{"instanceId":${quoted(instance.instanceId)},"ip":${quoted(instance.ip)},"port":${instance.port},"weight":${javaDouble(instance.weight)}` +
  `,"healthy":${instance.healthy},"enabled":${instance.enabled},"ephemeral":${instance.ephemeral},"clusterName":${quoted(instance.cluster)}` +
  `,"serviceName":${quoted(instance.serviceName)},"metadata":${JSON.stringify(instance.metadata)}` +
  `,"instanceHeartBeatInterval":${instance.heartBeatIntervalMs},"instanceHeartBeatTimeOut":${instance.heartBeatTimeoutMs}` +
  `,"ipDeleteTimeout":${instance.ipDeleteTimeoutMs},"instanceIdGenerator":${quoted(instance.instanceIdGenerator)}}`

export const instancePieces = (instances: readonly InstanceView[]): Generator<string> => listPieces(instances, instanceJson)

/** `name` is grouped: clients build their keys from it and from `clusters`. Only 3.x writes `allIps`. */
export function* serviceInfoPieces(info: ServiceInfo, version: Version): Generator<string> {
  yield `{"name":${quoted(groupedName(info))},"groupName":${quoted(info.group)},"clusters":${quoted(info.clusters)},"cacheMillis":${info.cacheMillis},"hosts":`
  yield* instancePieces(info.hosts)
  yield `,"lastRefTime":${info.lastRefTime},"checksum":${quoted(info.checksum)},"${version === 'v3' ? 'allIps' : 'allIPs'}":false`
  yield `,"reachProtectionThreshold":${info.reachProtectionThreshold},"valid":true}`
}

/** One instance, asked for by its address: v1 calls its service otherwise than v2. */
export const instanceDetailJson = (instance: InstanceView, version: Version): string => {
  const { ip, port, cluster, weight, healthy, instanceId, metadata, serviceName } = instance
  const rest = `"clusterName":${quoted(cluster)},"weight":${javaDouble(weight)},"healthy":${healthy},"instanceId":${quoted(instanceId)}`
  return `{"${version === 'v1' ? 'service' : 'serviceName'}":${quoted(serviceName)},"ip":${quoted(ip)},"port":${port},${rest},"metadata":${JSON.stringify(metadata)}}`
}
