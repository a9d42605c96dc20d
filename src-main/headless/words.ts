/** What headless mode says to a person in a terminal, in English or Chinese. Pure: text out. */

import { mostNodes } from '../cluster/member-book.ts'
import type { Language } from '../cluster/problem-words.ts'
import { passwordVariable } from '../cluster/storage-options.ts'
import type { NodePlace, Readiness } from '../cluster/types.ts'
import type { CommandAnswer } from './commands.ts'
import { comparisonLines } from './compare-words.ts'
import { faultLines } from './fault-words.ts'
import { moveCountLines, moveLines } from './move-words.ts'
import { snapshotLines } from './snapshot-commands.ts'
import { zipLines } from './zip-commands.ts'

const helpText: Readonly<Record<Language, string>> = {
  en: `Usage: npm run -s headless -- [options]

Starts a real three-node Nacos cluster on this machine, without a window.

  --data DIR     where everything is kept (default: this user's data folder)
  --port 8848    HTTP port of node 1; the others follow; gRPC +1000, Raft -1000
  --nodes 3      how many nodes, 1 to ${mostNodes}
  --storage mysql        configurations in a shared MySQL or MariaDB, too; sqlite: in the nodes' own files only.
                         Without it: as the console has kept it in storage.json of the data folder
  --mysql-url URL        mysql://user@host:port/database[,host2:port2]
  --mysql-password-file FILE   or ${passwordVariable}
  --mysql-adopt          take over a database that another cluster used
  --auth on      nodes ask every caller who it is, now and at later starts; off: nobody is asked, as in a new data folder
  --set name=5   a setting of the nodes, as in src-node/options.ts; may be given again
  --json         one JSON object a line on stdout
  --no-console   no console for the browser
  --help         this text

While it runs it takes commands on stdin, one a line; "help" names them all.

  add            one more node; it votes once it has caught up
  remove 2       node 2 goes; its folder is kept aside
  replace 2      a new node comes, then node 2 goes
  rebuild 2      a node whose data is lost comes anew from the others, at the same ports; its folder is kept aside
  export F.zip   the configurations into a file, in the format of Nacos
  import F.zip   from such a file; nothing if one of them is there already
  snapshot NAME  the cluster as it is now, under a name; "snapshots" lists them
  restore NAME   the cluster as it was then, with ACCOUNTS behind it users and roles too; "undo" takes it back
  compare 1 2    whether two nodes hold the same, key by key
  storage plan mysql://user@host:port/db   what a move there would do; nothing is changed
  storage move mysql://user@host:port/db   everything there, and compared; "storage move sqlite" back
  storage compare   whether the nodes and their database hold the same
  auth on        nodes ask every caller who it is, from now on; "auth off" ends that
  check 2        a full look through the data of node 2, while it works
  backup 2 DIR   a copy of its state into this folder
  console        a new address of the console, as Enter does
`,
  zh: `用法：npm run -s headless -- [选项]

在本机启动一个真实的三节点 Nacos 集群，不打开窗口。

  --data DIR     数据目录（默认：当前用户的数据目录）
  --port 8848    节点 1 的 HTTP 端口，其余依次递增；gRPC +1000，Raft -1000
  --nodes 3      节点数，1 到 ${mostNodes}
  --storage mysql        配置同时存放在共享的 MySQL 或 MariaDB 中；sqlite：只存放在节点自己的文件中。
                         不写时以控制台保存在数据目录 storage.json 中的选择为准
  --mysql-url URL        mysql://用户@主机:端口/数据库[,主机2:端口2]
  --mysql-password-file FILE   或环境变量 ${passwordVariable}
  --mysql-adopt          接管其他集群用过的数据库
  --auth on      节点要求每个调用者表明身份，之后的启动同样如此；off：不作要求，新数据目录默认如此
  --set name=5   节点的设置项，名称见 src-node/options.ts；可重复
  --json         在标准输出上每行一个 JSON 对象
  --no-console   不提供浏览器控制台
  --help         显示本说明

运行期间可在标准输入上逐行输入命令；输入 help 可列出全部命令。

  add            增加一个节点，追上进度后参与投票
  remove 2       移除节点 2，其目录另行保留
  replace 2      先增加一个新节点，再移除节点 2
  rebuild 2      数据丢失的节点由其余节点重建，端口不变，原目录另行保留
  export F.zip   将配置导出到文件，格式与 Nacos 相同
  import F.zip   从该格式的文件导入；若已有同名配置则一项也不写入
  snapshot NAME  以此名称记下集群当前的全部数据；snapshots 列出全部快照
  restore NAME   将集群恢复到该快照，后加 ACCOUNTS 则包括用户与角色；undo 可撤销
  compare 1 2    逐项比较两个节点的配置是否相同
  storage plan mysql://用户@主机:端口/库   预演迁移到该数据库，不作任何改动
  storage move mysql://用户@主机:端口/库   将全部数据迁移过去并比较；storage move sqlite 迁回
  storage compare   比较节点与其数据库的内容是否一致
  auth on        从现在起节点要求每个调用者表明身份；auth off 取消
  check 2        在节点 2 运行的同时完整检查其数据
  backup 2 DIR   将其状态复制到该目录
  console        给出新的控制台地址，与按回车键相同
`,
}

export const help = (language: Language): string => helpText[language]

const row = (cells: readonly string[], widths: readonly number[]): string =>
  `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ')}`.trimEnd()

const table = (places: readonly NodePlace[], readiness: Readiness, language: Language): string => {
  const roles =
    language === 'zh' ? { leader: '领导者', follower: '跟随者', down: '未就绪' } : { leader: 'leader', follower: 'follower', down: 'not ready' }
  const head = language === 'zh' ? ['#', 'HTTP', 'gRPC', 'Raft', '角色'] : ['#', 'HTTP', 'gRPC', 'Raft', 'role']
  const roleOf = (id: number): string => (readiness.degraded.includes(id) ? roles.down : id === readiness.leaderId ? roles.leader : roles.follower)
  const nameOf = ({ id, inPlaceOf }: NodePlace): string =>
    inPlaceOf === undefined ? String(id) : language === 'zh' ? `${id}（接替 ${inPlaceOf}）` : `${id} (for ${inPlaceOf})`
  const rows = places.map((place) => [
    nameOf(place),
    `http://${place.host}:${place.httpPort}/nacos`,
    `${place.host}:${place.grpcPort}`,
    `${place.host}:${place.raftPort}`,
    roleOf(place.id),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)))
  return [head, ...rows].map((cells) => row(cells, widths)).join('\n')
}

const tries = (places: readonly NodePlace[]): string => {
  const url = (place: NodePlace | undefined): string => `http://${place?.host}:${place?.httpPort}/nacos/v1/cs/configs`
  return `  curl -X POST '${url(places[0])}' -d 'dataId=hello&group=DEFAULT_GROUP&content=world'
  curl '${url(places.at(-1))}?dataId=hello&group=DEFAULT_GROUP'`
}

export interface ReadyFacts {
  readonly places: readonly NodePlace[]
  readonly readiness: Readiness
  readonly dataDir: string
  readonly tookMs: number
  /** Address with its code, or null without a console. */
  readonly consoleUrl: string | null
}

/** The screen shown once the cluster serves. */
export const readyText = (facts: ReadyFacts, language: Language): string => {
  const { places, readiness, dataDir, tookMs, consoleUrl } = facts
  const zh = language === 'zh'
  const serving = places.length - readiness.degraded.length
  const title = zh
    ? `${serving}/${places.length} 个节点已就绪，节点 ${readiness.leaderId} 为领导者（用时 ${Math.round(tookMs)} 毫秒）。`
    : `${serving} of ${places.length} nodes serve, node ${readiness.leaderId} leads (after ${Math.round(tookMs)} ms).`
  const tail = zh
    ? `试一试：向一个节点写入，从另一个节点读出\n${tries(places)}\n\n数据目录：${dataDir}\n按 Ctrl-C 停止全部节点。`
    : `Try: write to one node, read from another\n${tries(places)}\n\nData folder: ${dataDir}\nCtrl-C stops all nodes.`
  const console = consoleUrl === null ? '' : `${consoleText(consoleUrl, language)}\n\n`
  return `${title}\n\n${table(places, readiness, language)}\n\n${console}${tail}\n`
}

/** A console address; it is good for one use within a minute. */
export const consoleText = (url: string, language: Language): string =>
  language === 'zh'
    ? `控制台：${url}\n  （一分钟内可用一次；按回车键可得到新地址）`
    : `Console: ${url}\n  (good once, for a minute; press Enter for a new one)`

export const waitingText = (dataDir: string, language: Language): string =>
  language === 'zh'
    ? `就绪的节点还不到半数以上，仍在等待；原因见 ${dataDir} 下各处的 logs 目录。`
    : `Not yet a quorum of nodes serves; still waiting. The reasons stand in the logs folders below ${dataDir}.`

export const leaderText = (id: number, term: number, language: Language): string =>
  language === 'zh' ? `节点 ${id} 成为领导者，任期 ${term}。` : `Node ${id} leads, term ${term}.`

/** The supervisor's own sentences, for a Chinese terminal; what a node itself said stays as it was said. */
const chineseReasons: readonly (readonly [RegExp, string])[] = [
  [/^asked to stop\b/, '按要求停止'],
  [/^killed by the user \(kill -9\)/, '被用户终止（kill -9）'],
  [/^did not stop in time and was ended with SIGKILL/, '未能及时停止，已用 SIGKILL 终止'],
  [/^did not answer after its start and was ended with SIGKILL/, '启动后没有应答，已用 SIGKILL 终止'],
  [/^ended by (\w+), which the supervisor did not send/, '被信号 $1 终止，该信号并非由本程序发出'],
  [/^ended by (\w+) while stopping/, '停止过程中被信号 $1 终止'],
  [/^ended with exit code (\w+) and no last word/, '以退出码 $1 结束，没有说明原因'],
  [/; not started again: it failed five times within a minute$/, '；一分钟内失败五次，不再自动启动'],
  [/; not started again: its data is damaged(?=;|$)/, '；数据已损坏，不再自动启动'],
  [/; not started again: its data may not be written to(?=;|$)/, '；数据不可写，不再自动启动'],
  [
    /; while a majority of the others serves, "rebuild (\d+)" brings it back from them and keeps its folder aside$/,
    '；其余节点过半在线时，可输入 "rebuild $1" 由它们重建该节点，其目录另行保留',
  ],
  [/: the disk is full \(disk_full\), so this node cannot start(?=;|$)/, '：磁盘已满（disk_full），该节点无法启动'],
  [/: the disk filled up \(disk_full\), so this node has ended; nothing is lost(?=;|$)/, '：磁盘已写满（disk_full），该节点已退出；没有数据丢失'],
  [/; it starts by itself once there is room$/, '；有空间后会自动启动'],
  [/; not started again: its settings are refused$/, '；设置项无效，不再自动启动'],
  [/; not started again: the shared database is not this cluster's$/, '；共享数据库不属于本集群，不再自动启动'],
]

const inChinese = (reason: string): string => chineseReasons.reduce((text, [english, chinese]) => text.replace(english, chinese), reason)

export const exitText = (exit: { readonly id: number; readonly pid: number; readonly reason: string }, language: Language): string =>
  language === 'zh'
    ? `节点 ${exit.id}（pid ${exit.pid}）已退出：${inChinese(exit.reason)}`
    : `Node ${exit.id} (pid ${exit.pid}) is down: ${exit.reason}`

export const nodeReadyText = (id: number, pid: number, language: Language): string =>
  language === 'zh' ? `节点 ${id}（pid ${pid}）已就绪。` : `Node ${id} (pid ${pid}) serves.`

/** Once for all nodes: they all get the same. `reason`: the first node's own words. */
export const badSettingText = (reason: string, language: Language): string => {
  const own = reason.replace(/; not started again: .*$/, '')
  return language === 'zh'
    ? `节点拒绝了某个设置项（${own}）；请检查 --set，参见 --help。`
    : `The nodes refuse a setting (${own}): check --set, see --help.`
}

/** Once for all nodes. `reason`: the leader's own words, which name the way out. `kept`: nobody named the database at this start. */
export const storeRefusedText = (reason: string, kept: boolean, language: Language): string => {
  const own = reason.replace(/; not started again: .*$/, '')
  const [en, zh] = kept
    ? [
        ' It is the one in storage.json of the data folder: --storage sqlite starts without it.',
        '它来自数据目录中的 storage.json：用 --storage sqlite 可不使用它。',
      ]
    : ['', '']
  return language === 'zh'
    ? `MySQL 数据库不属于本集群，因此没有写入任何内容（${own}）；可用 --mysql-adopt 接管其中的数据，或改用其他数据库。${zh}`
    : `The MySQL database is not this cluster's: ${own}.${en}`
}

/** A shared database that nobody named at this start. */
export const keptStorageText = (url: string, language: Language): string =>
  language === 'zh'
    ? `按数据目录中的 storage.json，配置同时存放在 ${url}；用 --storage sqlite 可不使用它。`
    : `Configurations are kept in ${url} too, as storage.json in the data folder says; --storage sqlite starts without it.`

/** A change that was asked earlier, or elsewhere. */
export const memberText = (id: number, change: 'added' | 'removed', language: Language): string => {
  if (language === 'zh') return change === 'added' ? `节点 ${id} 已加入集群并参与投票。` : `节点 ${id} 已离开集群。`
  return change === 'added' ? `Node ${id} has joined and votes.` : `Node ${id} is gone.`
}

/** What a refusal means, for a Chinese terminal; the detail stays as it was said. */
const chineseRefusals: Readonly<Record<string, string>> = {
  not_found: '没有这个节点',
  wrong_state: '目前的状态下无法执行',
  no_quorum: '目前没有领导者，需要多数节点在线',
  outcome_unknown: '结果尚不确定，有领导者之后会继续完成',
  overloaded: '领导者过于繁忙，请稍后再试',
  disk_full: '领导者的磁盘已满',
  invalid: '命令或参数有误',
  internal: '内部错误',
}

const refusedText = (line: string, { code, detail }: Extract<CommandAnswer, { ok: false }>, zh: boolean): string => {
  const why = chineseRefusals[code]
  if (!zh) return `${line}: refused (${code}): ${detail}`
  return why === undefined ? `${line}：被拒绝（${code}）：${detail}` : `${line}：被拒绝：${why}（${detail}）`
}

/** The answer to one typed line. */
export const answerText = (line: string, answer: CommandAnswer, language: Language): string => {
  const zh = language === 'zh'
  if (!answer.ok) {
    const found = answer.facts?.move === undefined ? [] : moveLines(answer.facts.move, zh)
    return [refusedText(line, answer, zh), ...found].join('\n')
  }
  const { commands, faults, id, inPlaceOf, comparison, zip, snapshot, move, moved = [], words } = answer.facts ?? {}
  if (commands !== undefined) return commands.join('\n')
  if (faults !== undefined) return faultLines(faults, language).join('\n')
  if (comparison !== undefined) return comparisonLines(comparison, zh).join('\n')
  if (zip !== undefined) return zipLines(zip, zh).join('\n')
  if (snapshot !== undefined) return snapshotLines(snapshot, zh).join('\n')
  if (move !== undefined) return [zh ? `${line}：完成` : `${line}: done`, ...moveLines(move, zh), ...moveCountLines(moved, zh)].join('\n')
  if (words !== undefined) return `${line}: ${words}`
  const place = inPlaceOf === undefined ? '' : zh ? `，接替节点 ${inPlaceOf}，地址不变` : `, in the place of node ${inPlaceOf}, at its address`
  const node = id === undefined ? '' : zh ? `（节点 ${id}${place}）` : ` (node ${id}${place})`
  return zh ? `${line}：完成${node}` : `${line}: done${node}`
}

const plain = {
  stopping: { en: 'Stopping the nodes (Ctrl-C again to end them at once) ...', zh: '正在停止节点（再按一次 Ctrl-C 立即结束）……' },
  stopped: { en: 'All nodes have stopped.', zh: '全部节点已停止。' },
  noConsole: { en: 'The console could not be started', zh: '控制台无法启动' },
  evenNodes: {
    en: 'An even number of nodes survives no more failures than one less would.',
    zh: '偶数个节点能承受的故障并不比少一个节点时更多。',
  },
} as const

export const say = (what: keyof typeof plain, language: Language): string => plain[what][language]
