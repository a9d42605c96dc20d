import { expect, test } from 'vitest'
import { createChangedKeys } from './changed-keys.ts'
import { encodeNotice, type NoticedKey, noticeBytesMax, noticeCharactersMax, noticeKeysMax } from './notice.ts'

const key = (dataId: string, index: number): NoticedKey => ({ namespace: '', group: 'G', dataId, index })
const named = (keys: readonly NoticedKey[] | null) => keys?.map(({ dataId, index }) => `${dataId}@${index}`)

test('the higher index wins, whichever comes last', () => {
  const keys = createChangedKeys(10)
  keys.add(key('a', 7))
  keys.add(key('a', 3))
  keys.add(key('b', 1))
  keys.add(key('b', 2))
  expect(keys.index()).toBe(7)
  const notice = keys.take()
  expect([notice.index, named(notice.keys)]).toEqual([7, ['a@7', 'b@2']])
  expect([keys.isEmpty(), keys.index()]).toEqual([true, 0])
})

test('keys of the same name in another group or namespace are others', () => {
  const keys = createChangedKeys(10)
  keys.add(key('a', 1))
  keys.add({ ...key('a', 2), group: 'H' })
  keys.add({ ...key('a', 3), namespace: 'n' })
  expect(keys.size()).toBe(3)
})

test('one more than the limit means everything, until that is taken', () => {
  const keys = createChangedKeys(2)
  for (const [at, name] of ['a', 'b', 'a', 'c', 'd'].entries()) keys.add(key(name, at + 1))
  expect([keys.size(), keys.isEverything(), keys.isEmpty()]).toEqual([0, true, false])
  expect(keys.take()).toEqual({ index: 5, keys: null })
  keys.add(key('e', 6))
  expect(named(keys.take().keys)).toEqual(['e@6'])
})

test('everything, added to names, is everything', () => {
  const keys = createChangedKeys(10)
  keys.add(key('a', 9))
  keys.addNotice({ index: 4, keys: null })
  expect(keys.take()).toEqual({ index: 9, keys: null })
})

test('one notice takes a bounded number of names, the oldest first, and says its own index', () => {
  const keys = createChangedKeys(noticeKeysMax * 2)
  for (let at = 1; at <= noticeKeysMax + 1; at++) keys.add(key(`k${at}`, at))
  const [first, second] = [keys.take(), keys.take()]
  expect([first.keys?.length, first.index]).toEqual([noticeKeysMax, noticeKeysMax])
  expect([named(second.keys), second.index]).toEqual([[`k${noticeKeysMax + 1}@${noticeKeysMax + 1}`], noticeKeysMax + 1])
  expect(keys.isEmpty()).toBe(true)
})

test('the longest and oddest names still fit into one notice', () => {
  const keys = createChangedKeys(noticeKeysMax)
  const odd = '\u0001'.repeat(255)
  for (let at = 1; at <= noticeKeysMax; at++)
    keys.add({ namespace: odd.slice(0, 128), group: odd.slice(0, 128), dataId: `${odd.slice(0, 250)}${at}`, index: at })
  const notice = keys.take()
  expect(notice.keys?.length).toBeLessThanOrEqual(noticeCharactersMax / 508)
  expect(encodeNotice(notice).length).toBeLessThan(noticeBytesMax)
})
