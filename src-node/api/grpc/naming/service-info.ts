/**
 * A service as clients are answered and pushed it (nacos-grpc 6.2): here `name` is ungrouped. One JSON text of its hosts for all who are told the same: a
 * change goes to every subscriber of the service; what else is said, the time of the answer above all, is written for each. Every member is always there:
 * one of the clients reads nothing that lacks one. It must not hold the loop for a service with thousands of hosts.
 */

import type { InstanceView, ServiceInfo } from '../../../naming/naming-port.ts'
import { instanceJson } from '../../http/naming/instance-json.ts'
import { quoted } from '../../http/naming/java-json.ts'
import { createScanQueue, type ScanParts } from '../../http/v1/scan-queue.ts'
import type { PushMembers } from '../connection.ts'

export interface ServiceInfoTexts {
  /** At once if the text is short or was made before, else in a later turn. Null: as many are being made as may. */
  read(info: ServiceInfo, use: (text: string | null) => void): void
  /** The members of a push of this info, as `Connection` takes them. */
  pushMembers(info: ServiceInfo, use: (members: PushMembers | null) => void): void
}

/** So many are written in one go: some two milliseconds. */
const hostsAtOnceMax = 500
/** Who waited for a text is told in turns of so long: each makes megabytes of it. */
const tellingMs = 5
/** Longer ones are kept as bytes, which no push copies. */
const sharedFromCharacters = 16 * 1024

type Hosts = ServiceInfo['hosts']

/** Hosts come last, so that what follows from them on is the same for all. */
const startOf = (info: ServiceInfo): string =>
  `{"name":${quoted(info.name)},"groupName":${quoted(info.group)},"clusters":${quoted(info.clusters)},"cacheMillis":${info.cacheMillis}` +
  `,"lastRefTime":${info.lastRefTime},"checksum":${quoted(info.checksum)},"allIPs":false` +
  `,"reachProtectionThreshold":${info.reachProtectionThreshold},"valid":true,"hosts":`

type Use = (hosts: string) => void

/** The port hands the same list of hosts to all who are told the same. */
export const createServiceInfoTexts = (clock: ScanParts): ServiceInfoTexts => {
  const known = new WeakMap<Hosts, string>()
  const shared = new WeakMap<Hosts, Buffer>()
  const making = new Map<Hosts, Use[]>()
  const scans = createScanQueue<InstanceView>(clock)

  const keep = (of: Hosts, texts: readonly string[]): string => {
    const text = `[${texts.join(',')}]`
    known.set(of, text)
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
  const make = (of: Hosts, uses: readonly Use[]): boolean => {
    const texts: string[] = []
    return scans.add({
      rows: of.values(),
      wanted: () => true,
      visit: (host) => void texts.push(instanceJson(host)),
      done: () => {
        making.delete(of)
        tell(uses, keep(of, texts))
      },
    })
  }
  const hostsText = (of: Hosts, use: (hosts: string | null) => void): void => {
    const text = known.get(of)
    const others = making.get(of)
    if (text !== undefined) use(text)
    else if (others !== undefined) others.push(use)
    else if (of.length <= hostsAtOnceMax) use(keep(of, of.map(instanceJson)))
    else {
      const uses = [use]
      if (make(of, uses)) making.set(of, uses)
      else use(null)
    }
  }
  const sharedEnd = (of: Hosts, text: string): Buffer => {
    const bytes = shared.get(of) ?? Buffer.from(`${text}},"module":"naming"}`)
    shared.set(of, bytes)
    return bytes
  }

  return {
    read: (info, use) => hostsText(info.hosts, (hosts) => use(hosts === null ? null : `${startOf(info)}${hosts}}`)),
    pushMembers: (info, use) =>
      hostsText(info.hosts, (hosts) => {
        if (hosts === null) return use(null)
        const start = `"serviceInfo":${startOf(info)}`
        use(hosts.length < sharedFromCharacters ? `${start}${hosts}},"module":"naming"` : { start, sharedEnd: sharedEnd(info.hosts, hosts) })
      }),
  }
}
