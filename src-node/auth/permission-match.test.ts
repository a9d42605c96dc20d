import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Action, anything, covers, coversText, type Resource } from './permission-match.ts'

const config = (namespace: string, group: string, name: string): Resource => ({ namespace, group, kind: 'config', name })
const service = (namespace: string, group: string, name: string): Resource => ({ ...config(namespace, group, name), kind: 'naming' })
const may = (resource: string, given: Resource, asked: Action = 'r', action = 'rw') => covers({ role: 'dev', resource, action }, given, asked)

describe('a permission', () => {
  it.each<[string, string, Resource, boolean]>([
    ['a whole namespace', 'dev:*:*', config('dev', 'G', 'a.yaml'), true],
    ['services of it as well', 'dev:*:*', service('dev', 'G', 'orders'), true],
    ['no other namespace', 'dev:*:*', config('dev2', 'G', 'a.yaml'), false],
    ['not the default one', 'dev:*:*', config('', 'G', 'a.yaml'), false],
    ['the default one by no name', ':*:*', config('', 'G', 'a.yaml'), true],
    ['the default one by its name', 'public:*:*', config('', 'G', 'a.yaml'), true],
    ['the default one, asked by its name', ':*:*', service('public', 'G', 'orders'), true],
    ['one group', 'dev:G:*', config('dev', 'G', 'a.yaml'), true],
    ['no other group', 'dev:G:*', config('dev', 'H', 'a.yaml'), false],
    ['one configuration', 'dev:G:config/a.yaml', config('dev', 'G', 'a.yaml'), true],
    ['no other configuration', 'dev:G:config/a.yaml', config('dev', 'G', 'b.yaml'), false],
    ['no service of that name', 'dev:G:config/a.yaml', service('dev', 'G', 'a.yaml'), false],
    ['the dot as a dot', 'dev:G:config/a.yaml', config('dev', 'G', 'aXyaml'), false],
    ['names by their begin', 'dev:*:config/app-*', config('dev', 'G', 'app-1'), true],
    ['a search within them', 'dev:*:config/app-*', config('dev', 'G', 'app-*'), true],
    ['no search beyond them', 'dev:*:config/app-*', config('dev', 'G', 'ap*'), false],
    ['no search for everything', 'dev:G:config/app-*', config('dev', '', ''), false],
    ['everything', '*:*:*', config('any', 'G', 'a'), true],
    ['everything, in one sign', '*', config('any', 'G', 'a'), true],
    ['what stands anywhere, for everything alone', '*:*:*', anything('config'), true],
    ['what stands anywhere, not for one namespace', 'dev:*:*', anything('config'), false],
    ['no namespace behind a colon in another', 'dev:*:*', config('x:dev', 'G', 'a'), false],
    ['no namespace that begins like it', '*:G:config/a', config('x', 'y:G', 'a'), false],
  ])('covers %s', (_what, resource, given, expected) => {
    expect(may(resource, given)).toBe(expected)
  })

  it('covers its action alone', () => {
    const asked = (action: string) => (['r', 'w'] as const).map((each) => may('dev:*:*', config('dev', 'G', 'a'), each, action))
    expect([asked('r'), asked('w'), asked('rw'), asked('')]).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [false, false],
    ])
  })
})

it('matches as the slow and plain way does', () => {
  const slow = (pattern: string, text: string): boolean => {
    if (pattern === '') return text === ''
    if (pattern[0] === '*') return slow(pattern.slice(1), text) || (text !== '' && slow(pattern, text.slice(1)))
    return text[0] === pattern[0] && slow(pattern.slice(1), text.slice(1))
  }
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
  fc.assert(fc.property(word, word, (pattern, text) => coversText(pattern, text) === slow(pattern, text)))
})

it('takes no long time for a pattern that is made to take one', () => {
  expect(coversText(`${'*a'.repeat(60)}b`, 'a'.repeat(4_000))).toBe(false)
})
