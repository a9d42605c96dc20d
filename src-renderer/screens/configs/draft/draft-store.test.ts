import { expect, test } from 'vitest'
import { createDraftStore, type DraftStorage, draftName, maxDraftBytes, maxDrafts, maxHeld } from './draft-store.ts'

const memory = (roomChars = Number.POSITIVE_INFINITY): DraftStorage & { readonly map: Map<string, string> } => {
  const map = new Map<string, string>()
  const used = () => [...map].reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  return {
    map,
    get length() {
      return map.size
    },
    key: (at) => [...map.keys()][at] ?? null,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => {
      if (used() - (map.get(key)?.length ?? 0) + key.length + value.length > roomChars) throw new DOMException('full', 'QuotaExceededError')
      map.set(key, value)
    },
    removeItem: (key) => void map.delete(key),
  }
}
const key = (dataId: string) => ({ namespace: '', group: 'G', dataId })
const draft = (content: string, savedAtMs = 1) => ({ content, type: 'yaml' as const, baseMd5: 'm', savedAtMs })

test('a draft survives a reload, byte for byte', () => {
  const storage = memory()
  createDraftStore(storage).save(key('a'), draft('x: 1\r\n\n😀\r'))
  expect(createDraftStore(storage).load(key('a'))).toEqual(draft('x: 1\r\n\n😀\r'))
})

test('description, app and tags come back with the text', () => {
  const storage = memory()
  const meta = { description: '订单', appName: 'shop', tags: ['a', 'b'] }
  createDraftStore(storage).save(key('a'), { ...draft('x'), meta })
  expect(createDraftStore(storage).load(key('a'))?.meta).toEqual(meta)
})

test('a draft with a damaged description keeps its text', () => {
  const storage = memory()
  storage.setItem(`nacos-trio.draft.v1:${draftName(key('a'))}`, JSON.stringify({ ...draft('x'), meta: { description: 1 } }))
  expect(createDraftStore(storage).load(key('a'))).toEqual(draft('x'))
})

test('only the newest drafts are kept', () => {
  const store = createDraftStore(memory())
  for (let i = 0; i <= maxDrafts; i += 1) store.save(key(`d${i}`), draft('x', i))
  expect(store.names().size).toBe(maxDrafts)
  expect(store.load(key('d0'))).toBeNull()
  expect(store.load(key(`d${maxDrafts}`))).not.toBeNull()
})

test('a draft over the limit is refused, counted in bytes', () => {
  const store = createDraftStore(memory())
  expect(store.save(key('a'), draft('x'.repeat(maxDraftBytes)))).toBe('saved')
  expect(store.save(key('a'), draft('汉'.repeat(maxDraftBytes / 2)))).toBe('too-large')
})

test('a full storage loses its oldest drafts first', () => {
  const store = createDraftStore(memory(600))
  store.save(key('old'), draft('x'.repeat(150), 1))
  store.save(key('new'), draft('x'.repeat(150), 2))
  expect(store.save(key('newest'), draft('x'.repeat(150), 3))).toBe('saved')
  expect(store.load(key('old'))).toBeNull()
  expect(store.load(key('new'))).not.toBeNull()
})

test('no room at all is said, not thrown', () => {
  expect(createDraftStore(memory(10)).save(key('a'), draft('x'))).toBe('no-room')
})

test('foreign and damaged entries are left alone and not shown as drafts', () => {
  const storage = memory()
  storage.setItem('other', '1')
  storage.setItem(`nacos-trio.draft.v1:${draftName(key('bad'))}`, '{"content":1}')
  const store = createDraftStore(storage)
  expect(store.load(key('bad'))).toBeNull()
  store.discard(key('bad'))
  expect([...storage.map.keys()]).toEqual(['other'])
})

test('listeners hear of drafts that come and go, not of each key press', () => {
  const store = createDraftStore(memory())
  let heard = 0
  store.subscribe(() => {
    heard += 1
  })
  store.save(key('a'), draft('1'))
  store.save(key('a'), draft('2'))
  store.discard(key('a'))
  expect(heard).toBe(2)
})

test('a draft that the storage cannot take is held for the life of the window, a few of them', () => {
  const storage = memory()
  const store = createDraftStore(storage)
  store.save(key('big'), draft('small'))
  const big = draft('x'.repeat(maxDraftBytes + 1))
  store.save(key('big'), big)
  expect(store.load(key('big'))).toBe(big)
  expect(store.names().size).toBe(1)
  expect(storage.map.size).toBe(0)
  for (let i = 0; i < maxHeld; i += 1) store.save(key(`other${i}`), big)
  expect(store.load(key('big'))).toBeNull()
})
