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
  restore: (cluster: Cluster, name: string, accounts: boolean) =>
    withNodes(
      cluster,
      (of) => of.restore(name, accounts),
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

const besidesWords = (besides: NamedSnapshotView['besides'], zh: boolean): string => {
  if (besides === null) return ''
  const { services, instances, grays, namespaces, accounts } = besides
  return zh
    ? `，${services} 个服务（${instances} 个实例），${grays} 个灰度版本，${namespaces} 个命名空间，${accounts} 个用户与角色`
    : `, ${services} services with ${instances} instances, ${grays} gray versions, ${namespaces} namespaces, ${accounts} users and roles`
}

const line = ({ name, configs, contentBytes, takenMs, changesSince, usable, besides }: NamedSnapshotView, zh: boolean): string => {
  const facts = zh
    ? `${configs} 项配置，${contentBytes} 字节${besidesWords(besides, zh)}，创建于 ${timeOf(takenMs)} UTC，此后变更 ${changesSince} 次`
    : `${configs} configurations, ${contentBytes} bytes${besidesWords(besides, zh)}, taken ${timeOf(takenMs)} UTC, ${changesSince} changes since`
  const gone = zh ? '；此后从数据库接管过配置，已无法恢复' : '; configurations were taken over from a database since, it cannot be restored'
  return `${name}: ${facts}${usable ? '' : gone}`
}

const restoredWords = ({ index, updated, created, removed, besides }: Restored, zh: boolean): string => {
  const { brought, removed: gone, left } = besides
  const others = zh ? `；其他记录：恢复 ${brought}，移除 ${gone}` : `; besides them ${brought} records brought back, ${gone} removed`
  const away = zh
    ? `；${left} 个持久服务或实例未恢复：同名服务现在是临时的`
    : `; ${left} persistent services or instances stayed away: a service of their name is ephemeral now`
  const all = `${brought + gone > 0 ? others : ''}${left > 0 ? away : ''}`
  return zh
    ? `已恢复（日志索引 ${index}）：替换 ${updated}，恢复 ${created}，移除 ${removed}${all}；输入 undo 可撤销`
    : `restored at log index ${index}: ${updated} replaced, ${created} brought back, ${removed} removed${all}; "undo" takes it back`
}

/** For a person. */
export const snapshotLines = ({ list, taken, restored }: SnapshotFacts, zh: boolean): readonly string[] => {
  if (taken !== undefined) return [line(taken, zh)]
  if (restored !== undefined) {
    return [restoredWords(restored, zh)]
  }
  if (list === undefined) return []
  const undo = list.undo === null ? [] : [zh ? `undo 可回到恢复 ${list.undo.name} 之前` : `undo goes back to before ${list.undo.name} was restored`]
  const none = zh ? '没有快照' : 'there are no snapshots'
  return [...(list.snapshots.length === 0 ? [none] : list.snapshots.map((each) => line(each, zh))), ...undo]
}
