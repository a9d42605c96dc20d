/**
 * A service as clients are answered and pushed it (nacos-grpc 6.2): here `name` is ungrouped. One JSON text for all who are told the same: a change goes to
 * every subscriber of the service. Every member is always there: one of the clients reads nothing that lacks one. It must not hold the loop for a service
 * with thousands of hosts.
 */

import type { InstanceView, ServiceInfo } from '../../../naming/naming-port.ts'
import { instanceJson } from '../../http/naming/instance-json.ts'
import { quoted } from '../../http/naming/java-json.ts'
import { createScanQueue, type ScanParts } from '../../http/v1/scan-queue.ts'

export interface ServiceInfoTexts {
  /** At once if the text is short or was made before, else in a later turn. Null: as many are being made as may. */
  read(info: ServiceInfo, use: (text: string | null) => void): void
  /** The members of a push of this info, as `Connection` takes them. */
  pushMembers(info: ServiceInfo, use: (members: string | Buffer | null) => void): void
}

/** So many are written in one go: some two milliseconds. */
const hostsAtOnceMax = 500
/** Who waited for a text is told in turns of so long: each makes megabytes of it. */
const tellingMs = 5
/** Longer ones are kept as bytes, which no push copies. */
const sharedFromCharacters = 16 * 1024

const textOf = (info: ServiceInfo, hosts: readonly string[]): string =>
  `{"name":${quoted(info.name)},"groupName":${quoted(info.group)},"clusters":${quoted(info.clusters)},"cacheMillis":${info.cacheMillis}` +
  `,"hosts":[${hosts.join(',')}],"lastRefTime":${info.lastRefTime},"checksum":${quoted(info.checksum)}` +
  `,"allIPs":false,"reachProtectionThreshold":${info.reachProtectionThreshold},"valid":true}`

type Use = (text: string) => void

/** The port hands the same object to all who are told the same. */
export const createServiceInfoTexts = (clock: ScanParts): ServiceInfoTexts => {
  const known = new WeakMap<ServiceInfo, string>()
  const shared = new WeakMap<ServiceInfo, Buffer>()
  const making = new Map<ServiceInfo, Use[]>()
  const scans = createScanQueue<InstanceView>(clock)

  const keep = (info: ServiceInfo, hosts: readonly string[]): string => {
    const text = textOf(info, hosts)
    known.set(info, text)
    return text
  }
  const tell = (uses: readonly Use[], text: string, from = 0): void => {
    const untilMs = clock.monotonicMs() + tellingMs
    for (let at = from; at < uses.length; at++) {
      uses[at]?.(text)
      if (clock.monotonicMs() < untilMs) continue
      clock.defer(() => tell(uses, text, at + 1))
      return
    }
  }
  /** False: not now. */
  const make = (info: ServiceInfo, uses: readonly Use[]): boolean => {
    const hosts: string[] = []
    return scans.add({
      rows: info.hosts.values(),
      wanted: () => true,
      visit: (host) => void hosts.push(instanceJson(host)),
      done: () => {
        making.delete(info)
        tell(uses, keep(info, hosts))
      },
    })
  }

  const read: ServiceInfoTexts['read'] = (info, use) => {
    const text = known.get(info)
    const others = making.get(info)
    if (text !== undefined) use(text)
    else if (others !== undefined) others.push(use)
    else if (info.hosts.length <= hostsAtOnceMax) use(keep(info, info.hosts.map(instanceJson)))
    else {
      const uses = [use]
      if (make(info, uses)) making.set(info, uses)
      else use(null)
    }
  }

  return {
    read,
    pushMembers: (info, use) => {
      read(info, (text) => {
        const known = shared.get(info)
        if (text === null || known !== undefined) return use(known ?? null)
        const members = `"serviceInfo":${text},"module":"naming"`
        if (members.length < sharedFromCharacters) return use(members)
        const bytes = Buffer.from(`${members}}`)
        shared.set(info, bytes)
        use(bytes)
      })
    },
  }
}
