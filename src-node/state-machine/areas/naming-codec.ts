/**
 * Commands of naming as bytes of the Raft log: u8 version 1 · u8 kind 16-30 · fields. Owns the format and nothing else. Decoding never throws.
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
import {
  putAddress,
  putClusterSpec,
  putConnection,
  putFlag,
  putInstance,
  putInstanceKey,
  putList,
  putService,
  putServiceSpec,
  readAddress,
  readClusterSpec,
  readConnection,
  readFlag,
  readIndex,
  readInstance,
  readInstanceKey,
  readList,
  readName,
  readService,
  readServiceSpec,
} from './naming-fields.ts'
import type { InstancePatch, InstanceTargets, NamingCommand, SeenInstance } from './naming-words.ts'

const version = 1
const firstKind = 16
/** Order is format: only ever append. */
const kinds: readonly NamingCommand['kind'][] = [
  'publish-instances',
  'register-instance',
  'deregister-instance',
  'remove-instances',
  'set-health',
  'declare-health',
  'patch-instance',
  'patch-metadata',
  'create-service',
  'update-service',
  'remove-service',
  'put-cluster',
  'put-switch',
  'sweep-services',
  'sweep-overrides',
]
export const namingKinds: readonly [from: number, to: number] = [firstKind, firstKind + kinds.length - 1]

const consistencies: readonly InstanceTargets['consistency'][] = ['ephemeral', 'persistent', 'both']

const putSeen = (out: FieldWriter, seen: SeenInstance): void => {
  putService(out, seen.service)
  putInstanceKey(out, seen)
  putNumber(out, seen.index)
}
const readSeen = (input: FieldReader): SeenInstance => ({ service: readService(input), ...readInstanceKey(input), index: readIndex(input) })

const weightBit = 1
const enabledGivenBit = 2
const enabledBit = 4
const metadataBit = 8

const putPatch = (out: FieldWriter, { weight, enabled, metadata }: InstancePatch): void => {
  const given = (weight === undefined ? 0 : weightBit) | (enabled === undefined ? 0 : enabledGivenBit) | (metadata === undefined ? 0 : metadataBit)
  putByte(out, given | (enabled === true ? enabledBit : 0))
  if (weight !== undefined) putNumber(out, weight)
  if (metadata !== undefined) putMap(out, metadata)
}
const readPatch = (input: FieldReader): InstancePatch => {
  const flags = readByte(input)
  const weight = (flags & weightBit) === 0 ? undefined : readNumber(input)
  const metadata = (flags & metadataBit) === 0 ? undefined : readMap(input)
  if (flags > 15 || (weight !== undefined && !Number.isFinite(weight))) input.bad = true
  return { weight, enabled: (flags & enabledGivenBit) === 0 ? undefined : (flags & enabledBit) !== 0, metadata }
}

const putTargets = (out: FieldWriter, { consistency, keys }: InstanceTargets): void => {
  putByte(out, consistencies.indexOf(consistency))
  putList(out, keys, putInstanceKey)
}
const readTargets = (input: FieldReader): InstanceTargets => {
  const consistency = consistencies[readByte(input)]
  if (consistency === undefined) input.bad = true
  return { consistency: consistency ?? 'both', keys: readList(input, readInstanceKey) }
}

const putFields = (out: FieldWriter, command: NamingCommand): void => {
  switch (command.kind) {
    case 'publish-instances':
      putService(out, command.service)
      putConnection(out, command.owner)
      putList(out, command.instances, putInstance)
      return
    case 'register-instance':
      putService(out, command.service)
      putFlag(out, command.ephemeral)
      putFlag(out, command.ifAbsent)
      putInstance(out, command.instance)
      return
    case 'deregister-instance':
      putService(out, command.service)
      putFlag(out, command.ephemeral)
      putAddress(out, command)
      return
    case 'remove-instances':
      putList(out, command.instances, putSeen)
      return
    case 'set-health':
      putFlag(out, command.healthy)
      putList(out, command.instances, putSeen)
      return
    case 'declare-health':
      putService(out, command.service)
      putInstanceKey(out, command.instance)
      putFlag(out, command.healthy)
      return
    case 'patch-instance':
      putService(out, command.service)
      putInstanceKey(out, command.instance)
      putPatch(out, command.patch)
      return
    case 'patch-metadata':
      putService(out, command.service)
      putTargets(out, command.targets)
      putFlag(out, command.mode === 'drop')
      putMap(out, command.metadata)
      return
    case 'create-service':
      putService(out, command.service)
      putFlag(out, command.ephemeral)
      putServiceSpec(out, command.spec)
      return
    case 'update-service':
      putService(out, command.service)
      putServiceSpec(out, command.spec)
      return
    case 'remove-service':
      putService(out, command.service)
      return
    case 'put-cluster':
      putService(out, command.service)
      putText(out, command.cluster)
      putClusterSpec(out, command.spec)
      return
    case 'put-switch':
      putText(out, command.entry)
      putText(out, command.value)
      return
    case 'sweep-services':
      putList(out, command.services, putService)
      return
    case 'sweep-overrides':
      return
  }
}

/** @returns fresh bytes that share nothing with the command */
export const encodeNaming = (command: NamingCommand): Uint8Array => {
  const out = beginFields()
  putByte(out, version)
  putByte(out, firstKind + kinds.indexOf(command.kind))
  putFields(out, command)
  return endFields(out)
}

/** In the order of `putFields`: members of a literal are read as they stand. */
const readFields = (input: FieldReader, kind: NamingCommand['kind']): NamingCommand => {
  switch (kind) {
    case 'publish-instances':
      return { kind, service: readService(input), owner: readConnection(input), instances: readList(input, readInstance) }
    case 'register-instance':
      return { kind, service: readService(input), ephemeral: readFlag(input), ifAbsent: readFlag(input), instance: readInstance(input) }
    case 'deregister-instance':
      return { kind, service: readService(input), ephemeral: readFlag(input), ...readAddress(input) }
    case 'remove-instances':
      return { kind, instances: readList(input, readSeen) }
    case 'set-health':
      return { kind, healthy: readFlag(input), instances: readList(input, readSeen) }
    case 'declare-health':
      return { kind, service: readService(input), instance: readInstanceKey(input), healthy: readFlag(input) }
    case 'patch-instance':
      return { kind, service: readService(input), instance: readInstanceKey(input), patch: readPatch(input) }
    case 'patch-metadata': {
      const [service, targets, mode] = [readService(input), readTargets(input), readFlag(input) ? 'drop' : 'put'] as const
      return { kind, service, targets, mode, metadata: readMap(input) }
    }
    case 'create-service':
      return { kind, service: readService(input), ephemeral: readFlag(input), spec: readServiceSpec(input) }
    case 'update-service':
      return { kind, service: readService(input), spec: readServiceSpec(input) }
    case 'remove-service':
      return { kind, service: readService(input) }
    case 'put-cluster':
      return { kind, service: readService(input), cluster: readName(input), spec: readClusterSpec(input) }
    case 'put-switch':
      return { kind, entry: readName(input), value: readName(input) }
    case 'sweep-services':
      return { kind, services: readList(input, readService) }
    case 'sweep-overrides':
      return { kind }
  }
}

/** @returns null for bytes that no version of ours wrote or that this one cannot read. */
export const decodeNaming = (bytes: Uint8Array): NamingCommand | null => {
  const kind = kinds[(bytes[1] ?? 0) - firstKind]
  if (bytes[0] !== version || kind === undefined) return null
  const input = fieldsIn(bytes, 2)
  const command = readFields(input, kind)
  return isWhole(input) ? command : null
}
