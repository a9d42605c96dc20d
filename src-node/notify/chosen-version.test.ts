import { expect, test } from 'vitest'
import type { GrayRow } from '../state-machine/areas/gray-words.ts'
import { chosenMd5, listenedChange } from './chosen-version.ts'

const key = { namespace: '', group: 'G', dataId: 'd' }
const version = (rule: GrayRow['rule'], md5: string) => ({ ...key, rule, md5 }) as GrayRow
const versions = [version({ type: 'beta', expr: '10.0.0.1' }, 'for-ip'), version({ type: 'tag', expr: 'blue' }, 'for-tag')]
const parts = (grays: readonly GrayRow[], md5: string | null = 'formal') => ({
  grays: { of: () => grays },
  find: () => (md5 === null ? undefined : { md5 }),
})
const [inList, withTag, other] = [
  { ip: '10.0.0.1', tag: 'blue' },
  { ip: '10.0.0.2', tag: 'blue' },
  { ip: '10.0.0.2', tag: '' },
]

test('a client gets the version that is meant for it, else the formal one, else nothing', () => {
  expect([inList, withTag, other].map((client) => chosenMd5(parts(versions), key, client))).toEqual(['for-ip', 'for-tag', 'formal'])
  expect(chosenMd5(parts([], null), key, other)).toBe('')
})

test('a new formal content is none for whoever has a version of its own', () => {
  const effect = { kind: 'config-changed', ...key, md5: 'new', index: 1 } as const
  const change = listenedChange(parts(versions), effect)
  expect([inList, withTag, other].map((client) => change?.md5For(client))).toEqual(['for-ip', 'for-tag', 'new'])
  expect(listenedChange(parts([]), effect)?.md5For(inList)).toBe('new')
})

test('a version that came or went is compared by what each client gets now', () => {
  const change = listenedChange(parts(versions), { kind: 'gray-changed', ...key, index: 1 })
  expect([inList, other].map((client) => change?.md5For(client))).toEqual(['for-ip', 'formal'])
  expect(listenedChange(parts([]), { kind: 'service-changed', namespace: '', group: '', name: 's', index: 1 })).toBeNull()
})
