/**
 * What lists answer and subscribers hear of a service (nacos-http 8.3): hosts without the disabled ones, the protection rule, and a `lastRefTime` that
 * rises with every change. Built once per change and question, and shared by all who ask. It must never give an answer of before a change.
 */

import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import type { InstanceRow, ServiceKey, ServiceState } from '../state-machine/areas/naming-words.ts'
import { inOrder, instanceView } from './instance-views.ts'
import { namingBounds } from './naming-limits.ts'
import type { InstanceView, ServiceInfo } from './naming-port.ts'

export interface ServiceInfos {
  info(service: ServiceKey, clusters: string, healthyOnly: boolean): ServiceInfo
}

export interface ServiceInfosParts {
  area(): NamingArea
  wallMs(): number
  cacheMillis(): number
}

interface Built {
  readonly version: number
  readonly lastRefTime: number
  readonly infos: Map<string, ServiceInfo>
}

/** Names with commas; null: all. */
const clusterNames = (clusters: string): ReadonlySet<string> | null => {
  const names = clusters.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]))
  return names.length === 0 ? null : new Set(names)
}

const rowsOf = (state: ServiceState, clusters: string, healthyOnly: boolean): InstanceRow[] => {
  const names = clusterNames(clusters)
  const rows: InstanceRow[] = []
  for (const row of state.instances.values())
    if (row.enabled && (names === null || names.has(row.cluster)) && (!healthyOnly || row.healthy)) rows.push(row)
  return inOrder(rows)
}

/** Only where a service has been described: one that was born of a registration has no threshold (2.x). `0/3 <= 0` is true. */
const isProtected = ({ spec }: ServiceState, hosts: readonly InstanceView[]): boolean => {
  if (spec === null || hosts.length === 0) return false
  const healthy = hosts.reduce((count, host) => count + (host.healthy ? 1 : 0), 0)
  return healthy / hosts.length <= spec.protectThreshold
}

const hostsOf = (state: ServiceState, clusters: string, healthyOnly: boolean) => {
  const hosts = rowsOf(state, clusters, healthyOnly).map((row) => instanceView(state.key, row))
  const reachProtectionThreshold = isProtected(state, hosts)
  return {
    hosts: reachProtectionThreshold ? hosts.map((host) => (host.healthy ? host : { ...host, healthy: true })) : hosts,
    reachProtectionThreshold,
  }
}

export const createServiceInfos = ({ area, wallMs, cacheMillis }: ServiceInfosParts): ServiceInfos => {
  let built = new WeakMap<ServiceState, Built>()
  let kept = 0
  /** No answer given so far has a later time. */
  let latest = wallMs()

  /** Every change of any service gets a time of its own; that of a service that is not there is the newest of all. */
  const builtOf = (state: ServiceState): Built => {
    const known = built.get(state)
    if (known?.version === state.version) return known
    latest = Math.max(wallMs(), latest + 1)
    const made: Built = { version: state.version, lastRefTime: latest, infos: new Map() }
    kept -= known?.infos.size ?? 0
    built.set(state, made)
    return made
  }

  const info: ServiceInfos['info'] = (service, clusters, healthyOnly) => {
    const { namespace, group, name } = service
    const common = { namespace, group, name, clusters, cacheMillis: cacheMillis(), checksum: '' }
    const state = area().service(service)
    if (state === undefined) {
      latest = Math.max(wallMs(), latest + 1)
      return { ...common, hosts: [], lastRefTime: latest, reachProtectionThreshold: false }
    }
    const { infos, lastRefTime } = builtOf(state)
    const question = `${healthyOnly ? 'h' : 'a'}${clusters}`
    const known = infos.get(question)
    if (known !== undefined && known.cacheMillis === common.cacheMillis) return known
    if (kept >= namingBounds.builtAnswers) {
      built = new WeakMap([[state, { version: state.version, lastRefTime, infos: new Map() }]])
      kept = 0
    }
    const made: ServiceInfo = { ...common, ...hostsOf(state, clusters, healthyOnly), lastRefTime }
    built.get(state)?.infos.set(question, made)
    kept++
    return made
  }

  return { info }
}
