/**
 * Nacos's tables for all that is no configuration (nacos-storage 1.2, 1.3, 1.5): names, the columns that each must have, those that we write where
 * they are, and the key by which a row is found again. Facts alone.
 */

import type { RecordTableName } from '../sink.ts'

export interface RecordTable {
  readonly table: RecordTableName
  readonly needs: readonly string[]
  /** Besides. */
  readonly writes: readonly string[]
  /** Columns of a unique key, in the order of their names; null: rows are taken away and put anew. */
  readonly key: string | null
}

const versionNeeds = ['id', 'data_id', 'group_id', 'tenant_id', 'content', 'md5', 'gmt_create', 'gmt_modified']
const versionWrites = ['src_user', 'src_ip', 'app_name', 'encrypted_data_key']
const capacityNeeds = ['id', 'quota', 'max_size', 'max_aggr_count', 'max_aggr_size', 'gmt_create', 'gmt_modified']

export const recordTables = {
  tenants: {
    table: 'tenant_info',
    needs: ['id', 'kp', 'tenant_id', 'tenant_name', 'gmt_create', 'gmt_modified'],
    writes: ['tenant_desc', 'create_source'],
    key: 'kp,tenant_id',
  },
  users: { table: 'users', needs: ['username', 'password', 'enabled'], writes: [], key: 'username' },
  roles: { table: 'roles', needs: ['username', 'role'], writes: [], key: null },
  permissions: { table: 'permissions', needs: ['role', 'resource', 'action'], writes: [], key: null },
  /** From 2.5 on. */
  gray: {
    table: 'config_info_gray',
    needs: [...versionNeeds, 'gray_name', 'gray_rule'],
    writes: versionWrites,
    key: 'data_id,gray_name,group_id,tenant_id',
  },
  /** These two up to 2.4; 2.5 leaves them, and takes what stands there into `gray`. */
  beta: { table: 'config_info_beta', needs: [...versionNeeds, 'beta_ips'], writes: versionWrites, key: 'data_id,group_id,tenant_id' },
  tag: { table: 'config_info_tag', needs: [...versionNeeds, 'tag_id'], writes: versionWrites, key: 'data_id,group_id,tag_id,tenant_id' },
  groups: { table: 'group_capacity', needs: [...capacityNeeds, 'group_id'], writes: [], key: 'group_id' },
  spaces: { table: 'tenant_capacity', needs: [...capacityNeeds, 'tenant_id'], writes: [], key: 'tenant_id' },
} as const satisfies Readonly<Record<string, RecordTable>>
