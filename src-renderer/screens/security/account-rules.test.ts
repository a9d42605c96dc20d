import { expect, test } from 'vitest'
import { isResource, passwordFault, repeatFault, userFault } from './account-rules.ts'

const taken = new Set(['ann'])

test.each([
  ['bob', null],
  ['李雷', null],
  ['', 'empty'],
  ['  ', 'empty'],
  ['ann', 'taken'],
  ['nacos', 'reserved'],
  ['a\u0007', 'control'],
  ['x'.repeat(51), 'long'],
])('a user %j: %j', (name, kind) => expect(userFault(name, taken)?.kind ?? null).toBe(kind))

test('passwords', () => {
  expect([passwordFault(''), passwordFault('x'), passwordFault('x'.repeat(129))].map((fault) => fault?.kind)).toEqual(['empty', undefined, 'long'])
  expect([repeatFault('a', 'a'), repeatFault('a', 'b')].map((fault) => fault?.kind)).toEqual([undefined, 'differs'])
})

test.each([
  ['dev:*:*', true],
  [':*:*', true],
  ['*:*:*', true],
  ['dev:G:config/app-*', true],
  [':G:naming/orders', true],
  ['dev', false],
  ['dev:*', false],
  ['dev:G:other/x', false],
  ['dev:G:config/', false],
])('a resource %j: %j', (resource, is) => expect(isResource(resource)).toBe(is))
