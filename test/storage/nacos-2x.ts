/** Databases as Nacos itself leaves them (nacos-storage 1): statements of a 2.2 and of a 1.4, utf8 as theirs, with a few rows. */

const end = 'ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_bin'
const moments = `gmt_create datetime NOT NULL DEFAULT CURRENT_TIMESTAMP, gmt_modified datetime NOT NULL DEFAULT CURRENT_TIMESTAMP`

const configInfo = (encrypted: string, groupLength: number): string => `CREATE TABLE config_info (
  id bigint(20) NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(${groupLength}) DEFAULT NULL, content longtext NOT NULL,
  md5 varchar(32) DEFAULT NULL, ${moments}, src_user text, src_ip varchar(50) DEFAULT NULL, app_name varchar(128) DEFAULT NULL,
  tenant_id varchar(128) DEFAULT '', c_desc varchar(256) DEFAULT NULL, c_use varchar(64) DEFAULT NULL, effect varchar(64) DEFAULT NULL,
  type varchar(64) DEFAULT NULL, c_schema text ${encrypted}, PRIMARY KEY (id),
  UNIQUE KEY uk_configinfo_datagrouptenant (data_id, group_id, tenant_id)) ${end};`

const history = (encrypted: string): string => `CREATE TABLE his_config_info (
  id bigint(20) unsigned NOT NULL, nid bigint(20) unsigned NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) NOT NULL,
  app_name varchar(128) DEFAULT NULL, content longtext NOT NULL, md5 varchar(32) DEFAULT NULL, ${moments}, src_user text,
  src_ip varchar(50) DEFAULT NULL, op_type char(10) DEFAULT NULL, tenant_id varchar(128) DEFAULT '' ${encrypted}, PRIMARY KEY (nid),
  KEY idx_gmt_create (gmt_create), KEY idx_gmt_modified (gmt_modified), KEY idx_did (data_id)) ${end};`

const beta = `CREATE TABLE config_info_beta (
  id bigint(20) NOT NULL AUTO_INCREMENT, data_id varchar(255) NOT NULL, group_id varchar(128) NOT NULL, app_name varchar(128), content longtext NOT NULL,
  beta_ips varchar(1024), md5 varchar(32), ${moments}, src_user text, src_ip varchar(50), tenant_id varchar(128) DEFAULT '',
  PRIMARY KEY (id), UNIQUE KEY uk_configinfobeta_datagrouptenant (data_id, group_id, tenant_id)) ${end};`

const tags = `CREATE TABLE config_tags_relation (
  id bigint(20) NOT NULL, tag_name varchar(128) NOT NULL, tag_type varchar(64) DEFAULT NULL, data_id varchar(255) NOT NULL,
  group_id varchar(128) NOT NULL, tenant_id varchar(128) DEFAULT '', nid bigint(20) NOT NULL AUTO_INCREMENT, PRIMARY KEY (nid),
  UNIQUE KEY uk_configtagrelation_configidtag (id, tag_name, tag_type), KEY idx_tenant_id (tenant_id)) ${end};`

/** As from a program that fills what it does not name with nothing. */
const rows = `
  SET SESSION sql_mode = '';
  INSERT INTO config_info (id, data_id, group_id, content, md5, gmt_create, gmt_modified, src_user, src_ip, tenant_id, c_use, effect, type) VALUES
    (12, 'app.yaml', 'DEFAULT_GROUP', '名: 值', MD5('名: 值'), '2023-05-06 07:08:09', '2024-01-02 03:04:05', 'nacos', '10.0.0.1', '', 'kept use', 'kept effect', 'yaml'),
    (40, 'db.properties', 'orders', 'a=1', MD5('a=1'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', NULL, NULL, 'dev-1', NULL, NULL, NULL),
    (41, 'DB.properties', 'orders', 'a=2', MD5('a=2'), '2023-05-06 07:08:09', '2023-05-06 07:08:09', NULL, NULL, 'dev-1', NULL, NULL, 'ini');
  INSERT INTO his_config_info (id, nid, data_id, group_id, content, md5, op_type) VALUES
    (0, 77, 'app.yaml', 'DEFAULT_GROUP', 'old', MD5('old'), 'I'), (12, 78, 'app.yaml', 'DEFAULT_GROUP', 'old', MD5('old'), 'U');
  INSERT INTO config_tags_relation (id, tag_name, tag_type, data_id, group_id, tenant_id) VALUES (12, 'core', '', 'app.yaml', 'DEFAULT_GROUP', '');`

const encrypted = ", encrypted_data_key text NOT NULL COMMENT '秘钥'"

export const nacos22 = [configInfo(encrypted, 128), history(encrypted), beta, tags, rows].join('\n')
/** Before 2.1 nothing was encrypted; groups were longer here than in history. */
export const nacos14 = [configInfo('', 255), history(''), beta, tags, rows].join('\n')
