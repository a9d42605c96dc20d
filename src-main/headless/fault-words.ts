/** The faults that are wanted of the nodes, one a line, for a person in a terminal. Pure: facts in, text out. */

import type { DiskFault, LinkFault, NodeFaults } from '../../src-node/observe/channel.ts'
import type { Language } from '../cluster/problem-words.ts'

export interface FaultsOfNode extends NodeFaults {
  readonly id: number
}

/** A cut is told to both ends, a delay to the sender: what stands at both is one fault. */
const isOwnLine = ({ direction }: LinkFault): boolean => direction === 'out'

const lineWords = (id: number, { peer, cut, delayMs, jitterMs, loss }: LinkFault, zh: boolean): readonly string[] => {
  const what = zh ? `节点 ${id} 发往节点 ${peer} 的帧` : `frames from node ${id} to node ${peer}`
  const percent = (loss * 100).toFixed(1)
  return [
    ...(cut ? [zh ? `${what}被丢弃` : `${what} are dropped`] : []),
    ...(delayMs > 0 || jitterMs > 0
      ? [zh ? `${what}迟到 ${delayMs} 到 ${delayMs + jitterMs} 毫秒` : `${what} come ${delayMs} to ${delayMs + jitterMs} ms late`]
      : []),
    ...(loss > 0 ? [zh ? `${what}以 ${percent} % 的概率丢失` : `${what} are lost with a chance of ${percent} %`] : []),
  ]
}

const diskWords = (id: number, disk: 'log' | 'state', fault: DiskFault, zh: boolean): readonly string[] => {
  const name = zh ? { log: 'Raft 日志', state: '状态库' }[disk] : { log: 'Raft log', state: 'state store' }[disk]
  return [
    ...(fault.slowMs > 0
      ? [zh ? `节点 ${id} 的${name}每次写入慢 ${fault.slowMs} 毫秒` : `each write of node ${id}'s ${name} takes ${fault.slowMs} ms longer`]
      : []),
    ...(fault.full ? [zh ? `节点 ${id} 的${name}磁盘已满` : `the disk of node ${id}'s ${name} is full`] : []),
  ]
}

const clockWords = (id: number, offsetMs: number, zh: boolean): readonly string[] => {
  if (offsetMs === 0) return []
  return [zh ? `节点 ${id} 的时钟偏差 ${offsetMs} 毫秒` : `the wall clock of node ${id} is ${offsetMs} ms off`]
}

export const faultLines = (faults: readonly FaultsOfNode[], language: Language): readonly string[] => {
  const zh = language === 'zh'
  const lines = faults.flatMap(({ id, links, raftLog, stateStore, clockOffsetMs }) => [
    ...links.filter(isOwnLine).flatMap((link) => lineWords(id, link, zh)),
    ...diskWords(id, 'log', raftLog, zh),
    ...diskWords(id, 'state', stateStore, zh),
    ...clockWords(id, clockOffsetMs, zh),
  ])
  return lines.length > 0 ? lines : [zh ? '没有故障' : 'no faults']
}
