/**
 * What lists answer and subscribers hear of a service (nacos-http 8.3): hosts without the disabled ones, the protection rule, and a `lastRefTime` that
 * rises. Hosts are built once per change and question, and shared by all who ask; the time is that of the answer. It must never give an answer of before a
 * change.
 */

import type { NamingArea } from '../state-machine/areas/naming-area.ts'
import { serviceText } from '../state-machine/areas/naming-records.ts'
import type { InstanceRow, ServiceKey, ServiceState } from '../state-machine/areas/naming-words.ts'
import { inOrder, instanceView } from './instance-views.ts'
import { namingBounds } from './naming-limits.ts'
import type { InstanceView, ServiceInfo } from './naming-port.ts'
import { createRefTimes } from './ref-times.ts'

export interface ServiceInfos {
  info(service: ServiceKey, clusters: string, healthyOnly: boolean): ServiceInfo
  /** Another one after every change of what is told of the service; 0: it is not there. */
  edition(service: ServiceKey): number
}

export interface ServiceInfosParts {
  area(): NamingArea
  wallMs(): number
  cacheMillis(): number
}

/** All but the time. */
type Content = Omit<ServiceInfo, 'lastRefTime'>

interface Edition {
  readonly version: number
  readonly edition: number
}

interface Built {
  readonly edition: number
  readonly contents: Map<string, Content>
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
  const timeOf = createRefTimes(wallMs, namingBounds.refTimes)
  const editions = new WeakMap<ServiceState, Edition>()
  let built = new WeakMap<ServiceState, Built>()
  let kept = 0
  let latest = 0

  /** Versions begin anew with a service that comes again, or with a snapshot; editions never do. */
  const editionOf = (state: ServiceState): number => {
    const known = editions.get(state)
    if (known?.version === state.version) return known.edition
    editions.set(state, { version: state.version, edition: ++latest })
    return latest
  }
  const builtOf = (state: ServiceState, edition: number): Built => {
    const known = built.get(state)
    if (known?.edition === edition) return known
    const made: Built = { edition, contents: new Map() }
    kept -= known?.contents.size ?? 0
    built.set(state, made)
    return made
  }

  const content = (state: ServiceState, edition: number, clusters: string, healthyOnly: boolean): Content => {
    const { contents } = builtOf(state, edition)
    const question = `${healthyOnly ? 'h' : 'a'}${clusters}`
    const known = contents.get(question)
    if (known !== undefined && known.cacheMillis === cacheMillis()) return known
    if (kept >= namingBounds.builtAnswers) {
      built = new WeakMap([[state, { edition, contents: new Map() }]])
      kept = 0
    }
    const { namespace, group, name } = state.key
    const common = { namespace, group, name, clusters, cacheMillis: cacheMillis(), checksum: '' }
    const made: Content = { ...common, ...hostsOf(state, clusters, healthyOnly) }
    if (known === undefined) kept++
    built.get(state)?.contents.set(question, made)
    return made
  }

  const info: ServiceInfos['info'] = (service, clusters, healthyOnly) => {
    const { namespace, group, name } = service
    const state = area().service(service)
    const text = serviceText(service)
    if (state === undefined) {
      const common = { namespace, group, name, clusters, cacheMillis: cacheMillis(), checksum: '' }
      return { ...common, hosts: [], lastRefTime: timeOf(text, 0), reachProtectionThreshold: false }
    }
    const edition = editionOf(state)
    return { ...content(state, edition, clusters, healthyOnly), lastRefTime: timeOf(text, edition) }
  }

  return {
    info,
    edition: (service) => {
      const state = area().service(service)
      return state === undefined ? 0 : editionOf(state)
    },
  }
}
