import { expect, it } from 'vitest'
import { quorumWords, rebuildWords } from './quorum-words.ts'

it.each([
  [3, 4, 0, '3 voters: 2 must agree, 1 may be lost. With 4: 3 must agree, still 1 may be lost; an odd number is better.'],
  [4, 5, 0, '4 voters: 3 must agree, 1 may be lost. With 5: 3 must agree, 2 may be lost.'],
  [5, 4, 0, '5 voters: 3 must agree, 2 may be lost. With 4: 3 must agree, 1 may be lost; an odd number is better.'],
  [3, 2, 0, '3 voters: 2 must agree, 1 may be lost. With 2: 2 must agree, none may be lost; an odd number is better.'],
  [2, 1, 0, '2 voters: 2 must agree, none may be lost. With 1: 1 must agree, still none may be lost.'],
  [1, 2, 0, '1 voter: it decides alone, and none may be lost. With 2: 2 must agree, still none may be lost; an odd number is better.'],
  [
    3,
    4,
    1,
    '3 voters: 2 must agree, 1 may be lost. With 4: 3 must agree, still 1 may be lost; an odd number is better. 1 of them does not serve now, so no more may be lost.',
  ],
  [
    5,
    4,
    2,
    '5 voters: 3 must agree, 2 may be lost. With 4: 3 must agree, 1 may be lost; an odd number is better. 2 of them do not serve now: too few would be left.',
  ],
])('from %i to %i voters, %i down', (before, after, down, words) => {
  expect(quorumWords(before, after, down).en).toBe(words)
})

it('says the same in Chinese', () => {
  expect(quorumWords(3, 4).zh).toBe('3 个投票节点：须有 2 个同意，可以失去 1 个。变为 4 个后：须有 3 个同意，仍可以失去 1 个；奇数个更好。')
  expect(quorumWords(3, 4, 1).zh).toContain('其中 1 个目前未就绪，一个都不能再少。')
  expect(quorumWords(3, 2, 1).zh).toBe(
    '3 个投票节点：须有 2 个同意，可以失去 1 个。变为 2 个后：须有 2 个同意，一个都不能少；奇数个更好。其中 1 个目前未就绪：剩下的不足以决定。',
  )
})

it.each([
  [3, 0, '3 voters: 2 must agree, 1 may be lost. It is the same again once the new node votes; until then 2 vote, and none may be lost.'],
  [5, 0, '5 voters: 3 must agree, 2 may be lost. It is the same again once the new node votes; until then 4 vote, and 1 may be lost.'],
  [5, 1, '5 voters: 3 must agree, 2 may be lost. It is the same again once the new node votes; until then 4 vote, and none may be lost.'],
  [2, 0, '2 voters: 2 must agree, none may be lost. It is the same again once the new node votes; until then 1 votes alone, and none may be lost.'],
])('a rebuild among %i voters, %i others down, ends as it began', (voters, down, words) => {
  expect(rebuildWords(voters, down).en).toBe(words)
  expect(rebuildWords(voters, down).en).not.toContain('odd')
})

it('says of a rebuild the same in Chinese', () => {
  expect(rebuildWords(3).zh).toBe('3 个投票节点：须有 2 个同意，可以失去 1 个。新节点参与投票后与现在相同；在此之前由 2 个节点投票，一个都不能少。')
})
