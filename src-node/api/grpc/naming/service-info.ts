/**
 * A service as clients are answered and pushed it (nacos-grpc 6.2): here `name` is ungrouped. One JSON text for all who are told the same: a change goes to
 * every subscriber of the service. Every member is always there: one of the clients reads nothing that lacks one.
 */

import type { ServiceInfo } from '../../../naming/naming-port.ts'
import { instanceJson } from '../../http/naming/instance-json.ts'
import { quoted } from '../../http/naming/java-json.ts'

const textOfInfo = (info: ServiceInfo): string =>
  `{"name":${quoted(info.name)},"groupName":${quoted(info.group)},"clusters":${quoted(info.clusters)},"cacheMillis":${info.cacheMillis}` +
  `,"hosts":[${info.hosts.map(instanceJson).join(',')}],"lastRefTime":${info.lastRefTime},"checksum":${quoted(info.checksum)}` +
  `,"allIPs":false,"reachProtectionThreshold":${info.reachProtectionThreshold},"valid":true}`

const known = new WeakMap<ServiceInfo, string>()

/** The port hands the same object to all who are told the same. */
export const serviceInfoJson = (info: ServiceInfo): string => {
  const text = known.get(info)
  if (text !== undefined) return text
  const made = textOfInfo(info)
  known.set(info, made)
  return made
}
