import { expect, it } from 'vitest'
import type { Comparison, ConfigDifference } from '../contract/cluster.ts'
import { comparisonLines } from './compare-words.ts'
import { zipLines } from './zip-commands.ts'

const side = (id: number, appliedIndex = 9, stateHash = 'aa') => ({ id, appliedIndex, configs: 3, stateHash })
const compared = (change: Partial<Extract<Comparison, { kind: 'compared' }>> = {}): Comparison => ({
  ...{ kind: 'compared', first: side(1), second: side(2), equal: true, differing: 0, differences: [] },
  ...change,
})

it('says in one line that two nodes are equal', () => {
  expect(comparisonLines(compared(), false)).toEqual(['nodes 1 and 2 are equal at index 9: 3 configurations, hash aa'])
  expect(comparisonLines(compared(), true)).toEqual(['节点 1 与节点 2 在索引 9 处相同：3 项配置，哈希 aa'])
})

it('names the first ten that differ, and counts the rest', () => {
  const one = (at: number): ConfigDifference => ({
    namespace: at === 0 ? '' : 'dev',
    group: 'G',
    dataId: `k${at}`,
    heldBy: 'first',
    fields: [],
    md5: { first: 'x', second: null },
  })
  const both = { ...one(0), heldBy: 'both', fields: ['md5', 'index'] } satisfies ConfigDifference
  const lines = comparisonLines(
    compared({ equal: false, differing: 25, differences: [both, ...Array.from({ length: 19 }, (_, at) => one(at + 1))] }),
    false,
  )
  expect(lines).toHaveLength(12)
  expect(lines[1]).toBe('  public / G / k0: md5, index differ')
  expect(lines[2]).toBe('  dev / G / k1: on node 1 only')
  expect(lines.at(-1)).toBe('  … and 15 more')
})

it('says who is behind, and that nothing was compared', () => {
  const behind: Comparison = { kind: 'behind', behind: 2, first: side(1, 9), second: side(2, 7) }
  expect(comparisonLines(behind, false)[0]).toContain('node 2 is behind: node 1 has applied 9, node 2 7; nothing was compared')
  expect(comparisonLines(behind, true)[0]).toContain('节点 2 落后')
})

it('says what was exported, and what an import did', () => {
  expect(zipLines({ node: 2, bytes: 100 }, false)).toEqual(['node 2 exported 100 bytes'])
  expect(zipLines({ node: 2, written: 3, skipped: 1, failed: 1, unrecognized: 0, reasons: ['G/a: blank'] }, false)).toEqual([
    'node 2: 3 written, 1 skipped, 1 failed, 0 not recognised',
    '  G/a: blank',
  ])
  expect(zipLines({ node: 1, bytes: 5 }, true)).toEqual(['节点 1 导出了 5 字节'])
})
