/** The arithmetic of majorities in words, told before the voters of a cluster change. Pure. */

import { quorumOf } from './health.ts'

export type Words = Readonly<Record<'en' | 'zh', string>>

const must = (voters: number): number => quorumOf(voters)
const spare = (voters: number): number => voters - must(voters)

const now = (voters: number): Words =>
  voters === 1
    ? { en: '1 voter: it decides alone, and none may be lost.', zh: '1 个投票节点：由它独自决定，一个都不能少。' }
    : {
        en: `${voters} voters: ${must(voters)} must agree, ${spare(voters) === 0 ? 'none' : spare(voters)} may be lost.`,
        zh: `${voters} 个投票节点：须有 ${must(voters)} 个同意，${spare(voters) === 0 ? '一个都不能少' : `可以失去 ${spare(voters)} 个`}。`,
      }

const then = (before: number, after: number): Words => {
  const lost = spare(after) === 0 ? { en: 'none', zh: '一个都不能少' } : { en: `${spare(after)}`, zh: `可以失去 ${spare(after)} 个` }
  const same = spare(after) === spare(before)
  return {
    en: `With ${after}: ${must(after)} must agree, ${same ? 'still ' : ''}${lost.en} may be lost`,
    zh: `变为 ${after} 个后：须有 ${must(after)} 个同意，${same ? '仍' : ''}${lost.zh}`,
  }
}

/**
 * What it means that one of `voters` goes and a new one comes in its place: nothing in the end, and one voice fewer until then. `down`: others that
 * do not serve now. At least 2 voters.
 */
export const rebuildWords = (voters: number, down = 0): Words => {
  const first = now(voters)
  const meanwhile = voters - 1
  const left = Math.max(0, spare(meanwhile) - down)
  const vote = meanwhile === 1 ? { en: '1 votes alone', zh: '由 1 个节点单独投票' } : { en: `${meanwhile} vote`, zh: `由 ${meanwhile} 个节点投票` }
  return {
    en: `${first.en} It is the same again once the new node votes; until then ${vote.en}, and ${left === 0 ? 'none' : left} may be lost.`,
    zh: `${first.zh}新节点参与投票后与现在相同；在此之前${vote.zh}，${left === 0 ? '一个都不能少' : `可以失去 ${left} 个`}。`,
  }
}

/**
 * What a change from `before` to `after` voters means. `down`: voters that do not serve now and stay, of whom it is said how many more may be
 * lost. Both counts are at least 1.
 */
export const quorumWords = (before: number, after: number, down = 0): Words => {
  const [first, second] = [now(before), then(before, after)]
  const odd = after % 2 === 0 ? { en: '; an odd number is better', zh: '；奇数个更好' } : { en: '', zh: '' }
  const left = spare(after) - down
  const dead =
    down === 0
      ? { en: '', zh: '' }
      : left >= 0
        ? {
            en: ` ${down} of them ${down === 1 ? 'does' : 'do'} not serve now, so ${left === 0 ? 'no' : left} more may be lost.`,
            zh: `其中 ${down} 个目前未就绪，${left === 0 ? '一个都不能再少' : `还可以再失去 ${left} 个`}。`,
          }
        : {
            en: ` ${down} of them ${down === 1 ? 'does' : 'do'} not serve now: too few would be left.`,
            zh: `其中 ${down} 个目前未就绪：剩下的不足以决定。`,
          }
  return { en: `${first.en} ${second.en}${odd.en}.${dead.en}`, zh: `${first.zh}${second.zh}${odd.zh}。${dead.zh}` }
}
