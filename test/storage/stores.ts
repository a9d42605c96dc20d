/** A node's two files as the storage tests use them: one folder, one cluster, node 1. */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { RaftLogStore } from '../../src-node/raft-driver/ports.ts'
import { openSqliteRaftLog } from '../../src-node/raft-log/sqlite-raft-log.ts'
import { encodeCommand } from '../../src-node/state-machine/command-codec.ts'
import { emptyMeta } from '../../src-node/state-machine/state-machine.ts'
import { openSqliteStateStore } from '../../src-node/storage/sqlite/sqlite-state-store.ts'
import type { StateStore } from '../../src-node/storage/types.ts'

export const raftPath = (dir: string): string => join(dir, 'raft.db')
export const statePath = (dir: string): string => join(dir, 'state.db')

const owner = { clusterId: 'storage-test', nodeId: 1 }

export const openLog = (dir: string): RaftLogStore => openSqliteRaftLog({ path: raftPath(dir), ...owner })
export const openState = (dir: string, over: Partial<typeof owner> = {}): StateStore =>
  openSqliteStateStore({ path: statePath(dir), ...owner, ...over, initialMeta: emptyMeta() })
export const openStores = (dir: string): { log: RaftLogStore; store: StateStore } => ({ log: openLog(dir), store: openState(dir) })

const requestIdOf = (index: number, term: number) => (index % 4 === 0 ? { requestId: `request-id-${index}-of-${term}` } : {})

/** A publish, or now and then a delete, that index and term decide; every fourth with a request id. */
export const commandOf = (index: number, term: number): Uint8Array => {
  const key = { namespace: '', group: 'g', dataId: `d${index % 40}`, expectedMd5: null, sourceIp: '', sourceUser: '', ...requestIdOf(index, term) }
  if (index % 13 === 0) return encodeCommand({ kind: 'delete-config', ...key })
  const content = Buffer.from(`${index}.${term} `.repeat(30))
  const md5 = createHash('md5').update(content).digest('hex')
  return encodeCommand({ kind: 'publish-config', ...key, content, md5, type: 'text', appName: '', description: '', tags: null, encryptedDataKey: '' })
}
