/** The commands of named snapshots, through a node that serves, and what came of them in words. */

import type { Cluster } from '../cluster/types.ts'
import { createNamedSnapshots, type NamedSnapshots, type SnapshotOutcome } from '../console/named-snapshots.ts'
import { createNodeHttp } from '../console/node-http.ts'
import type { NamedSnapshotView, Restored, SnapshotList } from '../contract/snapshots.ts'
import type { CommandAnswer } from './commands.ts'

/** For programs and for words. */
export interface SnapshotFacts {
  readonly list?: SnapshotList
  readonly taken?: NamedSnapshotView
  readonly restored?: Restored
}

const withNodes = async <T>(
  cluster: Cluster,
  act: (snapshots: NamedSnapshots) => Promise<SnapshotOutcome<T>>,
  facts: (value: T) => SnapshotFacts | null,
): Promise<CommandAnswer> => {
  const http = createNodeHttp()
  try {
    const outcome = await act(createNamedSnapshots({ cluster, http }))
    if (!outcome.ok) return { ok: false, code: outcome.refusal.code, detail: outcome.refusal.detail }
    const snapshot = facts(outcome.value)
    return snapshot === null ? { ok: true } : { ok: true, facts: { snapshot } }
  } finally {
    http.close()
  }
}

export const snapshotCommands = {
  take: (cluster: Cluster, name: string) =>
    withNodes(
      cluster,
      (of) => of.take(name),
      (taken) => ({ taken }),
    ),
  list: (cluster: Cluster) =>
    withNodes(
      cluster,
      (of) => of.list(),
      (list) => ({ list }),
    ),
  restore: (cluster: Cluster, name: string) =>
    withNodes(
      cluster,
      (of) => of.restore(name),
      (restored) => ({ restored }),
    ),
  undo: (cluster: Cluster) =>
    withNodes(
      cluster,
      (of) => of.undo(),
      (restored) => ({ restored }),
    ),
  remove: (cluster: Cluster, name: string) =>
    withNodes(
      cluster,
      (of) => of.remove(name),
      () => null,
    ),
}

const timeOf = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 19)

const line = ({ name, configs, contentBytes, takenMs, changesSince, usable }: NamedSnapshotView, zh: boolean): string => {
  const facts = zh
    ? `${configs} 项配置，${contentBytes} 字节，创建于 ${timeOf(takenMs)} UTC，此后变更 ${changesSince} 次`
    : `${configs} configurations, ${contentBytes} bytes, taken ${timeOf(takenMs)} UTC, ${changesSince} changes since`
  const gone = zh ? '；此后从数据库接管过配置，已无法恢复' : '; configurations were taken over from a database since, it cannot be restored'
  return `${name}: ${facts}${usable ? '' : gone}`
}

/** For a person. */
export const snapshotLines = ({ list, taken, restored }: SnapshotFacts, zh: boolean): readonly string[] => {
  if (taken !== undefined) return [line(taken, zh)]
  if (restored !== undefined) {
    const { index, updated, created, removed } = restored
    return [
      zh
        ? `已恢复（日志索引 ${index}）：替换 ${updated}，恢复 ${created}，移除 ${removed}；输入 undo 可撤销`
        : `restored at log index ${index}: ${updated} replaced, ${created} brought back, ${removed} removed; "undo" takes it back`,
    ]
  }
  if (list === undefined) return []
  const undo = list.undo === null ? [] : [zh ? `undo 可回到恢复 ${list.undo.name} 之前` : `undo goes back to before ${list.undo.name} was restored`]
  const none = zh ? '没有快照' : 'there are no snapshots'
  return [...(list.snapshots.length === 0 ? [none] : list.snapshots.map((each) => line(each, zh))), ...undo]
}
