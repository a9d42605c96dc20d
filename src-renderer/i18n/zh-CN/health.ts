/** The headline, in Chinese. */

import type { health as en } from '../en/health.ts'
import type { Translated } from '../translated.ts'

export const health: Translated<typeof en> = {
  word: {
    stopped: '已停止',
    starting: '启动中',
    'all-serve': '健康',
    degraded: '降级',
    electing: '无领导者',
    'no-quorum': '无多数派',
    'store-away': '写入被拒绝',
  },
  count: { '1': '一', '2': '两', '3': '三', '4': '四', '5': '五', '6': '六', '7': '七' },
  stopped: '集群已停止',
  starting: '集群正在启动',
  allServeOne: '节点正常服务',
  allServeTwo: '两个节点都正常服务',
  allServe: '{{words}}个节点全部正常服务',
  degradedDown_one: '{{nodes}} 已停机，其余节点正常服务',
  degradedDown_other: '{{nodes}} 已停机，其余节点正常服务',
  degradedLate_one: '{{nodes}} 未提供服务，其余节点正常',
  degradedLate_other: '{{nodes}} 未提供服务，其余节点正常',
  storeAway: 'MySQL 不可用：配置写入被拒绝',
  storeFilling: '正在写入 MySQL：完成之前，配置写入被拒绝',
  electing: '没有领导者：正在选举',
  noQuorumDown_one: '没有多数派：{{nodes}} 已停机',
  noQuorumDown_other: '没有多数派：{{nodes}} 已停机',
  noQuorumLate_one: '没有多数派：{{nodes}} 没有应答',
  noQuorumLate_other: '没有多数派：{{nodes}} 没有应答',
  /** Two sentences in a row. */
  join: '{{a}}{{b}}',
  follows: {
    stopped: '客户端得不到应答。数据保留在磁盘上。',
    starting: '各节点打开存储，然后选举领导者。',
    allServe: '{{node}} 自 {{time}} 起领导任期 {{term}}。',
    spare_one: '任意一个节点故障，写入不受影响。',
    spare_other: '任意{{words}}个节点故障，写入不受影响。',
    spare_zero: '若有一个节点故障，写入将停止。',
    degraded: '自 {{time}} 起。写入与读取照常。',
    degradedLast: '自 {{time}} 起。写入与读取照常；若再有一个节点故障，写入将停止。',
    storeAway: '自 {{time}} 起。{{nodes}}；读取、监听与注册照常。',
    electing: '自 {{time}} 起。写入等待领导者产生；读取照常。',
    noQuorum: '自 {{time}} 起。写入被拒绝；读取照常。',
    noQuorumNone: '自 {{time}} 起。没有节点应答：写入和读取都被拒绝。',
  },
}
