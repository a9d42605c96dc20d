import { expect, test } from 'vitest'
import { decodeNotice, encodeNotice, type Notice, noticeKeysMax } from './notice.ts'

const key = { namespace: 'dev', group: 'G', dataId: '名字 "quoted" \u0001', index: 12 }

test.each<Notice>([
  { index: 12, keys: [key, { ...key, namespace: '', index: 3 }] },
  { index: 12, keys: [] },
  { index: 99, keys: null },
])('comes out as it went in: %j', (notice) => {
  expect(decodeNotice(encodeNotice(notice))).toEqual(notice)
})

const wire = (fields: object): Buffer => Buffer.from(JSON.stringify({ version: 1, index: 5, keys: [], ...fields }))

test.each<[string, Buffer]>([
  ['no JSON', Buffer.from('{"version":1')],
  ['no object', Buffer.from('[1]')],
  ['null', Buffer.from('null')],
  ['not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ['another version', wire({ version: 2 })],
  ['no index', wire({ index: null })],
  ['an index below zero', wire({ index: -1 })],
  ['keys that are no list', wire({ keys: {} })],
  ['no keys at all', wire({ keys: undefined })],
  ['a key of three', wire({ keys: [['', 'G', 'd']] })],
  ['a name that is no text', wire({ keys: [['', 'G', 7, 1]] })],
  ['a name without end', wire({ keys: [['', 'G', 'd'.repeat(513), 1]] })],
  ['too many keys', wire({ keys: Array.from({ length: noticeKeysMax + 1 }, () => ['', 'G', 'd', 1]) })],
])('%s is no notice', (_, body) => {
  expect(decodeNotice(body)).toBeNull()
})
