/** A comparison of two nodes in lines for a person in a terminal. Pure: facts in, text out. */

import type { Comparison, ConfigDifference } from '../contract/cluster.ts'

/** The rest stands in the answer with --json. */
const shownMax = 10

const differenceLine = ({ namespace, group, dataId, heldBy, fields }: ConfigDifference, ids: readonly [number, number], zh: boolean): string => {
  const name = `${namespace === '' ? 'public' : namespace} / ${group} / ${dataId}`
  if (heldBy === 'both') return zh ? `  ${name}：${fields.join('、')} 不同` : `  ${name}: ${fields.join(', ')} differ`
  const id = heldBy === 'first' ? ids[0] : ids[1]
  return zh ? `  ${name}：只在节点 ${id} 上` : `  ${name}: on node ${id} only`
}

export const comparisonLines = (comparison: Comparison, zh: boolean): readonly string[] => {
  const { first, second } = comparison
  const ids = [first.id, second.id] as const
  if (comparison.kind === 'behind') {
    const { behind } = comparison
    return [
      zh
        ? `节点 ${behind} 落后：节点 ${first.id} 已应用到 ${first.appliedIndex}，节点 ${second.id} 到 ${second.appliedIndex}；没有比较任何配置，请稍后再试`
        : `node ${behind} is behind: node ${first.id} has applied ${first.appliedIndex}, node ${second.id} ${second.appliedIndex}; nothing was compared, try again when less is written`,
    ]
  }
  const at = first.appliedIndex
  if (comparison.equal)
    return [
      zh
        ? `节点 ${first.id} 与节点 ${second.id} 在索引 ${at} 处相同：${first.configs} 项配置，哈希 ${first.stateHash}`
        : `nodes ${first.id} and ${second.id} are equal at index ${at}: ${first.configs} configurations, hash ${first.stateHash}`,
    ]
  const { differing, differences } = comparison
  const head = zh
    ? `节点 ${first.id} 与节点 ${second.id} 在索引 ${at} 处不同：${differing} 项配置不同（${first.configs} 项与 ${second.configs} 项，哈希 ${first.stateHash} 与 ${second.stateHash}）`
    : `nodes ${first.id} and ${second.id} differ at index ${at}: ${differing} configurations (${first.configs} and ${second.configs} held, hash ${first.stateHash} and ${second.stateHash})`
  const rest = differing - Math.min(shownMax, differences.length)
  const more = rest > 0 ? [zh ? `  …… 另有 ${rest} 项` : `  … and ${rest} more`] : []
  return [head, ...differences.slice(0, shownMax).map((difference) => differenceLine(difference, ids, zh)), ...more]
}
