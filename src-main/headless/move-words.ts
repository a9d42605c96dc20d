/** A move of all configurations, or a comparison with the database, in lines for a person in a terminal. Pure: facts in, text out. */

import type { Words } from '../cluster/quorum-words.ts'
import type { MoveCount, MovePlan } from '../contract/storage-move.ts'

/** The rest stands in the answer with --json. */
const shownMax = 10

const named = <T extends { readonly namespace: string; readonly group: string; readonly dataId: string }>(
  { total, first }: { readonly total: number; readonly first: readonly T[] },
  zh: boolean,
  rest: (one: T) => string,
): readonly string[] => {
  const lines = first
    .slice(0, shownMax)
    .map((one) => `    ${one.namespace === '' ? 'public' : one.namespace} / ${one.group} / ${one.dataId}: ${rest(one)}`)
  const hidden = total - lines.length
  return hidden > 0 ? [...lines, zh ? `    …… 另有 ${hidden} 项` : `    … and ${hidden} more`] : lines
}

const sides = { ours: { en: 'in the nodes alone', zh: '只在节点中' }, theirs: { en: 'in the database alone', zh: '只在数据库中' } } as const

const obstacleLine = ({ code, count }: MovePlan['obstacles'][number], zh: boolean): string => {
  const words: Readonly<Record<typeof code, Words>> = {
    foreign: { en: 'the database belongs to another cluster: choose another one', zh: '该数据库属于另一个集群：请选择其他数据库' },
    'not-empty': {
      en: `the database holds ${count} configurations, namespaces and the like, or history, of others: choose an empty one, or put ABORT, SKIP or OVERWRITE behind it`,
      zh: `该数据库中已有 ${count} 项他人的配置、命名空间等或其历史：请选择空的数据库，或在其后加上 ABORT、SKIP 或 OVERWRITE`,
    },
    conflict: {
      en: `${count} configurations, namespaces, users or the like of others have our names and other contents: SKIP keeps the database's, OVERWRITE the nodes'`,
      zh: `${count} 项他人的配置、命名空间、用户等与节点中的同名但内容不同：SKIP 保留数据库中的，OVERWRITE 保留节点中的`,
    },
    'too-big': {
      en: `${count} configurations do not fit into its columns: shorten them, or choose another database`,
      zh: `${count} 项配置超出列的限制：请先缩短，或选择其他数据库`,
    },
    unlike: {
      en: `${count} configurations, namespaces, users or the like are not alike; LEAVE leaves the database's behind`,
      zh: `${count} 项配置、命名空间、用户等不一致；LEAVE 表示保留节点中的内容，不再使用数据库中的`,
    },
  }
  return `  ${zh ? '不能迁移' : 'no move'}: ${words[code][zh ? 'zh' : 'en']}`
}

const namespaceLines = ({ namespaces }: MovePlan['look']): readonly string[] => {
  const lines = namespaces.slice(0, shownMax).map(({ namespace, ours, theirs }) => {
    const same = ours.hash === theirs.hash && ours.configs === theirs.configs ? '=' : '≠'
    return `    ${namespace === '' ? 'public' : namespace}: ${ours.configs} ${same} ${theirs.configs}`
  })
  return namespaces.length > shownMax ? [...lines, `    … ${namespaces.length - shownMax}`] : lines
}

const sidesWord = (side: keyof typeof sides, zh: boolean): string => sides[side][zh ? 'zh' : 'en']

const countLines = (look: MovePlan['look'], zh: boolean): readonly string[] => {
  const { ours, theirs, alike, unlike, oursAlone, theirsAlone, newer } = look
  const sum = ({ configs, bytes, hash }: typeof ours): string =>
    zh ? `${configs} 项，${bytes} 字节，哈希 ${hash}` : `${configs}, ${bytes} bytes, hash ${hash}`
  const [here, there] = [sidesWord('ours', zh), sidesWord('theirs', zh)]
  return [
    zh ? `  节点：${sum(ours)}` : `  nodes: ${sum(ours)}`,
    zh ? `  ${look.address} 的数据库：${sum(theirs)}` : `  database at ${look.address}: ${sum(theirs)}`,
    ...namespaceLines(look),
    zh
      ? `  相同 ${alike}，不同 ${unlike}，${here} ${oursAlone}，${there} ${theirsAlone}，此后又有改动 ${newer}`
      : `  ${alike} alike, ${unlike} unlike, ${oursAlone} ${here}, ${theirsAlone} ${there}, ${newer} changed since`,
  ]
}

const namedLines = (look: MovePlan['look'], zh: boolean): readonly string[] => [
  ...named({ total: look.unlike + look.oursAlone + look.theirsAlone, first: look.differences }, zh, ({ heldBy, fields }) =>
    heldBy === 'both' ? fields.join(', ') : sidesWord(heldBy, zh),
  ),
  ...named({ total: look.tooBig, first: look.excesses }, zh, ({ column, limit, unit, charset, taken }) => {
    if (unit === 'name') return zh ? `${column}（${charset}）不区分大小写，与 ${taken} 同名` : `${column} (${charset}) takes it for ${taken}`
    return unit === 'charset' ? `${column}: ${charset}` : `${column}: ${zh ? '最多' : 'at most'} ${limit} ${unit}`
  }),
  ...named({ total: look.left, first: look.leftRows }, zh, ({ id, column, reason }) =>
    zh ? `第 ${id} 行留在数据库中（${column}：${reason}）` : `row ${id} stays in the database (${column}: ${reason})`,
  ),
]

const historyLines = ({ look: { history }, to }: MovePlan, zh: boolean): readonly string[] => {
  const { ours, theirs, oursHash, theirsHash, tooBig, theirsAlone } = history
  return [
    zh
      ? `  历史：节点 ${ours} 行（哈希 ${oursHash}），数据库 ${theirs} 行（哈希 ${theirsHash}）`
      : `  history: ${ours} rows in the nodes (hash ${oursHash}), ${theirs} in the database (hash ${theirsHash})`,
    ...(to === 'mysql' && tooBig > 0
      ? [zh ? `  其中 ${tooBig} 行超出列的限制，只留在节点中` : `  ${tooBig} of them do not fit into its columns, and stay in the nodes alone`]
      : []),
    ...(to === 'sqlite' && theirsAlone > 0
      ? [zh ? `  其中 ${theirsAlone} 行只留在数据库中` : `  ${theirsAlone} of them are in the database alone, and stay there`]
      : []),
  ]
}

const mergeLines = ({ merge }: MovePlan, zh: boolean): readonly string[] => {
  if (merge === null) return []
  const { policy, taken, kept, replaced } = merge
  const word = policy.toUpperCase()
  return [
    zh
      ? `  ${word}：${taken} 项他人的配置将归入集群，${kept} 项以数据库中的内容代替节点中的，${replaced} 项以节点中的内容代替数据库中的（旧内容留在历史中）`
      : `  ${word}: ${taken} configurations of others become the cluster's, ${kept} come in the place of the nodes', ${replaced} are replaced by the nodes'; what is replaced stands in the history`,
  ]
}

const recordLines = ({ look: { records } }: MovePlan, zh: boolean): readonly string[] => {
  const { ours, theirs, oursHash, theirsHash, tooBig, placeless, left, named: first } = records
  const shown = first.slice(0, shownMax)
  const line = (count: number, en: string, words: string): readonly string[] => (count > 0 ? [`  ${count}${zh ? words : en}`] : [])
  return [
    zh
      ? `  命名空间、用户、角色、灰度版本与容量：节点 ${ours} 项（哈希 ${oursHash}），数据库 ${theirs} 项（哈希 ${theirsHash}）`
      : `  namespaces, users, roles, gray versions, capacities: ${ours} in the nodes (hash ${oursHash}), ${theirs} in the database (hash ${theirsHash})`,
    ...shown.map((one) => `    ${one}`),
    ...(first.length > shown.length ? [`    … ${first.length - shown.length}`] : []),
    ...line(tooBig, ' of them do not fit into its columns, and stay in the nodes alone', ' 项超出列的限制，只留在节点中'),
    ...line(placeless, ' have no table there, and stay in the nodes alone', ' 项在数据库中没有对应的表，只留在节点中'),
    ...line(left, ' rows of the database are none of these, and stay there', ' 行不属于以上各项，留在数据库中'),
  ]
}

const areaWords: Readonly<Record<MoveCount['area'], Words>> = {
  configs: { en: 'configurations', zh: '配置' },
  namespaces: { en: 'namespaces', zh: '命名空间' },
  users: { en: 'users', zh: '用户' },
  roles: { en: 'permissions, by role', zh: '权限（按角色）' },
  gray: { en: 'gray versions', zh: '灰度版本' },
  capacities: { en: 'capacities', zh: '容量' },
}

const accountsStay: Words = {
  en: "users and roles that both have stay the nodes' under every policy: a password or a right set here gives way to none of a database",
  zh: '无论何种策略，双方都有的用户与角色均以节点中的为准：此处设置的密码与权限不会被数据库中的代替',
}

/** What becomes, or became, of each kind; those of which nothing does are left out. */
export const moveCountLines = (counts: readonly MoveCount[], zh: boolean): readonly string[] => {
  const language = zh ? 'zh' : 'en'
  const lines = counts
    .filter(({ moved, taken, skipped, overwritten }) => moved + taken + skipped + overwritten > 0)
    .map(({ area, moved, taken, skipped, overwritten }) =>
      zh
        ? `  ${areaWords[area].zh}：写入数据库 ${moved}，归入集群 ${taken}，跳过（以数据库为准）${skipped}，覆盖（以节点为准）${overwritten}`
        : `  ${areaWords[area].en}: ${moved} moved, ${taken} taken over, ${skipped} skipped (the database's stay), ${overwritten} overwritten (the nodes' stay)`,
    )
  const isAccounts = counts.some(({ area, overwritten }) => (area === 'users' || area === 'roles') && overwritten > 0)
  return isAccounts ? [...lines, `  ${accountsStay[language]}`] : lines
}

/** What a move would do, or how both sides stand, for a person. */
export const moveLines = (plan: MovePlan, zh: boolean): readonly string[] => {
  const { look, obstacles, rows, aboutMs, to } = plan
  const seconds = Math.ceil(aboutMs / 1_000)
  const effort = zh ? `  需写入 ${rows} 行，约 ${seconds} 秒` : `  ${rows} rows to write, about ${seconds} s`
  const makesTables = to === 'mysql' && obstacles.length === 0 && !look.hasTables
  return [
    ...countLines(look, zh),
    ...namedLines(look, zh),
    ...historyLines(plan, zh),
    ...mergeLines(plan, zh),
    ...recordLines(plan, zh),
    ...moveCountLines(plan.counts, zh),
    ...(rows > 0 ? [effort] : []),
    ...obstacles.map((obstacle) => obstacleLine(obstacle, zh)),
    ...(makesTables ? [zh ? '  将新建数据表' : '  its tables will be made'] : []),
  ]
}
