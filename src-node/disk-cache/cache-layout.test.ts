import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { createCacheLayout } from './cache-layout.ts'

const { pathOf, keyOf } = createCacheLayout(false)

test.each([
  [{ namespace: '', group: 'DEFAULT_GROUP', dataId: 'app.yaml' }, 'config-data/DEFAULT_GROUP/app.yaml'],
  [{ namespace: 'dev', group: 'G', dataId: 'a' }, 'tenant-config-data/dev/G/a'],
  [{ namespace: '..', group: '..', dataId: '../../x' }, 'tenant-config-data/.%2E/.%2E/..%2F..%2Fx'],
])('the file of %j is %s', (key, path) => {
  expect(pathOf(key)).toBe(path)
  expect(keyOf(path)).toEqual(key)
})

test.each(['config-data/a', 'config-data/G/a/b', 'tenant-config-data/G/a', 'tenant-config-data/%-/G/a', 'other/G/a', 'config-data', ''])(
  '%s is no file of a configuration',
  (path) => {
    expect(keyOf(path)).toBeNull()
  },
)

it.each([false, true])('finds every key by its file (case folded: %s), and never leaves its folder', (folds) => {
  const layout = createCacheLayout(folds)
  const name = fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.constantFrom('.', '..', 'G', 'con', 'x'.repeat(600), '%+a%+'))
  fc.assert(
    fc.property(name, name, name, (namespace, group, dataId) => {
      const path = layout.pathOf({ namespace, group, dataId })
      expect(layout.keyOf(path)).toEqual({ namespace, group, dataId })
      expect(path.split('/').some((part) => part === '' || part === '.' || part === '..')).toBe(false)
    }),
    { numRuns: 2_000 },
  )
})
