/** The commands that move configurations between a file and the cluster, through one node that serves; progress at most once a second. */

import { resolve } from 'node:path'
import type { Words } from '../cluster/quorum-words.ts'
import type { Cluster } from '../cluster/types.ts'
import { nodesToAsk } from '../console/node-choice.ts'
import { exportToFile, type ImportState, importFromFile } from '../console/zip-transfer.ts'
import type { CommandAnswer, Tell } from './commands.ts'

export const importPolicies = ['ABORT', 'SKIP', 'OVERWRITE'] as const
export type ImportPolicyWord = (typeof importPolicies)[number]

/** What came of an export or import, for programs and for words. */
export interface ZipFacts {
  readonly node: number
  readonly bytes?: number
  readonly written?: number
  readonly skipped?: number
  readonly failed?: number
  readonly unrecognized?: number
  /** The first of those that failed, in the node's words. */
  readonly reasons?: readonly string[]
}

const sayEveryMs = 1_000
const reasonsMax = 5

const nobody: CommandAnswer = { ok: false, code: 'wrong_state', detail: 'no node is running' }

const chosen = (cluster: Cluster) => {
  const [id] = nodesToAsk(cluster.view(), null)
  return cluster.places.find((place) => place.id === id)
}

/** At most one line a second, however often there is news. */
const sparing = (tell: Tell): ((words: () => Words) => void) => {
  let lastMs = performance.now()
  return (words) => {
    const nowMs = performance.now()
    if (nowMs - lastMs < sayEveryMs) return
    lastMs = nowMs
    tell(words(), 'progress')
  }
}

const namespaceOf = (word: string): string => (word === 'public' ? '' : word)

export const exportCommand = async (cluster: Cluster, file: string, namespace: string, tell: Tell): Promise<CommandAnswer> => {
  const place = chosen(cluster)
  if (place === undefined) return nobody
  const say = sparing(tell)
  const done = await exportToFile({ place, file: resolve(file), namespace: namespaceOf(namespace) }, (bytes) =>
    say(() => ({ en: `${file}: ${bytes} bytes so far`, zh: `${file}：已写出 ${bytes} 字节` })),
  )
  if (!done.ok) return { ok: false, code: 'internal', detail: `node ${place.id}: ${done.detail}` }
  return { ok: true, facts: { zip: { node: place.id, bytes: done.result.bytes } } }
}

const stateWords = ({ total, written, skipped, failed }: ImportState): Words => ({
  en: `${written + skipped + failed} of ${total}: ${written} written, ${skipped} skipped, ${failed} failed`,
  zh: `${total} 项中的 ${written + skipped + failed} 项：写入 ${written}，跳过 ${skipped}，失败 ${failed}`,
})

export const importCommand = async (
  cluster: Cluster,
  order: { readonly file: string; readonly policy: ImportPolicyWord; readonly namespace: string },
  tell: Tell,
): Promise<CommandAnswer> => {
  const place = chosen(cluster)
  if (place === undefined) return nobody
  const say = sparing(tell)
  const { file, policy, namespace } = order
  const done = await importFromFile({ place, file: resolve(file), namespace: namespaceOf(namespace) }, policy, (state) =>
    say(() => stateWords(state)),
  )
  if (!done.ok) return { ok: false, code: 'internal', detail: `node ${place.id}: ${done.detail}` }
  const { succCount, skipCount, failData, unrecognizedCount } = done.result
  const reasons = failData.slice(0, reasonsMax).map(({ group, dataId, reason }) => `${group}/${dataId}: ${reason ?? 'failed'}`)
  const zip: ZipFacts = { node: place.id, written: succCount, skipped: skipCount, failed: failData.length, unrecognized: unrecognizedCount, reasons }
  return { ok: true, facts: { zip } }
}

/** What came of it, for a person. */
export const zipLines = ({ node, bytes, written, skipped, failed, unrecognized, reasons = [] }: ZipFacts, zh: boolean): readonly string[] => {
  if (bytes !== undefined) return [zh ? `节点 ${node} 导出了 ${bytes} 字节` : `node ${node} exported ${bytes} bytes`]
  const counts = zh
    ? `节点 ${node}：写入 ${written}，跳过 ${skipped}，失败 ${failed}，无法识别 ${unrecognized}`
    : `node ${node}: ${written} written, ${skipped} skipped, ${failed} failed, ${unrecognized} not recognised`
  return [counts, ...reasons.map((reason) => `  ${reason}`)]
}
