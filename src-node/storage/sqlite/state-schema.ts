/**
 * Tables of the state store, with Nacos's own table and column names (nacos-storage 1) where Nacos has them. Times are
 * integers in ms since 1970; `content` stands last, so that reading the other columns never walks its overflow pages.
 * Migrations are only ever appended.
 */

import type Database from 'better-sqlite3'
import type { MachineMeta } from '../../state-machine/types.ts'

const version1 = `
  CREATE TABLE config_info (
    id INTEGER PRIMARY KEY,
    data_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    md5 TEXT NOT NULL,
    gmt_create INTEGER NOT NULL,
    gmt_modified INTEGER NOT NULL,
    src_user TEXT NOT NULL,
    src_ip TEXT NOT NULL,
    app_name TEXT NOT NULL,
    c_desc TEXT NOT NULL,
    type TEXT NOT NULL,
    encrypted_data_key TEXT NOT NULL,
    config_tags TEXT NOT NULL,
    raft_index INTEGER NOT NULL,
    content_bytes INTEGER NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX uk_configinfo_datagrouptenant ON config_info (tenant_id, group_id, data_id);
  CREATE TABLE his_config_info (
    nid INTEGER PRIMARY KEY,
    id INTEGER NOT NULL,
    data_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    tenant_id TEXT NOT NULL,
    app_name TEXT NOT NULL,
    md5 TEXT NOT NULL,
    gmt_create INTEGER NOT NULL,
    gmt_modified INTEGER NOT NULL,
    src_user TEXT NOT NULL,
    src_ip TEXT NOT NULL,
    op_type TEXT NOT NULL,
    encrypted_data_key TEXT NOT NULL,
    publish_type TEXT NOT NULL,
    ext_info TEXT NOT NULL,
    raft_index INTEGER NOT NULL,
    content TEXT NOT NULL
  ) STRICT;
  CREATE TABLE nacos_trio_machine (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    applied_index INTEGER NOT NULL,
    applied_term INTEGER NOT NULL,
    next_config_id INTEGER NOT NULL,
    next_history_id INTEGER NOT NULL,
    last_time_ms INTEGER NOT NULL,
    state_hash TEXT NOT NULL
  ) STRICT;`

/**
 * Replies to writes with a request id. The index of the entry is the key, since rows come at one end and go at the other, and nothing is
 * looked up by id here: the machine holds them all in memory.
 */
const version2 = `
  CREATE TABLE nacos_trio_request (
    raft_index INTEGER PRIMARY KEY,
    request_id TEXT NOT NULL,
    command_hash INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    md5 TEXT NOT NULL
  ) STRICT`

/** What was installed from a snapshot and the Raft log does not know of yet: index (0: nothing), and the configuration that comes with it. */
const version3 = `
  CREATE TABLE nacos_trio_install (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    installed_index INTEGER NOT NULL,
    membership_index INTEGER,
    membership BLOB
  ) STRICT;
  INSERT INTO nacos_trio_install VALUES (1, 0, NULL, NULL);`

/**
 * MySQL mode: which entries changed what, as long as the shared database may lack it. `complete_after` is null while the mode is off, and
 * nothing is queued then.
 */
const version4 = `
  CREATE TABLE sink_queue (
    raft_index INTEGER NOT NULL,
    config_id INTEGER NOT NULL,
    nid INTEGER,
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    data_id TEXT NOT NULL,
    PRIMARY KEY (raft_index, config_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE nacos_trio_sink (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    complete_after INTEGER
  ) STRICT;
  INSERT INTO nacos_trio_sink VALUES (1, NULL);`

/** Points to which the configurations can be brought back; what they hold stands in the history, from `history_from` on. */
const version5 = `
  CREATE TABLE nacos_trio_snapshot (
    raft_index INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    taken_ms INTEGER NOT NULL,
    history_from INTEGER NOT NULL,
    configs INTEGER NOT NULL,
    content_bytes INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    usable INTEGER NOT NULL
  ) STRICT`

/** Records of the machine's areas (services, namespaces, users and others), as bytes: only the area knows what they are. */
const version6 = `
  CREATE TABLE nacos_trio_record (
    area INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (area, key)
  ) STRICT, WITHOUT ROWID`

/**
 * Records of areas stand in the queue as well, by area and key in place of a data id; what was applied before them did not, so that the queue is
 * whole only after what is applied by now.
 */
const version7 = `
  DROP TABLE sink_queue;
  CREATE TABLE sink_queue (
    raft_index INTEGER NOT NULL,
    config_id INTEGER NOT NULL,
    nid INTEGER,
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    data_id TEXT NOT NULL,
    area INTEGER NOT NULL,
    PRIMARY KEY (raft_index, config_id, area, data_id)
  ) STRICT, WITHOUT ROWID;
  UPDATE nacos_trio_sink SET complete_after = (SELECT applied_index FROM nacos_trio_machine WHERE id = 1) WHERE complete_after IS NOT NULL;`

/** @param initial the meta of a machine that has applied nothing; only a new file uses it. */
export const stateMigrations = (initial: MachineMeta): readonly ((db: Database.Database) => void)[] => [
  (db) => {
    db.exec(version1)
    db.prepare('INSERT INTO nacos_trio_machine VALUES (1, ?, ?, ?, ?, ?, ?)').run(
      initial.appliedIndex,
      initial.appliedTerm,
      initial.nextConfigId,
      initial.nextHistoryId,
      initial.lastTimeMs,
      initial.stateHash,
    )
  },
  (db) => {
    db.exec(version2)
  },
  (db) => db.exec(version3),
  (db) => db.exec(version4),
  (db) => db.exec(version5),
  (db) => db.exec(version6),
  (db) => db.exec(version7),
]
