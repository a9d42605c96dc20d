/**
 * What operators say of services and instances, as plainly as it can be: of an instance it is kept for a minute of log time after it is gone, for clients
 * reconnect; of a service as long after it was swept away, and no longer than it is there when somebody removed it. It knows no registration, only which addresses were there before a command and after.
 */

import { addressText } from '../../../src-node/state-machine/areas/naming-records.ts'
import type {
  ClusterSpec,
  InstanceKey,
  Metadata,
  NamingCommand,
  NamingReply,
  Override,
  ServiceSpec,
} from '../../../src-node/state-machine/areas/naming-words.ts'

/** Of one service, by its word: addresses in the order of their registration, with what their publishers said. */
export interface Present {
  readonly ephemeral: boolean
  readonly instances: ReadonlyMap<string, InstanceKey & { readonly published: Metadata }>
}
export type Presence = (name: string) => Present | undefined

export interface OperatorsModel {
  /** Null: it is none of theirs. */
  take(command: NamingCommand, name: string, at: { readonly index: number; readonly timeMs: number }, now: Presence): NamingReply | null
  /** A command of that kind has changed who is there, in that service. */
  changed(
    name: string,
    before: Present | undefined,
    after: Present | undefined,
    at: { readonly kind: NamingCommand['kind']; readonly timeMs: number },
  ): void
  checkerOf(name: string, cluster: string): ClusterSpec['checker']['type']
  text(): string
}

const keptMs = 60_000
const nothing: Override = { weight: null, enabled: null, metadata: {}, hidden: [] }
const sorted = (metadata: Metadata): string => JSON.stringify(Object.entries(metadata).toSorted())

export const overrideLine = (name: string, address: string, { weight, enabled, metadata, hidden }: Override): string =>
  `said of ${name} ${address}: ${weight} ${enabled} ${sorted(metadata)} without ${hidden.toSorted().join(' ')}`
export const aboutLine = (name: string, spec: ServiceSpec | null, clusters: ReadonlyMap<string, ClusterSpec>): string =>
  `about ${name}: ${spec === null ? 'nothing' : `${spec.protectThreshold} ${sorted(spec.metadata)}`} ${[...clusters]
    .map(([cluster, { checker, checkPort }]) => `${cluster} ${checker.type} ${checkPort}`)
    .toSorted()
    .join(', ')}`
export const keptLine = (overrides: number, services: number): string => `kept ${overrides} and ${services}`
export const switchLine = (entry: string, value: string): string => `switch ${entry} ${value}`

interface About {
  readonly spec: ServiceSpec | null
  readonly clusters: ReadonlyMap<string, ClusterSpec>
}

export function createOperatorsModel(): OperatorsModel {
  /** By service and address. */
  const said = new Map<string, readonly [name: string, address: string, Override]>()
  const kept = new Map<string, { readonly override: Override; readonly goneMs: number }>()
  const about = new Map<string, About>()
  const outlived = new Map<string, { readonly was: About; readonly goneMs: number }>()
  const switches = new Map<string, string>()
  const keyOf = (name: string, address: string) => `${name} of ${address}`

  const say = (name: string, address: string, change: (before: Override) => Override) => {
    const before = said.get(keyOf(name, address))?.[2] ?? nothing
    said.set(keyOf(name, address), [name, address, change(before)])
  }
  const addressOf = ({ ip, port, cluster }: InstanceKey): string => `${ip} ${port} ${cluster}`

  const patched = (command: Extract<NamingCommand, { kind: 'patch-instance' }>) => (before: Override) => {
    const { weight, enabled, metadata } = command.patch
    const all = { ...before, weight: weight ?? before.weight, enabled: enabled ?? before.enabled }
    return metadata === undefined ? all : { ...all, metadata, hidden: [] }
  }
  const relabelled =
    ({ mode, metadata }: Extract<NamingCommand, { kind: 'patch-metadata' }>, published: Metadata) =>
    (before: Override) => {
      const named = Object.keys(metadata)
      const hidden = before.hidden.filter((key) => !named.includes(key))
      if (mode === 'put') return { ...before, metadata: { ...before.metadata, ...metadata }, hidden }
      const left = Object.fromEntries(Object.entries(before.metadata).filter(([key]) => !named.includes(key)))
      return { ...before, metadata: left, hidden: [...hidden, ...Object.keys(published).filter((key) => named.includes(key))] }
    }

  const takeMetadata = (command: Extract<NamingCommand, { kind: 'patch-metadata' }>, name: string, service: Present): readonly InstanceKey[] => {
    const { consistency, keys } = command.targets
    if (consistency !== 'both' && (consistency === 'ephemeral') !== service.ephemeral) return []
    const all = [...service.instances].toSorted(([, a], [, b]) => (addressText(a) < addressText(b) ? -1 : 1)).map(([address]) => address)
    const addresses = keys.length === 0 ? all : [...new Set(keys.map(addressOf))]
    return addresses.flatMap((address) => {
      const instance = service.instances.get(address)
      if (instance === undefined) return []
      say(name, address, relabelled(command, instance.published))
      return [{ ip: instance.ip, port: instance.port, cluster: instance.cluster }]
    })
  }

  return {
    take(command, name, { index, timeMs }, now) {
      const done = (updated: readonly InstanceKey[] = []): NamingReply => ({ kind: 'naming-done', index, updated })
      const refused = (why: Extract<NamingReply, { kind: 'naming-refused' }>['why']): NamingReply => ({ kind: 'naming-refused', why })
      const service = now(name)
      switch (command.kind) {
        case 'put-switch':
          switches.set(command.entry, command.value)
          return done()
        case 'sweep-overrides':
          for (const gone of [kept, outlived]) for (const [key, { goneMs }] of gone) if (timeMs - goneMs > keptMs) gone.delete(key)
          return done()
        case 'update-service':
        case 'put-cluster': {
          if (service === undefined) return refused('service-unknown')
          const { spec, clusters } = about.get(name) ?? { spec: null, clusters: new Map<string, ClusterSpec>() }
          if (command.kind === 'update-service') about.set(name, { spec: command.spec, clusters })
          else about.set(name, { spec, clusters: new Map([...clusters, [command.cluster, command.spec]]) })
          return done()
        }
        case 'patch-instance':
          if (service === undefined) return refused('service-unknown')
          if (!service.instances.has(addressOf(command.instance))) return refused('instance-unknown')
          say(name, addressOf(command.instance), patched(command))
          return done([command.instance])
        case 'patch-metadata':
          return service === undefined ? refused('service-unknown') : done(takeMetadata(command, name, service))
        default:
          return null
      }
    },
    changed(name, before, after, { kind, timeMs }) {
      for (const address of before?.instances.keys() ?? []) {
        const override = said.get(keyOf(name, address))?.[2]
        if (after?.instances.has(address) === true || override === undefined) continue
        kept.set(keyOf(name, address), { override, goneMs: timeMs })
        said.delete(keyOf(name, address))
      }
      for (const address of after?.instances.keys() ?? []) {
        const back = kept.get(keyOf(name, address))
        if (before?.instances.has(address) === true || back === undefined) continue
        kept.delete(keyOf(name, address))
        if (timeMs - back.goneMs <= keptMs) said.set(keyOf(name, address), [name, address, back.override])
      }
      if (before === undefined) {
        const back = outlived.get(name)
        if (back !== undefined && timeMs - back.goneMs <= keptMs && kind !== 'create-service') about.set(name, back.was)
        outlived.delete(name)
      }
      if (after !== undefined) return
      const was = about.get(name)
      about.delete(name)
      outlived.delete(name)
      if (was !== undefined && kind === 'sweep-services') outlived.set(name, { was, goneMs: timeMs })
    },
    checkerOf: (name, cluster) => about.get(name)?.clusters.get(cluster)?.checker.type ?? 'TCP',
    text: () =>
      [
        ...[...said.values()].map((line) => overrideLine(...line)),
        ...[...about].map(([name, { spec, clusters }]) => aboutLine(name, spec, clusters)),
        ...[...switches].map(([entry, value]) => switchLine(entry, value)),
        keptLine(kept.size, outlived.size),
      ]
        .toSorted()
        .join('\n'),
  }
}
