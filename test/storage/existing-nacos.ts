/**
 * A whole database as a Nacos 2.x of some years leaves it: every table of nacos-storage 1 with rows, those of 2.5 beside those that it took the
 * place of, `utf8` as theirs; and rows as people, scripts and old servers have put them there. Which rows a cluster takes, and why not the
 * others, is written beside them.
 */

const end = 'ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_bin'
const moments = 'gmt_create datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP'

const configs = `CREATE TABLE config_info (
  id bigint(20) NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) DEFAULT NULL, content longtext NOT NULL,
  md5 varchar(32) DEFAULT NULL, ${moments}, src_user text, src_ip varchar(50) DEFAULT NULL, app_name varchar(128) DEFAULT NULL,
  tenant_id varchar(128) DEFAULT '', c_desc varchar(256) DEFAULT NULL, c_use varchar(64) DEFAULT NULL, effect varchar(64) DEFAULT NULL,
  type varchar(64) DEFAULT NULL, c_schema text, encrypted_data_key varchar(1024) NOT NULL DEFAULT '', PRIMARY KEY (id),
  UNIQUE KEY uk_configinfo_datagrouptenant (data_id, group_id, tenant_id)) ${end};`

const history = `CREATE TABLE his_config_info (
  id bigint(20) unsigned NOT NULL, nid bigint(20) unsigned NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) NOT NULL,
  app_name varchar(128) DEFAULT NULL, content longtext NOT NULL, md5 varchar(32) DEFAULT NULL, ${moments}, src_user text,
  src_ip varchar(50) DEFAULT NULL, op_type char(10) DEFAULT NULL, tenant_id varchar(128) DEFAULT '',
  encrypted_data_key varchar(1024) NOT NULL DEFAULT '', publish_type varchar(50) DEFAULT 'formal', gray_name varchar(50) DEFAULT NULL,
  ext_info longtext DEFAULT NULL, PRIMARY KEY (nid),
  KEY idx_gmt_create (gmt_create), KEY idx_gmt_modified (gmt_modified), KEY idx_did (data_id)) ${end};`

const versions = `
  CREATE TABLE config_info_gray (
    id bigint unsigned NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) NOT NULL, content longtext NOT NULL,
    md5 varchar(32) DEFAULT NULL, src_user text, src_ip varchar(100) DEFAULT NULL, gmt_create datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    gmt_modified datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), app_name varchar(128) DEFAULT NULL, tenant_id varchar(128) DEFAULT '',
    gray_name varchar(128) NOT NULL, gray_rule text NOT NULL, encrypted_data_key varchar(256) NOT NULL DEFAULT '', PRIMARY KEY (id),
    UNIQUE KEY uk_configinfogray_datagrouptenantgray (data_id, group_id, tenant_id, gray_name),
    KEY idx_dataid_gmt_modified (data_id, gmt_modified), KEY idx_gmt_modified (gmt_modified)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
  CREATE TABLE config_info_beta (
    id bigint(20) NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) NOT NULL, app_name varchar(128), content longtext NOT NULL,
    beta_ips varchar(1024), md5 varchar(32), ${moments}, src_user text, src_ip varchar(50), tenant_id varchar(128) DEFAULT '', PRIMARY KEY (id),
    UNIQUE KEY uk_configinfobeta_datagrouptenant (data_id, group_id, tenant_id)) ${end};
  CREATE TABLE config_info_tag (
    id bigint(20) NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) NOT NULL, tenant_id varchar(128) DEFAULT '',
    tag_id varchar(128) NOT NULL, app_name varchar(128), content longtext NOT NULL, md5 varchar(32), ${moments}, src_user text, src_ip varchar(50),
    PRIMARY KEY (id), UNIQUE KEY uk_configinfotag_datagrouptenanttag (data_id, group_id, tenant_id, tag_id)) ${end};
  CREATE TABLE config_tags_relation (
    id bigint(20) NOT NULL, tag_name varchar(128) NOT NULL, tag_type varchar(64) DEFAULT NULL, data_id varchar(255) NOT NULL,
    group_id varchar(128) NOT NULL, tenant_id varchar(128) DEFAULT '', nid bigint(20) NOT NULL AUTO_INCREMENT, PRIMARY KEY (nid),
    UNIQUE KEY uk_configtagrelation_configidtag (id, tag_name, tag_type), KEY idx_tenant_id (tenant_id)) ${end};`

const capacity = (name: string, column: string): string => `CREATE TABLE ${name} (
  id bigint(20) unsigned NOT NULL AUTO_INCREMENT, ${column} varchar(128) NOT NULL DEFAULT '', quota int(10) unsigned NOT NULL DEFAULT '0',
  \`usage\` int(10) unsigned NOT NULL DEFAULT '0', max_size int(10) unsigned NOT NULL DEFAULT '0', max_aggr_count int(10) unsigned NOT NULL DEFAULT '0',
  max_aggr_size int(10) unsigned NOT NULL DEFAULT '0', max_history_count int(10) unsigned NOT NULL DEFAULT '0', ${moments}, PRIMARY KEY (id),
  UNIQUE KEY uk_${column} (${column})) ${end};`

const others = `
  ${capacity('group_capacity', 'group_id')} ${capacity('tenant_capacity', 'tenant_id')}
  CREATE TABLE tenant_info (
    id bigint(20) NOT NULL AUTO_INCREMENT, kp varchar(128) NOT NULL, tenant_id varchar(128) DEFAULT '', tenant_name varchar(128) DEFAULT '',
    tenant_desc varchar(256) DEFAULT NULL, create_source varchar(32) DEFAULT NULL, gmt_create bigint(20) NOT NULL, gmt_modified bigint(20) NOT NULL,
    PRIMARY KEY (id), UNIQUE KEY uk_tenant_info_kptenantid (kp, tenant_id), KEY idx_tenant_id (tenant_id)) ${end};
  CREATE TABLE users (username varchar(50) NOT NULL PRIMARY KEY, password varchar(500) NOT NULL, enabled boolean NOT NULL) ${end};
  CREATE TABLE roles (username varchar(50) NOT NULL, role varchar(50) NOT NULL, UNIQUE INDEX idx_user_role (username ASC, role ASC)) ${end};
  CREATE TABLE permissions (role varchar(50) NOT NULL, resource varchar(128) NOT NULL, action varchar(8) NOT NULL,
    UNIQUE INDEX uk_role_permission (role, resource, action)) ${end};`

/** What stands beside the configurations: opening the database changes not a byte of them. */
export const besideTables = [
  ...['config_info_gray', 'config_info_beta', 'config_info_tag', 'group_capacity', 'tenant_capacity', 'tenant_info', 'users', 'roles', 'permissions'],
] as const

const besideRows = `
  INSERT INTO config_info_gray (data_id, group_id, content, md5, gray_name, gray_rule) VALUES
    ('app.yaml', 'DEFAULT_GROUP', 'gray: 1', MD5('gray: 1'), 'beta', '{"type":"beta","version":"1.0.0","expr":"10.0.0.9","priority":2147483647}');
  INSERT INTO config_info_beta (data_id, group_id, content, beta_ips) VALUES ('app.yaml', 'DEFAULT_GROUP', 'beta: 1', '10.0.0.9');
  INSERT INTO config_info_tag (data_id, group_id, tag_id, content) VALUES ('app.yaml', 'DEFAULT_GROUP', 'east', 'tag: 1');
  INSERT INTO group_capacity (group_id, quota, \`usage\`) VALUES ('', 100000, 3), ('orders', 200, 2);
  INSERT INTO tenant_capacity (tenant_id, quota) VALUES ('dev-1', 200);
  INSERT INTO tenant_info (kp, tenant_id, tenant_name, create_source, gmt_create, gmt_modified) VALUES ('1', 'dev-1', 'Entwicklung ä', 'nacos', 1683356889000, 1683356889000);
  INSERT INTO users VALUES ('nacos', '$2a$10$EuWPZHzz32dJN7jexM34MOeYirDdFAZm2kuWj7VEOJhhZkDrxfvUu', TRUE);
  INSERT INTO roles VALUES ('nacos', 'ROLE_ADMIN');
  INSERT INTO permissions VALUES ('ROLE_ADMIN', 'dev-1:*:*', 'rw');`

export interface ExistingRow {
  readonly id: string
  readonly dataId: string
  readonly group?: string
  readonly tenant?: string
  readonly content: string
  readonly type?: string
}

/** What the cluster must have of it, and show. */
export const taken: readonly ExistingRow[] = [
  { id: '-5', dataId: 'below-zero', content: 'b' },
  { id: '12', dataId: 'app.yaml', content: '名: 值', type: 'yaml' },
  { id: '13', dataId: 'all-null', content: 'n' },
  { id: '14', dataId: 'wrong-md5', content: 'w', type: 'json' },
  { id: '15', dataId: 'secret.properties', group: 'orders', tenant: 'dev-1', content: 'cipher', type: 'properties' },
  { id: '16', dataId: 'tenant-null', content: 't' },
  { id: '17', dataId: 'twice', content: 'counts' },
  { id: '22', dataId: 'zero-date', content: 'z' },
  { id: '23', dataId: 'year-1000', content: 'y' },
  { id: '30', dataId: 'case', content: 'small' },
  { id: '31', dataId: 'CASE', content: 'large' },
  { id: '32', dataId: 'empty', content: '' },
  { id: '33', dataId: 'odd-type.ini', content: 'i' },
]

/** What it must name and leave: id, and the column that says why. */
export const left: readonly (readonly [string, string])[] = [
  ['18', 'tenant_id'],
  ['19', 'group_id'],
  ['20', 'data_id'],
  ['21', 'tenant_id'],
  ['24', 'tenant_id'],
  ['40', 'content'],
  ['9007199254740993', 'id'],
]

const knownRows = `
  INSERT INTO config_info (id, data_id, group_id, content, md5, gmt_create, gmt_modified, tenant_id, c_desc, c_use, effect, type, c_schema, encrypted_data_key) VALUES
    (12, 'app.yaml', 'DEFAULT_GROUP', '名: 值', MD5('名: 值'), '2023-05-06 07:08:09', '2024-01-02 03:04:05', '', 'of the shop', 'kept use', 'kept effect', 'yaml', 'kept schema', ''),
    (13, 'all-null', 'DEFAULT_GROUP', 'n', NULL, '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, NULL, NULL, ''),
    (14, 'wrong-md5', 'DEFAULT_GROUP', 'w', 'ffffffffffffffffffffffffffffffff', '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'json', NULL, ''),
    (15, 'secret.properties', 'orders', 'cipher', MD5('cipher'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', 'dev-1', NULL, NULL, NULL, 'properties', NULL, 'a2V5'),
    (16, 'tenant-null', 'DEFAULT_GROUP', 't', MD5('t'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', NULL, NULL, NULL, NULL, 'text', NULL, ''),
    (17, 'twice', 'DEFAULT_GROUP', 'counts', MD5('counts'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (18, 'twice', 'DEFAULT_GROUP', 'does not', MD5('does not'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', NULL, NULL, NULL, NULL, 'text', NULL, ''),
    (19, 'groupless', NULL, 'g', MD5('g'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (20, 'with space 中', 'DEFAULT_GROUP', 's', MD5('s'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (21, 'long-tenant', 'DEFAULT_GROUP', 'l', MD5('l'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', REPEAT('t', 65), NULL, NULL, NULL, 'text', NULL, ''),
    (22, 'zero-date', 'DEFAULT_GROUP', 'z', MD5('z'), '0000-00-00 00:00:00', '0000-00-00 00:00:00', '', NULL, NULL, NULL, 'text', NULL, ''),
    (23, 'year-1000', 'DEFAULT_GROUP', 'y', MD5('y'), '1000-01-01 00:00:00', '1000-01-01 00:00:00', '', NULL, NULL, NULL, 'text', NULL, ''),
    (24, 'tenant-called-null', 'DEFAULT_GROUP', 'c', MD5('c'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', 'null', NULL, NULL, NULL, 'text', NULL, ''),
    (30, 'case', 'DEFAULT_GROUP', 'small', MD5('small'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (31, 'CASE', 'DEFAULT_GROUP', 'large', MD5('large'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (32, 'empty', 'DEFAULT_GROUP', '', MD5(''), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (33, 'odd-type.ini', 'DEFAULT_GROUP', 'i', MD5('i'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'ini', NULL, ''),
    (40, 'too-large', 'DEFAULT_GROUP', REPEAT('x', 10485761), NULL, '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (-5, 'below-zero', 'DEFAULT_GROUP', 'b', MD5('b'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, ''),
    (9007199254740993, 'beyond', 'DEFAULT_GROUP', 'f', MD5('f'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', '', NULL, NULL, NULL, 'text', NULL, '');
  INSERT INTO his_config_info (id, nid, data_id, group_id, content, md5, op_type, publish_type, gray_name, ext_info) VALUES
    (0, 77, 'app.yaml', 'DEFAULT_GROUP', 'old', MD5('old'), 'I', 'formal', NULL, NULL),
    (12, 78, 'app.yaml', 'DEFAULT_GROUP', 'old', NULL, 'U', 'formal', NULL, '{"type":"yaml"}'),
    (1, 79, 'app.yaml', 'DEFAULT_GROUP', 'gray: 1', MD5('gray: 1'), 'I', 'gray', 'beta', '{"gray_name":"beta"}');
  INSERT INTO config_tags_relation (id, tag_name, tag_type, data_id, group_id, tenant_id) VALUES (12, 'core', '', 'app.yaml', 'DEFAULT_GROUP', '');`

/** As from programs that fill what they do not name with nothing, and dates of no calendar. */
export const existingNacos = [configs, history, versions, others, "SET SESSION sql_mode = '';", besideRows, knownRows].join('\n')
