/**
 * Nacos's own tables as 2.5 and 3.x create them (`mysql-schema.sql`, nacos-storage 1), but utf8mb4 where Nacos has utf8, so that emoji
 * fit; their longest key has 2,556 bytes of the 3,072 that InnoDB takes. For an empty database only: what is there is never altered.
 */

import type { ColumnShape, NacosShape, TableShape } from './table-shapes.ts'

const end = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin'

const capacity = (name: string, column: string, key: string): string => `
  CREATE TABLE IF NOT EXISTS ${name} (
    id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
    ${column} varchar(128) NOT NULL DEFAULT '',
    quota int(10) unsigned NOT NULL DEFAULT '0',
    \`usage\` int(10) unsigned NOT NULL DEFAULT '0',
    max_size int(10) unsigned NOT NULL DEFAULT '0',
    max_aggr_count int(10) unsigned NOT NULL DEFAULT '0',
    max_aggr_size int(10) unsigned NOT NULL DEFAULT '0',
    max_history_count int(10) unsigned NOT NULL DEFAULT '0',
    gmt_create datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY ${key} (${column})
  ) ${end}`

const configInfo = `
  CREATE TABLE IF NOT EXISTS config_info (
    id bigint(20) NOT NULL AUTO_INCREMENT,
    data_id varchar(255) NOT NULL,
    group_id varchar(128) DEFAULT NULL,
    content longtext NOT NULL,
    md5 varchar(32) DEFAULT NULL,
    gmt_create datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    src_user text,
    src_ip varchar(50) DEFAULT NULL,
    app_name varchar(128) DEFAULT NULL,
    tenant_id varchar(128) DEFAULT '',
    c_desc varchar(256) DEFAULT NULL,
    c_use varchar(64) DEFAULT NULL,
    effect varchar(64) DEFAULT NULL,
    type varchar(64) DEFAULT NULL,
    c_schema text,
    encrypted_data_key varchar(1024) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE KEY uk_configinfo_datagrouptenant (data_id, group_id, tenant_id)
  ) ${end}`

const configInfoGray = `
  CREATE TABLE IF NOT EXISTS config_info_gray (
    id bigint unsigned NOT NULL AUTO_INCREMENT,
    data_id varchar(255) NOT NULL,
    group_id varchar(128) NOT NULL,
    content longtext NOT NULL,
    md5 varchar(32) DEFAULT NULL,
    src_user text,
    src_ip varchar(100) DEFAULT NULL,
    gmt_create datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    gmt_modified datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    app_name varchar(128) DEFAULT NULL,
    tenant_id varchar(128) DEFAULT '',
    gray_name varchar(128) NOT NULL,
    gray_rule text NOT NULL,
    encrypted_data_key varchar(256) NOT NULL DEFAULT '',
    PRIMARY KEY (id),
    UNIQUE KEY uk_configinfogray_datagrouptenantgray (data_id, group_id, tenant_id, gray_name),
    KEY idx_dataid_gmt_modified (data_id, gmt_modified),
    KEY idx_gmt_modified (gmt_modified)
  ) ${end}`

const tagsRelation = `
  CREATE TABLE IF NOT EXISTS config_tags_relation (
    id bigint(20) NOT NULL,
    tag_name varchar(128) NOT NULL,
    tag_type varchar(64) DEFAULT NULL,
    data_id varchar(255) NOT NULL,
    group_id varchar(128) NOT NULL,
    tenant_id varchar(128) DEFAULT '',
    nid bigint(20) NOT NULL AUTO_INCREMENT,
    PRIMARY KEY (nid),
    UNIQUE KEY uk_configtagrelation_configidtag (id, tag_name, tag_type),
    KEY idx_tenant_id (tenant_id)
  ) ${end}`

const history = `
  CREATE TABLE IF NOT EXISTS his_config_info (
    id bigint(20) unsigned NOT NULL,
    nid bigint(20) unsigned NOT NULL AUTO_INCREMENT,
    data_id varchar(255) NOT NULL,
    group_id varchar(128) NOT NULL,
    app_name varchar(128) DEFAULT NULL,
    content longtext NOT NULL,
    md5 varchar(32) DEFAULT NULL,
    gmt_create datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP,
    src_user text,
    src_ip varchar(50) DEFAULT NULL,
    op_type char(10) DEFAULT NULL,
    tenant_id varchar(128) DEFAULT '',
    encrypted_data_key varchar(1024) NOT NULL DEFAULT '',
    publish_type varchar(50) DEFAULT 'formal',
    gray_name varchar(50) DEFAULT NULL,
    ext_info longtext DEFAULT NULL,
    PRIMARY KEY (nid),
    KEY idx_gmt_create (gmt_create),
    KEY idx_gmt_modified (gmt_modified),
    KEY idx_did (data_id)
  ) ${end}`

const tenants = `
  CREATE TABLE IF NOT EXISTS tenant_info (
    id bigint(20) NOT NULL AUTO_INCREMENT,
    kp varchar(128) NOT NULL,
    tenant_id varchar(128) DEFAULT '',
    tenant_name varchar(128) DEFAULT '',
    tenant_desc varchar(256) DEFAULT NULL,
    create_source varchar(32) DEFAULT NULL,
    gmt_create bigint(20) NOT NULL,
    gmt_modified bigint(20) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY uk_tenant_info_kptenantid (kp, tenant_id),
    KEY idx_tenant_id (tenant_id)
  ) ${end}`

const accounts = [
  `CREATE TABLE IF NOT EXISTS users (
    username varchar(50) NOT NULL PRIMARY KEY,
    password varchar(500) NOT NULL,
    enabled boolean NOT NULL
  ) ${end}`,
  `CREATE TABLE IF NOT EXISTS roles (
    username varchar(50) NOT NULL,
    role varchar(50) NOT NULL,
    UNIQUE INDEX idx_user_role (username ASC, role ASC)
  ) ${end}`,
  `CREATE TABLE IF NOT EXISTS permissions (
    role varchar(50) NOT NULL,
    resource varchar(128) NOT NULL,
    action varchar(8) NOT NULL,
    UNIQUE INDEX uk_role_permission (role, resource, action)
  ) ${end}`,
]

/** `config_info` comes last: a database without it counts as empty, so a creation that was cut short is simply done again. */
export const nacosTables: readonly string[] = [
  history,
  configInfoGray,
  tagsRelation,
  capacity('group_capacity', 'group_id', 'uk_group_id'),
  capacity('tenant_capacity', 'tenant_id', 'uk_tenant_id'),
  tenants,
  ...accounts,
  configInfo,
]

const varchars = { data_id: 255, group_id: 128, tenant_id: 128, md5: 32, src_ip: 50, app_name: 128, type: 64, encrypted_data_key: 1024 }
const unicode = { charset: 'utf8mb4', collation: 'utf8mb4_bin' }
const varchar = (limit: number): ColumnShape => ({ text: { ...unicode, limit, unit: 'characters' }, fraction: 0, mustBeGiven: false })
const text = (limit: number): ColumnShape => ({ text: { ...unicode, limit, unit: 'bytes' }, fraction: 0, mustBeGiven: false })

const rowShape: TableShape = new Map([
  ...Object.entries(varchars).map(([column, limit]) => [column, varchar(limit)] as const),
  ['c_desc', varchar(256)],
  ['src_user', text(65_535)],
  ['content', text(2 ** 32 - 1)],
])

const shapeOf = (columns: Readonly<Record<string, number>>): TableShape =>
  new Map(Object.entries(columns).map(([column, limit]) => [column, varchar(limit)] as const))
const grayShape: TableShape = new Map([
  ...rowShape,
  ...shapeOf({ gray_name: 128, src_ip: 100, encrypted_data_key: 256 }),
  ['gray_rule', text(65_535)],
])

/** Of the tables above, as information_schema would tell it once they are there: what would fit is known before they are made. */
export const createdShape = (packetBytesMax: number): NacosShape => ({
  config: rowShape,
  history: new Map([...rowShape, ...shapeOf({ publish_type: 50, gray_name: 50 })]),
  tags: new Map([...rowShape, ['tag_name', varchar(128)]]),
  records: {
    tenants: shapeOf({ tenant_id: 128, tenant_name: 128, tenant_desc: 256 }),
    users: shapeOf({ username: 50, password: 500 }),
    roles: shapeOf({ username: 50, role: 50 }),
    permissions: shapeOf({ role: 50, resource: 128, action: 8 }),
    ...{ gray: grayShape, beta: null, tag: null },
    groups: shapeOf({ group_id: 128 }),
    spaces: shapeOf({ tenant_id: 128 }),
  },
  defaultTenant: '',
  packetBytesMax,
})
