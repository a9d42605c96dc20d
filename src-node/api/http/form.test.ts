import { expect, test } from 'vitest'
import { createFormDecoder, decodeQuery, valueBytesMax } from './form.ts'

const decode = (text: string, pieceBytes = 1 << 20) => {
  const bytes = Buffer.from(text)
  const decoder = createFormDecoder()
  for (let at = 0; at < bytes.length; at += pieceBytes) decoder.feed(bytes.subarray(at, at + pieceBytes))
  return decoder.end()
}

const pairs = (text: string, pieceBytes?: number) => {
  const result = decode(text, pieceBytes)
  return result.ok ? result.fields.map(({ name, value }) => [name, value.toString()]) : result.problem
}

test('a form is names and values', () => {
  expect(pairs('dataId=a.b&group=G&content=x%3D1%0A+y')).toEqual([
    ['dataId', 'a.b'],
    ['group', 'G'],
    ['content', 'x=1\n y'],
  ])
})

test('an equals sign within a value is a plain character', () => {
  expect(pairs('content=a=b==')).toEqual([['content', 'a=b==']])
})

test('names without value, empty pairs and doubles are kept as they come', () => {
  expect(pairs('a&&b=&a=1&')).toEqual([
    ['a', ''],
    ['b', ''],
    ['a', '1'],
  ])
})

test('the pieces in which it arrives make no difference', () => {
  const text = `dataId=%E4%B8%AD%e6%96%87&content=${encodeURIComponent('中文 😀\r\n\r\n%')}+end`
  const whole = pairs(text)
  for (const pieceBytes of [1, 2, 3, 5, 7]) expect(pairs(text, pieceBytes)).toEqual(whole)
  expect(whole).toEqual([
    ['dataId', '中文'],
    ['content', '中文 😀\r\n\r\n% end'],
  ])
})

test.each(['a=%', 'a=%4', 'a=%zz', 'a=%4z1', '%=1', 'a=1%2'])('a broken percent sequence is refused: %s', (text) => {
  for (const pieceBytes of [1, 2, 100]) expect(pairs(text, pieceBytes)).toBe('a broken percent sequence')
})

test('bytes that are no UTF-8 come out as they are', () => {
  const result = decodeQuery('a=%ED%A0%80%FF')
  expect(result).toEqual({ ok: true, fields: [{ name: 'a', value: Buffer.from([0xed, 0xa0, 0x80, 0xff]), overlong: false }] })
})

test('a value over the limit is marked and not kept, the next one is read', () => {
  const decoder = createFormDecoder()
  decoder.feed(Buffer.from('content='))
  const piece = Buffer.alloc(1 << 20, 0x61)
  for (let fed = 0; fed <= valueBytesMax; fed += piece.length) decoder.feed(piece)
  decoder.feed(Buffer.from('&dataId=d'))
  const result = decoder.end()
  expect(result.ok && result.fields.map(({ name, value, overlong }) => [name, value.length, overlong])).toEqual([
    ['content', 0, true],
    ['dataId', 1, false],
  ])
})

test('too many parameters are refused', () => {
  expect(pairs('a=1&'.repeat(300))).toBe('more than 256 parameters')
})
