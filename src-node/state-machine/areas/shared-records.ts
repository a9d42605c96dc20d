/**
 * Records of areas and what they are in the words of Nacos's tables, both ways. It knows which areas a shared database holds, and what of a record
 * two stores must agree in; it must never read or write either.
 */

import type { AreaNumber, AreaRecord } from '../types.ts'
import { accountArea } from './account-area.ts'
import { accountKinds, readRecord, roleBytes, roleKey, userBytes, userKey } from './account-codec.ts'
import type { Areas } from './areas.ts'
import { capacityArea, capacityBytes, capacityKey, capacityKinds, capacityOf } from './capacity-area.ts'
import { grayArea, grayKinds, grayNamesIn, grayRecordKey, grayRecordValue, readGrayRecord } from './gray-codec.ts'
import { namespaceArea, namespaceBytes, namespaceKinds, namespaceOf } from './namespace-area.ts'
import type { SharedName, SharedRecord } from './shared-words.ts'

const kinds: readonly (readonly [from: number, to: number])[] = [grayKinds, capacityKinds, namespaceKinds, accountKinds]

/** Whether a command, as bytes, may change a record that a shared database holds too: it must be there before anybody is told. */
export const changesShared = (bytes: Uint8Array): boolean => {
  const kind = bytes[1] ?? 0
  return kinds.some(([from, to]) => from <= kind && kind <= to)
}

/** Null: of another area, or not of a version that this one knows. */
export const sharedRecordOf = ({ area, key, value }: AreaRecord): SharedRecord | null => {
  switch (area) {
    case grayArea: {
      const record = readGrayRecord({ key, value })
      return record === null ? null : { kind: 'gray', ...record.row, content: record.content }
    }
    case namespaceArea: {
      const row = namespaceOf(key, value)
      return row === null ? null : { kind: 'namespace', ...row }
    }
    case accountArea: {
      const record = readRecord(key, value)
      return record?.kind === 'user' ? { kind: 'user', ...record.row } : record
    }
    case capacityArea: {
      const row = capacityOf(value)
      return row === null ? null : { kind: 'capacity', ...row }
    }
    default:
      return null
  }
}

/** Of a record that may be gone. Null as above. */
export const sharedNameOf = (area: AreaNumber, key: string): SharedName | null => {
  switch (area) {
    case grayArea: {
      const names = grayNamesIn(key)
      return names === null ? null : { kind: 'gray', ...names }
    }
    case namespaceArea:
      return { kind: 'namespace', id: key }
    case accountArea:
      return key.startsWith('u') ? { kind: 'user', name: key.slice(1) } : { kind: 'role', role: key.slice(1) }
    case capacityArea: {
      const [scope = '', ...name] = key.split(':')
      return scope === 'group' || scope === 'tenant' ? { kind: 'capacity', scope, name: name.join(':') } : null
    }
    default:
      return null
  }
}

/** Of all that are there, in no order that means anything. */
export function* sharedNamesIn({ namespaces, accounts, gray, capacities }: Omit<Areas, 'naming'>): Generator<SharedName> {
  for (const { id } of namespaces.all()) yield { kind: 'namespace', id }
  for (const { name } of accounts.users()) yield { kind: 'user', name }
  for (const [first] of accounts.permissions()) if (first !== undefined) yield { kind: 'role', role: first.role }
  for (const versions of gray.all())
    for (const { namespace, group, dataId, grayName } of versions) yield { kind: 'gray', namespace, group, dataId, grayName }
  for (const { scope, name } of capacities.all()) yield { kind: 'capacity', scope, name }
}

export const placeOf = (record: SharedName): Pick<AreaRecord, 'area' | 'key'> => {
  switch (record.kind) {
    case 'namespace':
      return { area: namespaceArea, key: record.id }
    case 'user':
      return { area: accountArea, key: userKey(record.name) }
    case 'role':
      return { area: accountArea, key: roleKey(record.role) }
    case 'gray':
      return { area: grayArea, key: grayRecordKey(record) }
    case 'capacity':
      return { area: capacityArea, key: capacityKey(record.scope, record.name) }
  }
}

export const sharedValueOf = (record: SharedRecord): Uint8Array => {
  switch (record.kind) {
    case 'namespace':
      return namespaceBytes(record)
    case 'user':
      return userBytes(record)
    case 'role':
      return roleBytes(record.permissions)
    case 'gray':
      return grayRecordValue(record, record.content)
    case 'capacity':
      return capacityBytes(record)
  }
}

/**
 * What two stores must agree in, as a text; `''` of a record that says nothing. Times and numbers of rows are a store's own, the type of a gray
 * version has no column, and a content counts by its md5.
 */
export const sharedFacts = (record: SharedRecord): string => {
  switch (record.kind) {
    case 'namespace':
      return JSON.stringify([record.showName, record.description])
    case 'user':
      return JSON.stringify([record.passwordHash, ...record.roles.toSorted()])
    case 'role':
      return record.permissions.length === 0
        ? ''
        : JSON.stringify(record.permissions.map(({ resource, action }) => `${action} ${resource}`).toSorted())
    case 'gray': {
      const { rule, md5, appName, encryptedDataKey } = record
      return JSON.stringify([rule.type, rule.expr, md5, appName, encryptedDataKey])
    }
    case 'capacity': {
      const limits = [record.quota, record.maxSize, record.maxAggrCount, record.maxAggrSize]
      return limits.every((limit) => limit === 0) ? '' : JSON.stringify(limits)
    }
  }
}
