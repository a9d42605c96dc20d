/** What Nacos's tables beside the configurations cannot hold of a record, by the first column that is too small. Sends nothing. */

import type { SharedRecord } from '../../state-machine/types.ts'
import type { SinkExcess, SinkLimits } from '../sink.ts'
import { configLimitsOf, contentExcess, textExcess } from './column-limits.ts'
import type { NacosShape, TableShape } from './table-shapes.ts'

type Value = readonly [table: TableShape | null, column: string, text: string]

const versionValues = (record: Extract<SharedRecord, { readonly kind: 'gray' }>, { records, history }: NacosShape): readonly Value[] => {
  const { rule, grayName } = record
  const table = records.gray ?? (rule.type === 'beta' ? records.beta : records.tag)
  return [
    [table, 'data_id', record.dataId],
    [table, 'group_id', record.group],
    [table, 'tenant_id', record.namespace],
    // Of these three a table has the one that is its own.
    [table, 'gray_name', grayName],
    [table, 'beta_ips', rule.expr],
    [table, 'tag_id', rule.expr],
    [history, 'gray_name', grayName],
    [table, 'app_name', record.appName],
    [table, 'encrypted_data_key', record.encryptedDataKey],
    [table, 'src_ip', record.sourceIp],
    [table, 'src_user', record.sourceUser],
  ]
}

const valuesOf = (record: SharedRecord, shape: NacosShape): readonly Value[] => {
  const { tenants, users, roles, permissions, groups, spaces } = shape.records
  switch (record.kind) {
    case 'namespace':
      return [
        [tenants, 'tenant_id', record.id],
        [tenants, 'tenant_name', record.showName],
        [tenants, 'tenant_desc', record.description],
      ]
    case 'user':
      return [
        [users, 'username', record.name],
        [users, 'password', record.passwordHash],
        ...record.roles.flatMap((role): readonly Value[] => [
          [roles, 'username', record.name],
          [roles, 'role', role],
        ]),
      ]
    case 'role':
      return record.permissions.flatMap((row): readonly Value[] => [
        [permissions, 'role', row.role],
        [permissions, 'resource', row.resource],
        [permissions, 'action', row.action],
      ])
    case 'gray':
      return versionValues(record, shape)
    case 'capacity':
      return [record.scope === 'group' ? [groups, 'group_id', record.name] : [spaces, 'tenant_id', record.name]]
  }
}

/** Null: it fits, or has no table there. */
const recordExcess = (record: SharedRecord, shape: NacosShape): SinkExcess | null => {
  for (const [table, column, value] of valuesOf(record, shape)) {
    const text = table?.get(column)?.text
    const found = text === undefined || text === null ? null : textExcess({ column, text }, value)
    if (found !== null) return found
  }
  if (record.kind !== 'gray') return null
  const { gray, beta, tag } = shape.records
  return contentExcess(record.content, [gray ?? (record.rule.type === 'beta' ? beta : tag), shape.history], shape.packetBytesMax)
}

export const limitsOfShape = (shape: NacosShape): SinkLimits => ({
  ...configLimitsOf(shape),
  tooBigForRecord: (record) => recordExcess(record, shape),
})
