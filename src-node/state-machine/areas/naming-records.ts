/**
 * Rows of naming as records of the store: area 1 holds a record a service and one a switch, area 2 one an instance. Keys put lengths first, since
 * names may hold any character, and begin with their service, so that those of one service stand together.
 */

import {
  beginFields,
  endFields,
  type FieldReader,
  type FieldWriter,
  fieldsIn,
  isWhole,
  putByte,
  putMap,
  putNumber,
  putText,
  readByte,
  readMap,
  readNumber,
} from '../fields.ts'
import type { AreaNumber } from '../types.ts'
import {
  putClusterSpec,
  putConnection,
  putFlag,
  putList,
  putServiceSpec,
  readClusterSpec,
  readConnection,
  readFlag,
  readIndex,
  readList,
  readName,
  readServiceSpec,
} from './naming-fields.ts'
import type { ClusterSpec, InstanceKey, InstanceRow, Override, Owner, ServiceKey, ServiceSpec } from './naming-words.ts'

export const servicesArea = 1
export const instancesArea = 2

const version = 1

export const serviceText = ({ namespace, group, name }: ServiceKey): string => `${namespace.length}:${group.length}:${namespace}${group}${name}`
export const addressText = ({ ip, port, cluster }: InstanceKey): string => `${port}:${ip.length}:${ip}${cluster}`
const instanceMark = ':'

const serviceMark = 'v'
const switchMark = 'w'

/** Before the key of an instance, or of a service, that is gone. */
const keptMark = 'o'

export const serviceRecordKey = (service: string): string => serviceMark + service
export const switchRecordKey = (entry: string): string => switchMark + entry
/** Null: it is no switch's. */
export const switchOfRecord = (key: string): string | null => (key.startsWith(switchMark) ? key.slice(1) : null)
/** Of what was known of the service that has this text, or had it. */
export const keptServiceKey = (service: string): string => keptMark + service
/** Null: it is a service's own, or a switch's. */
export const serviceOfKept = (key: string): string | null => (key.startsWith(keptMark) ? key.slice(1) : null)
export const instanceRecordKey = (service: string, address: string): string => `${service.length}${instanceMark}${service}${address}`

/** Of what an operator said of the instance that has this key, or had it. */
export const keptRecordKey = (instance: string): string => keptMark + instance
/** Null: it is an instance's own. */
export const instanceOfKept = (key: string): string | null => (key.startsWith(keptMark) ? key.slice(1) : null)

/** Of `serviceText`. */
const serviceIn = (text: string): ServiceKey => {
  const groupMark = text.indexOf(':')
  const from = text.indexOf(':', groupMark + 1) + 1
  const groupAt = from + Number(text.slice(0, groupMark))
  const nameAt = groupAt + Number(text.slice(groupMark + 1, from - 1))
  return { namespace: text.slice(from, groupAt), group: text.slice(groupAt, nameAt), name: text.slice(nameAt) }
}

/** Of `addressText`. */
const addressIn = (text: string): InstanceKey => {
  const ipMark = text.indexOf(':')
  const from = text.indexOf(':', ipMark + 1) + 1
  const clusterAt = from + Number(text.slice(ipMark + 1, from - 1))
  return { ip: text.slice(from, clusterAt), port: Number(text.slice(0, ipMark)), cluster: text.slice(clusterAt) }
}

/** The two texts that an instance's key is made of. */
const textsIn = (key: string): readonly [service: string, address: string] => {
  const from = key.indexOf(instanceMark) + 1
  const to = from + Number(key.slice(0, from - 1))
  return [key.slice(from, to), key.slice(to)]
}

/** Which service a record is about; null: none. */
export const serviceOfRecord = (area: AreaNumber, key: string): ServiceKey | null => {
  if (area === instancesArea) return serviceIn(textsIn(instanceOfKept(key) ?? key)[0])
  return key.startsWith(serviceMark) ? serviceIn(key.slice(1)) : null
}

/** What of a service is kept besides its instances. */
export interface ServiceRow {
  readonly key: ServiceKey
  readonly ephemeral: boolean
  readonly spec: ServiceSpec | null
  readonly clusters: ReadonlyMap<string, ClusterSpec>
}

const putCluster = (out: FieldWriter, [name, spec]: readonly [string, ClusterSpec]): void => {
  putText(out, name)
  putClusterSpec(out, spec)
}

type Description = Pick<ServiceRow, 'spec' | 'clusters'>

const putDescription = (out: FieldWriter, { spec, clusters }: Description): void => {
  putFlag(out, spec !== null)
  if (spec !== null) putServiceSpec(out, spec)
  putList(out, [...clusters], putCluster)
}

const readDescription = (input: FieldReader): Description => ({
  spec: readFlag(input) ? readServiceSpec(input) : null,
  clusters: new Map(readList(input, () => [readName(input), readClusterSpec(input)] as const)),
})

export const serviceValue = (row: Omit<ServiceRow, 'key'>): Uint8Array => {
  const out = beginFields()
  putByte(out, version)
  putFlag(out, row.ephemeral)
  putDescription(out, row)
  return endFields(out)
}

/** Null: no version of ours wrote it. */
export const serviceOf = (recordKey: string, value: Uint8Array): ServiceRow | null => {
  const input = fieldsIn(value)
  if (readByte(input) !== version) return null
  const row: ServiceRow = { key: serviceIn(recordKey.slice(1)), ephemeral: readFlag(input), ...readDescription(input) }
  return isWhole(input) ? row : null
}

/** What was known of a service that is gone since `goneMs`, log time, besides its instances: it may come back, as either kind. */
export interface KeptService extends Description {
  readonly goneMs: number
}

/** No service's: a version that does not know the key must not take it for one. */
const keptServiceVersion = 2

export const keptServiceValue = (kept: KeptService): Uint8Array => {
  const out = beginFields()
  putByte(out, keptServiceVersion)
  putNumber(out, kept.goneMs)
  putDescription(out, kept)
  return endFields(out)
}

/** Null: no version of ours wrote it. */
export const keptServiceOf = (value: Uint8Array): KeptService | null => {
  const input = fieldsIn(value)
  if (readByte(input) !== keptServiceVersion) return null
  const kept: KeptService = { goneMs: readIndex(input), ...readDescription(input) }
  return isWhole(input) ? kept : null
}

const enabledBit = 1
const healthyBit = 2
const overrideBit = 4
const ownerShift = 3
const ownerBits = 24
const idBit = 32
const allBits = 63
const owners: readonly Owner['kind'][] = ['connection', 'beat', 'persistent']

const tripleOf = (value: boolean | null): number => (value === null ? 2 : value ? 1 : 0)

const putOverride = (out: FieldWriter, { weight, enabled, metadata, hidden }: Override): void => {
  putNumber(out, weight ?? -1)
  putByte(out, tripleOf(enabled))
  putMap(out, metadata)
  putList(out, hidden, putText)
}

const readOverride = (input: FieldReader): Override => {
  const weight = readNumber(input)
  const enabled = readByte(input)
  return {
    ...{ weight: weight < 0 ? null : weight, enabled: enabled === 2 ? null : enabled === 1 },
    ...{ metadata: readMap(input), hidden: readList(input, readName) },
  }
}

/** What an operator said of an instance that is gone since `goneMs`, log time: it may come back. */
export interface KeptOverride {
  readonly override: Override
  readonly goneMs: number
}

export const keptValue = ({ override, goneMs }: KeptOverride): Uint8Array => {
  const out = beginFields()
  putByte(out, version)
  putNumber(out, goneMs)
  putOverride(out, override)
  return endFields(out)
}

/** Null: no version of ours wrote it. */
export const keptOf = (value: Uint8Array): KeptOverride | null => {
  const input = fieldsIn(value)
  if (readByte(input) !== version) return null
  const goneMs = readIndex(input)
  const override = readOverride(input)
  return isWhole(input) ? { override, goneMs } : null
}

export const instanceValue = (row: InstanceRow): Uint8Array => {
  const { owner, override, published, instanceId } = row
  const out = beginFields()
  putByte(out, version)
  const flags = (published.enabled ? enabledBit : 0) | (row.healthy ? healthyBit : 0) | (override === null ? 0 : overrideBit)
  putByte(out, flags | (owners.indexOf(owner.kind) << ownerShift) | (instanceId === undefined ? 0 : idBit))
  putNumber(out, published.weight)
  putNumber(out, row.index)
  putNumber(out, row.registeredMs)
  putMap(out, published.metadata)
  if (owner.kind === 'connection') putConnection(out, owner)
  if (override !== null) putOverride(out, override)
  if (instanceId !== undefined) putText(out, instanceId)
  return endFields(out)
}

export const beatOwner: Owner = { kind: 'beat' }
export const persistentOwner: Owner = { kind: 'persistent' }

/** As a publisher said it, under what an operator said. */
export const shownRow = (row: Omit<InstanceRow, 'weight' | 'enabled' | 'metadata'>): InstanceRow => {
  const { override, published } = row
  if (override === null) return { ...row, ...published }
  const metadata = { ...published.metadata, ...override.metadata }
  const shown =
    override.hidden.length === 0 ? metadata : Object.fromEntries(Object.entries(metadata).filter(([name]) => !override.hidden.includes(name)))
  return { ...row, weight: override.weight ?? published.weight, enabled: override.enabled ?? published.enabled, metadata: shown }
}

/** Null: no version of ours wrote it. */
export const instanceOf = (recordKey: string, value: Uint8Array): { readonly service: ServiceKey; readonly row: InstanceRow } | null => {
  const input = fieldsIn(value)
  if (readByte(input) !== version) return null
  const flags = readByte(input)
  const ownerKind = owners[(flags & ownerBits) >> ownerShift]
  if (ownerKind === undefined || flags > allBits) return null
  const [weight, index, registeredMs, metadata] = [readNumber(input), readIndex(input), readIndex(input), readMap(input)]
  const owner = ownerKind === 'connection' ? readConnection(input) : ownerKind === 'beat' ? beatOwner : persistentOwner
  const override = (flags & overrideBit) === 0 ? null : readOverride(input)
  const named = (flags & idBit) === 0 ? {} : { instanceId: readName(input) }
  if (!isWhole(input)) return null
  const published = { weight, enabled: (flags & enabledBit) !== 0, metadata }
  const [service, address] = textsIn(recordKey)
  return {
    service: serviceIn(service),
    row: shownRow({ ...addressIn(address), healthy: (flags & healthyBit) !== 0, owner, index, registeredMs, override, published, ...named }),
  }
}
