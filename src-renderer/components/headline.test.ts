import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import type { ClusterView, Health } from '../../src-main/contract/index.ts'
import { startI18n } from '../i18n/i18n.ts'
import { headline } from './headline.ts'
import { sampleNode, sampleNowMs, sampleReport, sampleView } from './sample-view.testing.ts'

beforeAll(() => startI18n('en'))

function inBoth(view: ClusterView): { en: string; zh: string } {
  const say = (language: string) => {
    const { title, line } = headline(view, i18next.getFixedT(language, 'health'), language)
    return `${title} | ${line}`
  }
  return { en: say('en'), zh: say('zh-CN') }
}

const gone = (id: number) => sampleNode(id, { process: 'waiting', report: null })

test('all serve: who leads since when, and what may fail', () => {
  expect(inBoth(sampleView())).toEqual({
    en: 'All three nodes serve | node-2 has led term 7 since 14:03:11. Any one of them may fail and writes go on.',
    zh: '三个节点全部正常服务 | node-2 自 14:03:11 起领导任期 7。任意一个节点故障，写入不受影响。',
  })
})

test('a single node, and two: nothing may fail', () => {
  expect(inBoth(sampleView({ nodes: [sampleNode(1)], leaderId: null })).en).toBe('The node serves | If one of them fails, writes stop.')
  expect(inBoth(sampleView({ nodes: [sampleNode(1), sampleNode(2)] })).zh).toContain('两个节点都正常服务')
})

test('five nodes: two may fail', () => {
  const nodes = [1, 2, 3, 4, 5].map((id) => sampleNode(id))
  expect(inBoth(sampleView({ nodes })).en).toContain('Any two of them may fail and writes go on.')
  expect(inBoth(sampleView({ nodes, health: { kind: 'degraded', down: [5] } })).en).toContain('Writes and reads go on.')
})

test('degraded: down is not the same as not serving yet', () => {
  const health: Health = { kind: 'degraded', down: [3] }
  expect(inBoth(sampleView({ health, nodes: [sampleNode(1), sampleNode(2), gone(3)] }))).toEqual({
    en: 'node-3 is down; the rest serve | Since 14:03:11. Writes and reads go on; if one more fails, writes stop.',
    zh: 'node-3 已停机，其余节点正常服务 | 自 14:03:11 起。写入与读取照常；若再有一个节点故障，写入将停止。',
  })
  expect(inBoth(sampleView({ health })).en).toContain('node-3 does not serve; the rest do')
})

test('electing', () => {
  expect(inBoth(sampleView({ health: { kind: 'electing' }, leaderId: null }))).toEqual({
    en: 'No leader: an election is running | Since 14:03:11. Writes wait for a leader; reads go on.',
    zh: '没有领导者：正在选举 | 自 14:03:11 起。写入等待领导者产生；读取照常。',
  })
})

test('no quorum names the nodes; reads go on only where a node is left', () => {
  const health: Health = { kind: 'no-quorum', down: [1, 3] }
  expect(inBoth(sampleView({ health, nodes: [gone(1), sampleNode(2), gone(3)] }))).toEqual({
    en: 'No quorum: node-1 and node-3 are down | Since 14:03:11. Writes are refused; reads go on.',
    zh: '没有多数派：node-1、node-3 已停机 | 自 14:03:11 起。写入被拒绝；读取照常。',
  })
  expect(inBoth(sampleView({ health: { kind: 'no-quorum', down: [1, 2, 3] }, nodes: [gone(1), gone(2), gone(3)] })).en).toContain(
    'No node answers: writes and reads are refused.',
  )
})

test('starting and stopped', () => {
  expect(inBoth(sampleView({ health: { kind: 'starting' } })).en).toBe(
    'The cluster is starting | Each node opens its storage, then they elect a leader.',
  )
  expect(inBoth(sampleView({ health: { kind: 'stopped' } })).zh).toBe('集群已停止 | 客户端得不到应答。数据保留在磁盘上。')
})

test('MySQL that is away comes first: writes are refused though all nodes serve', () => {
  const store = { storedIndex: 9, queueLength: 1, health: 'away', sinceMs: sampleNowMs, trouble: null, refusedRows: null } as const
  const nodes = [sampleNode(1), sampleNode(2, { report: sampleReport(2, { store }) }), sampleNode(3)]
  const setting = { kind: 'mysql', url: 'mysql://u@h:1/d', passwordKept: false, origin: 'kept', commandLine: false } as const
  expect(inBoth(sampleView({ nodes, storage: { setting, refused: null } }))).toEqual({
    en: 'MySQL is away: configuration writes are refused | Since 14:03:11. All three nodes serve; reads, listeners and registrations go on.',
    zh: 'MySQL 不可用：配置写入被拒绝 | 自 14:03:11 起。三个节点全部正常服务；读取、监听与注册照常。',
  })
})
