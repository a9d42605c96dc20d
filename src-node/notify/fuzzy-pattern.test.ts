import { expect, test } from 'vitest'
import { fuzzyPatternOf } from './fuzzy-pattern.ts'

const matches = (pattern: string, group: string, name: string, namespace = 'public'): boolean | undefined =>
  fuzzyPatternOf(pattern)?.matches({ namespace, group, name })

test.each([
  ['public>>G>>app', ['app'], ['app2', 'my-app', '']],
  ['public>>G>>app*', ['app', 'app2'], ['my-app', 'ap']],
  ['public>>G>>*app', ['app', 'my-app'], ['app2']],
  ['public>>G>>*app*', ['app', 'app2', 'my-app'], ['ap-p']],
  ['public>>G>>*', ['app', 'x'], []],
  ['public>>G>>**', ['app', 'x'], []],
  ['public>>G>>a*p', [], ['app', 'a*p']],
  ['public>>G>>a*p*', ['ap', 'app'], ['axp']],
  ['public>>G>>a.c', ['a.c'], ['abc']],
])('%s matches %j, not %j', (pattern, those, others) => {
  for (const name of those) expect([name, matches(pattern, 'G', name)]).toEqual([name, true])
  for (const name of others) expect([name, matches(pattern, 'G', name)]).toEqual([name, false])
})

test('groups are matched alike, namespaces as a whole', () => {
  expect([matches('public>>G*>>a', 'G2', 'a'), matches('public>>G*>>a', 'H', 'a')]).toEqual([true, false])
  expect([matches('dev>>*>>*', 'G', 'a', 'dev'), matches('dev>>*>>*', 'G', 'a', 'dev2'), matches('*>>*>>*', 'G', 'a', 'dev')]).toEqual([
    true,
    false,
    false,
  ])
})

test('a blank namespace is the default one; the pattern itself is kept as it was written', () => {
  expect(fuzzyPatternOf('>>G>>a*')).toMatchObject({ text: '>>G>>a*', namespace: 'public', group: 'G', name: 'a*' })
  expect(matches('>>G>>a*', 'G', 'ab')).toBe(true)
})

test.each(['', 'a', 'public>>G', 'public>>G>>', 'public>>>>a', 'public>>G>>a>>b'])('%j is no pattern', (text) => {
  expect(fuzzyPatternOf(text)).toBeNull()
})
