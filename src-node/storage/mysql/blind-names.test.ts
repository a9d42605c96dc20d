import { expect, it } from 'vitest'
import { blindNamesOf } from './blind-names.ts'
import type { TableShape } from './table-shapes.ts'

const shape = (dataId: string, others = 'utf8_bin'): TableShape => {
  const column = (collation: string) => ({
    text: { charset: 'utf8', collation, limit: 255, unit: 'characters' as const },
    ...{ fraction: 0, mustBeGiven: false },
  })
  return new Map([
    ['data_id', column(dataId)],
    ['group_id', column(others)],
    ['tenant_id', column(others)],
  ])
}
const key = (dataId: string, group = 'G') => ({ namespace: '', group, dataId })
const areOne = (collation: string, a: string, b: string): boolean => {
  const names = blindNamesOf(shape(collation))
  return names !== undefined && names.folded(key(a)) === names.folded(key(b))
}

it.each([
  ['utf8_general_ci', 'app.yaml', 'App.YAML', true],
  ['utf8mb4_0900_ai_ci', 'straße', 'STRASSE', true],
  ['utf8mb4_unicode_ci', 'caf\u00e9', 'CAFE', true],
  ['utf8mb4_0900_as_ci', 'caf\u00e9', 'CAFE', false],
  ['utf8mb4_0900_as_ci', 'caf\u00e9', 'CAFE\u0301', true],
  ['utf8mb4_uca1400_ai_ci', 'a', 'b', false],
  ['utf8_general_ci', 'app.yaml', 'app_yaml', false],
  ['utf8_bin', 'app', 'APP', false],
  ['utf8mb4_0900_as_cs', 'app', 'APP', false],
])('%s: %s and %s are one: %s', (collation, a, b, one) => expect(areOne(collation, a, b)).toBe(one))

it('a table that tells all names apart has nothing to say', () => expect(blindNamesOf(shape('utf8_bin'))).toBeUndefined())

it('each column goes by its own collation, and the difference names the first that is another', () => {
  const names = blindNamesOf(shape('utf8_bin', 'utf8_general_ci'))!
  expect(names.folded(key('a', 'g'))).toBe(names.folded(key('a', 'G')))
  expect(names.folded(key('A', 'g'))).not.toBe(names.folded(key('a', 'g')))
  expect(names.difference(key('a', 'g'), key('a', 'G'))).toEqual({ column: 'group_id', collation: 'utf8_general_ci' })
})
