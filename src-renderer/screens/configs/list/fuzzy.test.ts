import { expect, test } from 'vitest'
import type { ConfigSummary, ConfigTypeName } from '../../../../src-main/contract/index.ts'
import { hits, indexConfigs, parseQuery, search, withChip } from './fuzzy.ts'

const config = (dataId: string, group = 'DEFAULT_GROUP', type: ConfigTypeName = 'yaml'): ConfigSummary => ({
  id: dataId,
  namespace: '',
  group,
  dataId,
  type,
  md5: '',
  contentBytes: 1,
  modifiedMs: null,
})
const find = (configs: readonly ConfigSummary[], query: string) => search(indexConfigs(configs), parseQuery(query)).map((one) => one.dataId)

test('whole name, start, start of a part, middle, letters in order', () => {
  const names = ['x.a-p-i', 'user-api.yaml', 'capillary', 'api', 'api-gateway.yaml']
  expect(
    find(
      names.map((name) => config(name)),
      'api',
    ),
  ).toEqual(['api', 'api-gateway.yaml', 'user-api.yaml', 'capillary', 'x.a-p-i'])
})

test('all words must be found, in any order and case', () => {
  expect(find([config('user-service.yaml'), config('user.yaml'), config('service.json')], 'SERVICE user')).toEqual(['user-service.yaml'])
})

test('a word may be in the group, but a name counts more', () => {
  expect(find([config('a', 'billing'), config('billing'), config('c')], 'bill')).toEqual(['billing', 'a'])
})

test('chips narrow exactly', () => {
  const all = [config('a', 'G1', 'json'), config('b', 'G1', 'yaml'), config('c', 'G10', 'json')]
  expect(find(all, 'group:G1')).toEqual(['a', 'b'])
  expect(find(all, 'group:G1 type:json')).toEqual(['a'])
  expect(find(all, 'type:nonsense')).toEqual([])
})

test('without words the order is that of the names', () => {
  expect(find([config('b'), config('a', 'z'), config('a', 'b')], '')).toEqual(['a', 'a', 'b'])
})

test('a chip is put in, changed and taken out', () => {
  expect(withChip('user', { group: 'G' })).toBe('user group:G')
  expect(withChip('user group:G', { type: 'json' })).toBe('user group:G type:json')
  expect(withChip('group:G user', { group: null })).toBe('user')
})

test('hits are marked, letter by letter if need be', () => {
  expect(hits('User-api', ['api'])).toEqual([[5, 8]])
  expect(hits('user-api', ['us', 'ser'])).toEqual([[0, 4]])
  expect(hits('a-p-i', ['api'])).toEqual([
    [0, 1],
    [2, 3],
    [4, 5],
  ])
  expect(hits('abc', ['x'])).toEqual([])
})

test('10,000 rows are searched within a frame, with room for a busy machine', () => {
  const rows = indexConfigs(Array.from({ length: 10_000 }, (_, i) => config(`com.acme.team-${i % 37}.service-${i}.yaml`, `GROUP_${i % 11}`)))
  const times = ['s', 'service-99', 'team acme', 'zzz', 'cat'].map((query) => {
    const start = performance.now()
    search(rows, parseQuery(query))
    return performance.now() - start
  })
  expect(times.sort((a, b) => a - b)[2]).toBeLessThan(160)
})
