/**
 * How services come back with a named snapshot: persistent ones with their instances, clusters and descriptions, and what an operator said of an
 * ephemeral one. Ephemeral instances are their clients', who are there now or are not: they are never kept, and nothing of a snapshot takes their place.
 */

import type { AreaRecord } from '../types.ts'
import type { Bringing, Keeping } from './keeping.ts'
import { instanceOf, instanceValue, type ServiceRow, serviceOf, serviceOfRecord, serviceValue } from './naming-records.ts'
import type { InstanceRow, ServiceKey, ServiceState } from './naming-words.ts'

/** Null: a switch, or not of a version that this one knows. */
const serviceIn = ({ area, key, value }: AreaRecord): ServiceRow | null => (serviceOfRecord(area, key) === null ? null : serviceOf(key, value))

const isDescribed = ({ spec, clusters }: ServiceRow): boolean => spec !== null || clusters.size > 0

/** Of a service, or of the one that an instance belongs to. */
const stateOf = ({ area, key }: AreaRecord, { areas }: Bringing): ServiceState | undefined =>
  areas.naming.service(serviceOfRecord(area, key) as ServiceKey)

/** Clients keep it: it stays of the kind that it is. */
const isHeld = (state: ServiceState | undefined): boolean => state?.ephemeral === true && state.instances.size > 0

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at])

export const serviceKeeping: Keeping = {
  keeps: (record) => {
    const row = serviceIn(record)
    return row !== null && (!row.ephemeral || isDescribed(row))
  },
  again: ({ kept, now }, at) => {
    const held = isHeld(stateOf((kept ?? now) as AreaRecord, at))
    if (kept === null) return held ? serviceValue({ ephemeral: true, spec: null, clusters: new Map() }) : null
    if (held && serviceIn(kept)?.ephemeral === false) return 'left'
    return now !== null && isEqual(kept.value, now.value) ? now.value : kept.value
  },
}

const persistentIn = (record: AreaRecord | null): InstanceRow | null => {
  const row = record === null ? undefined : instanceOf(record.key, record.value)?.row
  return row?.owner.kind === 'persistent' ? row : null
}

const unstamped = (row: InstanceRow): Uint8Array => instanceValue({ ...row, index: 0, registeredMs: 0, healthy: true })

/** Its health is what checks say of it now; of one that was away, what they last said. */
export const instanceKeeping: Keeping = {
  keeps: (record) => persistentIn(record) !== null,
  again: ({ kept, now }, at) => {
    const row = persistentIn(kept)
    if (row === null) return null
    if (isHeld(stateOf(kept as AreaRecord, at))) return 'left'
    const before = persistentIn(now)
    if (now !== null && before !== null && isEqual(unstamped(row), unstamped(before))) return now.value
    return instanceValue({ ...row, healthy: before?.healthy ?? row.healthy, index: at.index, registeredMs: at.timeMs })
  },
}
