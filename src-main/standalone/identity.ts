/**
 * Whose cluster this node belongs to: read from its folder, or settled at its first start and kept there (`node.json`, mode 0600). What is kept
 * holds for the folder's whole life: other words on the command line are refused, since log and state are that cluster's.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJson, replaceFile } from '../cluster/durable-file.ts'
import type { StandaloneOptions } from './command-line.ts'
import { refuse } from './sentences.ts'

export interface Identity {
  readonly clusterId: string
  readonly founders: readonly number[]
  /** 64 hex digits. */
  readonly clusterSecret: string
}

interface Kept {
  readonly version: 1
  readonly clusterId: string
  readonly founders: readonly number[]
  /** Of a node that is alone; null: it stands in a file of its own. */
  readonly clusterSecret: string | null
}

/** Of more use than this no secret is; bounds what a wrong file name can make us read. */
const secretBytesMax = 4_096
const secretPattern = /^[0-9a-f]{64}$/i
const howToMake = 'make one with: openssl rand -hex 32'

const readSecret = (file: string): string => {
  let text = ''
  try {
    text = readFileSync(file, 'utf8').slice(0, secretBytesMax).trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error'
    refuse(`The secret file ${file} cannot be read (${code}): check --secret-file`, `密钥文件 ${file} 无法读取（${code}）：请检查 --secret-file`)
  }
  if (secretPattern.test(text)) return text.toLowerCase()
  return refuse(
    `The secret file ${file} must hold 64 hex digits: ${howToMake}`,
    `密钥文件 ${file} 应为 64 位十六进制数字，可用 openssl rand -hex 32 生成`,
  )
}

/** All nodes of one secret are one cluster, unless they say otherwise. One way: it tells nothing of the secret. */
const clusterIdFrom = (secret: string): string => createHash('sha256').update('nacos-trio cluster id').update(secret).digest('hex').slice(0, 32)

const parseKept = (value: unknown): Kept | null => {
  if (typeof value !== 'object' || value === null) return null
  const { version, clusterId, founders, clusterSecret } = value as Record<string, unknown>
  const idsFit = Array.isArray(founders) && founders.every((id) => Number.isInteger(id))
  const secretFits = clusterSecret === null || (typeof clusterSecret === 'string' && secretPattern.test(clusterSecret))
  return version === 1 && typeof clusterId === 'string' && idsFit && secretFits ? { version, clusterId, founders, clusterSecret } : null
}

const readKept = (file: string): Kept | null => {
  const value = readJson(file)
  if (value === undefined) return null
  return (
    parseKept(value) ?? refuse(`${file} is damaged, or of a newer version: put it back from a copy`, `${file} 已损坏，或来自更新的版本：请从备份恢复`)
  )
}

const refuseOthers = (file: string, kept: Kept, { clusterId, founders }: StandaloneOptions): void => {
  if (clusterId !== null && clusterId !== kept.clusterId)
    refuse(
      `${file} belongs to cluster ${kept.clusterId}, not ${clusterId}: leave out --cluster-id, or choose another folder with --data`,
      `${file} 属于集群 ${kept.clusterId} 而不是 ${clusterId}：请去掉 --cluster-id，或用 --data 指定其他目录`,
    )
  if (founders !== null && `${founders.toSorted()}` !== `${kept.founders.toSorted()}`)
    refuse(
      `${file} says that the cluster began with the nodes ${kept.founders}, not ${founders}: --founders never changes`,
      `${file} 记录集群最初的节点为 ${kept.founders}，而不是 ${founders}：--founders 不可更改`,
    )
}

/** @param newSecret 64 hex digits that nobody can foresee */
export const settleIdentity = (options: StandaloneOptions, newSecret: () => string): Identity => {
  const file = join(options.dataDir, 'node.json')
  const kept = readKept(file)
  const given = options.secretFile === null ? null : readSecret(options.secretFile)
  if (given === null && kept?.clusterSecret === null)
    refuse(
      `${file} says that this node began with a secret in a file: name it with --secret-file`,
      `${file} 记录本节点最初使用密钥文件：请用 --secret-file 指定`,
    )
  const clusterSecret = given ?? kept?.clusterSecret ?? newSecret()
  if (kept !== null) {
    refuseOthers(file, kept, options)
    return { clusterId: kept.clusterId, founders: kept.founders, clusterSecret }
  }
  const founders = options.founders ?? options.peers.map(({ id }) => id)
  const clusterId = options.clusterId ?? clusterIdFrom(clusterSecret)
  const fresh: Kept = { version: 1, clusterId, founders, clusterSecret: given === null ? clusterSecret : null }
  replaceFile(file, `${JSON.stringify(fresh)}\n`)
  return { clusterId, founders, clusterSecret }
}
