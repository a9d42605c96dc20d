/** What `nacos-trio node` says of itself. Pure: text out. */

import { mostNodes } from '../cluster/member-book.ts'
import type { Language } from '../cluster/problem-words.ts'
import { passwordVariable } from '../cluster/storage-options.ts'
import type { Sentence } from './sentences.ts'

const helpText: Readonly<Record<Language, string>> = {
  en: `Usage: nacos-trio node --id N --peers id=host:port,... --data DIR [options]

Runs one node of a cluster in the foreground, with nobody above it: for a pod, a service, a machine of its own.
SIGTERM or Ctrl-C ends it cleanly. Its log goes to stdout too.

  --id N         which of the peers this is; "pod": the one whose host is named like this machine
  --peers LIST   all nodes, up to ${mostNodes}: id=host:port with their HTTP ports; gRPC +1000, Raft -1000. A name is resolved anew at each connection.
                 Without it the node is alone
  --listen ADDR  the address it listens on, with all its ports (default 127.0.0.1); 0.0.0.0: every one
  --port 8848    HTTP port of the peers that name none
  --data DIR     the folder of this node
  --secret-file FILE     the secret that all nodes share: 64 hex digits, as "openssl rand -hex 32" makes them.
                         Only a node that is alone and listens on loopback can do without
  --allow-host NAME,...  names by which callers may call it, whatever the port; *.svc.cluster.local: all below it.
                         Those of the peers and of loopback are allowed
  --founders IDS the nodes that the cluster begins with, for its whole life (default: all peers). A later one joins with "addPeer"
  --expect-data  a founder with an empty folder has lost its data, and refuses to start
  --auth on      callers must show who they are; the same for all nodes. The first password: POST /nacos/v1/auth/users/admin
  --cluster-id ID        (default: made from the secret)
  --storage mysql        configurations in a shared MySQL or MariaDB, too
  --mysql-url URL        mysql://user@host:port/database[,host2:port2]
  --mysql-password-file FILE   or ${passwordVariable}
  --mysql-adopt          take over a database that another cluster used
  --set name=5   a setting of the node, as in src-node/options.ts; may be given again
  --help         this text
`,
  zh: `用法：nacos-trio node --id N --peers 编号=主机:端口,... --data DIR [选项]

在前台运行集群中的一个节点，没有上级进程：适用于 Pod、系统服务或独立的机器。
SIGTERM 或 Ctrl-C 可正常结束。日志同时输出到标准输出。

  --id N         本节点在 peers 中的编号；pod：主机名与本机同名的那一个
  --peers LIST   全部节点，最多 ${mostNodes} 个：编号=主机:端口（HTTP 端口）；gRPC +1000，Raft -1000。每次连接都重新解析名称。
                 不写时本节点单独运行
  --listen ADDR  监听地址，适用于全部端口（默认 127.0.0.1）；0.0.0.0 表示全部地址
  --port 8848    未写端口的节点的 HTTP 端口
  --data DIR     本节点的数据目录
  --secret-file FILE     全部节点共用的密钥：64 位十六进制数字，可用 openssl rand -hex 32 生成。
                         只有单独运行并监听本机回环地址的节点可以没有
  --allow-host NAME,...  调用方可使用的主机名，不限端口；*.svc.cluster.local 表示其下全部名称。
                         各节点的主机名与回环地址总是允许
  --founders IDS 集群最初的节点，终生不变（默认：全部 peers）。之后的节点用 addPeer 加入
  --expect-data  目录为空的最初节点视为数据丢失，拒绝启动
  --auth on      调用方须证明身份；各节点应一致。首个密码：POST /nacos/v1/auth/users/admin
  --cluster-id ID        （默认由密钥得出）
  --storage mysql        配置同时存放在共享的 MySQL 或 MariaDB 中
  --mysql-url URL        mysql://用户@主机:端口/数据库[,主机2:端口2]
  --mysql-password-file FILE   或环境变量 ${passwordVariable}
  --mysql-adopt          接管其他集群用过的数据库
  --set name=5   节点的设置项，名称见 src-node/options.ts；可重复
  --help         显示本说明
`,
}

export const help = (language: Language): string => helpText[language].trimEnd()

export const openToOthers = (listenHost: string): Sentence => ({
  en: `Listens on ${listenHost}: whoever reaches this address may read and write: --auth on asks them who they are.`,
  zh: `监听 ${listenHost}：能访问该地址的任何人都可以读写；--auth on 可启用鉴权。`,
})

export const folderInUse = (dataDir: string, pid: number): Sentence => ({
  en: `Another node (pid ${pid}) is using ${dataDir}: stop it, or choose another folder with --data.`,
  zh: `另一个节点（pid ${pid}）正在使用 ${dataDir}：请先停止它，或用 --data 指定其他目录。`,
})

export const folderUnusable = (dataDir: string, code: string): Sentence => ({
  en: `The data folder ${dataDir} cannot be used (${code}): check its owner and free space, or choose another with --data.`,
  zh: `数据目录 ${dataDir} 无法使用（${code}）：请检查其所有者和剩余空间，或用 --data 指定其他目录。`,
})
