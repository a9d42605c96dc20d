import { expect, test } from 'vitest'
import { descriptionFault, idFault, nameFault } from './namespace-rules.ts'

const taken = new Set(['dev'])

test.each([
  ['', null],
  ['  ', null],
  ['prod-1_a', null],
  ['dev', 'id-taken'],
  ['public', 'id-reserved'],
  ['null', 'id-reserved'],
  ['a b', 'id-characters'],
  ['环境', 'id-characters'],
  ['x'.repeat(128), null],
  ['x'.repeat(129), 'id-long'],
])('an ID %j: %j', (id, fault) => expect(idFault(id, taken)?.kind ?? null).toBe(fault))

test.each([
  ['', 'name-empty'],
  [' ', 'name-empty'],
  ['测试 环境', null],
  ['a&b', 'name-characters'],
  ['x'.repeat(256), null],
  ['x'.repeat(257), 'name-long'],
])('a name %j: %j', (name, fault) => expect(nameFault(name)?.kind ?? null).toBe(fault))

test('a description that is too long', () => {
  expect([descriptionFault('x'.repeat(256)), descriptionFault('x'.repeat(257))?.kind]).toEqual([null, 'description-long'])
})
