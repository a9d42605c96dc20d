/** The parts that commands and records of naming share, as fields (fields.ts). Order is format: only ever append. */

import {
  type FieldReader,
  type FieldWriter,
  putByte,
  putMap,
  putNumber,
  putText,
  putVarint,
  readByte,
  readMap,
  readNumber,
  readText,
  readVarint,
} from '../fields.ts'
import type { ClusterSpec, ConnectionOwner, HealthChecker, InstanceKey, InstanceSpec, Selector, ServiceKey, ServiceSpec } from './naming-words.ts'

const portMax = 65_535
/** Of a list in one command or record; only bounds what hostile bytes can make us allocate. */
const listMax = 65_536

export const readName = (input: FieldReader): string => readText(input, readVarint(input))

const readFinite = (input: FieldReader): number => {
  const value = readNumber(input)
  if (!Number.isFinite(value)) input.bad = true
  return value
}

/** A whole number that can be counted on from. */
export const readIndex = (input: FieldReader): number => {
  const value = readNumber(input)
  if (!Number.isSafeInteger(value) || value < 0) input.bad = true
  return value
}

export const readFlag = (input: FieldReader): boolean => {
  const value = readByte(input)
  if (value > 1) input.bad = true
  return value === 1
}

export const putFlag = (out: FieldWriter, flag: boolean): void => putByte(out, flag ? 1 : 0)

export const putList = <T>(out: FieldWriter, list: readonly T[], put: (out: FieldWriter, each: T) => void): void => {
  putVarint(out, list.length)
  for (const each of list) put(out, each)
}

export const readList = <T>(input: FieldReader, read: (input: FieldReader) => T): T[] => {
  const count = readVarint(input)
  if (count > listMax) input.bad = true
  const list: T[] = []
  for (let at = 0; at < count && !input.bad; at++) list.push(read(input))
  return list
}

export const putService = (out: FieldWriter, { namespace, group, name }: ServiceKey): void => {
  putText(out, namespace)
  putText(out, group)
  putText(out, name)
}

export const readService = (input: FieldReader): ServiceKey => ({ namespace: readName(input), group: readName(input), name: readName(input) })

export const putAddress = (out: FieldWriter, { ip, port }: Pick<InstanceKey, 'ip' | 'port'>): void => {
  putText(out, ip)
  putVarint(out, port)
}

export const readAddress = (input: FieldReader): Pick<InstanceKey, 'ip' | 'port'> => {
  const ip = readName(input)
  const port = readVarint(input)
  if (port > portMax) input.bad = true
  return { ip, port }
}

export const putInstanceKey = (out: FieldWriter, key: InstanceKey): void => {
  putAddress(out, key)
  putText(out, key.cluster)
}

export const readInstanceKey = (input: FieldReader): InstanceKey => {
  const { ip, port } = readAddress(input)
  return { ip, port, cluster: readName(input) }
}

const enabledBit = 1
const healthyBit = 2
/** Its id stands behind the metadata. */
const idBit = 4

export const putInstance = (out: FieldWriter, instance: InstanceSpec): void => {
  putInstanceKey(out, instance)
  const { instanceId } = instance
  putByte(out, (instance.enabled ? enabledBit : 0) | (instance.healthy ? healthyBit : 0) | (instanceId === undefined ? 0 : idBit))
  putNumber(out, instance.weight)
  putMap(out, instance.metadata)
  if (instanceId !== undefined) putText(out, instanceId)
}

/** Written out, in the order of the fields: it is read for every registration on every node. */
export const readInstance = (input: FieldReader): InstanceSpec => {
  const ip = readName(input)
  const port = readVarint(input)
  const cluster = readName(input)
  const flags = readByte(input)
  const weight = readFinite(input)
  const metadata = readMap(input)
  if (port > portMax || flags > (enabledBit | healthyBit | idBit)) input.bad = true
  const instance = { ip, port, cluster, weight, enabled: (flags & enabledBit) !== 0, healthy: (flags & healthyBit) !== 0, metadata }
  return (flags & idBit) === 0 ? instance : { ...instance, instanceId: readName(input) }
}

export const putConnection = (out: FieldWriter, { node, life, connectionId }: ConnectionOwner): void => {
  putVarint(out, node)
  putText(out, life)
  putText(out, connectionId)
}

export const readConnection = (input: FieldReader): ConnectionOwner => ({
  ...{ kind: 'connection', node: readVarint(input), life: readName(input), connectionId: readName(input) },
})

const putSelector = (out: FieldWriter, selector: Selector): void => {
  putFlag(out, selector.type === 'label')
  putText(out, selector.type === 'label' ? selector.expression : '')
}

const readSelector = (input: FieldReader): Selector => {
  const isLabel = readFlag(input)
  const expression = readName(input)
  return isLabel ? { type: 'label', expression } : { type: 'none' }
}

export const putServiceSpec = (out: FieldWriter, spec: ServiceSpec): void => {
  putNumber(out, spec.protectThreshold)
  putMap(out, spec.metadata)
  putSelector(out, spec.selector)
}

export const readServiceSpec = (input: FieldReader): ServiceSpec => ({
  ...{ protectThreshold: readFinite(input), metadata: readMap(input), selector: readSelector(input) },
})

const checkers: readonly HealthChecker['type'][] = ['TCP', 'HTTP', 'NONE', 'MYSQL']

const putChecker = (out: FieldWriter, checker: HealthChecker): void => {
  putByte(out, checkers.indexOf(checker.type))
  if (checker.type === 'HTTP') {
    putText(out, checker.path)
    putText(out, checker.headers)
    putVarint(out, checker.expectedResponseCode)
  } else if (checker.type === 'MYSQL') {
    putText(out, checker.user)
    putText(out, checker.pwd)
    putText(out, checker.cmd)
  }
}

const readChecker = (input: FieldReader): HealthChecker => {
  const type = checkers[readByte(input)]
  if (type === undefined) input.bad = true
  if (type === 'HTTP') return { type, path: readName(input), headers: readName(input), expectedResponseCode: readVarint(input) }
  if (type === 'MYSQL') return { type, user: readName(input), pwd: readName(input), cmd: readName(input) }
  return { type: type ?? 'NONE' }
}

export const putClusterSpec = (out: FieldWriter, spec: ClusterSpec): void => {
  putChecker(out, spec.checker)
  putVarint(out, spec.checkPort)
  putFlag(out, spec.useInstancePort)
  putMap(out, spec.metadata)
}

export const readClusterSpec = (input: FieldReader): ClusterSpec => ({
  ...{ checker: readChecker(input), checkPort: readVarint(input), useInstancePort: readFlag(input), metadata: readMap(input) },
})
