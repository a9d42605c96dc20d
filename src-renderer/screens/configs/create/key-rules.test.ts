import { expect, test } from 'vitest'
import { dataIdFault, groupFault } from './key-rules.ts'

test.each(['a', 'app.yaml', 'com.acme:billing_v2-x.properties', 'A'.repeat(256)])('%s is a good dataId', (text) => {
  expect(dataIdFault(text)).toBeNull()
})

test.each([
  ['', { kind: 'empty' }],
  ['a b', { kind: 'bad-character', character: ' ' }],
  ['配置', { kind: 'bad-character', character: '配' }],
  ['a😀', { kind: 'bad-character', character: '😀' }],
  ['a/b', { kind: 'bad-character', character: '/' }],
  ['a\n', { kind: 'bad-character', character: '\n' }],
  ['A'.repeat(257), { kind: 'too-long', max: 256 }],
])('%j is refused', (text, expected) => {
  expect(dataIdFault(text)).toEqual(expected)
})

test('a group has half the length of a dataId', () => {
  expect(groupFault('G'.repeat(128))).toBeNull()
  expect(groupFault('G'.repeat(129))).toEqual({ kind: 'too-long', max: 128 })
})
