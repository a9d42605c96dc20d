import { expect, it } from 'vitest'
import { noFaults } from '../../src-node/observe/channel.ts'
import { answerText, exitText } from './words.ts'

const cut = { peer: 2, cut: true, delayMs: 0, jitterMs: 0, loss: 0 }
const faults = [
  { ...noFaults, id: 1, links: [{ ...cut, direction: 'out' as const }], raftLog: { slowMs: 5, full: false } },
  { ...noFaults, id: 2, links: [{ ...cut, peer: 1, direction: 'in' as const }], clockOffsetMs: -5 },
]

it('lists the commands, and the faults, one a line', () => {
  expect(answerText('help', { ok: true, facts: { commands: ['add', 'kill ID'] } }, 'en')).toBe('add\nkill ID')
  expect(answerText('fault list', { ok: true, facts: { faults } }, 'en').split('\n')).toEqual([
    'frames from node 1 to node 2 are dropped',
    "each write of node 1's Raft log takes 5 ms longer",
    'the wall clock of node 2 is -5 ms off',
  ])
  expect(answerText('fault list', { ok: true, facts: { faults } }, 'zh').split('\n')[0]).toBe('节点 1 发往节点 2 的帧被丢弃')
  expect(answerText('fault list', { ok: true, facts: { faults: [{ ...noFaults, id: 1 }] } }, 'en')).toBe('no faults')
})

it('names the node that came', () => {
  expect(answerText('add', { ok: true, facts: { id: 4 } }, 'en')).toBe('add: done (node 4)')
  expect(answerText('add', { ok: true, facts: { id: 4 } }, 'zh')).toBe('add：完成（节点 4）')
  expect(answerText('rebuild 2', { ok: true, facts: { id: 4, inPlaceOf: 2 } }, 'en')).toBe(
    'rebuild 2: done (node 4, in the place of node 2, at its address)',
  )
  expect(answerText('rebuild 2', { ok: true, facts: { id: 4, inPlaceOf: 2 } }, 'zh')).toBe('rebuild 2：完成（节点 4，接替节点 2，地址不变）')
})

it('says in Chinese what a refusal means', () => {
  const refusal = { ok: false, code: 'not_found', detail: 'there is no node 9' } as const
  expect(answerText('kill 9', refusal, 'zh')).toBe('kill 9：被拒绝：没有这个节点（there is no node 9）')
  expect(answerText('kill 9', refusal, 'en')).toBe('kill 9: refused (not_found): there is no node 9')
})

it.each([
  ['raft.db: the disk is full (disk_full), so this node cannot start', 'raft.db：磁盘已满（disk_full），该节点无法启动；有空间后会自动启动'],
  [
    'state.db: the disk filled up (disk_full), so this node has ended; nothing is lost',
    'state.db：磁盘已写满（disk_full），该节点已退出；没有数据丢失；有空间后会自动启动',
  ],
])('says in Chinese why a node waits: %s', (told, words) => {
  const reason = `${told}; it starts by itself once there is room`
  expect(exitText({ id: 2, pid: 7, reason }, 'zh')).toBe(`节点 2（pid 7）已退出：${words}`)
})
