/** What of another program's rows can be a configuration: what a client can ask for. */

import { expect, it } from 'vitest'
import { sourceContentBytesMax, verdictOnKey, verdictOnSize } from './source-rules.ts'

const key = { namespace: 'dev-1', group: 'DEFAULT_GROUP', dataId: 'app.yaml' }

it.each([
  [{}, undefined],
  [{ namespace: '' }, undefined],
  [{ dataId: 'a'.repeat(256) }, undefined],
  [{ dataId: 'a'.repeat(257) }, 'data_id'],
  [{ dataId: '' }, 'data_id'],
  [{ dataId: 'a b' }, 'data_id'],
  [{ dataId: '中' }, 'data_id'],
  [{ group: '' }, 'group_id'],
  [{ group: 'g'.repeat(129) }, 'group_id'],
  [{ namespace: 't'.repeat(65) }, 'tenant_id'],
  [{ namespace: 'a.b' }, 'tenant_id'],
  [{ namespace: 'null' }, 'tenant_id'],
  [{ namespace: 'public' }, 'tenant_id'],
])('%j is judged by %s', (over, column) => {
  expect(verdictOnKey({ ...key, ...over })?.column).toBe(column)
})

it.each([
  [0, false],
  [sourceContentBytesMax, false],
  [sourceContentBytesMax + 1, true],
  [null, true],
])('a content of %s bytes is too large: %s', (bytes, isTooLarge) => {
  expect(verdictOnSize(bytes) !== null).toBe(isTooLarge)
})
