import { expect, it } from 'vitest'
import { configChangesOf, serviceChangesOf } from './effect-kinds.ts'
import type { Effect } from './types.ts'

const config: Effect = { kind: 'config-changed', namespace: '', group: 'G', dataId: 'd', md5: 'm', index: 1 }
const service: Effect = { kind: 'service-changed', namespace: 'public', group: 'G', name: 's', index: 2 }

it('keeps one kind alone, and makes no second list where there is nothing else', () => {
  const configs = [config, config]
  expect(configChangesOf(configs)).toBe(configs)
  expect(configChangesOf([config, service, config])).toEqual(configs)
  expect(serviceChangesOf([config, service, config])).toEqual([service])
})
