/** Rows of instances as clients see them (nacos-http 8.3), and what their `preserved.*` metadata sets (8.2). */

import type { InstanceRow, Metadata, ServiceKey } from '../state-machine/areas/naming-words.ts'
import { namingTimes } from './naming-limits.ts'
import type { InstanceView } from './naming-port.ts'

export const groupedName = ({ group, name }: ServiceKey): string => `${group}@@${name}`

/** A number that is none, or below zero, sets nothing. */
const msOf = (metadata: Metadata, key: string, otherwise: number): number => {
  const text = metadata[key]
  if (text === undefined) return otherwise
  const ms = Number(text)
  return text.trim() !== '' && Number.isFinite(ms) && ms >= 0 ? ms : otherwise
}

export const beatIntervalMs = (metadata: Metadata): number => msOf(metadata, 'preserved.heart.beat.interval', namingTimes.heartBeatInterval)
export const beatTimeoutMs = (metadata: Metadata): number => msOf(metadata, 'preserved.heart.beat.timeout', namingTimes.heartBeatTimeout)
export const deleteTimeoutMs = (metadata: Metadata): number => msOf(metadata, 'preserved.ip.delete.timeout', namingTimes.ipDeleteTimeout)

const generatorOf = (metadata: Metadata): string => metadata['preserved.instance.id.generator'] ?? 'simple'

/** As its publisher named it. A snowflake is a number that no other instance has: the index of the registration, equal on all nodes. */
const instanceIdOf = (serviceName: string, row: InstanceRow): string => {
  if (row.instanceId !== undefined) return row.instanceId
  const own = generatorOf(row.metadata) === 'snowflake' ? row.index : `${row.ip}#${row.port}`
  return `${own}#${row.cluster}#${serviceName}`
}

/** A row never changes, so what is shown of it is made once, for whichever answers hold it. */
const shown = new WeakMap<InstanceRow, InstanceView>()

/** @param service the one that the row belongs to */
export const instanceView = (service: ServiceKey, row: InstanceRow): InstanceView => {
  const known = shown.get(row)
  if (known !== undefined) return known
  const made = viewOf(service, row)
  shown.set(row, made)
  return made
}

const viewOf = (service: ServiceKey, row: InstanceRow): InstanceView => {
  const { ip, port, cluster, weight, healthy, enabled, metadata } = row
  const serviceName = groupedName(service)
  return {
    ...{ instanceId: instanceIdOf(serviceName, row), ip, port, weight, healthy, enabled, ephemeral: row.owner.kind !== 'persistent' },
    ...{ cluster, serviceName, metadata, instanceIdGenerator: generatorOf(metadata) },
    ...{ heartBeatIntervalMs: beatIntervalMs(metadata), heartBeatTimeoutMs: beatTimeoutMs(metadata), ipDeleteTimeoutMs: deleteTimeoutMs(metadata) },
  }
}

const byAddress = (a: InstanceRow, b: InstanceRow): number => {
  if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1
  if (a.port !== b.port) return a.port - b.port
  return a.cluster < b.cluster ? -1 : 1
}

/** In one order on all nodes, whatever the order in which they came: clients compare what they get. */
export const inOrder = (rows: Iterable<InstanceRow>): InstanceRow[] => [...rows].sort(byAddress)
