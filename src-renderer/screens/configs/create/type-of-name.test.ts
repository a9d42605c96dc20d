import { expect, test } from 'vitest'
import { typeOfName } from './type-of-name.ts'

test.each([
  ['app.yml', 'yaml'],
  ['App.YAML', 'yaml'],
  ['a.b.properties', 'properties'],
  ['x.json', 'json'],
  ['notes.txt', 'text'],
  ['yaml', null],
  ['app.constructor', null],
  ['app.', null],
])('%s suggests %s', (name, type) => {
  expect(typeOfName(name)).toBe(type)
})
